#include "simplex/network_simplex.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "simplex/assignment.hpp"
#include "simplex/coarsening.hpp"
#include "simplex/starting_forest.hpp"
#include "sweep/cost_sweep.hpp"

namespace otbridge {
namespace {

constexpr Index kSmallest = 64;       // a side of so few points is not made coarser
constexpr double kArcsPerPoint = 12;  // candidates at the start
constexpr std::size_t kBlock = 200;   // of them, of which the best enters
constexpr int kPassesNear = 5;        // over blocks that held a violation, before all blocks
constexpr std::size_t kMostPerRow = 64, kMostAddedPerRow = 8;

// The mean squared distance of each point from the mean of its run of 16 in spatial order; no less
// than a part of the mean over all.
Vector squared_spreads(const Points& points) {
  constexpr Index kRunOfNeighbours = 16;
  Vector spreads(points.rows());
  for (Index begin = 0; begin < points.rows(); begin += kRunOfNeighbours) {
    const Index size = std::min(kRunOfNeighbours, points.rows() - begin);
    const auto run = points.middleRows(begin, size);
    const Eigen::RowVectorXd mean = run.colwise().mean();
    spreads.segment(begin, size)
        .setConstant((run.rowwise() - mean).squaredNorm() / static_cast<double>(size));
  }
  return spreads.cwiseMax(1e-3 * spreads.mean());
}

SimplexAnswer solve_within(const SimplexProblem& problem, Progression& progression);

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
        tree_(problem.x, problem.y, first_forest(), heights_, problem.ground) {}

  // Pivots until no pair violates the dual, or until told to stop.
  void run() {
    while (progression_.going()) {
      pivot_on_first_rank();
      if (!progression_.going()) return;  // the answer sweeps for itself
      const Duals duals = tree_duals();
      const CostSweep::Found found = violations(duals);
      worst_violation_ = -found.least;
      report_sweep(static_cast<double>(found.total));
      if (found.arcs.empty()) return;
      fresh_ = arcs_.size();
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

  CostSweep::Found violations(const Duals& duals) const {
    return by_source_.below(-tolerance(duals), duals.f, duals.g, kMostAddedPerRow);
  }

  // The dual of the tree has the value of its flows; lowered by the worst violation it is feasible.
  void report_sweep(double violations) {
    if (!finest_) return progression_.check();
    const double pairs = static_cast<double>(n()) * static_cast<double>(m());
    progression_.set_fraction(1.0 - std::log1p(violations) / std::log1p(pairs));
    progression_.check(worst_violation_);
  }

  Duals starting_duals() const;

  std::vector<CostArc> first_arcs() {
    if (!progression_.going_on()) return {};
    const double points = static_cast<double>(n() + m());
    const double pairs = static_cast<double>(n()) * static_cast<double>(m());
    const double share = kArcsPerPoint * points / pairs;
    width_ = std::max(by_source_.level_of(share, start_.f, start_.g), tolerance(start_));
    if (!worth_an_auction(problem_)) {
      return by_source_.below(width_, start_.f, start_.g, kMostPerRow).arcs;
    }
    // Costs reach further where points are far apart: a width of its own for each point.
    Vector rows = squared_spreads(problem_.x), columns = squared_spreads(problem_.y);
    const double scale = width_ / (rows.mean() + columns.mean());
    double factor = 4.0 * scale;
    for (int halvings = 0; halvings < 12; ++halvings, factor *= 0.75) {
      if (by_source_.share_below(0.0, start_.f + factor * rows, start_.g + factor * columns) <=
          1.15 * share) {
        break;
      }
    }
    widths_ = factor * (columns.array() + rows.mean());
    return by_source_
        .below(tolerance(start_), start_.f + factor * rows, start_.g + factor * columns,
               kMostPerRow)
        .arcs;
  }

  // Bids follow each other, as pivots do: several ranks at the same ones would take the memory's
  // time from each other.
  FirstFlows auction_on_first_rank() {
    FirstFlows first{{}, start_};
    on_first_rank([&] {
      FirstFlows found = auction_flows(problem_, arcs_, start_.g, widths_, progression_);
      if (!found.flows.empty()) first = std::move(found);
    });
    copy_first_rank(first.flows);
    copy_first_rank(std::span(first.duals.f.data(), to_size(n())));
    copy_first_rank(std::span(first.duals.g.data(), to_size(m())));
    progression_.follow_first_rank();
    return first;
  }

  void pivot_on_first_rank() {
    on_first_rank([&] {
      run_candidates();
      if (progression_.going()) tree_.refresh();
    });
    tree_.follow_first_rank();
    progression_.follow_first_rank();
  }

  // Sets the heights at which the forest begins.
  std::vector<TransportTree::Flow> first_forest() {
    FirstFlows first;
    if (progression_.going() && worth_an_auction(problem_)) first = auction_on_first_rank();
    if (first.flows.empty()) {
      first.duals = start_;
    } else if (progression_.going_on()) {  // what the candidates lack: a sweep costs little
      const std::vector<CostArc> found = violations(first.duals).arcs;
      arcs_.insert(arcs_.end(), found.begin(), found.end());
    }
    heights_ = first.duals.f;
    SolveRest solve_rest;
    if (progression_.going()) {  // once stopped, any flows will do
      solve_rest = [&](const SimplexProblem& rest) {
        return solve_within(rest, progression_).flows;
      };
    }
    return starting_forest(problem_, arcs_, first.duals.f, first.duals.g, std::move(first.flows),
                           solve_rest);
  }

  // Block search: the best arc of a block enters. What one pivot changes others follow near it, so
  // that blocks that held a violation are looked at again before all the others.
  void run_candidates() {
    const double tolerance = Level::tolerance(tree_duals());
    const std::size_t blocks = (arcs_.size() + kBlock - 1) / kBlock;
    std::vector<std::size_t> hot, all(blocks);
    std::iota(all.begin(), all.end(), std::size_t{0});
    for (std::size_t b = fresh_ / kBlock; b < blocks; ++b) hot.push_back(b);
    while (progression_.going()) {
      for (int pass = 0; pass < kPassesNear && !hot.empty(); ++pass) run_blocks(hot, tolerance);
      if (!progression_.going()) return;
      hot = all;
      run_blocks(hot, tolerance);
      if (hot.empty()) return;
    }
  }

  // Keeps the blocks that held a violation.
  void run_blocks(std::vector<std::size_t>& blocks, double tolerance) {
    std::erase_if(blocks, [&](std::size_t block) {
      return progression_.going() &&
             !enter_best(block * kBlock, std::min(arcs_.size(), (block + 1) * kBlock), tolerance);
    });
  }

  bool enter_best(std::size_t begin, std::size_t end, double tolerance) {
    double least = -tolerance, f = 0.0;
    const CostArc* entering = nullptr;
    TransportTree::Node source = -1;  // of the arc before, most often of this one too
    for (std::size_t k = begin; k < end; ++k) {
      const CostArc& arc = arcs_[k];
      if (arc.source != source) {
        source = arc.source;
        f = tree_.f(source);
      }
      const double reduced = arc.cost - f - tree_.g(arc.sink);
      if (reduced < least) {
        least = reduced;
        entering = &arc;
      }
    }
    if (entering == nullptr) return false;
    tree_.pivot(entering->source, entering->sink, entering->cost);
    progression_.add_pivot();
    if (++since_refresh_ >= n() + m()) {
      tree_.refresh();
      since_refresh_ = 0;
    }
    return true;
  }

  const SimplexProblem& problem_;
  Progression& progression_;
  bool finest_;
  CostSweep by_source_;
  Duals start_;
  double width_ = 0.0;  // of the reduced costs of the first candidates
  Vector widths_;
  std::vector<CostArc> arcs_;
  Vector heights_;
  TransportTree tree_;
  std::size_t fresh_ = 0;  // the first arc that no search has seen
  Index since_refresh_ = 0;
  double worst_violation_ = 0.0;
};

// A smaller problem on the way: the coarser one, or what a first transport leaves.
SimplexAnswer solve_within(const SimplexProblem& problem, Progression& progression) {
  Level level(problem, progression, false);
  level.run();
  return level.answer();
}

Duals Level::starting_duals() const {
  const CostSweep by_target(problem_.y, problem_.x, problem_.ground);
  const Transforms transforms{[&](const Vector& g) { return by_source_.transform(g); },
                              [&](const Vector& f) { return by_target.transform(f); }};
  const auto found = [&]() -> Duals {
    if (std::min(n(), m()) <= kSmallest) {
      return tight_duals(Vector::Zero(m()), transforms, progression_);
    }
    const SimplexProblem coarse = coarser(problem_);
    const SimplexAnswer above = solve_within(coarse, progression_);
    if (progression_.in_haste()) return {};
    return carried_duals(problem_, coarse, {above.f, above.g}, transforms, progression_);
  };
  Duals duals = found();
  // Told to stop in haste, nobody has looked for them.
  if (progression_.in_haste()) duals = {Vector::Zero(n()), Vector::Zero(m())};
  return duals;
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
