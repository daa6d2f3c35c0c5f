#include "simplex/assignment.hpp"

#include <algorithm>
#include <limits>

#include "kernels/kernel_set.hpp"
#include "simplex/coarsening.hpp"

namespace otbridge {
namespace {

constexpr Index kMostAssigned = 1024;  // points of a side: about there pivots are as fast
constexpr Index kUncoarsened = 32;     // of so few, potentials begin at 0
constexpr Index kUnassigned = -1;

class Assignment {
 public:
  Assignment(const SimplexProblem& problem, Progression& progression)
      : problem_(problem),
        progression_(progression),
        kernel_(kernels::select_kernel_set().assignment),
        n_(problem.x.rows()),
        tiles_((n_ + kTileSize - 1) / kTileSize),
        costs_(to_size(n_ * tiles_)),
        g_(to_size(tiles_)),
        distances_(g_.size()),
        predecessors_(g_.size()),
        row_of_(to_size(n_), kUnassigned),
        column_of_(row_of_) {
    fill_costs();
  }

  // Until every row has a column, or until told to stop.
  void run() {
    Eigen::Map<Vector>(values(g_), n_) = starting_potentials();
    for (Index i = 0; i < n_; ++i) {
      const auto column = kernel_.least(costs_of(i), values(g_), padded()).column;
      if (row_of_[column] == kUnassigned) match(i, static_cast<Index>(column));
    }
    for (Index i = 0; i < n_ && progression_.going(); ++i) {
      if (column_of_[to_size(i)] != kUnassigned) continue;
      augment(i);
      progression_.add_pivot();
    }
  }

  // The largest that are feasible, but for roundings.
  Duals duals() const {
    const Vector g = Eigen::Map<const Vector>(values(g_), n_);
    return {by_source(g), g};
  }
  // Of f_i + g_j - c_ij: f_i is the least of n differences, each rounded once, and a cost is of d +
  // 2 roundings.
  double worst_violation(const Duals& duals) const {
    const double f = duals.f.cwiseAbs().maxCoeff(), g = duals.g.cwiseAbs().maxCoeff();
    return std::numeric_limits<double>::epsilon() *
           (f + static_cast<double>(problem_.x.cols() + 2) * (f + g));
  }

  // kUnassigned where a row has no column.
  const std::vector<Index>& columns() const { return column_of_; }

 private:
  using Tiles = std::vector<kernels::Tile<double>>;
  static double* values(Tiles& tiles) { return tiles.front().values; }
  static const double* values(const Tiles& tiles) { return tiles.front().values; }
  std::size_t padded() const { return to_size(tiles_ * kTileSize); }
  const double* costs_of(Index row) const { return costs_[to_size(row * tiles_)].values; }
  void match(Index row, Index column) {
    row_of_[to_size(column)] = row;
    column_of_[to_size(row)] = column;
  }

  void fill_costs() {
    // Coordinate after coordinate, so that columns fill the lanes of the kernel.
    Tiles columns(to_size(tiles_ * problem_.y.cols()));
    for (Index k = 0; k < problem_.y.cols(); ++k) {
      Eigen::Map<Vector>(columns[to_size(k * tiles_)].values, n_) = problem_.y.col(k);
    }
    for (Index i = 0; i < n_; ++i) {
      kernel_.costs(problem_.x.row(i).data(), values(columns), to_size(problem_.x.cols()),
                    to_size(n_), padded(), problem_.ground == Ground::distance,
                    costs_[to_size(i * tiles_)].values);
    }
  }

  Vector by_source(const Vector& g) const {
    Tiles padded_g(to_size(tiles_));
    Eigen::Map<Vector>(values(padded_g), n_) = g;
    Vector f(n_);
    for (Index i = 0; i < n_; ++i) {
      f[i] = kernel_.least(costs_of(i), values(padded_g), padded()).value;
    }
    return f;
  }
  Vector by_target(const Vector& f) {
    const Tiles none(to_size(tiles_));
    std::fill_n(values(distances_), padded(), kernels::kNoCost);
    for (Index i = 0; i < n_; ++i) {
      kernel_.relax(costs_of(i), values(none), -f[i], 0.0, padded(), values(distances_),
                    values(predecessors_));
    }
    return Eigen::Map<const Vector>(values(distances_), n_);
  }

  // Masses of a coarser problem may differ a little, in its last point; for a start it does not
  // matter.
  Vector starting_potentials() {
    const Transforms transforms{[&](const Vector& g) { return by_source(g); },
                                [&](const Vector& f) { return by_target(f); }};
    if (n_ <= kUncoarsened) return tight_duals(Vector::Zero(n_), transforms, progression_).g;
    const SimplexProblem coarse = coarser(problem_);
    Assignment above(coarse, progression_);
    above.run();
    return carried_duals(problem_, coarse, above.duals(), transforms, progression_).g;
  }

  // Dijkstra's algorithm from a row without a column to the nearest column without a row, over the
  // reduced costs, which are not negative; then the rows on the way move on by one column.
  void augment(Index root) {
    std::fill_n(values(distances_), padded(), kernels::kNoCost);
    std::vector<std::pair<Index, double>> reached;
    Index row = root, column = kUnassigned;
    double distance = 0.0, shift = 0.0;
    for (;;) {
      const auto nearest = kernel_.relax(costs_of(row), values(g_), shift, static_cast<double>(row),
                                         padded(), values(distances_), values(predecessors_));
      column = static_cast<Index>(nearest.column);
      distance = nearest.value;
      if (row_of_[to_size(column)] == kUnassigned) break;
      reached.emplace_back(column, distance);
      values(distances_)[column] = -kernels::kNoCost;
      row = row_of_[to_size(column)];
      shift = distance - (costs_of(row)[column] - values(g_)[column]);
    }
    for (const auto& [j, at] : reached) values(g_)[j] += at - distance;
    for (Index i = kUnassigned; i != root;) {
      i = static_cast<Index>(values(predecessors_)[column]);
      const Index before = column_of_[to_size(i)];
      match(i, column);
      column = before;
    }
  }

  const SimplexProblem& problem_;
  Progression& progression_;
  const kernels::AssignmentTable& kernel_;
  Index n_, tiles_;
  Tiles costs_, g_, distances_, predecessors_;
  std::vector<Index> row_of_, column_of_;
};

}  // namespace

bool is_assignment(const SimplexProblem& problem) {
  const auto equal = [](const std::vector<Mass>& masses) {
    return std::ranges::adjacent_find(masses, std::ranges::not_equal_to{}) == masses.end();
  };
  return problem.x.rows() == problem.y.rows() && problem.x.rows() <= kMostAssigned &&
         equal(problem.supply) && equal(problem.demand);
}

SimplexAnswer solve_assignment(const SimplexProblem& problem, Progression& progression) {
  Assignment assignment(problem, progression);
  assignment.run();
  SimplexAnswer answer;
  Duals duals = assignment.duals();
  answer.worst_violation = assignment.worst_violation(duals);
  answer.f = std::move(duals.f);
  answer.g = std::move(duals.g);

  std::vector<Index> columns = assignment.columns();
  std::vector<bool> taken(columns.size(), false);
  for (const Index j : columns) {
    if (j != kUnassigned) taken[to_size(j)] = true;
  }
  auto unused = taken.begin();
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i] == kUnassigned) {
      unused = std::find(unused, taken.end(), false);
      columns[i] = unused++ - taken.begin();
    }
    answer.flows.push_back({static_cast<TransportTree::Node>(i),
                            static_cast<TransportTree::Node>(columns[i]), problem.supply[i]});
  }
  progression.set_fraction(1.0);
  progression.check(answer.worst_violation);
  answer.pivots = progression.pivots();
  answer.outcome = progression.outcome();
  return answer;
}

}  // namespace otbridge
