#include <algorithm>
#include <cmath>
#include <optional>

#include "otbridge/core/number_text.hpp"
#include "plot/paint.hpp"
#include "plot/sheet.hpp"
#include "plot/tracks.hpp"

namespace otbridge {
namespace {

std::vector<Track> tracks_of(const std::vector<Progress>& trace, std::optional<double> tolerance) {
  std::vector<Track> tracks{{"error",
                             {{"source error", colour::kSource},
                              {"target error", colour::kTarget},
                              {"gap (cost)", colour::kMoved}},
                             260.0,
                             tolerance,
                             tolerance ? "tolerance " + plain_number(*tolerance, 3) : ""},
                            {"loss", {{"loss", colour::kLoss}}, 110.0, {}},
                            {"divergence", {{"path divergence", colour::kDivergence}}, 110.0, {}}};
  for (std::size_t k = 0; k < trace.size(); ++k) {
    const Progress& p = trace[k];
    // Records of one iteration (a half step each) stand side by side.
    const bool repeated = k > 0 && trace[k - 1].iteration == p.iteration;
    const double iteration = static_cast<double>(p.iteration) + (repeated ? 0.5 : 0.0);
    const auto take = [&](Series& series, const std::optional<double>& value) {
      if (value && std::isfinite(*value) && *value > 0.0)
        series.points.emplace_back(iteration, *value);
    };
    take(tracks[0].series[0], p.marginal_error_source);
    take(tracks[0].series[1], p.marginal_error_target);
    take(tracks[0].series[2], p.duality_gap);
    take(tracks[1].series[0], p.loss);
    take(tracks[2].series[0], p.path_divergence);
  }
  for (Track& track : tracks)
    std::erase_if(track.series, [](const Series& s) { return s.points.empty(); });
  // Of errors and gap the axis is named by what there is.
  if (!tracks[0].series.empty()) {
    const bool gap = tracks[0].series.back().stroke == colour::kMoved;
    tracks[0].axis = !gap ? "error" : tracks[0].series.size() > 1 ? "error, gap" : "gap";
    if (tracks[0].axis == "gap") tracks[0].limit.reset();  // which is that of the errors
    tracks[0].logarithmic = true;                          // they fall by powers of ten
  }
  std::erase_if(tracks, [](const Track& track) { return track.series.empty(); });
  // What falls by less is read better on even ticks.
  for (Track& track : tracks)
    track.logarithmic = track.logarithmic || track.high() > 30.0 * track.low();
  return tracks;
}

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
  const auto tracks = tracks_of(trace, tolerance);
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
