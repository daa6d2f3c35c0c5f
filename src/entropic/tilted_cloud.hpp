// TiltedCloud: a cloud with a potential, as conditionals of any Gaussian kernel need it.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "otbridge/core/points.hpp"
#include "sweep/local_sweep.hpp"

namespace otbridge {

// Immutable; may be used by several threads. O(n d), and what local() takes.
class TiltedCloud {
 public:
  // Keeps a reference to the points. Points of weight 0 are left out. Throws InvalidInput where the
  // potential over s2 is beyond the doubles. precision: of means and draws (sweep/local_sweep.hpp).
  TiltedCloud(const Points& points, const Vector& weights, const Vector& potential, double s2,
              LocalPrecision precision);

  const Points& points() const { return points_; }
  const std::vector<Index>& kept() const { return kept_; }
  // The kept points less their medians, so that inner products keep their digits wherever the cloud
  // lies, and whatever a few outliers do.
  const Points& values() const { return values_; }
  const Eigen::RowVectorXd& center() const { return center_; }
  const Vector& log2_weights() const { return log2_weights_; }  // weight exp(potential / s2)
  double s2() const { return s2_; }
  LocalPrecision precision() const { return precision_; }

  // Whether sums over near points alone are worth it: in few dimensions.
  bool has_local() const { return values_.cols() <= kFewCoordinates; }
  // The values as tiles, made when they are first asked for. O(n log^2 n).
  const LocalCloud& local() const;

 private:
  static constexpr Index kFewCoordinates = 12;

  const Points& points_;
  double s2_;
  LocalPrecision precision_;
  std::vector<Index> kept_;
  Points values_;
  Eigen::RowVectorXd center_;
  Vector log2_weights_;
  mutable std::once_flag made_;
  mutable std::unique_ptr<const LocalCloud> local_;
};

}  // namespace otbridge
