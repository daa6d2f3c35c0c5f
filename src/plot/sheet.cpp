#include "plot/sheet.hpp"

#include <algorithm>
#include <cmath>

#include "plot/paint.hpp"

namespace otbridge {
namespace {

constexpr double kIndent = 18.0;  // of the page, on all sides
constexpr double kLegendSize = 11.0, kLegendLine = 18.0, kMarkWidth = 14.0;
constexpr double kTitleLine = 17.0;   // above a panel
constexpr double kScaleWidth = 44.0;  // of a mark that is a scale of colours

double mark_width(const LegendEntry& entry) {
  return entry.paint.size() > 1 ? kScaleWidth : kMarkWidth;
}

// Where each entry begins, and in which line of the legend.
struct LegendPlace {
  double x;
  int line;
};
std::vector<LegendPlace> legend_places(const std::vector<LegendEntry>& legend, double width) {
  std::vector<LegendPlace> places;
  double x = kIndent;
  int line = 0;
  for (const LegendEntry& entry : legend) {
    const double wide = mark_width(entry) + 5.0 + text_width(entry.name, kLegendSize);
    if (x > kIndent && x + wide > width - kIndent) x = kIndent, ++line;
    places.push_back({x, line});
    x += wide + 10.0;
  }
  return places;
}

void draw_mark(Svg& svg, const LegendEntry& entry, double x, double y) {
  const double middle = x + 0.5 * kMarkWidth;
  switch (entry.mark) {
    case LegendEntry::Mark::line:
      svg.line(x, y, x + kMarkWidth, y, entry.paint.front().c_str(), entry.size, entry.opacity);
      return;
    case LegendEntry::Mark::dashes:
      svg.stroke_path("M" + svg_place(x, y) + "h" + svg_number(kMarkWidth), entry.paint.front(),
                      entry.size, entry.opacity, true);
      return;
    case LegendEntry::Mark::area:
      svg.rectangle(x, y - 5, kMarkWidth, 10, entry.paint.front(), entry.opacity);
      return;
    case LegendEntry::Mark::ring:
      svg.ring(middle, y, entry.size, entry.paint.front().c_str(), 1.4);
      return;
    case LegendEntry::Mark::dot:
      break;
  }
  // A scale of colours is a row of its dots.
  const auto count = static_cast<double>(entry.paint.size());
  const double step = count > 1.0 ? (kScaleWidth - 2 * entry.size) / (count - 1.0) : 0.0;
  const double first = count > 1.0 ? x + entry.size : middle;
  for (std::size_t k = 0; k < entry.paint.size(); ++k) {
    svg.circle(first + step * static_cast<double>(k), y, entry.size, entry.paint[k], entry.opacity);
  }
}

}  // namespace

void draw_heading(Svg& svg, const FigureText& text, const std::vector<LegendEntry>& legend,
                  double width) {
  const double room = width - 2.0 * kIndent;
  // Bold letters are wider by about a tenth.
  svg.text(kIndent, 26, fitted(text.title, 0.9 * room, 13), 13, colour::kText, Svg::Anchor::start,
           true);
  svg.text(kIndent, 44, fitted(text.subtitle, room, 11), 11, colour::kFaint);
  const auto places = legend_places(legend, width);
  svg.open_group("legend");
  for (std::size_t k = 0; k < legend.size(); ++k) {
    const double y = 60.0 + kLegendLine * places[k].line;
    draw_mark(svg, legend[k], places[k].x, y);
    svg.text(places[k].x + mark_width(legend[k]) + 5.0, y + 4.0, legend[k].name, kLegendSize,
             colour::kText);
  }
  svg.close_group();
}

double heading_height(const std::vector<LegendEntry>& legend, double width) {
  if (legend.empty()) return 56.0;
  return 72.0 + kLegendLine * legend_places(legend, width).back().line;
}

Sheet::Layout Sheet::laid_out(const std::vector<LegendEntry>& legend, const Frame& frame,
                              const SheetShape& shape) {
  const bool boxed = frame.box.has_value();
  // Between panels; below a panel of the last row its labels and the name of the axis.
  constexpr double kPanelGap = 22.0;
  const double below = boxed ? 30.0 : 46.0;
  Layout layout{};
  layout.width = shape.width;
  layout.top = heading_height(legend, shape.width) + 12.0 + kTitleLine * shape.lines +
               shape.strip_above + (boxed ? 14.0 : 0.0);
  // Ticks depend on the size of a panel, which is known up to the width of their labels; these
  // differ by less than a letter from one guess to the next.
  double left = 60.0;
  const auto columns = static_cast<double>(shape.columns);
  for (int guess = 0; guess < 2; ++guess) {
    const double room =
        shape.width - left - kIndent - shape.strip_right - (columns - 1.0) * kPanelGap;
    layout.panel_width = room / columns;
    if (boxed) break;
    left = 6.0 + label_room(ticks_upwards(frame.window, layout.panel_width * frame.window.aspect));
  }
  layout.left = left;
  layout.step_x = layout.panel_width + kPanelGap;
  const double height = layout.panel_width * frame.window.aspect;
  const Index rows = (shape.panels + shape.columns - 1) / shape.columns;
  layout.step_y = height + 14.0 + kTitleLine * shape.lines;
  layout.height = layout.top + static_cast<double>(rows - 1) * layout.step_y + height + below;
  return layout;
}

Sheet::Sheet(const FigureText& text, const std::vector<LegendEntry>& legend, const Frame& frame,
             const SheetShape& shape, const View* view)
    : shape_(shape),
      window_(frame.window),
      layout_(laid_out(legend, frame, shape)),
      svg_(layout_.width, layout_.height, text) {
  draw_heading(svg_, {text.title, text.subtitle + frame.remark, "", ""}, legend, layout_.width);
  for (Index k = 0; k < shape.panels; ++k) {
    const Panel at = panel(k);
    const bool leftmost = k % shape.columns == 0, lowest = k + shape.columns >= shape.panels;
    if (frame.box) {
      draw_box(at, *view, frame, leftmost && lowest);
    } else {
      at.horizontal_axis(at.x_ticks(), frame.names[0], lowest);
      at.vertical_axis(at.y_ticks(), frame.names[1], leftmost);
    }
  }
}

Panel Sheet::panel(Index k) {
  const Index column = k % shape_.columns, row = k / shape_.columns;
  return {svg_, layout_.left + static_cast<double>(column) * layout_.step_x,
          layout_.top + static_cast<double>(row) * layout_.step_y, layout_.panel_width, window_};
}

void Sheet::title(Index k, const std::string& name, const std::vector<std::string>& remarks) {
  const Panel at = panel(k);
  double y = at.y() - 8.0 - kTitleLine * (shape_.lines - 1);
  svg_.text(at.x(), y, fitted(name, 0.9 * at.width(), 12), 12, colour::kText, Svg::Anchor::start,
            true);
  for (const auto& remark : remarks) {
    y += kTitleLine;
    svg_.text(at.x(), y, fitted(remark, at.width(), 11), 11, colour::kFaint);
  }
}

}  // namespace otbridge
