#include "plot/projection.hpp"

#include <cmath>
#include <numbers>

#include "core/decompositions.hpp"
#include "otbridge/core/random.hpp"

namespace otbridge {
namespace {

bool finite_row(const Points& points, Index i) { return points.row(i).allFinite(); }

// Largest entry positive, so that the axes do not flip from one run to the next.
Vector oriented(Vector axis) {
  Index largest = 0;
  axis.cwiseAbs().maxCoeff(&largest);
  return axis[largest] < 0.0 ? Vector(-axis) : axis;
}

}  // namespace

Projection::Projection(const std::vector<const Points*>& clouds) {
  const Index d = clouds.front()->cols();
  centre_ = Eigen::RowVectorXd::Zero(d);
  Matrix second = Matrix::Zero(d, d);
  Eigen::RowVectorXd sum = centre_;
  double count = 0.0;
  for (const Points* cloud : clouds) {
    for (Index i = 0; i < cloud->rows(); ++i) {
      if (!finite_row(*cloud, i)) continue;
      sum += cloud->row(i);
      count += 1.0;
    }
  }
  if (d == 1) {
    // Numbers lie on a line; a narrow vertical scatter keeps equal ones apart.
    basis_ = Matrix::Zero(1, 2);
    basis_(0, 0) = 1.0;
    scatter_ = true;
    double low = 1e300, high = -1e300;
    for (const Points* cloud : clouds) {
      low = std::min(low, cloud->minCoeff());
      high = std::max(high, cloud->maxCoeff());
    }
    // An eighth of the width, flat enough to read as a line.
    scatter_size_ = 0.12 * (high - low);
    horizontal_ = "x0";
    vertical_ = "scatter";
  } else if (d == 2) {
    basis_ = Matrix::Identity(2, 2);
    horizontal_ = "x0";
    vertical_ = "x1";
  } else if (d == 3) {
    // Near Matplotlib's usual view (azimuth -60, elevation 30): x to the right and forwards, y to
    // the back, z up. Columns are right, up, and towards the viewer, in the axes of the cloud.
    constexpr double kDegree = std::numbers::pi / 180.0;
    const double azimuth = -60.0 * kDegree, elevation = 25.0 * kDegree;
    const double ca = std::cos(azimuth), sa = std::sin(azimuth), ce = std::cos(elevation),
                 se = std::sin(elevation);
    basis_.resize(3, 3);
    basis_.col(0) << -sa, ca, 0.0;
    basis_.col(1) << -se * ca, -se * sa, ce;
    basis_.col(2) << ce * ca, ce * sa, se;
    centre_ = sum / std::max(count, 1.0);
    // Depths of the pooled clouds become 0 (farthest) to 1: size and opacity of the dots.
    depth_low_ = 1e300, depth_high_ = -1e300;
    for (const Points* cloud : clouds) {
      for (Index i = 0; i < cloud->rows(); ++i) {
        if (!finite_row(*cloud, i)) continue;
        const double depth = (cloud->row(i) - centre_) * basis_.col(2);
        depth_low_ = std::min(depth_low_, depth);
        depth_high_ = std::max(depth_high_, depth);
      }
    }
  } else {
    centre_ = sum / std::max(count, 1.0);
    for (const Points* cloud : clouds) {
      for (Index i = 0; i < cloud->rows(); ++i) {
        if (!finite_row(*cloud, i)) continue;
        const Eigen::RowVectorXd x = cloud->row(i) - centre_;
        second += x.transpose() * x;
      }
    }
    // Eigenvalues ascend: the last two columns are the longest axes. Not centred per cloud, so that
    // the way from source to target counts as spread.
    const Matrix axes = symmetric_eigen(second).vectors;
    basis_.resize(d, 2);
    basis_.col(0) = oriented(axes.col(d - 1));
    basis_.col(1) = oriented(axes.col(d - 2));
    horizontal_ = "principal axis 1 of " + std::to_string(d);
    vertical_ = "principal axis 2 of " + std::to_string(d);
  }
}

Points Projection::apply(const Points& points) const {
  Points plane(points.rows(), 3);
  const Points projected = (points.rowwise() - centre_) * basis_;
  plane.leftCols(2) = projected.leftCols(2);
  plane.col(2).setOnes();
  if (basis_.cols() == 3) {
    const double span = depth_high_ > depth_low_ ? depth_high_ - depth_low_ : 1.0;
    plane.col(2) = ((projected.col(2).array() - depth_low_) / span).cwiseMax(0.0).cwiseMin(1.0);
  }
  if (scatter_) {
    // By row and nothing else: point i of start and moved stands at the same height.
    const RandomStream stream(0, Purpose::plot);
    for (Index i = 0; i < plane.rows(); ++i)
      plane(i, 1) = scatter_size_ * (stream.uniform(i, 0, 0) - 0.5);
  }
  return plane;
}

}  // namespace otbridge
