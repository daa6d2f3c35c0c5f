#include "plot/convergence_tracks.hpp"

#include <cmath>

#include "otbridge/core/number_text.hpp"
#include "plot/paint.hpp"

namespace otbridge {

std::vector<Track> convergence_tracks(const std::vector<Progress>& trace,
                                      std::optional<double> tolerance) {
  std::vector<Track> tracks{
      {"error",
       {{"source error", colour::kSource},
        {"target error", colour::kTarget},
        {.name = "source floor", .stroke = colour::kSource, .dashed = true},
        {.name = "target floor", .stroke = colour::kTarget, .dashed = true},
        {"gap (cost)", colour::kMoved}},
       260.0,
       tolerance,
       tolerance ? "tolerance " + plain_number(*tolerance, 3) : ""},
      {"loss", {{"loss", colour::kLoss}}, 110.0, {}},
      {"divergence",
       {{"path divergence", colour::kDivergence}, {"path KL", colour::kMoved}},
       110.0,
       {}}};
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
    take(tracks[0].series[2], p.marginal_floor_source);
    take(tracks[0].series[3], p.marginal_floor_target);
    take(tracks[0].series[4], p.duality_gap);
    take(tracks[1].series[0], p.loss);
    take(tracks[2].series[0], p.path_divergence);
    take(tracks[2].series[1], p.path_kl);
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

}  // namespace otbridge
