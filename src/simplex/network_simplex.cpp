#include "simplex/network_simplex.hpp"

#include <algorithm>
#include <cmath>

#include "simplex/assignment.hpp"
#include "simplex/coarsening.hpp"
#include "simplex/starting_forest.hpp"
#include "sweep/cost_sweep.hpp"

namespace otbridge {
namespace {

constexpr Index kSmallest = 64;       // a side of so few points is not made coarser
constexpr double kArcsPerPoint = 20;  // candidates at the start
constexpr std::size_t kBlock = 150;   // of them, of which the best enters
constexpr std::size_t kMostPerRow = 64, kMostAddedPerRow = 8;

// One level: a tree, its candidate arcs, and the sweeps over all pairs.
class Level {
 public:
  Level(const SimplexProblem& problem, Progression& progression, bool finest)
      : problem_(problem),
        progression_(progression),
        finest_(finest),
        by_source_(problem.x, problem.y, problem.ground),
        start_(starting_duals()),
        arcs_(first_arcs()),
        tree_(problem.x, problem.y,
              starting_forest(problem.supply, problem.demand, arcs_, start_.f, start_.g), start_.f,
              problem.ground) {}

  // Pivots until no pair violates the dual, or until told to stop.
  void run() {
    while (progression_.going()) {
      pivot_on_first_rank();
      if (!progression_.going()) return;  // the answer sweeps for itself
      const Duals duals = tree_duals();
      CostSweep::Found found =
          by_source_.below(-tolerance(duals), duals.f, duals.g, kMostAddedPerRow);
      worst_violation_ = -found.least;
      report_sweep(static_cast<double>(found.total));
      if (found.arcs.empty()) return;
      next_ = arcs_.size();
      arcs_.insert(arcs_.end(), found.arcs.begin(), found.arcs.end());
    }
  }

  Duals tree_duals() const {
    Duals duals{Vector(n()), Vector(m())};
    for (Index i = 0; i < n(); ++i) duals.f[i] = tree_.f(i);
    for (Index j = 0; j < m(); ++j) duals.g[j] = tree_.g(j);
    return duals;
  }

  SimplexAnswer answer() const {
    SimplexAnswer answer;
    tree_.for_each_flow([&](Index i, Index j, Mass amount) {
      answer.flows.push_back(
          {static_cast<TransportTree::Node>(i), static_cast<TransportTree::Node>(j), amount});
    });
    Duals duals = tree_duals();
    answer.worst_violation = worst_violation_;
    if (progression_.in_haste()) {
      answer.bounded = false;
    } else if (!progression_.going()) {
      // The tree's potentials may be far from feasible: their c-transform, or the start's.
      duals.f = by_source_.transform(duals.g);
      if (value(start_) > value(duals)) duals = start_;
      answer.worst_violation = -by_source_.below(0.0, duals.f, duals.g, 0).least;
    }
    answer.f = std::move(duals.f);
    answer.g = std::move(duals.g);
    answer.pivots = progression_.pivots();
    answer.outcome = progression_.outcome();
    return answer;
  }

 private:
  Index n() const { return problem_.x.rows(); }
  Index m() const { return problem_.y.rows(); }

  double value(const Duals& duals) const {
    double total = 0.0;
    for (Index i = 0; i < n(); ++i)
      total += static_cast<double>(problem_.supply[to_size(i)]) * duals.f[i];
    for (Index j = 0; j < m(); ++j)
      total += static_cast<double>(problem_.demand[to_size(j)]) * duals.g[j];
    return total;
  }

  // Reduced costs are off by roundings of the potentials: what is larger is a violation.
  static double tolerance(const Duals& duals) {
    return 0x1p-46 * (duals.f.cwiseAbs().maxCoeff() + duals.g.cwiseAbs().maxCoeff());
  }

  // The dual of the tree has the value of its flows; lowered by the worst violation it is feasible.
  void report_sweep(double violations) {
    if (!finest_) return progression_.check();
    const double pairs = static_cast<double>(n()) * static_cast<double>(m());
    progression_.set_fraction(1.0 - std::log1p(violations) / std::log1p(pairs));
    progression_.check(worst_violation_);
  }

  Duals starting_duals() const;

  std::vector<CostArc> first_arcs() const {
    if (!progression_.going_on()) return {};
    const double points = static_cast<double>(n() + m());
    const double pairs = static_cast<double>(n()) * static_cast<double>(m());
    const double level = by_source_.level_of(kArcsPerPoint * points / pairs, start_.f, start_.g);
    return by_source_.below(std::max(level, tolerance(start_)), start_.f, start_.g, kMostPerRow)
        .arcs;
  }

  // Pivots follow each other; several ranks at the same ones would take the memory's time from each
  // other.
  void pivot_on_first_rank() {
    on_first_rank([&] {
      run_candidates();
      if (progression_.going()) tree_.refresh();
    });
    tree_.follow_first_rank();
    progression_.follow_first_rank();
  }

  // Block search: the best arc of the first block that holds one enters.
  void run_candidates() {
    const std::size_t count = arcs_.size();
    const double tolerance = Level::tolerance(tree_duals());
    if (next_ >= count) next_ = 0;
    Index since_refresh = 0;
    for (std::size_t quiet = 0; quiet < count && progression_.going();) {
      const std::size_t end = std::min({count, next_ + kBlock, next_ + count - quiet});
      double least = -tolerance;
      const CostArc* entering = nullptr;
      for (std::size_t k = next_; k < end; ++k) {
        const CostArc& arc = arcs_[k];
        const double reduced = tree_.reduced_cost(arc.source, arc.sink, arc.cost);
        if (reduced < least) {
          least = reduced;
          entering = &arc;
        }
      }
      quiet += end - next_;
      next_ = end == count ? 0 : end;
      if (entering == nullptr) continue;
      quiet = 0;
      tree_.pivot(entering->source, entering->sink, entering->cost);
      progression_.add_pivot();
      if (++since_refresh == n() + m()) {
        tree_.refresh();
        since_refresh = 0;
      }
    }
  }

  const SimplexProblem& problem_;
  Progression& progression_;
  bool finest_;
  CostSweep by_source_;
  Duals start_;
  std::vector<CostArc> arcs_;
  TransportTree tree_;
  std::size_t next_ = 0;  // the arc at which the search goes on
  double worst_violation_ = 0.0;
};

SimplexAnswer solve_coarser(const SimplexProblem& problem, Progression& progression) {
  Level level(problem, progression, false);
  level.run();
  return level.answer();
}

Duals Level::starting_duals() const {
  const CostSweep by_target(problem_.y, problem_.x, problem_.ground);
  const Transforms transforms{[&](const Vector& g) { return by_source_.transform(g); },
                              [&](const Vector& f) { return by_target.transform(f); }};
  if (std::min(n(), m()) <= kSmallest) {
    return tight_duals(Vector::Zero(m()), transforms, progression_);
  }
  const SimplexProblem coarse = coarser(problem_);
  const SimplexAnswer above = solve_coarser(coarse, progression_);
  if (progression_.in_haste()) return {Vector::Zero(n()), Vector::Zero(m())};
  return carried_duals(problem_, coarse, {above.f, above.g}, transforms, progression_);
}

}  // namespace

SimplexAnswer solve_simplex(const SimplexProblem& problem, const SimplexControl& control) {
  Progression progression(control);
  if (is_assignment(problem)) return solve_assignment(problem, progression);
  Level level(problem, progression, true);
  level.run();
  return level.answer();
}

}  // namespace otbridge
