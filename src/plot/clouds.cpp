#include "plot/clouds.hpp"

#include <algorithm>
#include <map>

#include "plot/paint.hpp"

namespace otbridge {
namespace {

// One look for a layer and its entry in the legend.
struct CloudLook {
  const char* paint;
  double size, opacity;  // size: radius over that of the style
};
constexpr CloudLook kSourceLook{colour::kSource, 1.0, 0.6}, kTargetLook{colour::kTarget, 1.6, 0.5},
    kMovedLook{colour::kMoved, 0.85, 0.9};

Layer layer_of(const View& view, const PlotCloud& cloud, const CloudLook& look,
               const DotStyle& style) {
  return {.plane = view.project(cloud.points),
          .radius = style.radius * look.size,
          .opacity = look.opacity,
          .limit = style.limit,
          .palette = {look.paint},
          .weights = cloud.weights};
}

LegendEntry entry_of(const std::string& name, Index rows, const CloudLook& look,
                     const DotStyle& style) {
  // Dots of a legend are a little larger than those of large clouds, to show their colour.
  return {.name = counted(name, std::min(rows, style.limit), rows),
          .paint = {look.paint},
          .opacity = look.opacity,
          .size = std::clamp(style.radius * look.size, 2.2, 4.5)};
}

}  // namespace

DotStyle dot_style(Index n, bool space) {
  if (n <= kFewPoints) return {4.0, kFewPoints};
  if (space && n > 10000) return {0.9, 12000};
  return {n <= 250 ? 2.4 : n <= 1000 ? 1.9 : 1.5, 2500};
}

std::vector<Layer> move_layers(const View& view, const PlotEnds& ends, const PlotMove& move,
                               const DotStyle& style) {
  return {layer_of(view, ends.target, kTargetLook, style),
          layer_of(view, ends.source, kSourceLook, style),
          layer_of(view, {move.moved, move.start.weights}, kMovedLook, style)};
}

std::vector<LegendEntry> move_legend(const PlotEnds& ends, const PlotMove& move,
                                     const DotStyle& style) {
  return {entry_of("source", ends.source.points.rows(), kSourceLook, style),
          entry_of("target", ends.target.points.rows(), kTargetLook, style),
          entry_of(move.name, move.moved.rows(), kMovedLook, style)};
}

LegendEntry lines_entry(const std::string& name) {
  return {.name = name, .paint = {colour::kLine}, .mark = LegendEntry::Mark::line, .size = 1.2};
}

std::string counted(const std::string& name, Index drawn, Index all) {
  if (drawn >= all) return name;
  return name + " (" + std::to_string(drawn) + " of " + std::to_string(all) + ")";
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

Index largest(const PlotEnds& ends, const PlotMove& move) {
  return std::max({ends.source.points.rows(), ends.target.points.rows(), move.moved.rows()});
}

}  // namespace otbridge
