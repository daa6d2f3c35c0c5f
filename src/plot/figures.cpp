#include <algorithm>
#include <cmath>

#include "plot/panel.hpp"

namespace otbridge {
namespace {

// Pixels around and between panels: tick labels to the left, labels and the name of the axis below.
constexpr double kLeft = 52.0, kRight = 22.0, kBelow = 46.0, kGap = 26.0;
// More lines than this are a grey area. Paths are longer, and fewer can be told apart.
constexpr Index kLines = 400, kPaths = 120;

std::string counted(const std::string& name, Index drawn, Index all) {
  if (drawn >= all) return name;
  return name + " (" + std::to_string(drawn) + " of " + std::to_string(all) + ")";
}

std::vector<LegendEntry> cloud_legend(Index source, Index target, Index limit) {
  // Beyond the density limit every point counts, in a hexagon.
  const auto drawn = [&](Index n) { return n > Panel::kDensityLimit ? n : std::min(n, limit); };
  return {{counted("source", drawn(source), source), colour::kSource},
          {counted("target", drawn(target), target), colour::kTarget}};
}

struct Planes {
  Projection projection;
  Points source, target;
  Planes(const PlotCloud& a, const PlotCloud& b)
      // Chosen from source and target alone: all figures of one problem show the same plane,
      // whatever a solver answers.
      : projection({&a.points, &b.points}),
        source(projection.apply(a.points)),
        target(projection.apply(b.points)) {}
};

double panel_top(double heading, bool axes) { return heading + (axes ? 24.0 : 16.0); }

}  // namespace

std::string draw_transport(const FigureText& text, const PlotCloud& source, const PlotCloud& target,
                           const PlotCloud& start, const Points& moved,
                           const RandomStream& stream) {
  // Pictures have a width and take the height that equal axes ask for.
  constexpr double kWidth = 640.0;
  // Dots of each cloud: three of them are about 200 kB of text.
  constexpr Index kLimit = 4000;
  const Planes planes(source, target);
  const Points from = planes.projection.apply(start.points), to = planes.projection.apply(moved);
  const Window window = window_around({planes.source, planes.target, from, to});
  const double panel_width = kWidth - kLeft - kRight;
  const double top = panel_top(70.0, planes.projection.has_axes());
  const double height = top + panel_width * window.aspect() + kBelow;
  Svg svg(kWidth, height, text.title, text.description);
  auto legend = cloud_legend(source.points.rows(), target.points.rows(), kLimit);
  legend.push_back(
      {counted("moved",
               moved.rows() > Panel::kDensityLimit ? moved.rows() : std::min(moved.rows(), kLimit),
               moved.rows()),
       colour::kMoved});
  legend.push_back(
      {std::to_string(std::min(kLines, moved.rows())) + " transport lines", colour::kLine, true});
  draw_heading(svg, text, legend, kWidth);
  Panel panel(svg, kLeft, top, panel_width, window);
  if (planes.projection.has_axes())
    panel.axes(planes.projection.horizontal(), planes.projection.vertical());
  // Back to front: the target, the source, lines from source to moved, and the answer on top. Each
  // layer draws its thinning from a stream of its own: one cloud does not change the others' dots.
  panel.cloud(planes.target, target.weights, colour::kTarget, 0.4, 1.8, stream.fork(1), kLimit);
  panel.cloud(planes.source, source.weights, colour::kSource, 0.4, 1.8, stream.fork(0), kLimit);
  panel.lines(from, to, start.weights, kLines, stream.fork(2));
  panel.cloud(to, start.weights, colour::kMoved, 0.6, 1.5, stream.fork(3), kLimit);
  return std::move(svg).finish();
}

std::string draw_slices(const FigureText& text, const PlotCloud& source, const PlotCloud& target,
                        const Paths& paths, const RandomStream& stream) {
  const auto count = static_cast<double>(paths.at.size());
  constexpr Index kLimit = 1500;
  // Up to five panels are 230 wide; more share 1150, and below 120 nothing could be seen.
  const double panel_width = std::max(120.0, std::min(230.0, 1150.0 / count));
  // At least wide enough for the legend.
  const double width = std::max(460.0, 2 * 24.0 + count * panel_width + (count - 1.0) * kGap);
  const Planes planes(source, target);
  std::vector<Points> slices, all{planes.source, planes.target};
  for (const Points& slice : paths.at) slices.push_back(planes.projection.apply(slice));
  all.insert(all.end(), slices.begin(), slices.end());
  const Window window = window_around(all);
  const double top = 92.0, height = top + panel_width * window.aspect() + 20.0;
  Svg svg(width, height, text.title, text.description);
  const Index n = paths.at.front().rows();
  draw_heading(
      svg, text,
      {{"source", colour::kSource},
       {"target", colour::kTarget},
       {counted("bridge", n > Panel::kDensityLimit ? n : std::min(n, kLimit), n), colour::kMoved}},
      width);
  for (std::size_t k = 0; k < slices.size(); ++k) {
    const double x = 24.0 + static_cast<double>(k) * (panel_width + kGap);
    Panel panel(svg, x, top, panel_width, window);
    svg.text(x + panel_width / 2, top - 6, "t = " + tick_label(paths.times[k], 1e-3), 12,
             colour::kText, Svg::Anchor::middle);
    panel.cloud(planes.source, source.weights, colour::kSource, 0.13, 1.2, stream.fork(0), 800);
    panel.cloud(planes.target, target.weights, colour::kTarget, 0.13, 1.2, stream.fork(1), 800);
    // The same stream for every time: the same rows are drawn, and can be followed by eye.
    panel.cloud(slices[k], {}, colour::kMoved, 0.55, 1.3, stream.fork(2), kLimit);
  }
  return std::move(svg).finish();
}

std::string draw_paths(const FigureText& text, const PlotCloud& source, const PlotCloud& target,
                       const Paths& paths, const RandomStream& stream) {
  constexpr double kWidth = 640.0;
  const Planes planes(source, target);
  std::vector<Points> slices, all{planes.source, planes.target};
  for (const Points& slice : paths.at) slices.push_back(planes.projection.apply(slice));
  all.insert(all.end(), slices.begin(), slices.end());
  const Window window = window_around(all);
  const double panel_width = kWidth - kLeft - kRight;
  const double top = panel_top(70.0, planes.projection.has_axes());
  Svg svg(kWidth, top + panel_width * window.aspect() + kBelow, text.title, text.description);
  const Index n = std::min(kPaths, paths.at.front().rows());
  draw_heading(svg, text,
               {{"source", colour::kSource},
                {"target", colour::kTarget},
                {std::to_string(n) + " paths", colour::kLine, true}},
               kWidth);
  Panel panel(svg, kLeft, top, panel_width, window);
  if (planes.projection.has_axes())
    panel.axes(planes.projection.horizontal(), planes.projection.vertical());
  panel.cloud(planes.source, source.weights, colour::kSource, 0.2, 1.3, stream.fork(0), 3000);
  panel.cloud(planes.target, target.weights, colour::kTarget, 0.2, 1.3, stream.fork(1), 3000);
  for (Index i = 0; i < n; ++i) panel.path(slices, i);
  // Ends on top of all lines. The first n rows, as they come: neighbours in a file stay neighbours.
  for (Index i = 0; i < n; ++i) {
    panel.dot(slices.front()(i, 0), slices.front()(i, 1), colour::kSource, 2.4, 0.9);
    panel.dot(slices.back()(i, 0), slices.back()(i, 1), colour::kTarget, 2.4, 0.9);
  }
  return std::move(svg).finish();
}

std::string draw_comparison(const FigureText& text, const PlotCloud& source,
                            const PlotCloud& target, const std::vector<ComparisonPanel>& panels,
                            const RandomStream& stream) {
  const auto count = static_cast<double>(panels.size());
  constexpr double kPanel = 340.0;
  const double width =
      std::max(460.0, kLeft + kRight + count * kPanel + (count - 1.0) * (kGap + 18.0));
  const Planes planes(source, target);
  std::vector<Points> moved, starts, all{planes.source, planes.target};
  for (const ComparisonPanel& panel : panels) {
    starts.push_back(planes.projection.apply(panel.start.points));
    moved.push_back(planes.projection.apply(panel.moved));
  }
  all.insert(all.end(), moved.begin(), moved.end());
  const Window window = window_around(all);
  // Above each panel: its solver, and the numbers it scored.
  const double top = 132.0, height = top + kPanel * window.aspect() + kBelow;
  Svg svg(width, height, text.title, text.description);
  draw_heading(svg, text,
               {{"source", colour::kSource},
                {"target", colour::kTarget},
                {"moved", colour::kMoved},
                {"transport lines", colour::kLine, true}},
               width);
  for (std::size_t k = 0; k < panels.size(); ++k) {
    const double x = kLeft + static_cast<double>(k) * (kPanel + kGap + 18.0);
    svg.text(x, top - 40, panels[k].name, 13, colour::kText, Svg::Anchor::start, true);
    std::string numbers;
    for (const auto& number : panels[k].numbers) numbers += (numbers.empty() ? "" : ", ") + number;
    svg.text(x, top - 24, numbers, 11, colour::kFaint);
    Panel panel(svg, x, top, kPanel, window);
    if (planes.projection.has_axes())
      panel.axes(planes.projection.horizontal(), planes.projection.vertical());
    panel.cloud(planes.target, target.weights, colour::kTarget, 0.3, 1.5, stream.fork(1), 2000);
    panel.cloud(planes.source, source.weights, colour::kSource, 0.3, 1.5, stream.fork(0), 2000);
    // Half of the lines of `transport`, for panels of half its width.
    const Vector& weights = panels[k].start.weights;
    panel.lines(starts[k], moved[k], weights, 200, stream.fork(2));
    panel.cloud(moved[k], weights, colour::kMoved, 0.55, 1.4, stream.fork(3), 2000);
  }
  return std::move(svg).finish();
}

}  // namespace otbridge
