// What an SVG of src/plot shows, read back: dots and lines by colour, and the axes by their ticks.
#pragma once

#include <charconv>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace otbridge::drawing {

using Spot = std::pair<double, double>;  // pixels from the left and from the top

// The value of an attribute of one element, "" where it has none.
inline std::string attribute(const std::string& element, const std::string& name) {
  const auto begin = element.find(" " + name + "=\"");
  if (begin == std::string::npos) return "";
  const auto value = begin + name.size() + 3;
  return element.substr(value, element.find('"', value) - value);
}

// Every number of a path or an attribute, in order; whatever stands between them is skipped.
inline std::vector<double> numbers(const std::string& text) {
  std::vector<double> found;
  for (std::size_t i = 0; i < text.size();) {
    double value = 0.0;
    const auto [end, error] = std::from_chars(text.data() + i, text.data() + text.size(), value);
    if (error == std::errc{}) {
      found.push_back(value);
      i = static_cast<std::size_t>(end - text.data());
    } else {
      ++i;
    }
  }
  return found;
}

struct Label {
  Spot at;
  std::string words, anchor;
};

struct Drawing {
  std::map<std::string, std::vector<Spot>> dots;     // clouds, by colour, in the order drawn
  std::map<std::string, std::vector<Spot>> circles;  // single dots and those of the legend
  std::map<std::string, std::vector<std::vector<Spot>>> lines;  // by colour, corner by corner
  std::vector<Label> labels;
};

// Corners of each subpath "Mx yLx yLx y"; a dot "Mx yh0" has one corner.
inline std::vector<std::vector<Spot>> corners(const std::string& data) {
  std::vector<std::vector<Spot>> all;
  for (std::size_t begin = data.find('M'); begin != std::string::npos;) {
    const auto end = data.find('M', begin + 1);
    const std::string part = data.substr(begin, end == std::string::npos ? end : end - begin);
    const auto values = numbers(part);
    all.emplace_back();
    for (std::size_t k = 0; k + 1 < values.size(); k += 2) {
      all.back().emplace_back(values[k], values[k + 1]);
    }
    begin = end;
  }
  return all;
}

inline Drawing read(const std::string& svg) {
  Drawing drawing;
  for (std::size_t begin = svg.find('<'); begin != std::string::npos;
       begin = svg.find('<', begin + 1)) {
    const auto end = svg.find('>', begin);
    const std::string element = svg.substr(begin, end - begin);
    const auto number = [&](const char* name) { return numbers(attribute(element, name)).at(0); };
    if (element.starts_with("<circle")) {
      drawing.circles[attribute(element, "fill")].emplace_back(number("cx"), number("cy"));
    } else if (element.starts_with("<text")) {
      drawing.labels.push_back({{number("x"), number("y")},
                                svg.substr(end + 1, svg.find('<', end) - end - 1),
                                attribute(element, "text-anchor")});
    } else if (element.starts_with("<path")) {
      const bool round = !attribute(element, "stroke-linecap").empty();
      for (auto& part : corners(attribute(element, "d"))) {
        if (round) {
          drawing.dots[attribute(element, "stroke")].push_back(part.at(0));
        } else {
          drawing.lines[attribute(element, "stroke")].push_back(std::move(part));
        }
      }
    }
  }
  return drawing;
}

// The axes of one panel, from two of its tick labels each: pixel = offset + scale * value.
struct Axes {
  double x_offset, x_scale, y_offset, y_scale;
  Spot operator()(double x, double y) const {
    return {x_offset + x_scale * x, y_offset + y_scale * y};
  }
};

// Ticks of the horizontal axis are centred below the panel and stand 16 pixels under it, those of
// the vertical end 7 pixels left of it, their middle 4 pixels above their foot.
inline Axes axes_of(const Drawing& drawing) {
  std::vector<std::pair<double, double>> x_ticks, y_ticks;  // value, pixel
  for (const Label& label : drawing.labels) {
    double value = 0.0;
    const char* last = label.words.data() + label.words.size();
    if (std::from_chars(label.words.data(), last, value).ptr != last) continue;
    if (label.anchor == "middle") x_ticks.emplace_back(value, label.at.first);
    if (label.anchor == "end") y_ticks.emplace_back(value, label.at.second - 4.0);
  }
  const auto fit = [](const auto& ticks) {
    const double scale =
        (ticks.back().second - ticks.front().second) / (ticks.back().first - ticks.front().first);
    return std::pair(ticks.front().second - scale * ticks.front().first, scale);
  };
  const auto [x_offset, x_scale] = fit(x_ticks);
  const auto [y_offset, y_scale] = fit(y_ticks);
  return {x_offset, x_scale, y_offset, y_scale};
}

}  // namespace otbridge::drawing
