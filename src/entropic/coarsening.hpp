// Coarser copies of a discrete problem, whose clouds are in spatial order (core/spatial_order.hpp).
//
// Runs of neighbouring points stand as one. Those of one size would be as wide in the tails of a
// cloud as they are narrow where it is dense, and what a temperature cannot tell apart here it can
// there: which boxes of the order's tree become points is chosen by their spread and their mass.
#pragma once

#include <utility>
#include <vector>

#include "entropic/discrete_problem.hpp"

namespace otbridge {

// The variance within a group of points, over s^2, up to which the temperature cannot tell them
// apart.
constexpr double kResolution = 0.25;

// Which points of a cloud stand as one: consecutive ones, each in one group.
class Grouping {
 public:
  struct Run {
    Index begin, size;
  };
  explicit Grouping(std::vector<Run> runs) : runs_(std::move(runs)) {}

  Index size() const { return static_cast<Index>(runs_.size()); }
  const std::vector<Run>& runs() const { return runs_; }
  // Of a value per point, over the points of each group. O(n).
  Vector sums(const Vector& values) const;
  // The same of every column, weighted and over the weights' sums.
  Points means(const Points& values, const Vector& weights) const;

 private:
  std::vector<Run> runs_;
};

// One cloud in groups of about 2^k points.
class CloudCoarsening {
 public:
  // points: n x d in spatial order; weights: positive, of sum 1. Both kept by reference.
  // O(n (d + log n)); memory O(n).
  CloudCoarsening(const Points& points, const Vector& weights);

  // ceil(n / group) groups, or fewer where some are no wider for it, in the spatial order of their
  // means; group: a power of 2. In more dimensions than kLargestSpatialDimension, where neighbours
  // are far apart, runs of `group` points each. O(n (d + log n)).
  Grouping groups(Index group) const;
  // Of these the mean squared distance of the points to the mean of their group; in more
  // dimensions, where groups are samples, 0.
  double variance(Index group) const;
  // What stands for the groups: their means, or in more dimensions, where means shrink towards the
  // centre of the cloud, one of the points.
  Points points(const Grouping& groups) const;

 private:
  bool spatial() const { return !widths_.empty(); }
  std::vector<Grouping::Run> boxes(Index group) const;
  template <class See>
  void largest_boxes(std::size_t level, std::size_t box, double widest, const See& see) const;

  const Points& points_;
  const Vector& weights_;
  // widths_[l][k]: of the box of points k 2^l to (k + 1) 2^l, see the source; no less than those of
  // its halves. Empty in more dimensions.
  std::vector<std::vector<double>> widths_;
  // [k]: of the widest boxes in groups of 2^k points, and what their variance is.
  std::vector<double> widest_, variances_;
};

// Both clouds of a problem, which is kept by reference.
class Coarsening {
 public:
  explicit Coarsening(const DiscreteProblem& problem)
      : problem_(problem), source_(problem.x, problem.a), target_(problem.y, problem.b) {}

  const DiscreteProblem& problem() const { return problem_; }
  const CloudCoarsening& source() const { return source_; }
  const CloudCoarsening& target() const { return target_; }

  DiscreteProblem coarsened(Index group) const;
  // The larger of the two clouds'.
  double variance(Index group) const;

 private:
  const DiscreteProblem& problem_;
  CloudCoarsening source_, target_;
};

}  // namespace otbridge
