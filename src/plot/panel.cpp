#include "plot/panel.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "otbridge/core/number_text.hpp"

namespace otbridge {
namespace {

// Of the width or height, on each side: dots at the edge stay whole.
constexpr double kMargin = 0.04;
// Height over width.
constexpr double kLongestAspect = 1.4, kFlattestAspect = 0.35;
constexpr double kHexagon = 3.2;  // radius in pixels

}  // namespace

Window window_around(const std::vector<Points>& planes) {
  double low_x = 1e300, high_x = -1e300, low_y = 1e300, high_y = -1e300;
  for (const Points& plane : planes) {
    for (Index i = 0; i < plane.rows(); ++i) {
      if (!plane.row(i).allFinite()) continue;
      low_x = std::min(low_x, plane(i, 0)), high_x = std::max(high_x, plane(i, 0));
      low_y = std::min(low_y, plane(i, 1)), high_y = std::max(high_y, plane(i, 1));
    }
  }
  if (low_x > high_x) return {-1.0, 1.0, -1.0, 1.0};
  double width = high_x - low_x, height = high_y - low_y;
  const double size = std::max(width, height);
  // All points in one place, up to rounding: a window that ticks can resolve.
  if (!(size > 1e-12 * std::max(std::abs(low_x), std::abs(low_y)))) {
    const double room = std::max({std::abs(low_x), std::abs(low_y), 1.0}) * 0.5;
    return {low_x - room, high_x + room, low_y - room, high_y + room};
  }
  // A flat or a tall cloud gets room around it rather than a sliver of a panel.
  const double wanted_width = std::max(width, height / kLongestAspect),
               wanted_height = std::max(height, width * kFlattestAspect);
  const double mx = 0.5 * (wanted_width - width) + kMargin * wanted_width;
  const double my = 0.5 * (wanted_height - height) + kMargin * wanted_height;
  return {low_x - mx, high_x + mx, low_y - my, high_y + my};
}

std::vector<double> round_ticks(double low, double high, int count) {
  const double raw = (high - low) / std::max(count, 1),
               power = std::pow(10.0, std::floor(std::log10(raw)));
  double step = 10.0 * power;
  for (const double factor : {1.0, 2.0, 5.0}) {
    // The smallest of 1, 2, 5, 10 times a power of ten that gives no more than `count` ticks.
    if (factor * power >= raw * 0.999) {
      step = factor * power;
      break;
    }
  }
  std::vector<double> ticks;
  // A tick that rounding puts just outside the window still belongs to it.
  const double first = std::ceil(low / step - 1e-9);
  for (int k = 0; k <= 2 * count + 2; ++k) {
    const double tick = (first + k) * step;
    if (tick > high + 1e-9 * step) break;
    ticks.push_back(tick);
  }
  return ticks;
}

std::string tick_label(double value, double step) {
  const double rounded = std::round(value / step) * step;
  // Not "-0", and not 1e-17.
  if (std::abs(rounded) < 1e-6 * step) return "0";
  // Nine digits hide the rounding of the multiplication.
  const double scale = std::pow(10.0, 8.0 - std::floor(std::log10(std::abs(rounded))));
  return number_text(std::isfinite(scale) && scale > 0.0 ? std::round(rounded * scale) / scale
                                                         : rounded);
}

Panel::Panel(Svg& svg, double x, double y, double width, const Window& window)
    : svg_(svg),
      x_(x),
      y_(y),
      width_(width),
      height_(width * window.aspect()),
      // One scale for both axes: distances on the page are distances in the plane.
      scale_(width / (window.high_x - window.low_x)),
      window_(window) {}

void Panel::axes(const std::string& horizontal, const std::string& vertical) {
  // A label every 90 pixels across, every 80 upwards.
  const int count = std::clamp(static_cast<int>(width_ / 90.0), 2, 7);
  const auto xs = round_ticks(window_.low_x, window_.high_x, count);
  const double step = xs.size() > 1 ? xs[1] - xs[0] : 1.0;
  const auto ys =
      round_ticks(window_.low_y, window_.high_y, std::max(2, static_cast<int>(height_ / 80.0)));
  const double y_step = ys.size() > 1 ? ys[1] - ys[0] : 1.0;
  for (const double t : xs) svg_.line(px(t), y_, px(t), y_ + height_, colour::kGrid, 1.0);
  for (const double t : ys) svg_.line(x_, py(t), x_ + width_, py(t), colour::kGrid, 1.0);
  for (const double t : xs)
    svg_.text(px(t), y_ + height_ + 16, tick_label(t, step), 11, colour::kFaint,
              Svg::Anchor::middle);
  for (const double t : ys)
    svg_.text(x_ - 7, py(t) + 4, tick_label(t, y_step), 11, colour::kFaint, Svg::Anchor::end);
  svg_.line(x_, y_ + height_, x_ + width_, y_ + height_, colour::kFaint, 1.0);
  svg_.line(x_, y_, x_, y_ + height_, colour::kFaint, 1.0);
  svg_.text(x_ + width_ / 2, y_ + height_ + 33, horizontal, 12, colour::kText, Svg::Anchor::middle);
  svg_.text(x_, y_ - 7, vertical, 12, colour::kText, Svg::Anchor::middle);
}

std::string Panel::place(const Points& plane, Index i) const {
  return svg_number(px(plane(i, 0))) + " " + svg_number(py(plane(i, 1)));
}

Index Panel::cloud(const Points& plane, const Vector& weights, const char* fill, double opacity,
                   double radius, const RandomStream& stream, Index limit) {
  if (plane.rows() > kDensityLimit) {
    hexagons(plane, weights, fill);
    return plane.rows();
  }
  std::vector<Index> chosen;
  if (plane.rows() > limit) {
    // Thinned by chance, not by rank: files are often sorted.
    chosen = permutation(plane.rows(), stream);
    chosen.resize(to_size(limit));
    std::ranges::sort(chosen);
  } else {
    for (Index i = 0; i < plane.rows(); ++i) chosen.push_back(i);
  }
  // Dots fall into a few classes of size, from depth and weight; one element per class.
  const double mean_weight =
      weights.size() > 0 ? weights.sum() / static_cast<double>(weights.size()) : 1.0;
  std::map<int, std::string> classes;
  Index drawn = 0;
  for (const Index i : chosen) {
    if (!plane.row(i).allFinite() || (weights.size() > 0 && weights[i] <= 0.0)) continue;
    // Nearer is larger; plane clouds have depth 1.
    double size = 0.6 + 0.4 * plane(i, 2);
    // Areas in proportion to weights, within what can be seen and does not cover its neighbours.
    if (weights.size() > 0) size *= std::clamp(std::sqrt(weights[i] / mean_weight), 0.4, 2.5);
    classes[static_cast<int>(std::lround(size * 5.0))] += "M" + place(plane, i) + "h0";
    ++drawn;
  }
  for (const auto& [size, data] : classes) {
    const double factor = size / 5.0;
    svg_.dots(data, fill, std::max(0.5, radius * factor),
              // Small dots are fainter as well: far ones, and those of little weight.
              opacity * std::min(1.0, 0.45 + 0.55 * factor));
  }
  return drawn;
}

void Panel::hexagons(const Points& plane, const Vector& weights, const char* fill) {
  // Pointy hexagons on a triangular grid of the page; opacity grows with the logarithm of the mass.
  const double dx = kHexagon * std::sqrt(3.0), dy = 1.5 * kHexagon;
  std::map<std::pair<long, long>, double> mass;
  for (Index i = 0; i < plane.rows(); ++i) {
    if (!plane.row(i).allFinite()) continue;
    const double x = px(plane(i, 0)), y = py(plane(i, 1));
    const long row = std::lround(y / dy);
    // Odd rows stand half a cell to the right. The cell is the nearest in its row: near the slanted
    // edges not quite the hexagon that holds the point, which no eye sees at 3 pixels.
    const double shift = row % 2 == 0 ? 0.0 : 0.5 * dx;
    mass[{row, std::lround((x - shift) / dx)}] += weights.size() > 0 ? weights[i] : 1.0;
  }
  double most = 0.0;
  for (const auto& [cell, value] : mass) most = std::max(most, value);
  constexpr int kLevels = 6;
  std::map<int, std::string> levels;
  // The weight of one point on average, so that weighted clouds are shaded as equal ones.
  const double unit = weights.size() > 0 ? weights.sum() / static_cast<double>(plane.rows()) : 1.0;
  for (const auto& [cell, value] : mass) {
    const double share = std::log1p(value / unit) / std::log1p(most / unit);
    const auto [row, column] = cell;
    const double x = static_cast<double>(column) * dx + (row % 2 == 0 ? 0.0 : 0.5 * dx),
                 y = static_cast<double>(row) * dy;
    std::string& data =
        levels[std::clamp(static_cast<int>(std::ceil(share * kLevels)), 1, kLevels)];
    data += "M" + svg_number(x) + " " + svg_number(y - kHexagon) + "l" + svg_number(dx / 2) + " " +
            svg_number(kHexagon / 2) + "v" + svg_number(kHexagon) + "l" + svg_number(-dx / 2) +
            " " + svg_number(kHexagon / 2) + "l" + svg_number(-dx / 2) + " " +
            svg_number(-kHexagon / 2) + "v" + svg_number(-kHexagon) + "z";
  }
  for (const auto& [level, data] : levels) svg_.fill_path(data, fill, 0.15 + 0.8 * level / kLevels);
}

void Panel::lines(const Points& from, const Points& to, const Vector& weights, Index limit,
                  const RandomStream& stream) {
  auto order = permutation(from.rows(), stream);
  // Drawn without regard to weights; weights are opacity, in four classes.
  order.resize(to_size(std::min(limit, from.rows())));
  double most = 0.0;
  for (const Index i : order) most = std::max(most, weights.size() > 0 ? weights[i] : 1.0);
  std::map<int, std::string> classes;
  for (const Index i : order) {
    if (!from.row(i).allFinite() || !to.row(i).allFinite()) continue;
    const double share = weights.size() > 0 ? weights[i] / most : 1.0;
    classes[static_cast<int>(std::ceil(4.0 * share))] += "M" + place(from, i) + "L" + place(to, i);
  }
  for (const auto& [level, data] : classes) {
    if (level > 0) svg_.stroke_path(data, colour::kLine, 0.8, 0.28 * level / 4.0);
  }
}

void Panel::path(const std::vector<Points>& slices, Index row) {
  std::string data;
  for (const Points& slice : slices) {
    // A time that could not be computed is bridged by a straight line.
    if (slice.row(row).allFinite()) data += (data.empty() ? "M" : "L") + place(slice, row);
  }
  svg_.stroke_path(data, colour::kLine, 0.8, 0.4);
}

void Panel::dot(double x, double y, const char* fill, double radius, double opacity) {
  if (std::isfinite(x) && std::isfinite(y)) svg_.circle(px(x), py(y), radius, fill, opacity);
}

double draw_heading(Svg& svg, const FigureText& text, const std::vector<LegendEntry>& legend,
                    double width) {
  constexpr double kIndent = 18.0;
  const double room = width - 2.0 * kIndent;
  svg.text(kIndent, 26, fitted(text.title, room, 13), 13, colour::kText, Svg::Anchor::start, true);
  svg.text(kIndent, 44, fitted(text.subtitle, room, 11), 11, colour::kFaint);
  double x = kIndent;
  for (const LegendEntry& entry : legend) {
    if (entry.line) {
      svg.line(x, 59, x + 14, 59, entry.fill, 1.5, 0.7);
    } else {
      svg.circle(x + 5, 59, 3.5, entry.fill);
    }
    svg.text(x + 19, 63, entry.name, 11, colour::kText);
    // 5.7 pixels: an average letter at size 11, with room to spare.
    x += 19.0 + 5.7 * static_cast<double>(entry.name.size()) + 13.0;
  }
  return 70.0;
}

}  // namespace otbridge
