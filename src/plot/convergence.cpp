#include <algorithm>
#include <cmath>
#include <optional>

#include "plot/panel.hpp"

namespace otbridge {
namespace {

struct Series {
  std::string name;
  const char* stroke;
  std::vector<std::pair<double, double>> points;  // iteration, value > 0
};

std::vector<Series> series_of(const std::vector<Progress>& trace) {
  std::vector<Series> all{{"source error", colour::kSource, {}},
                          {"target error", colour::kTarget, {}},
                          {"gap", colour::kMoved, {}},
                          // Reddish purple and orange, of the same palette: Okabe, Ito 2008.
                          {"loss", "#CC79A7", {}},
                          {"path divergence", "#E69F00", {}}};
  for (std::size_t k = 0; k < trace.size(); ++k) {
    const Progress& p = trace[k];
    const std::optional<double> values[] = {p.marginal_error_source, p.marginal_error_target,
                                            p.duality_gap, p.loss, p.path_divergence};
    for (std::size_t s = 0; s < all.size(); ++s) {
      if (!values[s] || !std::isfinite(*values[s]) || *values[s] <= 0.0) continue;
      // Records of one iteration (a half step each) stand side by side.
      const bool repeated = k > 0 && trace[k - 1].iteration == p.iteration;
      all[s].points.emplace_back(static_cast<double>(p.iteration) + (repeated ? 0.5 : 0.0),
                                 *values[s]);
    }
  }
  std::erase_if(all, [](const Series& s) { return s.points.empty(); });
  return all;
}

}  // namespace

std::string draw_convergence(const FigureText& text, const std::vector<Progress>& trace) {
  constexpr double kWidth = 640.0, kHeight = 420.0, kX = 64.0, kY = 92.0;
  // 116 pixels to the right of the axes are for the labels at the ends of the lines.
  constexpr double kPlotWidth = 460.0, kPlotHeight = 270.0;
  Svg svg(kWidth, kHeight, text.title, text.description);
  draw_heading(svg, text, {}, kWidth);
  auto series = series_of(trace);
  if (series.empty()) {
    svg.text(kX, kY + 30, "nothing was recorded: the answer is in closed form", 12, colour::kFaint);
    return std::move(svg).finish();
  }
  double first = 1e300, last = -1e300, low = 1e300, high = -1e300;
  for (const Series& s : series) {
    for (const auto& [iteration, value] : s.points) {
      first = std::min(first, iteration), last = std::max(last, iteration);
      low = std::min(low, std::log10(value)), high = std::max(high, std::log10(value));
    }
  }
  // One record alone is a point at the left.
  if (last <= first) last = first + 1.0;
  // Whole decades, with a tenth of one between the lines and the frame.
  low = std::floor(low - 0.1), high = std::ceil(high + 0.1);
  const auto px = [&](double iteration) {
    return kX + (iteration - first) / (last - first) * kPlotWidth;
  };
  const auto py = [&](double log_value) {
    return kY + (high - log_value) / (high - low) * kPlotHeight;
  };

  // Light bands, one per epsilon level.
  double begin = first;
  bool shaded = false;
  for (std::size_t k = 0; k < trace.size(); ++k) {
    const bool level_ends = k + 1 == trace.size() || trace[k + 1].epsilon != trace[k].epsilon;
    if (!level_ends || !trace[k].epsilon) continue;
    const auto end = static_cast<double>(trace[k].iteration);
    if (shaded && end > begin)
      svg.rectangle(px(begin), kY, px(end) - px(begin), kPlotHeight, "#F3F3F3");
    shaded = !shaded;
    begin = std::max(end, first);
  }
  // At most about eight labelled decades.
  const int every = std::max(1, static_cast<int>(std::ceil((high - low) / 8.0)));
  for (int decade = static_cast<int>(low); decade <= static_cast<int>(high); decade += every) {
    svg.line(kX, py(decade), kX + kPlotWidth, py(decade), colour::kGrid, 1.0);
    svg.text(kX - 7, py(decade) + 4, decade == 0 ? "1" : "1e" + std::to_string(decade), 11,
             colour::kFaint, Svg::Anchor::end);
  }
  const auto ticks = round_ticks(first, last, 6);
  const double step = ticks.size() > 1 ? ticks[1] - ticks[0] : 1.0;
  for (const double t : ticks)
    svg.text(px(t), kY + kPlotHeight + 16, tick_label(t, step), 11, colour::kFaint,
             Svg::Anchor::middle);
  svg.line(kX, kY + kPlotHeight, kX + kPlotWidth, kY + kPlotHeight, colour::kFaint, 1.0);
  svg.line(kX, kY, kX, kY + kPlotHeight, colour::kFaint, 1.0);
  svg.text(kX + kPlotWidth / 2, kY + kPlotHeight + 33, "iteration", 12, colour::kText,
           Svg::Anchor::middle);

  // Each line is labelled at its end; labels keep a line's height between them.
  std::ranges::sort(series, {},
                    [&](const Series& s) { return py(std::log10(s.points.back().second)); });
  double lowest_label = kY - 100.0;
  for (const Series& s : series) {
    std::string data;
    for (const auto& [iteration, value] : s.points) {
      data += (data.empty() ? "M" : "L") + svg_number(px(iteration)) + " " +
              svg_number(py(std::log10(value)));
    }
    svg.stroke_path(data, s.stroke, 1.6, 0.9);
    const double y = std::max(py(std::log10(s.points.back().second)) + 4.0, lowest_label + 14.0);
    svg.text(px(s.points.back().first) + 8.0, y, s.name, 11, s.stroke);
    lowest_label = y;
  }
  return std::move(svg).finish();
}

}  // namespace otbridge
