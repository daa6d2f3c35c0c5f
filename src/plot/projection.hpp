// Projection: clouds of any dimension onto the plane of the drawing.
#pragma once

#include <string>
#include <vector>

#include "otbridge/core/points.hpp"

namespace otbridge {

class Projection {
 public:
  // Chosen from the pooled clouds: 1-D against a small vertical scatter, 2-D as it is, 3-D from a
  // fixed view (azimuth -60, elevation 25 degrees), more on the first two principal axes.
  explicit Projection(const std::vector<const Points*>& clouds);

  // n x 3: plane coordinates and a depth in [0, 1], 1 nearest to the viewer (1 where there is
  // none).
  Points apply(const Points& points) const;
  bool has_depth() const { return basis_.cols() == 3; }
  bool has_axes() const { return !has_depth(); }
  std::string horizontal() const { return horizontal_; }
  std::string vertical() const { return vertical_; }

 private:
  Eigen::RowVectorXd centre_;
  Matrix basis_;  // d x 2 or d x 3
  std::string horizontal_, vertical_;
  double depth_low_ = 0.0, depth_high_ = 1.0;
  bool scatter_ = false;
  double scatter_size_ = 0.0;
};

}  // namespace otbridge
