#include "simplex/assignment.hpp"

#include <algorithm>
#include <limits>
#include <memory>
#include <span>

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
        costs_(std::make_unique_for_overwrite<kernels::Tile<double>[]>(to_size(n_ * tiles_))),
        g_(to_size(tiles_)),
        distances_(g_.size()),
        taken_(g_.size()),
        bounds_(to_size(n_ * tiles_)),
        tile_distances_(to_size(tiles_)),
        search_{values(distances_), tile_distances_.data(), values(taken_), 0.0},
        row_of_(to_size(n_), kUnassigned),
        column_of_(row_of_) {
    fill_costs();
  }

  // Until every row has a column, or until told to stop.
  void run() {
    Eigen::Map<Vector>(values(g_), n_) = starting_potentials();
    for (Index i = 0; i < n_; ++i) take_least(i);
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
  // Of Dijkstra's algorithm: a column, its distance and potential, and its row, from which the
  // other columns are at c_ij - g_j + shift.
  struct Step {
    Index row, column;
    double distance, g, shift;
  };
  using Tiles = std::vector<kernels::Tile<double>>;
  static double* values(Tiles& tiles) { return tiles.front().values; }
  static const double* values(const Tiles& tiles) { return tiles.front().values; }
  std::size_t padded() const { return to_size(tiles_ * kTileSize); }
  const double* costs_of(Index row) const { return costs_[to_size(row * tiles_)].values; }
  double* bounds_of(Index row) { return &bounds_[to_size(row * tiles_)]; }
  void match(Index row, Index column) {
    row_of_[to_size(column)] = row;
    column_of_[to_size(row)] = column;
    values(taken_)[column] = kernels::kNoCost;
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
    Vector f(n_), minima(tiles_);
    for (Index i = 0; i < n_; ++i) {
      kernel_.tile_minima(costs_of(i), values(padded_g), to_size(tiles_), minima.data());
      f[i] = minima.minCoeff();
    }
    return f;
  }
  Vector by_target(const Vector& f) {
    std::fill_n(values(distances_), padded(), kernels::kNoCost);
    for (Index i = 0; i < n_; ++i) {
      kernel_.shorten(costs_of(i), -f[i], padded(), values(distances_));
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

  // A row without competition has its least column. The bounds of its tiles hold from now on, since
  // potentials of columns never grow.
  void take_least(Index row) {
    kernel_.tile_minima(costs_of(row), values(g_), to_size(tiles_), bounds_of(row));
    const double* tile = std::min_element(bounds_of(row), bounds_of(row) + tiles_);
    Index column = kTileSize * (tile - bounds_of(row));
    column += static_cast<Index>(kernel_.first(costs_of(row) + column, values(g_) + column, *tile));
    if (row_of_[to_size(column)] == kUnassigned) match(row, column);
  }

  // Dijkstra's algorithm from a row without a column to the nearest column without a row, over the
  // reduced costs, which are not negative; then the rows on the way move on by one column.
  void augment(Index root) {
    std::fill_n(values(distances_), padded(), kernels::kNoCost);
    std::ranges::fill(tile_distances_, kernels::kNoCost);
    way_.clear();
    search_.free = kernels::kNoCost;
    Step step{root, tiles_ * kTileSize, 0.0, 0.0, 0.0};  // its column is in no tile
    do {
      way_.push_back(step);
      step = nearest(step);
    } while (step.row != kUnassigned);

    for (const Step& at : std::span(way_).subspan(1)) {
      // By rounding a row may come after one that is farther.
      values(g_)[at.column] = at.g + std::min(0.0, at.distance - step.distance);
    }
    while (step.row != root) {
      const Step& before = predecessor(step);
      match(before.row, step.column);
      step = before;
    }
  }

  Step nearest(const Step& from) {
    const auto [at, distance] =
        kernel_.relax(costs_of(from.row), values(g_), bounds_of(from.row), from.shift,
                      to_size(from.column / kTileSize), to_size(tiles_), search_);
    const Index column = static_cast<Index>(at);
    Step step{row_of_[at], column, distance, values(g_)[column], 0.0};
    if (step.row != kUnassigned) {
      step.shift = distance - (costs_of(step.row)[column] - step.g);
      values(distances_)[column] = kernels::kNoCost;
      values(g_)[column] = -kernels::kNoCost;
    }
    return step;
  }

  // The first that gives the distance, to the last bit.
  const Step& predecessor(const Step& step) {
    const Index tile = step.column / kTileSize;
    return *std::ranges::find_if(way_, [&](const Step& other) {
      return bounds_of(other.row)[tile] + other.shift <= step.distance &&
             costs_of(other.row)[step.column] - step.g + other.shift == step.distance;
    });
  }

  const SimplexProblem& problem_;
  Progression& progression_;
  const kernels::AssignmentTable& kernel_;
  Index n_, tiles_;
  std::unique_ptr<kernels::Tile<double>[]> costs_;
  Tiles g_, distances_;
  Tiles taken_;                 // kNoCost where a column has a row, else 0
  std::vector<double> bounds_;  // of costs less potentials, for every row and tile
  std::vector<double> tile_distances_;
  kernels::AssignmentTable::Search search_;
  std::vector<Step> way_;
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
