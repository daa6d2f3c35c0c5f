// Tracks: lines on axes of their own above each other, over one axis across.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "plot/sheet.hpp"
#include "plot/ticks.hpp"

namespace otbridge {

struct Series {
  std::string name;  // written at its end
  std::string stroke;
  std::vector<std::pair<double, double>> points = {};  // across, value
  bool dashed = false;
};

// What shares an axis upwards.
struct Track {
  std::string axis;
  std::vector<Series> series;
  double height;                 // pixels
  std::optional<double> limit;   // drawn as a line across
  std::string limit_words = {};  // written on it
  bool logarithmic = false;      // all values are above 0 then

  double low() const { return extreme(false); }  // of series and limit
  double high() const { return extreme(true); }

 private:
  double extreme(bool highest) const;
};

// The axis across, with bands from one of its values to another.
struct Across {
  double low, high;
  Ticks ticks;
  std::string name;
  std::vector<std::pair<double, double>> bands = {};
};

// At least one track; each has a series, and that a point.
std::string draw_tracks(const FigureText& text, const std::vector<LegendEntry>& legend,
                        const std::vector<Track>& tracks, const Across& across);

}  // namespace otbridge
