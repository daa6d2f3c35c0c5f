// Sheet: a page with a heading and a grid of panels that share one frame.
#pragma once

#include <string>
#include <vector>

#include "plot/panel.hpp"

namespace otbridge {

// A mark of the legend looks like what it stands for.
struct LegendEntry {
  enum class Mark { dot, ring, line, area, dashes };
  std::string name;
  std::vector<std::string> paint;  // colours; several make a scale
  double opacity = 1.0;
  Mark mark = Mark::dot;
  double size = 4.0;  // radius of a dot, width of a line
};

struct SheetShape {
  Index panels = 1;
  Index columns = 1;
  double width = 640.0;                         // of the page
  int lines = 0;                                // of text above each panel
  double strip_above = 0.0, strip_right = 0.0;  // pixels left free beside the panel
};

class Sheet {
 public:
  // Heading, legend, and the axes of all panels; the view is needed where the frame has a box.
  Sheet(const FigureText& text, const std::vector<LegendEntry>& legend, const Frame& frame,
        const SheetShape& shape, const View* view = nullptr);

  Svg& svg() { return svg_; }
  Panel panel(Index k);
  // Words above a panel, in bold and below in grey; as many lines as the shape has.
  void title(Index k, const std::string& name, const std::vector<std::string>& remarks = {});
  std::string finish() && { return std::move(svg_).finish(); }

 private:
  // Pixels of the page.
  struct Layout {
    double left, top, panel_width, step_x, step_y, width, height;
  };
  static Layout laid_out(const std::vector<LegendEntry>& legend, const Frame& frame,
                         const SheetShape& shape);

  SheetShape shape_;
  Window window_;
  Layout layout_;
  Svg svg_;
};

// Title, grey subtitle, and the legend in as many lines as it takes.
void draw_heading(Svg& svg, const FigureText& text, const std::vector<LegendEntry>& legend,
                  double width);
// The pixels that it takes from the top.
double heading_height(const std::vector<LegendEntry>& legend, double width);

}  // namespace otbridge
