#include "plot/svg.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace otbridge {
namespace {

constexpr double kLetterWidth = 0.56;  // of the font size, for a sans-serif face

// Bytes of the character at the start of text if it is well-formed UTF-8 that XML takes, else 0
// (RFC 3629, table 3-7 of Unicode; U+FFFE and U+FFFF are no characters).
std::size_t character_size(std::string_view text) {
  const auto byte = [&](std::size_t k) { return static_cast<unsigned char>(text[k]); };
  const unsigned char lead = byte(0);
  const std::size_t size = lead < 0x80                   ? 1
                           : lead >= 0xc2 && lead < 0xe0 ? 2
                           : lead >= 0xe0 && lead < 0xf0 ? 3
                           : lead >= 0xf0 && lead < 0xf5 ? 4
                                                         : 0;
  if (size == 0 || text.size() < size) return 0;
  for (std::size_t k = 1; k < size; ++k) {
    if ((byte(k) & 0xc0) != 0x80) return 0;
  }
  // Overlong forms, surrogates, and what lies beyond U+10FFFF.
  if ((lead == 0xe0 && byte(1) < 0xa0) || (lead == 0xed && byte(1) >= 0xa0) ||
      (lead == 0xf0 && byte(1) < 0x90) || (lead == 0xf4 && byte(1) >= 0x90)) {
    return 0;
  }
  return text.starts_with("\xEF\xBF\xBE") || text.starts_with("\xEF\xBF\xBF") ? 0 : size;
}

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
  while (!text.empty()) {
    const std::size_t size = character_size(text);
    const std::string_view character = text.substr(0, size);
    if (character == "&") {
      out += "&amp;";
    } else if (character == "<") {
      out += "&lt;";
    } else if (character == ">") {
      out += "&gt;";
    } else if (character == "\"") {
      out += "&quot;";
    } else if (size == 0) {
      out += "\xEF\xBF\xBD";  // U+FFFD: a file name may be any bytes
    } else if (const auto byte = static_cast<unsigned char>(text[0]); byte < 0x20 || byte == 0x7f) {
      out += ' ';  // control characters are not allowed in XML, even escaped
    } else {
      out += character;
    }
    text.remove_prefix(std::max<std::size_t>(size, 1));
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
