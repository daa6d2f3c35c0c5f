#include "entropic/levels.hpp"

#include <algorithm>

#include "core/half_squared.hpp"
#include "sweep/tiled_cloud.hpp"

namespace otbridge {
namespace {

// The L1 error at which a level before the last has served, and its limit of iterations. On coarse
// clouds, where iterations cost next to nothing, they are strict: a few outlying points have little
// weight in the error, but potentials far away, which later levels would have to mend.
constexpr double kLevelError = 0.03, kCoarseError = 1e-3;
// Of the coarse clouds at s^2, over the tolerance: the next finer ones have errors of their own.
constexpr double kCoarser = 2.0;
constexpr Index kLevelIterations = 30, kCoarseIterations = 300;
constexpr double kHottest = 0.125;   // first temperature, over the largest cost
constexpr double kNearEnough = 1.2;  // a temperature this factor above s^2 is not worth a level
constexpr Index kCoarse = 8;         // points in a group
// Smaller clouds are swept in no time; where points stand for their neighbours (more dimensions
// than kLargestSpatialDimension), fewer of them say nothing of the whole.
constexpr Index kSmallestCloud = 64, kSmallestSample = 1024;

// An upper bound on the largest cost: of the box around both clouds, O((n + m) d).
double largest_cost(const DiscreteProblem& problem) {
  const Eigen::RowVectorXd low =
      problem.x.colwise().minCoeff().cwiseMin(problem.y.colwise().minCoeff());
  const Eigen::RowVectorXd high =
      problem.x.colwise().maxCoeff().cwiseMax(problem.y.colwise().maxCoeff());
  return half_squared(high, low);
}

Index iteration_limit(Index group) { return group > 1 ? kCoarseIterations : kLevelIterations; }

}  // namespace

LevelSequence::LevelSequence(const Coarsening& clouds, double s2, double scaling, double tolerance)
    : s2_(s2), scaling_(scaling), tolerance_(tolerance) {
  if (scaling >= 1.0) return;
  const DiscreteProblem& problem = clouds.problem();
  const Index smaller = std::min(problem.x.rows(), problem.y.rows());
  const bool spatial = problem.x.cols() <= kLargestSpatialDimension;
  const Index smallest = spatial ? kSmallestCloud : kSmallestSample;
  variances_.push_back(0.0);
  while (smaller >> variances_.size() >= smallest) {
    variances_.push_back(clouds.variance(Index{1} << variances_.size()));
  }
  warmer_ = kHottest * largest_cost(problem);
  coarser_ = group_for(kResolution * s2);
}

// The largest groups whose points a temperature cannot tell apart.
Index LevelSequence::group_for(double variance) const {
  std::size_t k = variances_.size() - 1;
  while (variances_[k] > variance) --k;
  return Index{1} << k;
}

std::optional<Level> LevelSequence::next() {
  if (warmer_ > kNearEnough * s2_) {
    const double s2 = warmer_;
    warmer_ *= scaling_;
    const Index group = group_for(kResolution * s2);
    return Level{.s2 = s2,
                 .group = group,
                 .tolerance = group >= kCoarse ? kCoarseError : kLevelError,
                 .iterations = iteration_limit(group)};
  }
  if (coarser_ >= kCoarse / 2) {
    const Index group = coarser_;
    coarser_ /= kCoarse;
    return Level{.s2 = s2_,
                 .group = group,
                 .tolerance = std::max(kCoarser * tolerance_, kCoarseError),
                 .iterations = iteration_limit(group)};
  }
  if (ended_) return std::nullopt;
  ended_ = true;
  return last();
}

}  // namespace otbridge
