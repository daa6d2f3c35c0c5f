#include "plot/svg.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "core/utf8.hpp"

namespace otbridge {
namespace {

// Of the font size, rounded upwards by classes of letters of DejaVu Sans.
double letter_width(char letter) {
  constexpr std::string_view kNarrow = "iIjl.,:;|!'`()[] /ftr-", kWide = "mwMWGOQ@%+<>=~&";
  if (kNarrow.find(letter) != std::string_view::npos) return 0.42;
  if (kWide.find(letter) != std::string_view::npos) return 0.98;
  if (letter >= 'A' && letter <= 'Z') return 0.77;
  return static_cast<unsigned char>(letter) < 0x80 ? 0.64 : 0.9;
}

// The attributes of a fill or a stroke, after an attribute that is still open; whole is the default
// of SVG.
std::string painted(const char* what, std::string_view paint, double opacity) {
  std::string text = "\" " + std::string(what) + "=\"" + std::string(paint);
  if (opacity < 1.0) text += "\" " + std::string(what) + "-opacity=\"" + svg_number(opacity);
  return text;
}

// Bytes of the character at the start of text if it is UTF-8 that XML takes, else 0: U+FFFE and
// U+FFFF are no characters.
std::size_t character_size(std::string_view text) {
  return text.starts_with("\xEF\xBF\xBE") || text.starts_with("\xEF\xBF\xBF") ? 0 : utf8_size(text);
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

std::string svg_place(double x, double y) { return svg_number(x) + " " + svg_number(y); }

Svg::Svg(double width, double height, const FigureText& text) {
  body_ = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + svg_place(width, height) +
          "\" font-family=\"Helvetica, Arial, DejaVu Sans, sans-serif\" role=\"img\">\n<title>" +
          svg_escaped(text.title) + "</title>\n<desc>" + svg_escaped(text.description) +
          "</desc>\n";
  if (!text.origin.empty()) body_ += "<metadata>" + svg_escaped(text.origin) + "</metadata>\n";
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

void Svg::upright_text(double x, double y, std::string_view words, double size, const char* fill) {
  body_ += "<text transform=\"translate(" + svg_place(x, y) + ") rotate(-90)\" font-size=\"" +
           svg_number(size) + "\" fill=\"" + fill + "\" text-anchor=\"middle\">" +
           svg_escaped(words) + "</text>\n";
}

void Svg::line(double x0, double y0, double x1, double y1, const char* stroke, double width,
               double opacity) {
  stroke_path("M" + svg_place(x0, y0) + "L" + svg_place(x1, y1), stroke, width, opacity);
}

void Svg::rectangle(double x, double y, double width, double height, std::string_view fill,
                    double opacity) {
  body_ += "<rect x=\"" + svg_number(x) + "\" y=\"" + svg_number(y) + "\" width=\"" +
           svg_number(width) + "\" height=\"" + svg_number(height) +
           painted("fill", fill, opacity) + "\"/>\n";
}

void Svg::circle(double x, double y, double radius, std::string_view fill, double opacity) {
  body_ += "<circle cx=\"" + svg_number(x) + "\" cy=\"" + svg_number(y) + "\" r=\"" +
           svg_number(radius) + painted("fill", fill, opacity) + "\"/>\n";
}

void Svg::ring(double x, double y, double radius, const char* stroke, double width) {
  body_ += "<circle cx=\"" + svg_number(x) + "\" cy=\"" + svg_number(y) + "\" r=\"" +
           svg_number(radius) + "\" fill=\"none" + painted("stroke", stroke, 1.0) +
           "\" stroke-width=\"" + svg_number(width) + "\"/>\n";
}

void Svg::stroke_path(const std::string& data, std::string_view stroke, double width,
                      double opacity, bool dashed) {
  body_ += "<path d=\"" + data + "\" fill=\"none" + painted("stroke", stroke, opacity) +
           "\" stroke-width=\"" + svg_number(width) + (dashed ? "\" stroke-dasharray=\"5 4" : "") +
           "\" stroke-linejoin=\"round\"/>\n";
}

void Svg::fill_path(const std::string& data, std::string_view fill, double opacity) {
  body_ += "<path d=\"" + data + painted("fill", fill, opacity) + "\"/>\n";
}

// Dots are strokes of no length with round ends: one element for a whole cloud.
void Svg::dots(const std::string& data, std::string_view fill, double radius, double opacity) {
  body_ += "<path d=\"" + data + "\" fill=\"none" + painted("stroke", fill, opacity) +
           "\" stroke-width=\"" + svg_number(2.0 * radius) + "\" stroke-linecap=\"round\"/>\n";
}

namespace {

// When each of so many even moments is, in shares of the whole; the last one twice, for it stands.
std::string key_times(std::size_t moments, const Motion& motion) {
  std::string times;
  for (std::size_t k = 0; k < moments; ++k) {
    const double share = static_cast<double>(k) / static_cast<double>(moments - 1);
    std::array<char, 32> buffer;
    const double at = share * motion.moving / (motion.moving + motion.standing);
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), at,
                                   std::chars_format::fixed, 4);
    times += std::string(buffer.data(), end.ptr) + ";";
  }
  return times + "1";
}

std::string animated(const char* what, const std::vector<std::string>& values, const Motion& motion,
                     bool stepwise) {
  std::string all;
  for (const std::string& value : values) all += value + ";";
  return "<animate attributeName=\"" + std::string(what) + "\" dur=\"" +
         svg_number(motion.moving + motion.standing) + "s\" repeatCount=\"indefinite\"" +
         (stepwise ? " calcMode=\"discrete\"" : "") + " keyTimes=\"" +
         key_times(values.size(), motion) + "\" values=\"" + all + values.back() + "\"/>";
}

}  // namespace

void Svg::moving_dots(const std::vector<std::string>& data, const Motion& motion,
                      std::string_view fill, double radius, double opacity) {
  body_ += "<path d=\"" + data.front() + "\" fill=\"none" + painted("stroke", fill, opacity) +
           "\" stroke-width=\"" + svg_number(2.0 * radius) + "\" stroke-linecap=\"round\">" +
           animated("d", data, motion, false) + "</path>\n";
}

void Svg::moving_area(const std::vector<std::string>& data, const Motion& motion,
                      std::string_view fill, double opacity) {
  body_ += "<path d=\"" + data.front() + painted("fill", fill, opacity) + "\">" +
           animated("d", data, motion, false) + "</path>\n";
}

void Svg::changing_text(double x, double y, const std::vector<std::string>& words,
                        const Motion& motion, double size, const char* fill) {
  for (std::size_t k = 0; k < words.size(); ++k) {
    std::vector<std::string> seen(words.size(), "0");
    seen[k] = "1";
    body_ += "<text x=\"" + svg_number(x) + "\" y=\"" + svg_number(y) + "\" font-size=\"" +
             svg_number(size) + "\" fill=\"" + fill + "\" font-weight=\"600\" opacity=\"" +
             (k == 0 ? "1" : "0") + "\">" + svg_escaped(words[k]) +
             animated("opacity", seen, motion, true) + "</text>\n";
  }
}

void Svg::open_group(std::string_view name) {
  body_ += "<g class=\"" + std::string(name) + "\">\n";
}

void Svg::open_shared(std::string_view id) { body_ += "<g id=\"" + std::string(id) + "\">\n"; }

void Svg::close_group() { body_ += "</g>\n"; }

void Svg::again(std::string_view id, double dx, double dy) {
  body_ += "<use href=\"#" + std::string(id) + "\" x=\"" + svg_number(dx) + "\" y=\"" +
           svg_number(dy) + "\"/>\n";
}

std::string Svg::finish() && { return std::move(body_) + "</svg>\n"; }

double text_width(std::string_view words, double size) {
  double ems = 0.0;
  for (const char letter : words) {
    // A byte that continues a UTF-8 letter adds no width.
    if ((static_cast<unsigned char>(letter) & 0xC0U) == 0x80U) continue;
    ems += letter_width(letter);
  }
  return ems * size;
}

std::string fitted(const std::string& words, double width, double size) {
  if (text_width(words, size) <= width) return words;
  constexpr std::string_view kEllipsis = "\xE2\x80\xA6";
  double room = width / size - letter_width(kEllipsis[0]);
  std::size_t kept = 0;
  while (kept < words.size()) {
    if (const char letter = words[kept]; (static_cast<unsigned char>(letter) & 0xC0U) != 0x80U) {
      room -= letter_width(letter);
      if (room < 0.0) break;
    }
    ++kept;
  }
  return words.substr(0, kept) + std::string(kEllipsis);
}

}  // namespace otbridge
