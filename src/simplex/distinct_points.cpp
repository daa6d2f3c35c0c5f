#include "simplex/distinct_points.hpp"

#include <algorithm>

#include "core/lexicographic_order.hpp"
#include "core/spatial_order.hpp"

namespace otbridge {
namespace {

// Hands out the copies of each point in turn.
class Dispenser {
 public:
  Dispenser(const DistinctPoints& points, std::span<const Mass> masses)
      : points_(points), left_(masses.begin(), masses.end()), next_(points.begin) {}

  // The first copy of point k that has mass left, and that mass.
  Index copy(Index k) {
    while (left_[to_size(points_.copies[next_[to_size(k)]])] == 0) ++next_[to_size(k)];
    return points_.copies[next_[to_size(k)]];
  }
  Mass& left(Index row) { return left_[to_size(row)]; }

 private:
  const DistinctPoints& points_;
  std::vector<Mass> left_;
  std::vector<std::size_t> next_;
};

}  // namespace

Vector DistinctPoints::expanded(const Vector& values) const {
  Vector all(static_cast<Index>(copies.size()));
  for (std::size_t k = 0; k < masses.size(); ++k) {
    for (std::size_t c = begin[k]; c < begin[k + 1]; ++c) {
      all[copies[c]] = values[static_cast<Index>(k)];
    }
  }
  return all;
}

DistinctPoints distinct_points(const Points& points, std::span<const Mass> masses) {
  // Equal points adjoin in lexicographic order; the first of each run stands for it.
  const std::vector<Index> sorted = lexicographic_order(points);
  std::vector<Index> firsts;
  std::vector<std::size_t> begin;
  for (std::size_t k = 0; k < sorted.size(); ++k) {
    if (k > 0 && !lexicographically_before(points.row(sorted[k - 1]), points.row(sorted[k]))) {
      continue;
    }
    begin.push_back(k);
    firsts.push_back(sorted[k]);
  }
  begin.push_back(sorted.size());

  DistinctPoints distinct;
  const Points unordered = points(firsts, Eigen::all);
  const std::vector<Index> order = spatial_order(unordered);
  distinct.points = unordered(order, Eigen::all);
  for (const Index k : order) {
    distinct.begin.push_back(distinct.copies.size());
    distinct.masses.push_back(0);
    for (std::size_t c = begin[to_size(k)]; c < begin[to_size(k) + 1]; ++c) {
      distinct.copies.push_back(sorted[c]);
      distinct.masses.back() += masses[to_size(sorted[c])];
    }
  }
  distinct.begin.push_back(distinct.copies.size());
  return distinct;
}

std::vector<TransportTree::Flow> flows_of_copies(std::span<const TransportTree::Flow> flows,
                                                 const DistinctPoints& source,
                                                 std::span<const Mass> supply,
                                                 const DistinctPoints& target,
                                                 std::span<const Mass> demand) {
  Dispenser from(source, supply), to(target, demand);
  std::vector<TransportTree::Flow> result;
  for (auto [k, l, amount] : flows) {
    // Each round empties a copy or the flow itself, which bounds the flows by n + m - 1.
    while (amount > 0) {
      const Index i = from.copy(k), j = to.copy(l);
      const Mass part = std::min({amount, from.left(i), to.left(j)});
      amount -= part;
      from.left(i) -= part;
      to.left(j) -= part;
      result.push_back(
          {static_cast<TransportTree::Node>(i), static_cast<TransportTree::Node>(j), part});
    }
  }
  return result;
}

}  // namespace otbridge
