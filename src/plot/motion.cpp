#include <algorithm>
#include <map>

#include "otbridge/core/chosen_rows.hpp"
#include "plot/bridge.hpp"
#include "plot/clouds.hpp"
#include "plot/density.hpp"
#include "plot/line.hpp"
#include "plot/paint.hpp"

namespace otbridge {
namespace {

constexpr Motion kMotion;
constexpr Index kMovingPoints = 2000;

std::vector<std::string> time_titles(const Paths& paths) {
  std::vector<std::string> titles;
  for (const double time : paths.times) titles.push_back(time_title(time));
  return titles;
}

// Rows that are drawn: some of all, where the view shows them all the way.
std::vector<Index> moving_rows(const View& view, const Paths& paths, const RandomStream& stream) {
  std::vector<Index> rows = chosen_rows(paths.at.front().rows(), kMovingPoints, stream);
  std::erase_if(rows, [&](Index row) {
    return !std::ranges::all_of(paths.at,
                                [&](const Points& slice) { return view.shows(slice, row); });
  });
  return rows;
}

}  // namespace

std::string draw_motion(const FigureText& text, const PlotEnds& ends, const Paths& paths,
                        const Points& start, const RandomStream& stream) {
  const View view(ends);
  if (view.is_line()) return draw_line_motion(text, ends, paths, kMotion);
  const std::vector<Index> rows = moving_rows(view, paths, stream.fork(1));
  const std::string drawn = counted("bridge", static_cast<Index>(rows.size()), start.rows());
  std::vector<LegendEntry> legend{faint_entry("source", colour::kSource),
                                  faint_entry("target", colour::kTarget), start_entry(drawn)};
  if (view.is_colour()) legend = {colours_entry(drawn)};
  Sheet sheet(text, legend, frame_around(view, all_points(ends, {&paths})), slices_shape(1), &view);
  const Panel panel = sheet.panel(0);
  if (!view.is_colour()) panel.dots(faint_ends(view, ends, 1.0, 700), stream.fork(0));
  sheet.svg().changing_text(panel.x(), panel.y() - 8.0, time_titles(paths), kMotion, 12,
                            colour::kText);
  // One moving element for each colour, which is that of the start: where it lies, or what it is.
  const std::vector<int> classes = start_classes(view.project(start));
  std::map<std::string, std::vector<std::string>> data;
  for (std::size_t k = 0; k < paths.at.size(); ++k) {
    const Points plane = view.project(paths.at[k]);
    for (const Index row : rows) {
      const std::string colour =
          view.is_colour() ? view.colour_of(start, row)
                           : kStartColours[static_cast<std::size_t>(classes[to_size(row)])];
      auto& moments = data[colour];
      moments.resize(paths.at.size());
      moments[k] += "M" + svg_place(panel.px(plane(row, 0)), panel.py(plane(row, 1))) + "h0";
    }
  }
  for (const auto& [colour, moments] : data)
    sheet.svg().moving_dots(moments, kMotion, colour, 1.4, 0.8);
  return std::move(sheet).finish();
}

}  // namespace otbridge
