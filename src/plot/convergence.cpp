#include <algorithm>
#include <cmath>
#include <optional>

#include "otbridge/core/number_text.hpp"
#include "plot/convergence_tracks.hpp"
#include "plot/paint.hpp"
#include "plot/sheet.hpp"

namespace otbridge {
namespace {

struct Iterations {
  double first, last;
};

Iterations iterations_of(const std::vector<Track>& tracks) {
  double first = 1e300, last = -1e300;
  for (const Track& track : tracks) {
    for (const Series& s : track.series) {
      first = std::min(first, s.points.front().first), last = std::max(last, s.points.back().first);
    }
  }
  // At least one apart, so that two whole iterations can be labelled.
  return {std::floor(first), std::max(last, std::floor(first) + 1.0)};
}

// Every other level of epsilon, as light bands; the first and the last epsilon.
struct Levels {
  std::vector<std::pair<double, double>> bands = {};  // iterations
  std::optional<double> first = {}, last = {};
};
Levels levels_of(const std::vector<Progress>& trace) {
  Levels levels;
  bool shaded = false;
  double begin = 0.0;
  for (std::size_t k = 0; k < trace.size(); ++k) {
    if (!trace[k].epsilon) continue;
    if (!levels.first) levels.first = trace[k].epsilon, begin = double(trace[k].iteration);
    levels.last = trace[k].epsilon;
    if (k + 1 < trace.size() && trace[k + 1].epsilon == trace[k].epsilon) continue;
    const auto end = static_cast<double>(trace[k].iteration);
    if (shaded && end > begin) levels.bands.emplace_back(begin, end);
    shaded = !shaded, begin = end;
  }
  return levels;
}

}  // namespace

std::string draw_convergence(const FigureText& text, const std::vector<Progress>& trace,
                             std::optional<double> tolerance) {
  constexpr double kWidth = 640.0;
  const auto tracks = convergence_tracks(trace, tolerance);
  if (tracks.empty()) {
    Svg svg(kWidth, 96.0, text);
    draw_heading(svg, text, {}, kWidth);
    svg.text(18.0, 74.0, "no iterations were recorded", 12, colour::kFaint);
    return std::move(svg).finish();
  }
  const Levels levels = levels_of(trace);
  std::vector<LegendEntry> legend;
  if (!levels.bands.empty()) {
    legend.push_back({.name = "bands: levels of epsilon, from " + plain_number(*levels.first, 3) +
                              " down to " + plain_number(*levels.last, 3),
                      .paint = {colour::kBand},
                      .mark = LegendEntry::Mark::area});
  }
  const Iterations iterations = iterations_of(tracks);
  return draw_tracks(
      text, legend, tracks,
      {iterations.first, iterations.last, whole_ticks(iterations.first, iterations.last, 7),
       "iteration", levels.bands});
}

}  // namespace otbridge
