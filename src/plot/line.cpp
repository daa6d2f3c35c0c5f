#include "plot/line.hpp"

#include <algorithm>

#include "plot/bridge.hpp"
#include "plot/clouds.hpp"
#include "plot/density.hpp"
#include "plot/paint.hpp"

namespace otbridge {
namespace {

using Mark = LegendEntry::Mark;

// The laws by where a move begins and where it is to end.
struct MapEnds {
  const PlotCloud &near, &far;
  const char *near_name, *far_name;
  std::string near_colour, far_colour;
};
MapEnds ends_of(const PlotEnds& ends, Direction direction) {
  if (direction == Direction::backward) {
    return {ends.target, ends.source, "target", "source", colour::kTarget, colour::kSource};
  }
  return {ends.source, ends.target, "source", "target", colour::kSource, colour::kTarget};
}

std::string column_of(const PlotEnds& ends) {
  return ends.columns.size() == 1 ? ends.columns.front() : "x0";
}

const LegendEntry kMonotone{"monotone map", {colour::kLine}, 0.9, Mark::dashes, 1.4};
// Densities of the ends behind another one.
constexpr double kFaintArea = 0.18, kArea = 0.35;
// Pixels beside a panel for densities along its axes, and of them those before the axis.
constexpr double kStrip = 84.0, kGap = 6.0;

// Values before the moves, all of one direction, across, those after them upwards.
Frame map_frame(const PlotEnds& ends, const std::vector<PlotMove>& moves) {
  const MapEnds laws = ends_of(ends, moves.front().direction);
  std::vector<const Points*> across{&laws.near.points}, upwards{&laws.far.points};
  for (const PlotMove& move : moves) {
    across.push_back(&move.start.points), upwards.push_back(&move.moved);
  }
  const Range x = range_of(across), y = range_of(upwards);
  const std::string column = column_of(ends);
  return {{x.low, x.high, y.low, y.high, 0.85},
          {column + ", " + laws.near_name, column + ", moved"}};
}

void draw_map(const Panel& panel, const PlotEnds& ends, const PlotMove& move, const DotStyle& style,
              const RandomStream& stream) {
  const MapEnds laws = ends_of(ends, move.direction);
  panel.curve(monotone_map(laws.near, laws.far), colour::kLine, 1.4, 0.9, true);
  Points plane(move.moved.rows(), 3);
  plane << move.start.points, move.moved, Points::Ones(plane.rows(), 1);
  panel.dots({{.plane = plane,
               .radius = style.radius,
               .opacity = 0.6,
               .limit = style.limit,
               .palette = {colour::kMoved},
               .weights = move.start.weights}},
             stream);
}

LegendEntry moved_entry(const PlotMove& move, const DotStyle& style) {
  const Index rows = move.moved.rows();
  return {.name = counted(move.name, std::min(rows, style.limit), rows),
          .paint = {colour::kMoved},
          .opacity = 0.6,
          .size = 3.0};
}

// Of a curve the area below it, down to 0.
Points closed(const Points& curve) {
  Points outline(curve.rows() + 2, 2);
  outline << curve, curve(curve.rows() - 1, 0), 0.0, curve(0, 0), 0.0;
  return outline;
}

Points turned(const Points& curve) {
  Points other(curve.rows(), 2);
  other << curve.col(1), curve.col(0);
  return other;
}

double highest(const std::vector<Points>& curves) {
  double most = 0.0;
  for (const Points& curve : curves) most = std::max(most, curve.col(1).maxCoeff());
  return most > 0.0 ? most : 1.0;
}

// For densities over the panel's vertical axis, from 0 to `most` to the right.
Panel strip_beside(const Panel& panel, double most) {
  const double width = kStrip - kGap;
  return {panel.svg(),
          panel.x() + panel.width() + kGap,
          panel.y(),
          width,
          {0.0, most, panel.window().low_y, panel.window().high_y, panel.height() / width}};
}

}  // namespace

std::string draw_line_transport(const FigureText& text, const PlotEnds& ends, const PlotMove& move,
                                const RandomStream& stream) {
  const DotStyle style = dot_style(move.moved.rows(), false);
  const MapEnds laws = ends_of(ends, move.direction);
  const Frame frame = map_frame(ends, {move});
  const Window& w = frame.window;
  Sheet sheet(text,
              {{laws.near_name, {laws.near_colour}, kArea, Mark::area},
               {laws.far_name, {laws.far_colour}, kArea, Mark::area},
               moved_entry(move, style),
               kMonotone},
              frame, {.strip_above = kStrip, .strip_right = kStrip});
  const Panel panel = sheet.panel(0);
  draw_map(panel, ends, move, style, stream);

  // Above the panel where the move begins over the same axis; right of it, turned, where it is to
  // end and what came.
  const Points from = density_curve(laws.near, w.low_x, w.high_x),
               to = density_curve(laws.far, w.low_y, w.high_y),
               came = density_curve({move.moved, move.start.weights}, w.low_y, w.high_y);
  const Panel above(sheet.svg(), panel.x(), panel.y() - kStrip, panel.width(),
                    {w.low_x, w.high_x, 0.0, highest({from}), (kStrip - kGap) / panel.width()});
  above.area(closed(from), laws.near_colour, kArea);
  above.curve(from, laws.near_colour, 1.4, 1.0);
  const Panel beside = strip_beside(panel, highest({to, came}));
  beside.area(turned(closed(to)), laws.far_colour, kArea);
  beside.curve(turned(to), laws.far_colour, 1.4, 1.0);
  beside.curve(turned(came), colour::kMoved, 1.4, 1.0);
  return std::move(sheet).finish();
}

std::string draw_line_slices(const FigureText& text, const PlotEnds& ends, const Paths& paths,
                             const Paths& whole) {
  std::vector<const Points*> all{&ends.source.points, &ends.target.points};
  for (const Points& slice : whole.at) all.push_back(&slice);
  const Range x = range_of(all);
  const Points source = density_curve(ends.source, x.low, x.high),
               target = density_curve(ends.target, x.low, x.high);
  std::vector<Points> curves;
  for (const Points& slice : paths.at) curves.push_back(density_curve({slice}, x.low, x.high));
  std::vector<Points> drawn{source, target};
  for (const Points& slice : whole.at) drawn.push_back(density_curve({slice}, x.low, x.high));
  const Frame frame{{x.low, x.high, 0.0, 1.05 * highest(drawn), 0.6}, {column_of(ends), "density"}};
  Sheet sheet(text,
              {{"source", {colour::kSource}, kFaintArea, Mark::area},
               {"target", {colour::kTarget}, kFaintArea, Mark::area},
               {"bridge", {colour::kMoved}, 1.0, Mark::line, 1.8}},
              frame, slices_shape(static_cast<Index>(paths.at.size())));
  for (std::size_t k = 0; k < curves.size(); ++k) {
    const auto index = static_cast<Index>(k);
    sheet.title(index, time_title(paths.times[k]));
    const Panel panel = sheet.panel(index);
    panel.area(closed(source), colour::kSource, kFaintArea);
    panel.area(closed(target), colour::kTarget, kFaintArea);
    panel.curve(curves[k], colour::kMoved, 1.8, 1.0);
  }
  return std::move(sheet).finish();
}

std::string draw_line_motion(const FigureText& text, const PlotEnds& ends, const Paths& paths,
                             const Motion& motion) {
  std::vector<const Points*> all{&ends.source.points, &ends.target.points};
  for (const Points& slice : paths.at) all.push_back(&slice);
  const Range x = range_of(all);
  std::vector<Points> curves{density_curve(ends.source, x.low, x.high),
                             density_curve(ends.target, x.low, x.high)};
  for (const Points& slice : paths.at) curves.push_back(density_curve({slice}, x.low, x.high));
  const Frame frame{{x.low, x.high, 0.0, 1.05 * highest(curves), 0.6},
                    {column_of(ends), "density"}};
  Sheet sheet(text,
              {{"source", {colour::kSource}, kFaintArea, Mark::area},
               {"target", {colour::kTarget}, kFaintArea, Mark::area},
               {"bridge", {colour::kMoved}, 0.5, Mark::area}},
              frame, slices_shape(1));
  const Panel panel = sheet.panel(0);
  panel.area(closed(curves[0]), colour::kSource, kFaintArea);
  panel.area(closed(curves[1]), colour::kTarget, kFaintArea);
  std::vector<std::string> data, titles;
  for (std::size_t k = 0; k < paths.at.size(); ++k) {
    const Points outline = closed(curves[k + 2]);
    std::string path;
    for (Index i = 0; i < outline.rows(); ++i)
      path += (i == 0 ? "M" : "L") + svg_place(panel.px(outline(i, 0)), panel.py(outline(i, 1)));
    data.push_back(path + "z");
    titles.push_back(time_title(paths.times[k]));
  }
  sheet.svg().moving_area(data, motion, colour::kMoved, 0.5);
  sheet.svg().changing_text(panel.x(), panel.y() - 8.0, titles, motion, 12, colour::kText);
  return std::move(sheet).finish();
}

std::string draw_line_paths(const FigureText& text, const PlotEnds& ends, const Paths& paths,
                            const Points& start, const Paths& means) {
  std::vector<const Points*> all{&ends.source.points, &ends.target.points};
  for (const Points& slice : paths.at) all.push_back(&slice);
  const Range y = range_of(all);
  const Frame frame{{0.0, 1.0, y.low, y.high, 0.75}, {"time", column_of(ends)}};
  Sheet sheet(text,
              paths_legend(paths, means,
                           {{"source", {colour::kSource}, kArea, Mark::area},
                            {"target", {colour::kTarget}, kArea, Mark::area}}),
              frame, {.strip_right = kStrip});
  const Panel panel = sheet.panel(0);
  const auto against_time = [](const Paths& all_paths) {
    std::vector<Points> planes;
    for (std::size_t k = 0; k < all_paths.at.size(); ++k) {
      planes.emplace_back(all_paths.at[k].rows(), 2);
      planes.back().col(0).setConstant(all_paths.times[k]);
      planes.back().col(1) = all_paths.at[k];
    }
    return planes;
  };
  draw_strands(panel, against_time(paths), against_time(means),
               start_classes(View(ends).project(start)));

  const Points from = density_curve(ends.source, y.low, y.high),
               to = density_curve(ends.target, y.low, y.high);
  const Panel beside = strip_beside(panel, highest({from, to}));
  beside.area(turned(closed(from)), colour::kSource, kArea);
  beside.area(turned(closed(to)), colour::kTarget, kArea);
  return std::move(sheet).finish();
}

std::string draw_line_comparison(const FigureText& text, const PlotEnds& ends,
                                 const std::vector<ComparisonPanel>& panels,
                                 const RandomStream& stream) {
  std::vector<PlotMove> moves;
  for (const ComparisonPanel& panel : panels) moves.push_back(panel.move);
  const DotStyle style{1.5, 1200};
  Sheet sheet(text, {moved_entry(moves.front(), style), kMonotone}, map_frame(ends, moves),
              comparison_shape(static_cast<Index>(panels.size())));
  for (std::size_t k = 0; k < panels.size(); ++k) {
    const auto index = static_cast<Index>(k);
    sheet.title(index, panels[k].name, panels[k].remarks);
    draw_map(sheet.panel(index), ends, moves[k], style, stream.fork(k));
  }
  return std::move(sheet).finish();
}

}  // namespace otbridge
