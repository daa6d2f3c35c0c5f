#include "plot/panel.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "otbridge/core/chosen_rows.hpp"
#include "plot/paint.hpp"

namespace otbridge {
namespace {

constexpr double kTickSize = 11.0, kNameSize = 12.0;

// The name of an axis with what its ticks leave to be said; the name gives way.
std::string axis_title(const std::string& name, const Ticks& ticks, double room) {
  const std::string note = ticks.note().empty() ? "" : " (" + ticks.note() + ")";
  return fitted(name, room - text_width(note, kNameSize), kNameSize) + note;
}

// Dots of one look are one element; what comes first is drawn first.
struct Look {
  int depth;          // level, 0 the farthest
  std::size_t layer;  // its place in the list
  int paint;
  int size;  // of the radius, in tenths of the layer's

  bool operator<(const Look& other) const {
    return std::tie(depth, layer, paint, size) <
           std::tie(other.depth, other.layer, other.paint, other.size);
  }
};
constexpr int kDepthLevels = 6;

}  // namespace

Panel::Panel(Svg& svg, double x, double y, double width, const Window& window)
    : svg_(svg),
      x_(x),
      y_(y),
      width_(width),
      height_(width * window.aspect),
      scale_x_(width / (window.high_x - window.low_x)),
      scale_y_(height_ / (window.high_y - window.low_y)),
      window_(window) {}

// A label every 80 pixels across, every 60 upwards.
Ticks ticks_across(const Window& window, double width) {
  return ticks_within(window.low_x, window.high_x, std::clamp(int(width / 80.0), 2, 8));
}
Ticks ticks_upwards(const Window& window, double height) {
  return ticks_within(window.low_y, window.high_y, std::clamp(int(height / 60.0), 2, 8));
}

void Panel::horizontal_axis(const Ticks& ticks, const std::string& name, bool labels) const {
  const double foot = y_ + height_;
  for (const double t : ticks.values) svg_.line(px(t), y_, px(t), foot, colour::kGrid, 1.0);
  svg_.line(x_, foot, x_ + width_, foot, colour::kFaint, 1.0);
  if (!labels) return;
  svg_.open_group("x-ticks");
  for (std::size_t k = 0; k < ticks.values.size(); ++k) {
    svg_.text(px(ticks.values[k]), foot + 16, ticks.labels[k], kTickSize, colour::kFaint,
              Svg::Anchor::middle);
  }
  svg_.close_group();
  svg_.text(x_ + width_ / 2, foot + 33, axis_title(name, ticks, width_), kNameSize, colour::kText,
            Svg::Anchor::middle);
}

void Panel::vertical_axis(const Ticks& ticks, const std::string& name, bool labels) const {
  for (const double t : ticks.values) svg_.line(x_, py(t), x_ + width_, py(t), colour::kGrid, 1.0);
  svg_.line(x_, y_, x_, y_ + height_, colour::kFaint, 1.0);
  if (!labels) return;
  svg_.open_group("y-ticks");
  for (std::size_t k = 0; k < ticks.values.size(); ++k) {
    svg_.text(x_ - 7, py(ticks.values[k]) + 4, ticks.labels[k], kTickSize, colour::kFaint,
              Svg::Anchor::end);
  }
  svg_.close_group();
  svg_.upright_text(x_ - label_room(ticks) + kNameSize, y_ + height_ / 2,
                    axis_title(name, ticks, height_), kNameSize, colour::kText);
}

double label_room(const Ticks& ticks) {
  double widest = 0.0;
  for (const auto& label : ticks.labels) widest = std::max(widest, text_width(label, kTickSize));
  // 7 pixels before the axis, as much before the labels, and a line for the name.
  return 7.0 + widest + 7.0 + kNameSize;
}

void Panel::dots(const std::vector<Layer>& layers, const RandomStream& stream) const {
  struct Dot {
    std::size_t layer;
    Index row;
  };
  std::vector<Dot> drawn;
  std::vector<double> depths, mean_weights;
  for (std::size_t k = 0; k < layers.size(); ++k) {
    const Layer& layer = layers[k];
    mean_weights.push_back(layer.weights.size() > 0 ? layer.weights.mean() : 1.0);
    // Each layer has a stream of its own: one cloud does not change the others' dots.
    for (const Index i : chosen_rows(layer.plane.rows(), layer.limit, stream.fork(k))) {
      if (!layer.plane.row(i).allFinite() || (layer.weights.size() > 0 && layer.weights[i] <= 0.0))
        continue;
      drawn.push_back({k, i}), depths.push_back(layer.plane(i, 2));
    }
  }
  // Levels of as many dots each: what is crowded in depth is told apart too.
  std::vector<double> ranked = depths;
  std::ranges::sort(ranked);
  const auto level_of = [&](double depth) {
    const auto up_to = std::ranges::upper_bound(ranked, depth) - ranked.begin();  // >= 1
    return static_cast<int>((up_to * kDepthLevels - 1) / std::ssize(ranked));
  };
  std::map<Look, std::string> looks;
  for (std::size_t n = 0; n < drawn.size(); ++n) {
    const Layer& layer = layers[drawn[n].layer];
    const Index i = drawn[n].row;
    double size = 0.6 + 0.4 * depths[n];  // nearer is larger
    // Areas in proportion to weights, within what can be seen and does not cover its neighbours.
    if (layer.weights.size() > 0) {
      const double relative = layer.weights[i] / mean_weights[drawn[n].layer];
      size *= std::clamp(std::sqrt(relative), 0.35, 3.0);
    }
    const Look look{level_of(depths[n]), drawn[n].layer,
                    layer.paint.empty() ? 0 : layer.paint[to_size(i)],
                    static_cast<int>(std::lround(10.0 * size))};
    looks[look] += "M" + svg_place(px(layer.plane(i, 0)), py(layer.plane(i, 1))) + "h0";
  }
  for (const auto& [look, data] : looks) {
    const Layer& layer = layers[look.layer];
    const double distance = 1.0 - (look.depth + 1.0) / kDepthLevels;
    const std::string& fill = layer.palette[static_cast<std::size_t>(look.paint)];
    svg_.dots(data, layer.hazy && distance > 0.0 ? lightened(fill, 0.6 * distance) : fill,
              layer.radius * look.size / 10.0, layer.opacity);
  }
}

void Panel::lines(const Points& from, const Points& to, const Vector& weights, Index limit,
                  const RandomStream& stream) const {
  const auto rows = chosen_rows(from.rows(), limit, stream);
  double most = 0.0;
  for (const Index i : rows) most = std::max(most, weights.size() > 0 ? weights[i] : 1.0);
  std::map<int, std::string> classes;  // by quarters of the largest weight
  for (const Index i : rows) {
    if (!from.row(i).allFinite() || !to.row(i).allFinite()) continue;
    const double share = weights.size() > 0 ? weights[i] / most : 1.0;
    classes[static_cast<int>(std::ceil(4.0 * share))] +=
        "M" + svg_place(px(from(i, 0)), py(from(i, 1))) + "L" +
        svg_place(px(to(i, 0)), py(to(i, 1)));
  }
  // Many lines together are as dark as a few.
  const double darkest = rows.size() > 100 ? 0.3 : 0.6;
  for (const auto& [level, data] : classes) {
    if (level > 0) svg_.stroke_path(data, colour::kLine, 0.8, darkest * level / 4.0);
  }
}

std::string Panel::path_of(const Points& points) const {
  std::string data;
  for (Index i = 0; i < points.rows(); ++i) {
    if (!points.row(i).allFinite()) continue;
    data += (data.empty() ? "M" : "L") + svg_place(px(points(i, 0)), py(points(i, 1)));
  }
  return data;
}

void Panel::curve(const Points& points, std::string_view stroke, double width, double opacity,
                  bool dashed) const {
  svg_.stroke_path(path_of(points), stroke, width, opacity, dashed);
}

void Panel::area(const Points& points, std::string_view fill, double opacity) const {
  svg_.fill_path(path_of(points) + "z", fill, opacity);
}

namespace {

// One labelled edge of the box, from its low to its high end.
struct Edge {
  Index axis;
  Eigen::RowVector3d low;
  double dx, dy;            // from a tick to its label
  double name_dx, name_dy;  // from the middle of the edge, or its end, to the name
  Svg::Anchor anchor;
  bool name_at_end;
};

void label_edge(const Panel& panel, const View& view, const Frame& frame, const Edge& edge) {
  const Points& box = *frame.box;
  const auto at = [&](double value) {
    Points point = edge.low;
    point(0, edge.axis) = value;
    const Points seen = view.place(point);
    return std::pair(panel.px(seen(0, 0)), panel.py(seen(0, 1)));
  };
  const double low = box(0, edge.axis), high = box(1, edge.axis);
  const auto [x0, y0] = at(low);
  const auto [x1, y1] = at(high);
  const Ticks ticks =
      ticks_within(low, high, std::clamp(int(std::hypot(x1 - x0, y1 - y0) / 48.0), 2, 6));
  constexpr const char* kGroups[] = {"x-ticks", "y-ticks", "z-ticks"};
  panel.svg().open_group(kGroups[edge.axis]);
  for (std::size_t k = 0; k < ticks.values.size(); ++k) {
    const auto [x, y] = at(ticks.values[k]);
    panel.svg().text(x + edge.dx, y + edge.dy, ticks.labels[k], kTickSize, colour::kFaint,
                     edge.anchor);
  }
  panel.svg().close_group();
  const auto [x, y] = at(edge.name_at_end ? high : 0.5 * (low + high));
  const std::string name = axis_title(frame.names[to_size(edge.axis)], ticks, 120.0);
  panel.svg().text(x + edge.name_dx, y + edge.name_dy, name, kNameSize, colour::kText,
                   edge.name_at_end ? Svg::Anchor::start : edge.anchor);
}

}  // namespace

// The nearest upper corner is (high x, low y, high z): its three edges would stand before the data.
void draw_box(const Panel& panel, const View& view, const Frame& frame, bool labels) {
  const Points& box = *frame.box;
  const auto corner = [&](Index k) {
    return Eigen::RowVector3d(box(k & 1, 0), box(k >> 1 & 1, 1), box(k >> 2, 2));
  };
  constexpr Index kNearest = 0b101;
  std::string edges;
  for (Index k = 0; k < 8; ++k) {
    for (const Index bit : {1, 2, 4}) {
      if ((k & bit) != 0 || k == kNearest || (k | bit) == kNearest) continue;
      Points ends(2, 3);
      ends << corner(k), corner(k | bit);
      const Points seen = view.place(ends);
      edges += "M" + svg_place(panel.px(seen(0, 0)), panel.py(seen(0, 1))) + "L" +
               svg_place(panel.px(seen(1, 0)), panel.py(seen(1, 1)));
    }
  }
  panel.svg().stroke_path(edges, "#C8C8C8", 1.0, 1.0);
  if (!labels) return;
  // Along the front, to the right of it, and up at the left.
  label_edge(panel, view, frame, {0, corner(0), -3, 15, -18, 34, Svg::Anchor::end, false});
  label_edge(panel, view, frame, {1, corner(1), 6, 12, 26, 30, Svg::Anchor::start, false});
  label_edge(panel, view, frame, {2, corner(0), -7, 4, -14, -10, Svg::Anchor::end, true});
}

}  // namespace otbridge
