// Pictures of pixels, PNG and JPEG, as laws: of the colours in them, or of a grey one as a density.
//
// Values are taken as the file has them, sRGB as a rule, divided by the largest: from 0 to 1. No
// colour profile is applied; one of red, green and blue is kept and written again. Where the
// program was built without libpng and libjpeg, everything here that has to do with bytes throws
// InvalidInput, which says so.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "otbridge/io/cloud.hpp"

namespace otbridge {

// Whether this build has libpng and libjpeg.
bool reads_images();

struct Image {
  Index width = 0, height = 0;
  int channels = 3;  // 1: grey, 2: grey and alpha, 3: red, green, blue, 4: and alpha
  int depth = 8;     // bits of a sample: 8 or 16
  // height x width x channels, from the top row down, each from left to right.
  std::vector<std::uint16_t> samples;
  std::string profile = {};  // ICC, of red, green and blue; empty: none

  bool grey() const { return channels <= 2; }
  bool has_alpha() const { return channels % 2 == 0; }
  double largest() const { return depth == 8 ? 255.0 : 65535.0; }  // sample
};

// What the pixels of a picture are, to a cloud of its colours: which of its rows each has. Kept
// with the cloud, so that moved colours can be written as a picture.
struct PixelGrid {
  Index width = 0, height = 0;
  int depth = 8;
  std::vector<std::uint32_t> colours;     // height x width, as Image: rows of the cloud
  std::vector<std::uint16_t> alpha = {};  // likewise, or empty: opaque
  std::string profile = {};
};

// PNG or JPEG, as the bytes say, turned upright as their EXIF orientation says. Palettes and grey
// of fewer bits come as 8 bits; a PNG has 16 where the file has. Throws InvalidInput, naming the
// file, for a picture of another kind, in CMYK, damaged or cut off; MemoryLimit, before anything is
// allocated, for one that does not fit. O(pixels).
Image parse_image(const std::string& bytes, const std::string& name);

// PNG of any image; JPEG of quality 95, all colours at full resolution, 8 bits. Throws InvalidInput
// for JPEG of an image with alpha below its largest.
std::string encode_png(const Image& image);
std::string encode_jpeg(const Image& image);

// One point for each colour there is, in the unit cube, ascending by red, green, blue; a grey
// picture has equal ones. It weighs the share of the pixels, as far as they are opaque. Columns r,
// g, b, and the grid. O(pixels) time for 8 bits, pixels log pixels at worst for 16; 8 bytes a pixel
// and 64 MiB.
Cloud colours_of(const Image& image, const std::string& name);

// One point for each pixel that is neither black nor clear, at its centre: the longer side of the
// picture is from 0 to 1, x to the right and y up. It weighs as its grey value times alpha; of
// colours the luma 0.299 r + 0.587 g + 0.114 b (ITU-R BT.601). Throws InvalidInput where there is
// none.
Cloud density_of(const Image& image, const std::string& name);

// The picture of a cloud in three dimensions that has a grid: values below 0 or above 1 are
// clipped, others rounded to the nearest of the grid's depth. Throws InvalidInput for another
// cloud.
Image image_of(const Cloud& cloud);

}  // namespace otbridge
