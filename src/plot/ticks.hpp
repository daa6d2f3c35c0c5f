// Ticks: where an axis is labelled, and with what.
#pragma once

#include <string>
#include <vector>

namespace otbridge {

// The value at a tick is its label times `scale` plus `offset`, exactly to the digits shown.
struct Ticks {
  std::vector<double> values;  // ascending
  std::vector<std::string> labels;
  double scale = 1.0, offset = 0.0;
  // What is to be said beside the axis of scale and offset: "x 1e-5", "+ 4.5e6", both, or nothing.
  std::string note() const;
};

// Round numbers within [low, high], low < high: 1, 2 or 5 times a power of ten apart, about `most`
// of them and never fewer than two. Labels that would be long share an offset or a power of ten.
Ticks ticks_within(double low, double high, int most);
// Whole numbers alone; they may be one, or lie outside, where the window holds fewer than two.
Ticks whole_ticks(double low, double high, int most);

}  // namespace otbridge
