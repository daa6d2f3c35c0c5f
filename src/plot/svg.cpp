#include "plot/svg.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace otbridge {
namespace {

constexpr double kLetterWidth = 0.56;  // of the font size, for a sans-serif face

}  // namespace

std::string svg_number(double value) {
  if (!std::isfinite(value)) return "0";
  // A hundredth of a pixel; adding 0 turns -0 into 0.
  const double rounded = std::round(value * 100.0) / 100.0;
  std::array<char, 32> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), rounded + 0.0).ptr;
  return {buffer.data(), end};
}

std::string svg_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        // Control characters are not allowed in XML, even escaped; bytes of UTF-8 pass.
        out += byte < 0x20 || byte == 0x7f ? ' ' : c;
    }
  }
  return out;
}

Svg::Svg(double width, double height, const std::string& title, const std::string& description) {
  body_ = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + svg_number(width) + " " +
          svg_number(height) +
          "\" font-family=\"Helvetica, Arial, DejaVu Sans, sans-serif\" role=\"img\">\n<title>" +
          svg_escaped(title) + "</title>\n<desc>" + svg_escaped(description) + "</desc>\n";
  // viewBox without width and height: the picture takes the size of the page it is put into. White
  // ground, since a viewer may be dark.
  rectangle(0, 0, width, height, "#FFFFFF");
}

void Svg::text(double x, double y, std::string_view words, double size, const char* fill,
               Anchor anchor, bool bold) {
  // In the order of the enum.
  static constexpr const char* kAnchors[] = {"start", "middle", "end"};
  body_ += "<text x=\"" + svg_number(x) + "\" y=\"" + svg_number(y) + "\" font-size=\"" +
           svg_number(size) + "\" fill=\"" + fill + "\" text-anchor=\"" +
           kAnchors[static_cast<int>(anchor)] + "\"" + (bold ? " font-weight=\"600\"" : "") + ">" +
           svg_escaped(words) + "</text>\n";
}

void Svg::line(double x0, double y0, double x1, double y1, const char* stroke, double width,
               double opacity) {
  stroke_path(
      "M" + svg_number(x0) + " " + svg_number(y0) + "L" + svg_number(x1) + " " + svg_number(y1),
      stroke, width, opacity);
}

void Svg::rectangle(double x, double y, double width, double height, const char* fill,
                    double opacity) {
  body_ += "<rect x=\"" + svg_number(x) + "\" y=\"" + svg_number(y) + "\" width=\"" +
           svg_number(width) + "\" height=\"" + svg_number(height) + "\" fill=\"" + fill +
           "\" fill-opacity=\"" + svg_number(opacity) + "\"/>\n";
}

void Svg::circle(double x, double y, double radius, const char* fill, double opacity) {
  body_ += "<circle cx=\"" + svg_number(x) + "\" cy=\"" + svg_number(y) + "\" r=\"" +
           svg_number(radius) + "\" fill=\"" + fill + "\" fill-opacity=\"" + svg_number(opacity) +
           "\"/>\n";
}

void Svg::stroke_path(const std::string& data, const char* stroke, double width, double opacity) {
  body_ += "<path d=\"" + data + "\" fill=\"none\" stroke=\"" + stroke + "\" stroke-width=\"" +
           svg_number(width) + "\" stroke-opacity=\"" + svg_number(opacity) +
           "\" stroke-linejoin=\"round\"/>\n";
}

// Dots are strokes of no length with round ends: one element for a whole cloud.
void Svg::dots(const std::string& data, const char* fill, double radius, double opacity) {
  body_ += "<path d=\"" + data + "\" fill=\"none\" stroke=\"" + fill + "\" stroke-width=\"" +
           svg_number(2.0 * radius) + "\" stroke-opacity=\"" + svg_number(opacity) +
           "\" stroke-linecap=\"round\"/>\n";
}

void Svg::fill_path(const std::string& data, const char* fill, double opacity) {
  body_ += "<path d=\"" + data + "\" fill=\"" + fill + "\" fill-opacity=\"" + svg_number(opacity) +
           "\"/>\n";
}

std::string Svg::finish() && { return std::move(body_) + "</svg>\n"; }

std::string fitted(const std::string& words, double width, double size) {
  const auto room = static_cast<std::size_t>(std::max(1.0, width / (kLetterWidth * size)));
  std::size_t letters = 0;
  for (std::size_t i = 0; i < words.size(); ++i) {
    // A byte that continues a UTF-8 letter adds no width.
    if ((static_cast<unsigned char>(words[i]) & 0xC0U) == 0x80U) continue;
    if (++letters > room) return words.substr(0, i) + "\xE2\x80\xA6";
  }
  return words;
}

}  // namespace otbridge
