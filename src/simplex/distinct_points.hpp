// Points that coincide taken as one: a cloud of distinct points, and flows back to the members.
//
// Copies of a point are interchangeable, and ties between them cost the simplex many pivots.
#pragma once

#include <span>

#include "simplex/transport_tree.hpp"

namespace otbridge {

struct DistinctPoints {
  Points points;                   // in spatial order
  std::vector<Mass> masses;        // of a point, its copies together
  std::vector<Index> copies;       // rows of the cloud
  std::vector<std::size_t> begin;  // those of point k: copies[begin[k] .. begin[k + 1])

  // One value per row of the cloud from one per point.
  Vector expanded(const Vector& values) const;
};

// masses: of the rows. O(n log n) comparisons of points; zeros of either sign are equal.
DistinctPoints distinct_points(const Points& points, std::span<const Mass> masses);

// One flow per pair of copies, at most n + m - 1 in all if the flows hold no cycle.
// supply, demand: of the rows.
std::vector<TransportTree::Flow> flows_of_copies(std::span<const TransportTree::Flow> flows,
                                                 const DistinctPoints& source,
                                                 std::span<const Mass> supply,
                                                 const DistinctPoints& target,
                                                 std::span<const Mass> demand);

}  // namespace otbridge
