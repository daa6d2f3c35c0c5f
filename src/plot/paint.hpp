// Paint: the colours of pictures.
#pragma once

#include <array>
#include <string>

#include "otbridge/core/points.hpp"

namespace otbridge {

// Okabe and Ito 2008: told apart by readers of any colour vision.
namespace colour {
constexpr const char* kSource = "#0072B2";
constexpr const char* kTarget = "#D55E00";
constexpr const char* kMoved = "#009E73";
constexpr const char* kLoss = "#CC79A7";
constexpr const char* kDivergence = "#E69F00";
constexpr const char* kLine = "#7F7F7F";
constexpr const char* kGrid = "#E6E6E6";
constexpr const char* kBand = "#F3F3F3";
constexpr const char* kText = "#222222";
constexpr const char* kFaint = "#666666";
}  // namespace colour

// Even steps of viridis (van der Walt and Smith 2015) but for its last yellow, faint on white:
// points by where they start.
constexpr std::array<const char*, 7> kStartColours = {"#440154", "#443983", "#31688E", "#21918C",
                                                      "#35B779", "#90D743", "#D8C700"};

// "#RRGGBB" of shares of red, green and blue, taken into [0, 1].
std::string hex_colour(double red, double green, double blue);
// Of "#RRGGBB": that share of the way to white.
std::string lightened(const std::string& colour, double share);

// Each row's entry of kStartColours: rows in order along the longest axis of the plane, in classes
// of one size. Rows that are not finite are in the first. O(n log n).
std::vector<int> start_classes(const Points& plane);

}  // namespace otbridge
