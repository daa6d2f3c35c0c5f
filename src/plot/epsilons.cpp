#include <algorithm>
#include <array>
#include <cmath>

#include "otbridge/core/number_text.hpp"
#include "otbridge/plot/figure.hpp"
#include "plot/paint.hpp"
#include "plot/tracks.hpp"

namespace otbridge {
namespace {

// Of solvers, in their order; from the first again where there are more.
constexpr std::array kSolverColours{colour::kSource, colour::kTarget, colour::kMoved, colour::kLoss,
                                    colour::kDivergence};

// At the epsilons themselves, but for those whose label would touch that of the last one.
Ticks epsilon_ticks(const std::vector<double>& epsilons, double low, double high) {
  constexpr double kAxis = 420.0, kBetween = 8.0, kTickSize = 11.0;  // pixels
  Ticks ticks;
  double free_from = -kAxis;
  for (const double epsilon : epsilons) {
    const std::string label = plain_number(epsilon, 3);
    const double middle = kAxis * (std::log10(epsilon) - low) / (high - low);
    const double half = 0.5 * text_width(label, kTickSize);
    if (middle - half < free_from) continue;
    ticks.values.push_back(std::log10(epsilon));
    ticks.labels.push_back(label);
    free_from = middle + half + kBetween;
  }
  return ticks;
}

// Values that are no finite numbers are left out.
Series series_of(const EpsilonScores& scores, const std::vector<double>& epsilons,
                 std::size_t colour) {
  Series series{scores.solver, kSolverColours[colour % kSolverColours.size()]};
  series.dashed = !scores.regularised;
  for (std::size_t k = 0; k < epsilons.size(); ++k) {
    const auto& value = scores.values[k];
    if (value && std::isfinite(*value)) series.points.emplace_back(std::log10(epsilons[k]), *value);
  }
  return series;
}

}  // namespace

std::string draw_epsilons(const FigureText& text, const std::vector<double>& epsilons,
                          const std::vector<EpsilonMeasure>& measures) {
  constexpr double kTrackHeight = 140.0, kMargin = 0.04;
  std::vector<Track> tracks;
  for (const EpsilonMeasure& measure : measures) {
    Track track{measure.name, {}, kTrackHeight, {}};
    for (std::size_t k = 0; k < measure.solvers.size(); ++k) {
      Series series = series_of(measure.solvers[k], epsilons, k);
      if (!series.points.empty()) track.series.push_back(std::move(series));
    }
    if (track.series.empty()) continue;
    if (measure.floor) {
      track.series.push_back({"floor",
                              colour::kLine,
                              {{std::log10(epsilons.front()), *measure.floor},
                               {std::log10(epsilons.back()), *measure.floor}},
                              true});
    }
    // Even ticks from 0 unless the values are of several sizes.
    track.logarithmic = track.low() > 0.0 && track.high() > 30.0 * track.low();
    tracks.push_back(std::move(track));
  }
  const double first = std::log10(epsilons.front()), last = std::log10(epsilons.back());
  const double margin = kMargin * (last - first), low = first - margin, high = last + margin;
  return draw_tracks(text, {}, tracks, {low, high, epsilon_ticks(epsilons, low, high), "epsilon"});
}

}  // namespace otbridge
