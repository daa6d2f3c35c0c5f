#include <algorithm>
#include <cmath>
#include <optional>

#include "otbridge/core/number_text.hpp"
#include "plot/paint.hpp"
#include "plot/panel.hpp"
#include "plot/sheet.hpp"

namespace otbridge {
namespace {

struct Series {
  std::string name;
  const char* stroke;
  std::vector<std::pair<double, double>> points = {};  // iteration, value > 0
};

// What shares an axis.
struct Track {
  std::string axis;
  std::vector<Series> series;
  double height;                // pixels
  std::optional<double> limit;  // drawn as a line
  bool logarithmic = false;

  double low() const { return extreme(false); }
  double high() const { return extreme(true); }

 private:
  double extreme(bool highest) const {
    double found = limit.value_or(series.front().points.front().second);
    for (const Series& s : series) {
      for (const auto& point : s.points) {
        found = highest ? std::max(found, point.second) : std::min(found, point.second);
      }
    }
    return found;
  }
};

std::vector<Track> tracks_of(const std::vector<Progress>& trace, std::optional<double> tolerance) {
  std::vector<Track> tracks{{"error",
                             {{"source error", colour::kSource},
                              {"target error", colour::kTarget},
                              {"gap (cost)", colour::kMoved}},
                             260.0,
                             tolerance},
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

// "10" with an exponent as superscript digits.
std::string power_label(int exponent) {
  if (exponent == 0) return "1";
  constexpr const char* kDigits[] = {"\u2070", "\u00b9", "\u00b2", "\u00b3", "\u2074",
                                     "\u2075", "\u2076", "\u2077", "\u2078", "\u2079"};
  std::string text = exponent < 0 ? "10\u207b" : "10";
  for (const char digit : std::to_string(std::abs(exponent))) text += kDigits[digit - '0'];
  return text;
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

// The window of a track in drawn values: logarithms, or the values from 0.
Window window_of(const Track& track, const Iterations& iterations, double width) {
  double low = 0.0, high = 1.08 * track.high();
  if (track.logarithmic) {
    // Whole decades, with a tenth of one between the lines and the frame.
    low = std::floor(std::log10(track.low()) - 0.1),
    high = std::ceil(std::log10(track.high()) + 0.1);
  }
  return {iterations.first, iterations.last, low, high, track.height / width};
}

Ticks ticks_of(const Track& track, const Window& window) {
  if (!track.logarithmic) return ticks_upwards(window, track.height);
  Ticks ticks;
  const int low = static_cast<int>(window.low_y), high = static_cast<int>(window.high_y);
  // A label every 24 pixels at most.
  const int most = static_cast<int>(track.height / 24.0);
  const int every = std::max(1, (high - low + most - 1) / most);
  for (int decade = low; decade <= high; decade += every) {
    ticks.values.push_back(decade);
    ticks.labels.push_back(power_label(decade));
  }
  return ticks;
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

// Each line is labelled at its end; labels keep a line's height between them.
void draw_series(const Panel& panel, Track track) {
  const auto py = [&](double value) {
    return panel.py(track.logarithmic ? std::log10(value) : value);
  };
  std::ranges::sort(track.series, {}, [&](const Series& s) { return py(s.points.back().second); });
  double lowest_label = panel.y() - 100.0;
  for (const Series& s : track.series) {
    std::string data, dots;
    for (const auto& [iteration, value] : s.points) {
      const std::string place = svg_place(panel.px(iteration), py(value));
      data += (data.empty() ? "M" : "L") + place;
      dots += "M" + place + "h0";
    }
    panel.svg().stroke_path(data, s.stroke, 1.6, 0.9);
    constexpr std::size_t kFewRecords = 30;
    if (s.points.size() <= kFewRecords) panel.svg().dots(dots, s.stroke, 2.2, 0.9);
    const double y = std::max(py(s.points.back().second) + 4.0, lowest_label + 14.0);
    panel.svg().text(panel.px(s.points.back().first) + 8.0, y, s.name, 11, s.stroke);
    lowest_label = y;
  }
}

}  // namespace

std::string draw_convergence(const FigureText& text, const std::vector<Progress>& trace,
                             std::optional<double> tolerance) {
  constexpr double kWidth = 640.0, kGap = 20.0, kBelow = 46.0;
  // To the right of the axes are the labels at the ends of the lines.
  constexpr double kRight = 126.0;
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
  double left = 0.0, height = heading_height(legend, kWidth) + 14.0 + kBelow - kGap;
  for (const Track& track : tracks) {
    height += track.height + kGap;
    left = std::max(left, 6.0 + label_room(ticks_of(track, window_of(track, iterations, kWidth))));
  }
  const double width = kWidth - left - kRight;
  Svg svg(kWidth, height, text);
  draw_heading(svg, text, legend, kWidth);
  double top = heading_height(legend, kWidth) + 14.0;
  for (const Track& track : tracks) {
    const Window window = window_of(track, iterations, width);
    const Panel panel(svg, left, top, width, window);
    for (const auto& [begin, end] : levels.bands)
      svg.rectangle(panel.px(begin), top, panel.px(end) - panel.px(begin), track.height,
                    colour::kBand);
    const bool lowest = &track == &tracks.back();
    panel.horizontal_axis(whole_ticks(window.low_x, window.high_x, 7), "iteration", lowest);
    panel.vertical_axis(ticks_of(track, window), track.axis, true);
    if (track.limit) {
      const double y = panel.py(std::log10(*track.limit));
      svg.stroke_path("M" + svg_place(left, y) + "h" + svg_number(width), colour::kText, 1.1, 0.8,
                      true);
      svg.text(left + 6.0, y - 5.0, "tolerance " + plain_number(*track.limit, 3), 11,
               colour::kText);
    }
    draw_series(panel, track);
    top += track.height + kGap;
  }
  return std::move(svg).finish();
}

}  // namespace otbridge
