// Pictures as laws. pillow_* were written by Pillow 13, whose decoded values stand here.
#include "otbridge/io/image.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>

#include "otbridge/core/error.hpp"
#include "otbridge/io/atomic_file.hpp"
#include "otbridge/io/law_json.hpp"
#include "refusal.hpp"

using namespace otbridge;
using testing::refusal;

namespace {

using Samples = std::vector<std::uint16_t>;

// Nothing of pictures can be tried in a build without their libraries.
#define NEEDS_IMAGES                           \
  if (!reads_images()) {                       \
    MESSAGE("skipped: no libpng and libjpeg"); \
    return;                                    \
  }

std::string picture_file(const std::string& name) {
  return read_file(std::string(OTBRIDGE_SOURCE_DIR) + "/tests/io/data/" + name);
}

// CRC-32 of ISO 3309, bit by bit, as PNG asks for at the end of each chunk.
std::string png_chunk(const std::string& type, const std::string& data) {
  const auto big = [](std::uint32_t value) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8)
      bytes += static_cast<char>(value >> static_cast<unsigned>(shift) & 0xFFU);
    return bytes;
  };
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char c : type + data) {
    crc ^= static_cast<unsigned char>(c);
    for (int k = 0; k < 8; ++k) crc = crc >> 1U ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
  }
  return big(static_cast<std::uint32_t>(data.size())) + type + data + big(~crc);
}

// A TIFF structure of one entry, the orientation.
std::string exif_block(int orientation, bool big) {
  const char value = static_cast<char>(orientation);
  std::string tiff = big ? std::string("MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0", 19)
                         : std::string("II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0", 18);
  tiff += value;
  while (tiff.size() < 26) tiff += '\0';
  return tiff;
}

std::string png_with_exif(const Image& image, int orientation, bool big) {
  constexpr std::size_t kHeader = 8 + 25;  // signature and IHDR
  return encode_png(image).insert(kHeader, png_chunk("eXIf", exif_block(orientation, big)));
}

}  // namespace

TEST_CASE("PNG of 8 and 16 bits, with alpha and without, comes back to the sample") {
  NEEDS_IMAGES
  for (const int depth : {8, 16}) {
    for (int channels = 1; channels <= 4; ++channels) {
      Image image{3, 2, channels, depth, {}};
      for (int k = 0; k < 6 * channels; ++k)
        image.samples.push_back(static_cast<std::uint16_t>(depth == 8 ? 11 * k % 256 : 2741 * k));
      const Image back = parse_image(encode_png(image), "f");
      CHECK(back.width == 3);
      CHECK(back.height == 2);
      CHECK(back.channels == channels);
      CHECK(back.depth == depth);
      CHECK(back.samples == image.samples);
    }
  }
}

TEST_CASE("palettes, few bits and 16 bits of another program read as it reads them") {
  NEEDS_IMAGES
  const Image palette = parse_image(picture_file("pillow_palette.png"), "f");
  CHECK(palette.channels == 4);
  CHECK(palette.samples == Samples{255, 0,  0,  255, 0,   255, 0,   255, 0,   0,  255,
                                   0,   10, 20, 30,  128, 10,  20,  30,  128, 0,  0,
                                   255, 0,  0,  255, 0,   255, 255, 0,   0,   255});
  const Image grey = parse_image(picture_file("pillow_grey16.png"), "f");
  CHECK(grey.depth == 16);
  CHECK(grey.samples == Samples{0, 1, 256, 1000, 65534, 65535});
  CHECK(parse_image(picture_file("pillow_bits.png"), "f").samples == Samples{0, 255, 255});
  const Image jpeg = parse_image(picture_file("pillow_grey.jpg"), "f");
  CHECK(jpeg.channels == 1);
  const auto at = [&](Index y, Index x) { return jpeg.samples[to_size(y * jpeg.width + x)]; };
  CHECK(std::array{at(4, 4), at(4, 12), at(12, 4), at(12, 20)} ==
        std::array<std::uint16_t, 4>{82, 118, 69, 215});
}

TEST_CASE("a JPEG is turned as its EXIF says, as Pillow turns it") {
  NEEDS_IMAGES
  const Image image = parse_image(picture_file("pillow_orientation_6.jpg"), "f");
  CHECK(image.width == 16);
  CHECK(image.height == 24);
  const auto near = [&](Index y, Index x, std::array<int, 3> colour) {
    for (std::size_t c = 0; c < 3; ++c) {
      const int sample = image.samples[to_size((y * image.width + x) * 3) + c];
      CHECK(std::abs(sample - colour[c]) <= 1);
    }
  };
  near(4, 4, {30, 60, 220});
  near(4, 12, {200, 30, 39});
  near(20, 4, {240, 240, 20});
  near(20, 12, {20, 179, 60});
}

// The eight ways as TIFF 6.0 puts them: where row 0 and column 0 of what is stored are seen.
TEST_CASE("every orientation of EXIF is turned upright, in both byte orders") {
  NEEDS_IMAGES
  const Image stored{2, 3, 1, 8, {1, 2, 3, 4, 5, 6}};
  const std::array<Samples, 8> seen{{{1, 2, 3, 4, 5, 6},    // as it is
                                     {2, 1, 4, 3, 6, 5},    // row 0 top, column 0 right
                                     {6, 5, 4, 3, 2, 1},    // bottom, right
                                     {5, 6, 3, 4, 1, 2},    // bottom, left
                                     {1, 3, 5, 2, 4, 6},    // row 0 left, column 0 top
                                     {5, 3, 1, 6, 4, 2},    // right, top
                                     {6, 4, 2, 5, 3, 1},    // right, bottom
                                     {2, 4, 6, 1, 3, 5}}};  // left, bottom
  for (int orientation = 1; orientation <= 8; ++orientation) {
    for (const bool big : {false, true}) {
      CAPTURE(orientation);
      const Image image = parse_image(png_with_exif(stored, orientation, big), "f");
      CHECK(image.width == (orientation <= 4 ? 2 : 3));
      CHECK(image.samples == seen[to_size(orientation - 1)]);
    }
  }
  for (const int unknown : {0, 9})
    CHECK(parse_image(png_with_exif(stored, unknown, true), "f").samples == stored.samples);
}

TEST_CASE("the colours of a picture are weighed by pixels as far as they are opaque") {
  NEEDS_IMAGES
  // Two opaque red pixels, a half clear blue one, a clear green one.
  const Image image{2, 2, 4, 8, {255, 0, 0, 255, 0, 0, 255, 102, 255, 0, 0, 255, 0, 255, 0, 0}};
  Cloud cloud = colours_of(image, "f");
  CHECK(cloud.points == Points{{0, 0, 1}, {0, 1, 0}, {1, 0, 0}});
  const Vector weights{{0.4 / 2.4, 0.0, 2.0 / 2.4}};
  CHECK((cloud.weights - weights).cwiseAbs().maxCoeff() < 1e-15);
  CHECK(cloud.columns == std::vector<std::string>{"r", "g", "b"});
  CHECK(image_of(cloud).samples == image.samples);
  // Moved: beyond the cube is clipped, between two values is rounded, alpha stays.
  cloud.points << -0.5, 0.25, 2.0, 0.0, 0.5, 0.0, 0.002, 0.1, 0.9;
  CHECK(image_of(cloud).samples ==
        Samples{1, 26, 230, 255, 0, 64, 255, 102, 1, 26, 230, 255, 0, 128, 0, 0});
  CHECK(refusal([&] { colours_of({1, 1, 2, 8, {7, 0}}, "f"); }) == "f: is clear in every pixel");
}

TEST_CASE("colours of 16 bits that share their upper bytes are told apart") {
  NEEDS_IMAGES
  const Image image{2, 2, 3, 16, {259, 0, 0, 257, 0, 0, 258, 0, 0, 257, 0, 0}};
  const Cloud cloud = colours_of(image, "f");
  CHECK(cloud.points.rows() == 3);
  CHECK(cloud.weights == Vector{{0.5, 0.25, 0.25}});
  CHECK(cloud.points(0, 0) == 257.0 / 65535.0);
  CHECK(image_of(cloud).samples == image.samples);
  CHECK(image_of(cloud).depth == 16);
}

// Above the number of pixels from which colours are counted and not sorted: a different way, the
// same answer as of each half, which is sorted. Many of 16 bits share their upper bytes.
TEST_CASE("the colours of many pixels are those of their parts") {
  NEEDS_IMAGES
  for (const int depth : {8, 16}) {
    Image part{256, 200, 3, depth, {}};
    std::uint32_t state = 1;
    for (int k = 0; k < 256 * 200 * 3; ++k) {
      state = state * 1664525U + 1013904223U;  // of Numerical Recipes
      part.samples.push_back(static_cast<std::uint16_t>((state >> 27U) * (depth == 8 ? 8U : 17U)));
    }
    Image whole = part;
    whole.height = 400;
    whole.samples.insert(whole.samples.end(), part.samples.begin(), part.samples.end());
    const Cloud few = colours_of(part, "f"), many = colours_of(whole, "f");
    CHECK(many.points == few.points);
    CHECK((many.weights - few.weights).cwiseAbs().maxCoeff() < 1e-12);
    CHECK(image_of(many).samples == whole.samples);
  }
}

TEST_CASE("a grey picture as a density: centres, y up, weights as the grey values") {
  NEEDS_IMAGES
  const Image image{4, 2, 1, 8, {0, 10, 0, 30, 0, 0, 60, 0}};
  const Cloud cloud = density_of(image, "f");
  CHECK(cloud.points == Points{{0.375, 0.375}, {0.875, 0.375}, {0.625, 0.125}});
  CHECK((cloud.weights - Vector{{0.1, 0.3, 0.6}}).cwiseAbs().maxCoeff() < 1e-15);
  // Of colours the luma, 0.299 r + 0.587 g + 0.114 b: red against white.
  const Cloud coloured = density_of({2, 1, 3, 8, {255, 0, 0, 255, 255, 255}}, "f");
  CHECK(std::abs(coloured.weights[0] - 0.299 / 1.299) < 1e-15);
  CHECK(refusal([] {
          density_of({1, 1, 1, 8, {0}}, "f");
        }) == "f: is black in every pixel, which is no density");
}

TEST_CASE("JPEG out: near what went in, 16 bits become 8, alpha is refused") {
  NEEDS_IMAGES
  Image image{32, 16, 3, 16, {}};
  for (int y = 0; y < 16; ++y) {
    for (int x = 0; x < 32; ++x)
      for (const int value : {8 * x, 16 * y, 128})
        image.samples.push_back(to_size(257 * value) & 0xFFFF);
  }
  const Image back = parse_image(encode_jpeg(image), "f");
  CHECK(back.depth == 8);
  REQUIRE(back.samples.size() == image.samples.size());
  int worst = 0;
  for (std::size_t k = 0; k < back.samples.size(); ++k)
    worst = std::max(worst, std::abs(back.samples[k] - image.samples[k] / 257));
  CHECK(worst <= 6);
  CHECK(refusal([] {
          encode_jpeg({1, 1, 2, 8, {7, 9}});
        }) == "a JPEG: holds no alpha, which the picture has; write .png");
  CHECK(parse_image(encode_jpeg({1, 1, 2, 8, {7, 255}}), "f").channels == 1);
}

TEST_CASE("a profile of red, green and blue is carried, one of grey is not") {
  NEEDS_IMAGES
  // A header of 128 bytes (ICC.1), and one tag: a count, then name, place and size.
  // Its data are of all kinds: libpng takes a packed profile of less than 92 bytes for damaged.
  std::string icc(244, '\0');
  icc[3] = static_cast<char>(244);
  for (std::size_t k = 144; k < 244; ++k) icc[k] = static_cast<char>(k * k * k % 251);
  icc.replace(128, 16, std::string("\0\0\0\x01wtpt\0\0\0\x90\0\0\0\x64", 16));
  icc.replace(8, 4, "\x02\x40\0\0", 4);
  icc.replace(12, 4, "mntr");
  icc.replace(16, 4, "RGB ");
  icc.replace(20, 4, "XYZ ");
  icc.replace(36, 4, "acsp");
  icc.replace(68, 12, std::string("\0\0\xF6\xD6\0\x01\0\0\0\0\xD3\x2D", 12));
  Image image{1, 1, 3, 8, {1, 2, 3}};
  image.profile = icc;
  CHECK(parse_image(encode_jpeg(image), "f").profile == icc);
  CHECK(parse_image(encode_png(image), "f").profile == icc);
  CHECK(image_of(colours_of(image, "f")).profile == icc);
  image.profile.replace(16, 4, "GRAY");
  CHECK(parse_image(encode_jpeg(image), "f").profile.empty());
}

TEST_CASE("pictures that cannot be read are refused in a line") {
  NEEDS_IMAGES
  const auto said = [](const std::string& bytes) {
    return refusal([&] { parse_image(bytes, "f"); });
  };
  Image image{64, 64, 3, 8, {}};
  for (std::size_t k = 0; k < 64 * 64 * 3; ++k) image.samples.push_back(k * k % 251 & 0xFFU);
  const std::string png = encode_png(image), jpeg = encode_jpeg(image);
  for (std::size_t part = 3; part < 40; ++part) {
    CHECK(said(png.substr(0, png.size() * part / 40)).starts_with("f: is a damaged PNG: "));
    CHECK(said(jpeg.substr(0, jpeg.size() * part / 40)).starts_with("f: is a damaged JPEG: "));
  }
  CHECK(said(png.substr(0, png.size() / 2)) == "f: is a damaged PNG: it ends in the middle");
  std::string flipped = png;
  flipped[flipped.size() / 2] ^= 1;
  CHECK(said(flipped).starts_with("f: is a damaged PNG: "));
  CHECK(said(picture_file("pillow_cmyk.jpg")) ==
        "f: is a JPEG in CMYK, for print; convert it to RGB");
  CHECK(said("GIF89a") == "f: must be a PNG or a JPEG, and is a GIF");
  CHECK(said("") == "f: must be a PNG or a JPEG, and is neither");
  // Sizes of a header are seen before memory is asked for.
  const auto header = [](const std::string& sides) {
    return "\x89PNG\r\n\x1a\n" + png_chunk("IHDR", sides + std::string("\x08\x02\0\0\0", 5)) +
           png_chunk("IDAT", "x");
  };
  const std::string huge("\x7F\xFF\xFF\xFF\x7F\xFF\xFF\xFF", 8);
  CHECK_THROWS_AS(parse_image(header(huge), "f"), MemoryLimit);
  const std::string wide("\0\0\x10\0\0\0\x10\0", 8);
  CHECK(said(header(wide)).starts_with("f: declares 4096 x 4096 pixels, but has "));
  CHECK(refusal([&] { parse_picture(png, "f", {.columns = {"r"}}); }) ==
        "f: is a picture, which has no columns to choose from");
}

TEST_CASE("a law of JSON names a picture and what it is to be") {
  NEEDS_IMAGES
  const std::string folder = std::string(OTBRIDGE_SOURCE_DIR) + "/tests/io/data/";
  const std::string file = "\"file\": \"" + folder + "pillow_grey16.png\"";
  const NamedLaw colours = read_law("{\"type\": \"image\", " + file + "}");
  CHECK(colours.law->dimension() == 3);
  CHECK(colours.cloud->pixels != nullptr);
  CHECK(colours.label == "pillow_grey16.png");
  const NamedLaw density = read_law("{\"type\": \"image\", \"as\": \"density\", " + file + "}");
  CHECK(density.law->dimension() == 2);
  CHECK(density.cloud->points.rows() == 5);
  CHECK(refusal([&] { read_law("{\"type\": \"image\", \"as\": \"ink\", " + file + "}"); }) ==
        "law: /as = \"ink\": must be colours or density");
}
