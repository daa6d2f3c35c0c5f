// What an SVG of src/plot shows, read back: dots and lines by colour, and the axes by their ticks.
#pragma once

#include <doctest/doctest.h>

#include <charconv>
#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "otbridge/plot/figure.hpp"

namespace otbridge::drawing {

using Spot = std::pair<double, double>;  // pixels from the left and from the top

inline const FigureText kText{"title", "subtitle", "description"};
inline const RandomStream kStream(1);

// Coordinates have two decimals; what is read from them is off by a little more.
inline bool near(const Spot& a, const Spot& b) {
  return std::abs(a.first - b.first) < 0.03 && std::abs(a.second - b.second) < 0.03;
}

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
  std::string words, anchor, group;  // group: the class around it, "" for none
  double size = 0.0;
  bool upright = false;
};

struct Round {
  Spot at;
  double radius = 0.0, opacity = 1.0;
};

struct Drawing {
  double width = 0.0, height = 0.0;
  std::map<std::string, std::vector<Spot>> dots;      // clouds, by colour, in the order drawn
  std::map<std::string, double> opacity;              // of the dots of a colour
  std::map<std::string, std::vector<double>> sizes;   // of the same dots: radii
  std::map<std::string, std::vector<Round>> circles;  // filled, those of the legend too
  std::map<std::string, std::vector<Round>> rings;
  std::map<std::string, std::vector<std::vector<Spot>>> lines;  // by colour, corner by corner
  std::map<std::string, std::vector<double>> widths;            // of the same lines
  std::vector<Label> labels;

  const Label& label(const std::string& words) const {
    for (const Label& one : labels) {
      if (one.words == words) return one;
    }
    FAIL("no label reads " << words);
    return labels.front();
  }
  bool has(const std::string& words) const {
    for (const Label& one : labels) {
      if (one.words.find(words) != std::string::npos) return true;
    }
    return false;
  }
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
  std::vector<std::string> groups, shared;  // classes that are open; elements to be drawn again
  const auto take = [&](const std::string& element, double dx, double dy) {
    const auto number = [&](const char* name) { return numbers(attribute(element, name)).at(0); };
    const auto share = [&](const char* name) {
      return attribute(element, name).empty() ? 1.0 : number(name);
    };
    if (element.starts_with("<circle")) {
      const bool ring = attribute(element, "fill") == "none";
      auto& rounds = ring ? drawing.rings[attribute(element, "stroke")]
                          : drawing.circles[attribute(element, "fill")];
      rounds.push_back({{number("cx"), number("cy")}, number("r"), share("fill-opacity")});
    } else if (element.starts_with("<path")) {
      const std::string stroke = attribute(element, "stroke");
      const bool dots = !attribute(element, "stroke-linecap").empty();
      if (dots) drawing.opacity[stroke] = share("stroke-opacity");
      for (auto& part : corners(attribute(element, "d"))) {
        for (Spot& spot : part) spot = {spot.first + dx, spot.second + dy};
        if (dots) {
          drawing.dots[stroke].push_back(part.at(0));
          drawing.sizes[stroke].push_back(0.5 * number("stroke-width"));
        } else if (!stroke.empty()) {
          drawing.lines[stroke].push_back(std::move(part));
          drawing.widths[stroke].push_back(number("stroke-width"));
        }
      }
    }
  };
  bool sharing = false;
  for (std::size_t begin = svg.find('<'); begin != std::string::npos;
       begin = svg.find('<', begin + 1)) {
    const auto end = svg.find('>', begin);
    const std::string element = svg.substr(begin, end - begin);
    if (element.starts_with("<svg")) {
      const auto box = numbers(attribute(element, "viewBox"));
      drawing.width = box.at(2), drawing.height = box.at(3);
    } else if (element.starts_with("<g")) {
      groups.push_back(attribute(element, "class"));
      sharing = sharing || !attribute(element, "id").empty();
    } else if (element.starts_with("</g")) {
      groups.pop_back();
      sharing = sharing && !groups.empty();
    } else if (element.starts_with("<use")) {
      const double dx = numbers(attribute(element, "x")).at(0),
                   dy = numbers(attribute(element, "y")).at(0);
      for (const auto& one : shared) take(one, dx, dy);
    } else if (element.starts_with("<text")) {
      const std::string turned = attribute(element, "transform");
      const auto place = numbers(turned);
      drawing.labels.push_back({turned.empty() ? Spot{numbers(attribute(element, "x")).at(0),
                                                      numbers(attribute(element, "y")).at(0)}
                                               : Spot{place.at(0), place.at(1)},
                                svg.substr(end + 1, svg.find('<', end) - end - 1),
                                attribute(element, "text-anchor"),
                                groups.empty() ? "" : groups.back(),
                                numbers(attribute(element, "font-size")).at(0), !turned.empty()});
    } else {
      if (sharing) shared.push_back(element);
      take(element, 0.0, 0.0);
    }
  }
  return drawing;
}

// The axes of one panel: pixel = offset + scale * value.
struct Axes {
  double x_offset, x_scale, y_offset, y_scale;
  Spot operator()(double x, double y) const {
    return {x_offset + x_scale * x, y_offset + y_scale * y};
  }
};

// What a name of an axis says of its ticks, "easting (x 1e-3 + 4.5e6)": value = label * first +
// second.
inline std::pair<double, double> note_of(const std::string& name) {
  std::pair<double, double> note{1.0, 0.0};
  const auto open = name.find(" (");
  if (open == std::string::npos) return note;
  const std::string words = name.substr(open);
  const auto after = [&](const std::string& sign) {
    return numbers(words.substr(words.find(sign) + sign.size())).at(0);
  };
  if (words.find("\u00d7 ") != std::string::npos) note.first = after("\u00d7 ");
  if (words.find("+ ") != std::string::npos) note.second = after("+ ");
  if (words.find("- ") != std::string::npos) note.second = -after("- ");
  return note;
}

// From all tick labels of a figure with one labelled panel: there are two or more on each axis, and
// all agree on one scale to what two decimals of a pixel can tell.
inline Axes axes_of(const Drawing& drawing) {
  // Names: that of the vertical axis is upright, that of the horizontal one centred, at size 12.
  std::pair<double, double> x_note{1.0, 0.0}, y_note{1.0, 0.0};
  for (const Label& label : drawing.labels) {
    if (label.size != 12.0) continue;
    if (label.upright) y_note = note_of(label.words);
    if (!label.upright && label.anchor == "middle") x_note = note_of(label.words);
  }
  const auto fit = [&](const char* group, const std::pair<double, double>& note, bool across) {
    std::vector<std::pair<double, double>> ticks;  // value, pixel
    for (const Label& label : drawing.labels) {
      if (label.group != group) continue;
      const double value = numbers(label.words).at(0) * note.first + note.second;
      // The middle of a figure is 4 pixels above its foot.
      ticks.emplace_back(value, across ? label.at.first : label.at.second - 4.0);
    }
    REQUIRE(ticks.size() >= 2);
    const double scale =
        (ticks.back().second - ticks.front().second) / (ticks.back().first - ticks.front().first);
    for (const auto& tick : ticks) {
      CAPTURE(tick.first);
      CHECK(std::abs(ticks.front().second + scale * (tick.first - ticks.front().first) -
                     tick.second) < 0.03);
    }
    return std::pair(ticks.front().second - scale * ticks.front().first, scale);
  };
  const auto [x_offset, x_scale] = fit("x-ticks", x_note, true);
  const auto [y_offset, y_scale] = fit("y-ticks", y_note, false);
  return {x_offset, x_scale, y_offset, y_scale};
}

// The paper that a label takes, by the mean width of a letter of DejaVu Sans.
struct Area {
  double left, top, right, bottom;
};
inline Area area_of(const Label& label) {
  double letters = 0.0;
  for (const char c : label.words) letters += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  const double wide = 0.58 * label.size * letters;
  const double before = label.anchor == "start" ? 0.0 : label.anchor == "end" ? wide : wide / 2;
  const auto [x, y] = label.at;
  if (label.upright) return {x - 0.75 * label.size, y - wide / 2, x, y + wide / 2};
  return {x - before, y - 0.75 * label.size, x - before + wide, y};
}

// Of a tick label on an axis: the middle of a figure is 4 pixels above its foot.
inline double tick(const Drawing& drawing, const std::string& words, const char* group) {
  for (const Label& label : drawing.labels) {
    if (label.words == words && label.group == group)
      return std::string(group) == "x-ticks" ? label.at.first : label.at.second - 4.0;
  }
  FAIL("no tick reads " << words);
  return 0.0;
}

// No label beyond the page, none over another.
inline void check_labels(const Drawing& drawing) {
  for (std::size_t i = 0; i < drawing.labels.size(); ++i) {
    const Area a = area_of(drawing.labels[i]);
    CAPTURE(drawing.labels[i].words);
    CHECK(a.left >= 0.0);
    CHECK(a.top >= 0.0);
    CHECK(a.right <= drawing.width);
    CHECK(a.bottom <= drawing.height);
    for (std::size_t j = 0; j < i; ++j) {
      const Area b = area_of(drawing.labels[j]);
      CAPTURE(drawing.labels[j].words);
      CHECK_FALSE((a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom));
    }
  }
}

}  // namespace otbridge::drawing
