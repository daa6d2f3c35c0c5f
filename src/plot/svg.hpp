// Svg: text of an SVG document, element by element. Numbers with at most two decimals, text
// escaped.
#pragma once

#include <string>
#include <string_view>

#include "otbridge/plot/figure.hpp"

namespace otbridge {

std::string svg_number(double value);
std::string svg_escaped(std::string_view text);
// "x y" of path data.
std::string svg_place(double x, double y);

// Pixels that a line of text is wide at a font size, in DejaVu Sans, the widest of the faces asked
// for; letters beyond ASCII as a wide one.
double text_width(std::string_view words, double size);
// Shortened with an ellipsis to fit a width.
std::string fitted(const std::string& words, double width, double size);

// Seconds of a film in an SVG (SMIL), which begins again for ever: the time from its first moment
// to its last, and that for which it stands there.
struct Motion {
  double moving = 4.0, standing = 1.2;
};

class Svg {
 public:
  Svg(double width, double height, const FigureText& text);

  enum class Anchor { start, middle, end };
  void text(double x, double y, std::string_view words, double size, const char* fill,
            Anchor anchor = Anchor::start, bool bold = false);
  // Read from below, its middle at (x, y).
  void upright_text(double x, double y, std::string_view words, double size, const char* fill);
  void line(double x0, double y0, double x1, double y1, const char* stroke, double width,
            double opacity = 1.0);
  void rectangle(double x, double y, double width, double height, std::string_view fill,
                 double opacity = 1.0);
  void circle(double x, double y, double radius, std::string_view fill, double opacity = 1.0);
  void ring(double x, double y, double radius, const char* stroke, double width);
  // Path data as SVG writes it.
  void stroke_path(const std::string& data, std::string_view stroke, double width, double opacity,
                   bool dashed = false);
  void fill_path(const std::string& data, std::string_view fill, double opacity);
  // A dot for each "Mx yh0" of the data.
  void dots(const std::string& data, std::string_view fill, double radius, double opacity);
  // The same in motion, from one data to the next, then back to the first; of as many dots each.
  void moving_dots(const std::vector<std::string>& data, const Motion& motion,
                   std::string_view fill, double radius, double opacity);
  void moving_area(const std::vector<std::string>& data, const Motion& motion,
                   std::string_view fill, double opacity);
  // The words of one moment after the other at one place.
  void changing_text(double x, double y, const std::vector<std::string>& words,
                     const Motion& motion, double size, const char* fill);

  // What stands between the two is one group of this class.
  void open_group(std::string_view name);
  void close_group();
  // The same, to be drawn again elsewhere by `again`, which moves it.
  void open_shared(std::string_view id);
  void again(std::string_view id, double dx, double dy);

  std::string finish() &&;

 private:
  std::string body_;
};

}  // namespace otbridge
