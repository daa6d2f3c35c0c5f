// Panel: one window on a drawing, with axes, clouds, lines and curves on it.
#pragma once

#include <string>
#include <vector>

#include "otbridge/core/random.hpp"
#include "plot/svg.hpp"
#include "plot/ticks.hpp"
#include "plot/view.hpp"

namespace otbridge {

// Of the axes of a window that is so many pixels wide or high.
Ticks ticks_across(const Window& window, double width);
Ticks ticks_upwards(const Window& window, double height);

// The dots of one cloud.
struct Layer {
  Points plane;  // n x 3: place and depth, by View::project
  double radius, opacity;
  Index limit;                       // more points are thinned by chance, with the stream
  std::vector<std::string> palette;  // "#RRGGBB"
  std::vector<int> paint = {};       // each row's entry of the palette; empty: the first
  Vector weights = {};               // areas of the dots, relative to their mean; empty: all alike
  bool hazy = true;                  // far points are lighter, not only smaller
};

class Panel {
 public:
  Panel(Svg& svg, double x, double y, double width, const Window& window);

  double x() const { return x_; }
  double y() const { return y_; }
  double width() const { return width_; }
  double height() const { return height_; }
  double px(double x) const { return x_ + (x - window_.low_x) * scale_x_; }
  double py(double y) const { return y_ + height_ - (y - window_.low_y) * scale_y_; }
  const Window& window() const { return window_; }
  Svg& svg() const { return svg_; }

  Ticks x_ticks() const { return ticks_across(window_, width_); }
  Ticks y_ticks() const { return ticks_upwards(window_, height_); }
  // Grid and axes; with labels, the ticks' and the axes' names.
  void horizontal_axis(const Ticks& ticks, const std::string& name, bool labels) const;
  void vertical_axis(const Ticks& ticks, const std::string& name, bool labels) const;

  // Back to front: of clouds with a depth by it, whatever their layers, else layer after layer.
  // Rows that are not finite or have no weight are left out.
  void dots(const std::vector<Layer>& layers, const RandomStream& stream) const;
  // Lines between matching rows, at most `limit`, chosen by chance; opacity by weight.
  void lines(const Points& from, const Points& to, const Vector& weights, Index limit,
             const RandomStream& stream) const;
  // Through the first two columns; rows that are not finite are passed over.
  void curve(const Points& points, std::string_view stroke, double width, double opacity,
             bool dashed = false) const;
  // Within the closed curve.
  void area(const Points& points, std::string_view fill, double opacity) const;

 private:
  std::string path_of(const Points& points) const;

  Svg& svg_;
  double x_, y_, width_, height_, scale_x_, scale_y_;
  Window window_;
};

// Pixels that the labels of a vertical axis and its name take to the left of the axis.
double label_room(const Ticks& ticks);

// The edges of the frame's box that do not stand before the data; with labels, ticks and names
// along the three nearest.
void draw_box(const Panel& panel, const View& view, const Frame& frame, bool labels);

}  // namespace otbridge
