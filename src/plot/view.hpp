// View: how the points of a problem are seen, from one coordinate to many.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "otbridge/core/points.hpp"
#include "otbridge/plot/figure.hpp"
#include "plot/window.hpp"

namespace otbridge {

class View {
 public:
  // Chosen from source and target alone: all figures of one problem show the same plane, whatever a
  // solver answers.
  explicit View(const PlotEnds& ends);

  // d = 1: numbers, drawn by densities and maps rather than as places.
  bool is_line() const { return basis_.rows() == 1; }
  // d = 3: from azimuth -60 and elevation 25 degrees.
  bool is_space() const { return basis_.cols() == 3; }
  // Three columns named as red, green and blue: each point in the colour that it is.
  bool is_colour() const { return colour_range_ > 0.0; }
  // Whether coordinates were divided by their spreads, which differ by more than 20 times (d = 3).
  bool rescaled() const { return rescaled_; }

  // Points of source and target far out of scans, which would leave the rest no room: those beyond
  // the outermost 0.3% of a coordinate, on either side, are not shown.
  Index outliers() const { return outliers_; }
  // Whether a row is finite and none of those.
  bool shows(const Points& points, Index row) const;

  // n x 3: place in the plane, and a depth from 0, the farthest of source and target, to 1, the
  // nearest; 1 where there is none. NaN for rows that are not shown.
  Points project(const Points& points) const;
  // The same for all rows: of an axis rather than of a cloud.
  Points place(const Points& points) const;
  // Names of the axes: the coordinates for d <= 3, else "principal axis 1 of 7".
  const std::vector<std::string>& names() const { return names_; }
  // "#RRGGBB" of a row, in steps that keep pictures small.
  std::string colour_of(const Points& points, Index row) const;
  // Of colours the end of their range: 1 or 255.
  double colour_range() const { return colour_range_; }

 private:
  void leave_outliers_out(const PlotEnds& ends);
  void look_at_space(const PlotEnds& ends);
  void look_along_principal_axes(const PlotEnds& ends);

  Eigen::RowVectorXd centre_;
  std::optional<Points> shown_ = {};  // 2 x d: lowest and highest coordinates; empty: all
  Index outliers_ = 0;
  Matrix basis_;  // d x 2 or d x 3; of a line 1 x 1
  std::vector<std::string> names_;
  double depth_low_ = 0.0, depth_high_ = 1.0;
  double colour_range_ = 0.0;
  bool rescaled_ = false;
};

// What the panels of a figure share: the view, the window, and in space the box around the data.
struct Frame {
  Window window;
  std::vector<std::string> names;
  std::optional<Points> box = {};  // 2 x 3: lowest and highest coordinates
  std::string remark = {};         // what the subtitle must say of it: ", axes not to one scale"
};
// Around all these points, as they are before projection; not for lines.
Frame frame_around(const View& view, const std::vector<const Points*>& clouds);
}  // namespace otbridge
