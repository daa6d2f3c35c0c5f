#include "otbridge/io/image.hpp"

#include <array>
#include <limits>
#include <string_view>
#include <utility>

#include "io/image_codec.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/machine.hpp"

namespace otbridge {
namespace {

using std::string_view_literals::operator""sv;

// Others are named, since an extension often hides them.
[[noreturn]] void refuse_kind(std::string_view bytes, const std::string& name) {
  constexpr std::array<std::pair<std::string_view, const char*>, 5> kKinds{{{"GIF8"sv, "GIF"},
                                                                            {"BM"sv, "BMP"},
                                                                            {"II*\0"sv, "TIFF"},
                                                                            {"MM\0*"sv, "TIFF"},
                                                                            {"RIFF"sv, "WebP"}}};
  std::string kind = "neither";
  for (const auto& [magic, called] : kKinds) {
    if (bytes.starts_with(magic)) kind = std::string("a ") + called;
  }
  if (bytes.substr(0, 12).ends_with("ftypheic"sv)) kind = "HEIC";
  if (bytes.substr(0, 12).ends_with("ftypavif"sv)) kind = "AVIF";
  throw InvalidInput(name, "must be a PNG or a JPEG, and is " + kind);
}

// Where a pixel of the upright picture is in the stored one (TIFF 6.0, Orientation): the sides are
// exchanged from 5 on, then each may run the other way.
Image upright(Image stored, int orientation) {
  if (orientation == 1) return stored;
  const bool exchanged = orientation >= 5;
  const bool from_right =
      orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_below =
      orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  Image image = stored;
  if (exchanged) std::swap(image.width, image.height);
  const Index channels = stored.channels;
  auto to = image.samples.begin();
  for (Index y = 0; y < image.height; ++y) {
    for (Index x = 0; x < image.width; ++x) {
      Index column = exchanged ? y : x, row = exchanged ? x : y;
      if (from_right) column = stored.width - 1 - column;
      if (from_below) row = stored.height - 1 - row;
      const auto from = stored.samples.begin() + (row * stored.width + column) * channels;
      to = std::copy(from, from + channels, to);
    }
  }
  return image;
}

}  // namespace

void check_image_size(double width, double height, std::size_t bytes, double pixels_per_byte,
                      const std::string& name) {
  // As decoded, with the rows of the cloud that each pixel stands for, sorted, and a cloud of as
  // many colours as pixels, twice.
  constexpr double kBytesPerPixel = 96.0;
  const double pixels = width * height;
  const std::string size = std::to_string(static_cast<long long>(width)) + " x " +
                           std::to_string(static_cast<long long>(height)) + " pixels";
  if (!(pixels >= 1.0)) throw InvalidInput(name, "has " + size);
  check_bytes(name + ": " + size, kBytesPerPixel * pixels);
  if (pixels > static_cast<double>(std::numeric_limits<std::uint32_t>::max()))
    throw MemoryLimit(name + ": has " + size + ", more than 2^32");
  if (pixels > pixels_per_byte * static_cast<double>(bytes)) {
    throw InvalidInput(name,
                       "declares " + size + ", but has " + std::to_string(bytes) + " bytes alone");
  }
}

bool is_rgb_profile(std::string_view icc) {
  return icc.size() >= 20 && icc.substr(16, 4) == "RGB ";  // ICC.1, the colour space of the data
}

// A TIFF structure begins with its byte order and the place of its first directory, which is a
// count and entries of 12 bytes: tag, type, number of values, value.
int exif_orientation(std::string_view tiff) {
  constexpr unsigned kTag = 0x0112, kShort = 3;
  if (!tiff.starts_with("II*\0"sv) && !tiff.starts_with("MM\0*"sv)) return 1;
  const bool big = tiff[0] == 'M';
  bool inside = true;
  const auto number = [&](std::size_t at, std::size_t width) {
    std::size_t value = 0;
    inside = inside && at + width <= tiff.size();
    for (std::size_t k = 0; k < width && inside; ++k)
      value = value << 8U | static_cast<unsigned char>(tiff[at + (big ? k : width - 1 - k)]);
    return value;
  };
  const std::size_t directory = number(4, 4), entries = number(directory, 2);
  for (std::size_t k = 0; k < entries && inside; ++k) {
    const std::size_t entry = directory + 2 + 12 * k;
    if (number(entry, 2) != kTag) continue;
    const std::size_t value = number(entry + 8, 2);
    return number(entry + 2, 2) == kShort && inside && value >= 1 && value <= 8
               ? static_cast<int>(value)
               : 1;
  }
  return 1;
}

Image parse_image(const std::string& bytes, const std::string& name) {
  const bool png = bytes.starts_with("\x89PNG\r\n\x1a\n"sv);
  if (!png && !bytes.starts_with("\xFF\xD8\xFF"sv)) refuse_kind(bytes, name);
  DecodedImage decoded = png ? decode_png(bytes, name) : decode_jpeg(bytes, name);
  // A profile of grey does not fit the colours that it is written with.
  if (!is_rgb_profile(decoded.image.profile)) decoded.image.profile.clear();
  return upright(std::move(decoded.image), exif_orientation(decoded.exif));
}

}  // namespace otbridge
