#include "plot/clouds.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "plot/paint.hpp"

namespace otbridge {
namespace {

// One look for a layer and its entry in the legend.
struct CloudLook {
  const char* paint;
  double size, opacity;  // size: radius over that of the style
};
constexpr CloudLook kSourceLook{colour::kSource, 1.0, 0.6}, kTargetLook{colour::kTarget, 1.6, 0.5},
    kStartLook{colour::kText, 0.85, 0.9}, kMovedLook{colour::kMoved, 0.85, 0.9};

struct NamedCloud {
  std::string name;
  PlotCloud cloud;
  CloudLook look;
  DotStyle style;
};

// Back to front. Points that were neither source nor target when they started are a cloud too.
std::vector<NamedCloud> clouds_of(const View& view, const PlotEnds& ends, const PlotMove& move,
                                  Index most) {
  std::vector<NamedCloud> clouds{{"target", ends.target, kTargetLook, {}},
                                 {"source", ends.source, kSourceLook, {}}};
  const Points& start = move.start.points;
  const auto is_start = [&](const Points& end) {
    return end.rows() == start.rows() && end == start;
  };
  if (!is_start(ends.source.points) && !is_start(ends.target.points))
    clouds.push_back({"start", move.start, kStartLook, {}});
  clouds.push_back({move.name, {move.moved, move.start.weights}, kMovedLook, {}});
  Index largest = 0;
  for (const NamedCloud& one : clouds) largest = std::max(largest, one.cloud.points.rows());
  for (NamedCloud& one : clouds) {
    // Few points are larger, but never so large that they hide those of a crowd.
    one.style = dot_style(std::max(one.cloud.points.rows(), largest / 8), view.is_space());
    one.style.limit = std::min(one.style.limit, most);
  }
  return clouds;
}

Layer layer_of(const View& view, const PlotCloud& cloud, const CloudLook& look,
               const DotStyle& style) {
  return {.plane = view.project(cloud.points),
          .radius = style.radius * look.size,
          .opacity = look.opacity,
          .limit = style.limit,
          .palette = {look.paint},
          .weights = cloud.weights};
}

}  // namespace

DotStyle dot_style(Index n, bool space) {
  if (n <= kFewPoints) return {4.0, kFewPoints};
  if (space && n > 10000) return {0.9, 12000};
  return {n <= 250 ? 2.4 : n <= 1000 ? 1.9 : 1.5, 2500};
}

std::vector<Layer> move_layers(const View& view, const PlotEnds& ends, const PlotMove& move,
                               Index most) {
  std::vector<Layer> layers;
  for (const NamedCloud& one : clouds_of(view, ends, move, most))
    layers.push_back(layer_of(view, one.cloud, one.look, one.style));
  return layers;
}

std::vector<LegendEntry> move_legend(const View& view, const PlotEnds& ends, const PlotMove& move,
                                     Index most) {
  std::vector<LegendEntry> legend;
  for (const NamedCloud& one : clouds_of(view, ends, move, most)) {
    const Index rows = one.cloud.points.rows();
    // Dots of a legend are a little larger than those of large clouds, to show their colour.
    legend.push_back({.name = counted(one.name, std::min(rows, one.style.limit), rows),
                      .paint = {one.look.paint},
                      .opacity = one.look.opacity,
                      .size = std::clamp(one.style.radius * one.look.size, 2.2, 4.5)});
  }
  std::swap(legend[0], legend[1]);  // in the order of the way: source, target
  return legend;
}

LegendEntry lines_entry(const std::string& name) {
  return {.name = name, .paint = {colour::kLine}, .mark = LegendEntry::Mark::line, .size = 1.2};
}

std::string counted(const std::string& name, Index drawn, Index all) {
  if (drawn >= all) return name;
  return name + " (" + std::to_string(drawn) + " of " + std::to_string(all) + ")";
}

LegendEntry colours_entry(const std::string& name) {
  return {.name = name + ", each point in the colour that it is", .paint = {colour::kText}};
}

Layer colour_layer(const View& view, const PlotCloud& cloud, const DotStyle& style) {
  Layer layer = layer_of(view, cloud, {"", 1.2, 0.9}, style);
  layer.palette.clear();
  layer.hazy = false;  // a lighter red would be another colour
  std::map<std::string, int> entries;
  for (Index i = 0; i < cloud.points.rows(); ++i) {
    const std::string own =
        cloud.points.row(i).allFinite() ? view.colour_of(cloud.points, i) : "#000000";
    const auto [entry, is_new] = entries.try_emplace(own, static_cast<int>(entries.size()));
    if (is_new) layer.palette.push_back(own);
    layer.paint.push_back(entry->second);
  }
  return layer;
}

}  // namespace otbridge
