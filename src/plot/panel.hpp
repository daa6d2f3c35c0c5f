// Panel: one set of equal axes on a drawing, with clouds, lines and densities on it.
#pragma once

#include <string>
#include <vector>

#include "otbridge/core/random.hpp"
#include "otbridge/plot/figure.hpp"
#include "plot/projection.hpp"
#include "plot/svg.hpp"

namespace otbridge {

// The window of the plane that a figure shows; the same for every panel of it.
struct Window {
  double low_x, high_x, low_y, high_y;
  double aspect() const { return (high_y - low_y) / (high_x - low_x); }  // height over width
};
// Around all finite points, with 4% of margin.
Window window_around(const std::vector<Points>& planes);

// Ascending round numbers within [low, high], about `count` of them: 1, 2 or 5 times a power of
// ten.
std::vector<double> round_ticks(double low, double high, int count);
std::string tick_label(double value, double step);

class Panel {
 public:
  Panel(Svg& svg, double x, double y, double width, const Window& window);

  double height() const { return height_; }
  void axes(const std::string& horizontal, const std::string& vertical);

  // Dots, at most `limit` of them; weights, where given, become areas. Returns how many were drawn.
  // More than kDensityLimit points are drawn as hexagons of equal density.
  static constexpr Index kDensityLimit = 20000;
  Index cloud(const Points& plane, const Vector& weights, const char* fill, double opacity,
              double radius, const RandomStream& stream, Index limit = 6000);
  // Lines between matching rows, at most `limit`, drawn at random with the stream.
  void lines(const Points& from, const Points& to, const Vector& weights, Index limit,
             const RandomStream& stream);
  void path(const std::vector<Points>& slices, Index row);
  void dot(double x, double y, const char* fill, double radius, double opacity);

 private:
  std::string place(const Points& plane, Index i) const;
  double px(double x) const { return x_ + (x - window_.low_x) * scale_; }
  double py(double y) const { return y_ + height_ - (y - window_.low_y) * scale_; }
  void hexagons(const Points& plane, const Vector& weights, const char* fill);

  Svg& svg_;
  double x_, y_, width_, height_, scale_;
  Window window_;
};

// Title, grey subtitle, and a legend in one line beneath them. Returns where the panels may begin.
struct LegendEntry {
  std::string name;
  const char* fill;
  bool line = false;
};
double draw_heading(Svg& svg, const FigureText& text, const std::vector<LegendEntry>& legend,
                    double width);

}  // namespace otbridge
