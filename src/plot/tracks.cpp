#include "plot/tracks.hpp"

#include <algorithm>
#include <cmath>

#include "plot/paint.hpp"
#include "plot/panel.hpp"

namespace otbridge {
namespace {

constexpr double kPageWidth = 640.0, kTrackGap = 20.0, kBelow = 46.0;
// To the right of the axes are the labels at the ends of the lines.
constexpr double kRight = 126.0;

// "10" with an exponent as superscript digits.
std::string power_label(int exponent) {
  if (exponent == 0) return "1";
  constexpr const char* kDigits[] = {"\u2070", "\u00b9", "\u00b2", "\u00b3", "\u2074",
                                     "\u2075", "\u2076", "\u2077", "\u2078", "\u2079"};
  std::string text = exponent < 0 ? "10\u207b" : "10";
  for (const char digit : std::to_string(std::abs(exponent))) text += kDigits[digit - '0'];
  return text;
}

// The window of a track in drawn values: logarithms, or the values from 0.
Window window_of(const Track& track, const Across& across, double width) {
  double low = 0.0, high = 1.08 * track.high();
  if (track.logarithmic) {
    // Whole decades, with a tenth of one between the lines and the frame.
    low = std::floor(std::log10(track.low()) - 0.1),
    high = std::ceil(std::log10(track.high()) + 0.1);
  }
  return {across.low, across.high, low, high, track.height / width};
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

// Each line is labelled at its end; labels keep a line's height between them.
void draw_series(const Panel& panel, Track track) {
  const auto py = [&](double value) {
    return panel.py(track.logarithmic ? std::log10(value) : value);
  };
  std::ranges::sort(track.series, {}, [&](const Series& s) { return py(s.points.back().second); });
  double lowest_label = panel.y() - 100.0;
  for (const Series& s : track.series) {
    std::string data, dots;
    for (const auto& [x, value] : s.points) {
      const std::string place = svg_place(panel.px(x), py(value));
      data += (data.empty() ? "M" : "L") + place;
      dots += "M" + place + "h0";
    }
    panel.svg().stroke_path(data, s.stroke, 1.6, 0.9, s.dashed);
    constexpr std::size_t kFewRecords = 30;
    if (!s.dashed && s.points.size() <= kFewRecords) panel.svg().dots(dots, s.stroke, 2.2, 0.9);
    const double y = std::max(py(s.points.back().second) + 4.0, lowest_label + 14.0);
    panel.svg().text(panel.px(s.points.back().first) + 8.0, y, fitted(s.name, kRight - 10.0, 11),
                     11, s.stroke.c_str());
    lowest_label = y;
  }
}

}  // namespace

double Track::extreme(bool highest) const {
  double found = limit.value_or(series.front().points.front().second);
  for (const Series& s : series) {
    for (const auto& point : s.points) {
      found = highest ? std::max(found, point.second) : std::min(found, point.second);
    }
  }
  return found;
}

std::string draw_tracks(const FigureText& text, const std::vector<LegendEntry>& legend,
                        const std::vector<Track>& tracks, const Across& across) {
  double left = 0.0, height = heading_height(legend, kPageWidth) + 14.0 + kBelow - kTrackGap;
  for (const Track& track : tracks) {
    height += track.height + kTrackGap;
    left = std::max(left, 6.0 + label_room(ticks_of(track, window_of(track, across, kPageWidth))));
  }
  const double width = kPageWidth - left - kRight;
  Svg svg(kPageWidth, height, text);
  draw_heading(svg, text, legend, kPageWidth);
  double top = heading_height(legend, kPageWidth) + 14.0;
  for (const Track& track : tracks) {
    const Window window = window_of(track, across, width);
    const Panel panel(svg, left, top, width, window);
    for (const auto& [begin, end] : across.bands)
      svg.rectangle(panel.px(begin), top, panel.px(end) - panel.px(begin), track.height,
                    colour::kBand);
    const bool lowest = &track == &tracks.back();
    panel.horizontal_axis(across.ticks, across.name, lowest);
    panel.vertical_axis(ticks_of(track, window), track.axis, true);
    if (track.limit) {
      const double y = panel.py(track.logarithmic ? std::log10(*track.limit) : *track.limit);
      svg.stroke_path("M" + svg_place(left, y) + "h" + svg_number(width), colour::kText, 1.1, 0.8,
                      true);
      svg.text(left + 6.0, y - 5.0, track.limit_words, 11, colour::kText);
    }
    draw_series(panel, track);
    top += track.height + kTrackGap;
  }
  return std::move(svg).finish();
}

}  // namespace otbridge
