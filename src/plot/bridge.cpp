#include "plot/bridge.hpp"

#include <algorithm>
#include <map>

#include "otbridge/core/number_text.hpp"
#include "plot/clouds.hpp"
#include "plot/line.hpp"
#include "plot/paint.hpp"

namespace otbridge {
namespace {

constexpr double kFaint = 0.3;  // opacity of the ends
const std::vector<std::string> kStartPalette(kStartColours.begin(), kStartColours.end());

}  // namespace

LegendEntry faint_entry(const std::string& name, const char* paint) {
  return {.name = name, .paint = {paint}, .opacity = kFaint, .size = 3.0};
}

std::vector<Layer> faint_ends(const View& view, const PlotEnds& ends, double radius, Index limit) {
  std::vector<Layer> layers;
  for (const auto& [cloud, paint] :
       {std::pair(&ends.source, colour::kSource), std::pair(&ends.target, colour::kTarget)}) {
    layers.push_back({.plane = view.project(cloud->points),
                      .radius = radius,
                      .opacity = kFaint,
                      .limit = limit,
                      .palette = {paint},
                      .weights = cloud->weights});
  }
  return layers;
}

std::vector<const Points*> all_points(const PlotEnds& ends,
                                      std::initializer_list<const Paths*> bridges) {
  std::vector<const Points*> all{&ends.source.points, &ends.target.points};
  for (const Paths* paths : bridges) {
    for (const Points& slice : paths->at) all.push_back(&slice);
  }
  return all;
}

LegendEntry start_entry(const std::string& name) {
  return {.name = name + ", in the colour of where it starts",
          .paint = kStartPalette,
          .opacity = 0.8,
          .size = 3.0};
}

namespace {

std::vector<Points> projected(const View& view, const Paths& paths) {
  std::vector<Points> slices;
  for (const Points& slice : paths.at) slices.push_back(view.project(slice));
  return slices;
}

}  // namespace

SheetShape slices_shape(Index times) {
  Index columns = times <= 6 || times == 9 ? std::min<Index>(times, 3) : 4;
  if (times == 4) columns = 2;
  constexpr double kWidths[] = {480.0, 720.0, 960.0, 960.0};
  return {.panels = times, .columns = columns, .width = kWidths[columns - 1], .lines = 1};
}

SheetShape comparison_shape(Index panels) {
  SheetShape shape = slices_shape(panels);
  shape.lines = 3;
  return shape;
}

std::string time_title(double time) { return "t = " + plain_number(time, 3); }

namespace {

// Some slices on the axes of the paths that they are part of.
std::string draw_some_slices(const FigureText& text, const PlotEnds& ends, const Paths& paths,
                             const Paths& whole, const Points& start, const RandomStream& stream) {
  const View view(ends);
  if (view.is_line()) return draw_line_slices(text, ends, paths, whole);
  const auto count = static_cast<Index>(paths.at.size());
  const Index rows = start.rows();
  // All panels together stay a small file.
  const Index limit = std::clamp<Index>(9000 / count, 400, count == 1 ? 2000 : 1500);
  std::vector<LegendEntry> legend;
  const std::string drawn = counted("bridge", std::min(rows, limit), rows);
  if (view.is_colour()) {
    legend = {colours_entry(drawn)};
  } else {
    legend = {faint_entry("source", colour::kSource), faint_entry("target", colour::kTarget),
              start_entry(drawn)};
  }
  Sheet sheet(text, legend, frame_around(view, all_points(ends, {&whole})), slices_shape(count),
              &view);
  const auto classes = start_classes(view.project(start));
  const Panel first = sheet.panel(0);
  for (Index k = 0; k < count; ++k) {
    const Panel panel = sheet.panel(k);
    sheet.title(k, time_title(paths.times[to_size(k)]));
    const Points& slice = paths.at[to_size(k)];
    if (view.is_colour()) {
      panel.dots({colour_layer(view, {slice}, {1.4, limit})}, stream.fork(1));
      continue;
    }
    // The ends are written once, and shown again behind every other time.
    if (k == 0) {
      sheet.svg().open_shared("ends");
      first.dots(faint_ends(view, ends, 1.0, 700), stream.fork(0));
      sheet.svg().close_group();
    } else {
      sheet.svg().again("ends", panel.x() - first.x(), panel.y() - first.y());
    }
    // The same stream for every time: the same rows are drawn, and can be followed by eye.
    panel.dots({{.plane = view.project(slice),
                 .radius = 1.4,
                 .opacity = 0.8,
                 .limit = limit,
                 .palette = kStartPalette,
                 .paint = classes}},
               stream.fork(1));
  }
  return std::move(sheet).finish();
}

}  // namespace

std::string draw_slices(const FigureText& text, const PlotEnds& ends, const Paths& paths,
                        const Points& start, const RandomStream& stream) {
  return draw_some_slices(text, ends, paths, paths, start, stream);
}

std::string draw_frame(const FigureText& text, const PlotEnds& ends, const Paths& paths,
                       std::size_t k, const Points& start, const RandomStream& stream) {
  return draw_some_slices(text, ends, {{paths.times.at(k)}, {paths.at.at(k)}}, paths, start,
                          stream);
}

std::vector<LegendEntry> paths_legend(const Paths& paths, const Paths& means,
                                      std::vector<LegendEntry> ends) {
  ends.push_back({.name = std::to_string(paths.at.front().rows()) +
                          " paths, in the colour of where they start, fading with time",
                  .paint = kStartPalette,
                  .size = 3.0});
  if (!means.at.empty()) {
    ends.push_back({.name = std::to_string(means.at.front().rows()) + " mean paths",
                    .paint = {colour::kText},
                    .mark = LegendEntry::Mark::line,
                    .size = 1.8});
  }
  return ends;
}

void draw_strands(const Panel& panel, const std::vector<Points>& slices,
                  const std::vector<Points>& means, const std::vector<int>& classes) {
  constexpr std::size_t kShades = 6;  // of opacity, from the start to the end
  const std::size_t steps = slices.size() - 1;
  // Late and faint first: what comes first in time lies on top.
  std::map<std::pair<std::size_t, int>, std::string> strands;
  for (Index i = 0; i < slices.front().rows(); ++i) {
    for (std::size_t shade = 0; shade < kShades; ++shade) {
      const std::size_t begin = shade * steps / kShades, end = (shade + 1) * steps / kShades;
      std::string data;
      for (std::size_t k = begin; k <= end; ++k) {
        // A time that could not be computed is bridged by a straight line.
        if (!slices[k].row(i).allFinite()) continue;
        data += (data.empty() ? "M" : "L") +
                svg_place(panel.px(slices[k](i, 0)), panel.py(slices[k](i, 1)));
      }
      strands[{kShades - 1 - shade, classes[to_size(i)]}] += data;
    }
  }
  for (const auto& [look, data] : strands) {
    const double age = 1.0 - static_cast<double>(look.first) / (kShades - 1.0);
    if (data.empty()) continue;
    panel.svg().stroke_path(data, kStartPalette[static_cast<std::size_t>(look.second)], 1.3,
                            0.9 - 0.6 * age);
  }
  for (Index i = 0; !means.empty() && i < means.front().rows(); ++i) {
    Points path(static_cast<Index>(means.size()), 2);
    for (std::size_t k = 0; k < means.size(); ++k)
      path.row(static_cast<Index>(k)) = means[k].row(i).head(2);
    panel.curve(path, colour::kText, 1.8, 0.85);
  }
  // Starts large, ends small.
  for (const auto& [slice, radius] :
       {std::pair(&slices.back(), 1.8), std::pair(&slices.front(), 3.0)}) {
    for (Index i = 0; i < slice->rows(); ++i) {
      if (!slice->row(i).allFinite()) continue;
      panel.svg().circle(panel.px((*slice)(i, 0)), panel.py((*slice)(i, 1)), radius,
                         kStartPalette[static_cast<std::size_t>(classes[to_size(i)])]);
    }
  }
}

std::string draw_paths(const FigureText& text, const PlotEnds& ends, const Paths& paths,
                       const Points& start, const Paths& means, const RandomStream& stream) {
  const View view(ends);
  if (view.is_line()) return draw_line_paths(text, ends, paths, start, means);
  const auto legend = paths_legend(
      paths, means,
      {faint_entry("source", colour::kSource), faint_entry("target", colour::kTarget)});
  Sheet sheet(text, legend, frame_around(view, all_points(ends, {&paths, &means})), {}, &view);
  const Panel panel = sheet.panel(0);
  panel.dots(faint_ends(view, ends, 1.3, 2000), stream);
  draw_strands(panel, projected(view, paths), projected(view, means),
               start_classes(view.project(start)));
  return std::move(sheet).finish();
}

}  // namespace otbridge
