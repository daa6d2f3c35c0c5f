// Raster: SVG drawn by librsvg, where the program was built with it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace otbridge::cli {

#ifdef OTBRIDGE_HAS_RSVG
constexpr bool kHasRaster = true;
#else
constexpr bool kHasRaster = false;
#endif

// The bytes of a file: the same for the same SVG, library and fonts. Throws std::runtime_error with
// the library's reason if it fails, or if there is none (kHasRaster).
std::string png_of(const std::string& svg);  // two pixels to each of the SVG's
std::string pdf_of(const std::string& svg);  // a point to each of the SVG's pixels

// A picture as its pixels, row by row, 0xRRGGBB; one to each of the SVG's. Throws as above.
struct Pixels {
  int width, height;
  std::vector<std::uint32_t> colours;
};
Pixels pixels_of(const std::string& svg);

}  // namespace otbridge::cli
