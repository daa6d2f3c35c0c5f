// Decoders and encoders of pictures, each over a system library.
#pragma once

#include <string>
#include <string_view>

#include "otbridge/io/image.hpp"

namespace otbridge {

// As the file has it: not yet turned. exif: its TIFF structure, or empty.
struct DecodedImage {
  Image image;
  std::string exif = {};
};
DecodedImage decode_png(std::string_view bytes, const std::string& name);
DecodedImage decode_jpeg(std::string_view bytes, const std::string& name);

// Throws InvalidInput for a size that so few bytes cannot hold, MemoryLimit for one that memory
// cannot: before it is allocated. pixels_per_byte: the most that the format packs.
void check_image_size(double width, double height, std::size_t bytes, double pixels_per_byte,
                      const std::string& name);

// Whether a profile is one of red, green and blue.
bool is_rgb_profile(std::string_view icc);

// The orientation that the tag 0x0112 of the first directory holds, from 1 to 8; 1 where there is
// none.
int exif_orientation(std::string_view tiff);

}  // namespace otbridge
