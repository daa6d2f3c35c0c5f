// Films of few colours in files: GIF and APNG, which browsers, slides and mail show without a
// player.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "raster.hpp"

namespace otbridge::cli {

// Hundredths of a second: of a frame, and of the last one, which is looked at longer.
struct FilmPace {
  int frame = 6, last = 120;
};

// A rectangle that is painted over what was there.
struct FilmFrame {
  int left, top, width, height;
  std::string pixels;  // entries of the palette, row by row
  int hundredths;
  bool restores;  // whether what was there comes back when its time is over
};

struct Film {
  int width, height;
  std::vector<std::array<std::uint8_t, 3>> palette;  // at most 256; the first is transparent
  std::vector<FilmFrame> frames;
};

// The first picture whole, for those who show no more than that; then what most pictures have in
// common, for an instant, and over it what is different in each of the others: what stands still is
// written once. Pictures of one size, at least one. Colours are cut to `colours` by the median cut
// of Heckbert 1982; white stays white. O(pixels).
Film film_of(const std::vector<Pixels>& pictures, std::size_t colours, const FilmPace& pace);

// GIF 89a, for ever from the start, by the LZW of Welch 1984. O(pixels).
std::string gif_of(const Film& film);
// PNG with the chunks of an animation (PNG, third edition, 2025). O(pixels).
std::string apng_of(const Film& film);

}  // namespace otbridge::cli
