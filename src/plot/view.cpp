#include "plot/view.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "core/decompositions.hpp"
#include "plot/paint.hpp"

namespace otbridge {
namespace {

// Spreads that differ by more are not drawn to one scale.
constexpr double kMostUneven = 20.0;
// Of the longest side of the box: what has no height gets room for the labels of its axis.
constexpr double kFlattestSide = 0.15;
constexpr const char* kNotToOneScale = ", axes not to one scale";

// Clouds with more points than this are scans.
constexpr Index kManyPoints = 10000;

bool finite(const Points& points, Index row) { return points.row(row).allFinite(); }

// The lowest and highest value of each coordinate over the rows of all clouds that are wanted; 2 x
// d.
template <class Wanted>
Points extent_of(const std::vector<const Points*>& clouds, const Wanted& wanted) {
  const Index d = clouds.front()->cols();
  Points extent(2, d);
  extent.row(0).setConstant(1e300), extent.row(1).setConstant(-1e300);
  for (const Points* cloud : clouds) {
    for (Index i = 0; i < cloud->rows(); ++i) {
      if (!wanted(*cloud, i)) continue;
      extent.row(0) = extent.row(0).cwiseMin(cloud->row(i));
      extent.row(1) = extent.row(1).cwiseMax(cloud->row(i));
    }
  }
  if (extent(0, 0) > extent(1, 0)) extent.row(0).setZero(), extent.row(1).setOnes();
  return extent;
}

Eigen::RowVectorXd mean_of(const std::vector<const Points*>& clouds) {
  Eigen::RowVectorXd sum = Eigen::RowVectorXd::Zero(clouds.front()->cols());
  double count = 0.0;
  for (const Points* cloud : clouds) {
    for (Index i = 0; i < cloud->rows(); ++i) {
      if (!cloud->row(i).allFinite()) continue;
      sum += cloud->row(i), count += 1.0;
    }
  }
  return sum / std::max(count, 1.0);
}

// Largest entry positive, so that the axes do not flip from one run to the next.
Vector oriented(Vector axis) {
  Index largest = 0;
  axis.cwiseAbs().maxCoeff(&largest);
  return axis[largest] < 0.0 ? Vector(-axis) : axis;
}

// The columns as a file named them, else x0, x1, ...
std::vector<std::string> coordinate_labels(const PlotEnds& ends, Index d) {
  if (static_cast<Index>(ends.columns.size()) == d) return ends.columns;
  std::vector<std::string> names;
  for (Index c = 0; c < d; ++c) names.push_back("x" + std::to_string(c));
  return names;
}

std::string lowered(std::string word) {
  std::ranges::transform(word, word.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return word;
}

// 1 or 255 where three columns named red, green and blue hold nothing but such shares, else 0.
double colour_range_of(const PlotEnds& ends) {
  if (ends.columns.size() != 3 || ends.source.points.cols() != 3) return 0.0;
  std::vector<std::string> names;
  for (const auto& column : ends.columns) names.push_back(lowered(column));
  if (names != std::vector<std::string>{"r", "g", "b"} &&
      names != std::vector<std::string>{"red", "green", "blue"}) {
    return 0.0;
  }
  const Points extent = extent_of({&ends.source.points, &ends.target.points}, finite);
  if (extent.minCoeff() < 0.0 || extent.maxCoeff() > 255.0) return 0.0;
  return extent.maxCoeff() <= 1.0 ? 1.0 : 255.0;
}

}  // namespace

View::View(const PlotEnds& ends) {
  const Index d = ends.source.points.cols();
  centre_ = Eigen::RowVectorXd::Zero(d);
  names_ = coordinate_labels(ends, d);
  colour_range_ = colour_range_of(ends);
  if (d == 3) {
    if (!is_colour()) leave_outliers_out(ends);
    look_at_space(ends);
  } else if (d > 3) {
    look_along_principal_axes(ends);
  } else {
    basis_ = Matrix::Identity(d, d);
  }
}

void View::leave_outliers_out(const PlotEnds& ends) {
  const std::vector<const Points*> clouds{&ends.source.points, &ends.target.points};
  if (std::max(clouds[0]->rows(), clouds[1]->rows()) <= kManyPoints) return;
  constexpr double kOutermost = 0.003;
  shown_.emplace(2, 3);
  shown_->row(0).setConstant(1e300), shown_->row(1).setConstant(-1e300);
  for (const Points* cloud : clouds) {
    // Of each by itself: a small cloud beside a scan is not among its outliers.
    const double share = cloud->rows() > kManyPoints ? kOutermost : 0.0;
    for (Index c = 0; c < 3; ++c) {
      std::vector<double> values;
      for (Index i = 0; i < cloud->rows(); ++i) {
        if (finite(*cloud, i)) values.push_back((*cloud)(i, c));
      }
      if (values.empty()) continue;
      const auto cut = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size()));
      std::ranges::nth_element(values, values.begin() + cut);
      (*shown_)(0, c) = std::min((*shown_)(0, c), values[static_cast<std::size_t>(cut)]);
      std::ranges::nth_element(values, values.end() - 1 - cut);
      (*shown_)(1, c) = std::max((*shown_)(1, c), *(values.end() - 1 - cut));
    }
  }
  if ((*shown_)(0, 0) > (*shown_)(1, 0)) return shown_.reset();
  for (const Points* cloud : clouds) {
    for (Index i = 0; i < cloud->rows(); ++i) outliers_ += finite(*cloud, i) && !shows(*cloud, i);
  }
}

bool View::shows(const Points& points, Index row) const {
  if (!finite(points, row)) return false;
  return !shown_ || ((points.row(row).array() >= shown_->row(0).array()).all() &&
                     (points.row(row).array() <= shown_->row(1).array()).all());
}

// Near Matplotlib's usual view (azimuth -60, elevation 30): x to the right and forwards, y to the
// back, z up. Columns are right, up, and towards the viewer, in the axes of the cloud.
void View::look_at_space(const PlotEnds& ends) {
  const std::vector<const Points*> clouds{&ends.source.points, &ends.target.points};
  constexpr double kDegree = std::numbers::pi / 180.0;
  const double azimuth = -60.0 * kDegree, elevation = 25.0 * kDegree;
  const double ca = std::cos(azimuth), sa = std::sin(azimuth), ce = std::cos(elevation),
               se = std::sin(elevation);
  basis_.resize(3, 3);
  basis_.col(0) << -sa, ca, 0.0;
  basis_.col(1) << -se * ca, -se * sa, ce;
  basis_.col(2) << ce * ca, ce * sa, se;
  centre_ = mean_of(clouds);
  const auto is_shown = [&](const Points& points, Index row) { return shows(points, row); };
  const Points extent = extent_of(clouds, is_shown);
  const Eigen::RowVectorXd spread = extent.row(1) - extent.row(0);
  if (!is_colour() && spread.minCoeff() > 0.0 &&
      spread.maxCoeff() > kMostUneven * spread.minCoeff()) {
    rescaled_ = true;
    basis_ = spread.cwiseInverse().transpose().asDiagonal() * basis_;
  }
  depth_low_ = 1e300, depth_high_ = -1e300;
  for (const Points* cloud : clouds) {
    for (Index i = 0; i < cloud->rows(); ++i) {
      if (!shows(*cloud, i)) continue;
      const double depth = (cloud->row(i) - centre_) * basis_.col(2);
      depth_low_ = std::min(depth_low_, depth), depth_high_ = std::max(depth_high_, depth);
    }
  }
}

// Not centred per cloud, so that the way from source to target counts as spread.
void View::look_along_principal_axes(const PlotEnds& ends) {
  const Index d = ends.source.points.cols();
  const std::vector<const Points*> clouds{&ends.source.points, &ends.target.points};
  centre_ = mean_of(clouds);
  Matrix second = Matrix::Zero(d, d);
  for (const Points* cloud : clouds) {
    for (Index i = 0; i < cloud->rows(); ++i) {
      if (!cloud->row(i).allFinite()) continue;
      const Eigen::RowVectorXd x = cloud->row(i) - centre_;
      second += x.transpose() * x;
    }
  }
  // Eigenvalues ascend: the last two columns are the longest axes.
  const Matrix axes = symmetric_eigen(second).vectors;
  basis_.resize(d, 2);
  names_.clear();
  for (Index k = 0; k < 2; ++k) {
    basis_.col(k) = oriented(axes.col(d - 1 - k));
    names_.push_back("principal axis " + std::to_string(k + 1) + " of " + std::to_string(d));
  }
}

Points View::place(const Points& points) const {
  Points plane = Points::Zero(points.rows(), 3);
  const Points projected = (points.rowwise() - centre_) * basis_;
  const Index shown = std::min<Index>(2, projected.cols());
  plane.leftCols(shown) = projected.leftCols(shown);
  plane.col(2).setOnes();
  if (is_space()) {
    const double span = depth_high_ > depth_low_ ? depth_high_ - depth_low_ : 1.0;
    plane.col(2) = ((projected.col(2).array() - depth_low_) / span).cwiseMax(0.0).cwiseMin(1.0);
  }
  return plane;
}

Points View::project(const Points& points) const {
  Points plane = place(points);
  for (Index i = 0; i < plane.rows(); ++i) {
    if (!shows(points, i)) plane.row(i).setConstant(std::numeric_limits<double>::quiet_NaN());
  }
  return plane;
}

std::string View::colour_of(const Points& points, Index row) const {
  constexpr double kSteps = 7.0;  // of each channel: at most 512 colours
  const auto stepped = [&](Index channel) {
    return std::round(kSteps * points(row, channel) / colour_range_) / kSteps;
  };
  return hex_colour(stepped(0), stepped(1), stepped(2));
}

namespace {

Window window_of_box(const View& view, const Points& box) {
  Points corners(8, 3);
  for (Index k = 0; k < 8; ++k) corners.row(k) << box(k & 1, 0), box(k >> 1 & 1, 1), box(k >> 2, 2);
  return spatial_window({view.place(corners)});
}

}  // namespace

Frame frame_around(const View& view, const std::vector<const Points*>& clouds) {
  if (!view.is_space()) {
    std::vector<Points> planes;
    for (const Points* cloud : clouds) planes.push_back(view.project(*cloud));
    const Window window = spatial_window(planes);
    return {window, view.names(), {}, window.to_one_scale ? "" : kNotToOneScale};
  }
  Points box =
      extent_of(clouds, [&](const Points& points, Index row) { return view.shows(points, row); });
  if (view.is_colour()) {
    box.row(0).setZero(), box.row(1).setConstant(view.colour_range());
  } else if (!view.rescaled()) {
    const Eigen::RowVectorXd spread = box.row(1) - box.row(0);
    const double least =
        std::max(kFlattestSide * spread.maxCoeff(), 1e-12 * box.cwiseAbs().maxCoeff());
    for (Index c = 0; c < 3; ++c) {
      const double room = 0.5 * std::max((least > kNoSize ? least : 1.0) - spread[c], 0.0);
      box(0, c) -= room, box(1, c) += room;
    }
  }
  std::string remark = view.rescaled() ? kNotToOneScale : "";
  if (view.outliers() > 0) {
    remark += ", " + std::to_string(view.outliers()) + " points far out are not shown";
  }
  return {window_of_box(view, box), view.names(), box, remark};
}

}  // namespace otbridge
