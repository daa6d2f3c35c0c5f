#include "plot/bridge.hpp"
#include "plot/clouds.hpp"
#include "plot/line.hpp"

namespace otbridge {

std::string draw_comparison(const FigureText& text, const PlotEnds& ends,
                            const std::vector<ComparisonPanel>& panels,
                            const RandomStream& stream) {
  const View view(ends);
  if (view.is_line()) return draw_line_comparison(text, ends, panels, stream);
  std::vector<const Points*> all{&ends.source.points, &ends.target.points};
  for (const ComparisonPanel& panel : panels) all.push_back(&panel.move.moved);
  constexpr Index kLines = 120, kDots = 900;  // of a panel
  std::vector<LegendEntry> legend;
  if (view.is_colour()) {
    legend = {colours_entry(panels.front().move.name)};
  } else {
    legend = move_legend(view, ends, panels.front().move, kDots);
    legend.push_back(lines_entry("transport lines"));
  }
  Sheet sheet(text, legend, frame_around(view, all),
              comparison_shape(static_cast<Index>(panels.size())), &view);
  for (std::size_t k = 0; k < panels.size(); ++k) {
    const auto index = static_cast<Index>(k);
    const PlotMove& move = panels[k].move;
    sheet.title(index, panels[k].name, panels[k].remarks);
    const Panel panel = sheet.panel(index);
    // The same stream for all: the same rows are drawn, and can be compared.
    if (view.is_colour()) {
      panel.dots({colour_layer(view, {move.moved, move.start.weights}, {1.6, kDots})},
                 stream.fork(1));
      continue;
    }
    panel.lines(view.project(move.start.points), view.project(move.moved), move.start.weights,
                kLines, stream.fork(0));
    panel.dots(move_layers(view, ends, move, kDots), stream.fork(1));
  }
  return std::move(sheet).finish();
}

}  // namespace otbridge
