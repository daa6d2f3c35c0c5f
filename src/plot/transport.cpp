#include <algorithm>
#include <cmath>
#include <limits>

#include "plot/clouds.hpp"
#include "plot/line.hpp"
#include "plot/paint.hpp"

namespace otbridge {
namespace {

constexpr Index kLines = 300;  // more are a grey area

struct Spot {
  double x, y;
};

struct Box {
  double left, top, right, bottom;
  bool meets(const Box& other) const {
    return left < other.right && other.left < right && top < other.bottom && other.top < bottom;
  }
  bool holds(const Spot& spot) const {
    return left < spot.x && spot.x < right && top < spot.y && spot.y < bottom;
  }
};

// Where ids are written: beside their points, over no point and no id that was written before, and
// over no flow where there is a side without.
class Labels {
 public:
  explicit Labels(const Panel& panel) : panel_(panel) {}

  void keep_free(const Spot& point, double radius) {
    taken_.push_back({point.x - radius, point.y - radius, point.x + radius, point.y + radius});
  }
  void avoid(const Spot& from, const Spot& to) {
    constexpr int kSteps = 40;
    for (int k = 0; k <= kSteps; ++k) {
      const double share = double(k) / kSteps;
      flows_.push_back({from.x + share * (to.x - from.x), from.y + share * (to.y - from.y)});
    }
  }
  // Left out where every side is taken.
  void write(const Spot& point, double radius, const std::string& id) {
    for (const bool over_flows : {false, true}) {
      for (const auto& [across, down] : kSides) {
        const double width = text_width(id, kSize);
        const Spot foot{point.x + across * (width + 2.0 * radius + 6.0),
                        point.y + 4.0 + down * (radius + kSize)};
        const Box box{foot.x - width / 2, foot.y - kSize, foot.x + width / 2, foot.y + 3.0};
        if (!is_free(box, over_flows)) continue;
        panel_.svg().text(foot.x, foot.y, id, kSize, colour::kText, Svg::Anchor::middle);
        taken_.push_back(box);
        return;
      }
    }
  }

 private:
  static constexpr double kSize = 11.0;
  // Right, left, above, below, and the corners: from the point to the middle of the text's foot, in
  // its width and height.
  static constexpr double kSides[8][2] = {{0.5, 0.0},  {-0.5, 0.0},  {0.0, -1.0}, {0.0, 1.0},
                                          {0.5, -0.8}, {-0.5, -0.8}, {0.5, 0.8},  {-0.5, 0.8}};

  bool is_free(const Box& box, bool over_flows) const {
    return box.left > panel_.x() && box.right < panel_.x() + panel_.width() &&
           box.top > panel_.y() && box.bottom < panel_.y() + panel_.height() &&
           std::ranges::none_of(taken_, [&](const Box& other) { return other.meets(box); }) &&
           (over_flows ||
            std::ranges::none_of(flows_, [&](const Spot& spot) { return box.holds(spot); }));
  }

  const Panel& panel_;
  std::vector<Box> taken_ = {};
  std::vector<Spot> flows_ = {};
};

// Radius of a point by its weight, area in proportion; of all alike where there are none.
double weighted_radius(const PlotCloud& cloud, Index row) {
  constexpr double kMean = 7.0;
  if (cloud.weights.size() == 0) return kMean;
  return std::min(kMean * std::sqrt(cloud.weights[row] / cloud.weights.mean()), 3.0 * kMean);
}

// A problem of few points: all of its coupling, and which point is which.
std::string draw_flows(const FigureText& text, const PlotEnds& ends, const PlotMove& move,
                       const std::vector<Flow>& flows) {
  const View view(ends);
  const Frame frame = frame_around(view, {&ends.source.points, &ends.target.points, &move.moved});
  const bool weighted = ends.source.weights.size() > 0 || ends.target.weights.size() > 0;
  const std::string by_weight = weighted ? ", area by weight" : "";
  constexpr double kMovedRadius = 3.0, kMovedOpacity = 0.9, kFlowOpacity = 0.45;
  const std::vector<LegendEntry> legend{
      {.name = "source" + by_weight, .paint = {colour::kSource}, .size = 4.5},
      {.name = "target" + by_weight,
       .paint = {colour::kTarget},
       .mark = LegendEntry::Mark::ring,
       .size = 4.5},
      {.name = move.name,
       .paint = {colour::kMoved},
       .opacity = kMovedOpacity,
       .size = kMovedRadius},
      {.name = "flows, width by mass",
       .paint = {colour::kLine},
       .opacity = kFlowOpacity,
       .mark = LegendEntry::Mark::line,
       .size = 3.0}};
  Sheet sheet(text, legend, frame, {}, &view);
  const Panel panel = sheet.panel(0);
  const Points from = view.project(ends.source.points), to = view.project(ends.target.points),
               moved = view.project(move.moved);
  const auto at = [&](const Points& plane, Index i) {
    return Spot{panel.px(plane(i, 0)), panel.py(plane(i, 1))};
  };
  Labels labels(panel);
  double most = 0.0;
  for (const Flow& flow : flows) most = std::max(most, flow.mass);
  for (const Flow& flow : flows) {
    const double width = 8.0 * flow.mass / most;
    if (width < 0.05) continue;  // thinner than can be seen
    const Spot begin = at(from, flow.source), end = at(to, flow.target);
    sheet.svg().line(begin.x, begin.y, end.x, end.y, colour::kLine, width, kFlowOpacity);
    labels.avoid(begin, end);
  }
  for (Index i = 0; i < from.rows(); ++i) {
    const Spot spot = at(from, i);
    sheet.svg().circle(spot.x, spot.y, weighted_radius(ends.source, i), colour::kSource);
    labels.keep_free(spot, weighted_radius(ends.source, i));
  }
  for (Index i = 0; i < to.rows(); ++i) {
    const Spot spot = at(to, i);
    sheet.svg().circle(spot.x, spot.y, weighted_radius(ends.target, i), "#FFFFFF");
    sheet.svg().ring(spot.x, spot.y, weighted_radius(ends.target, i), colour::kTarget, 1.8);
    labels.keep_free(spot, weighted_radius(ends.target, i));
  }
  panel.dots({{.plane = moved,
               .radius = kMovedRadius,
               .opacity = kMovedOpacity,
               .limit = moved.rows(),
               .palette = {colour::kMoved}}},
             RandomStream(0));
  for (const auto& [cloud, plane] :
       {std::pair(&ends.source, &from), std::pair(&ends.target, &to)}) {
    for (Index i = 0; i < std::ssize(cloud->ids); ++i)
      labels.write(at(*plane, i), weighted_radius(*cloud, i), cloud->ids[to_size(i)]);
  }
  return std::move(sheet).finish();
}

// Three cubes from one side: the source, what became of it, and the target.
std::string draw_colours(const FigureText& text, const PlotEnds& ends, const PlotMove& move,
                         const View& view, const RandomStream& stream) {
  const std::vector<PlotCloud> clouds{ends.source, {move.moved, move.start.weights}, ends.target};
  const std::vector<std::string> names{"source", move.name, "target"};
  const DotStyle style{1.6, 2000};
  Sheet sheet(text, {}, frame_around(view, {&ends.source.points}),
              {.panels = 3, .columns = 3, .width = 960.0, .lines = 1}, &view);
  for (Index k = 0; k < 3; ++k) {
    const PlotCloud& cloud = clouds[to_size(k)];
    const Index rows = cloud.points.rows();
    sheet.title(k, counted(names[to_size(k)], std::min(rows, style.limit), rows));
    sheet.panel(k).dots({colour_layer(view, cloud, style)},
                        stream.fork(static_cast<std::uint64_t>(k)));
  }
  return std::move(sheet).finish();
}

}  // namespace

std::string draw_transport(const FigureText& text, const PlotEnds& ends, const PlotMove& move,
                           const std::vector<Flow>& flows, const RandomStream& stream) {
  const View view(ends);
  if (view.is_line()) return draw_line_transport(text, ends, move, stream);
  const bool few = std::max(ends.source.points.rows(), ends.target.points.rows()) <= kFewPoints;
  if (few && !flows.empty()) return draw_flows(text, ends, move, flows);
  if (view.is_colour()) return draw_colours(text, ends, move, view, stream);
  constexpr Index kAll = std::numeric_limits<Index>::max();  // that their number allows
  auto legend = move_legend(view, ends, move, kAll);
  const Index lines = std::min(kLines, move.moved.rows());
  legend.push_back(lines_entry(std::to_string(lines) + " transport lines"));
  const Frame frame = frame_around(
      view, {&ends.source.points, &ends.target.points, &move.start.points, &move.moved});
  Sheet sheet(text, legend, frame, {}, &view);
  const Panel panel = sheet.panel(0);
  panel.lines(view.project(move.start.points), view.project(move.moved), move.start.weights, kLines,
              stream.fork(0));
  panel.dots(move_layers(view, ends, move, kAll), stream.fork(1));
  return std::move(sheet).finish();
}

}  // namespace otbridge
