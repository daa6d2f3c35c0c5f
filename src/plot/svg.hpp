// Svg: text of an SVG document, element by element. Numbers with at most two decimals, text
// escaped.
#pragma once

#include <string>
#include <string_view>

namespace otbridge {

namespace colour {
constexpr const char* kSource = "#0072B2";
constexpr const char* kTarget = "#D55E00";
constexpr const char* kMoved = "#009E73";
constexpr const char* kLine = "#7F7F7F";
constexpr const char* kGrid = "#E6E6E6";
constexpr const char* kText = "#222222";
constexpr const char* kFaint = "#666666";
}  // namespace colour

std::string svg_number(double value);
std::string svg_escaped(std::string_view text);

class Svg {
 public:
  Svg(double width, double height, const std::string& title, const std::string& description);

  enum class Anchor { start, middle, end };
  void text(double x, double y, std::string_view words, double size, const char* fill,
            Anchor anchor = Anchor::start, bool bold = false);
  void line(double x0, double y0, double x1, double y1, const char* stroke, double width,
            double opacity = 1.0);
  void rectangle(double x, double y, double width, double height, const char* fill,
                 double opacity = 1.0);
  void circle(double x, double y, double radius, const char* fill, double opacity = 1.0);
  // Path data as SVG writes it, stroked or filled.
  void stroke_path(const std::string& data, const char* stroke, double width, double opacity);
  void dots(const std::string& data, const char* fill, double radius, double opacity);
  void fill_path(const std::string& data, const char* fill, double opacity);

  std::string finish() &&;

 private:
  std::string body_;
};

// Shortened with an ellipsis to fit a width at a font size, by an average width of a letter.
std::string fitted(const std::string& words, double width, double size);

}  // namespace otbridge
