// PNG by libpng, which reports a failure by longjmp: nothing that has a destructor is alive within
// a step of it.
#ifdef OTBRIDGE_HAS_IMAGES

#include <png.h>

#include <algorithm>
#include <bit>
#include <csetjmp>
#include <cstring>
#include <new>

#include "io/image_codec.hpp"
#include "otbridge/core/error.hpp"

namespace otbridge {
namespace {

constexpr int kPngLevel =
    3;  // of zlib: of photographs a few percent larger than 6, in half the time

// What callbacks of libpng see: the message of its failure, and where bytes come from or go to.
struct PngContext {
  char message[160] = "";
  std::string_view in;
  std::size_t at = 0;
  std::string* out = nullptr;
};

[[noreturn]] void on_png_error(png_structp png, png_const_charp message) {
  auto* context = static_cast<PngContext*>(png_get_error_ptr(png));
  std::strncpy(context->message, message, sizeof context->message - 1);
  png_longjmp(png, 1);
}

void on_png_warning(png_structp, png_const_charp) {}  // of chunks that are passed over

void take_bytes(png_structp png, png_bytep to, png_size_t count) {
  auto* context = static_cast<PngContext*>(png_get_io_ptr(png));
  if (count > context->in.size() - context->at) png_error(png, "it ends in the middle");
  std::memcpy(to, context->in.data() + context->at, count);
  context->at += count;
}

void put_bytes(png_structp png, png_bytep from, png_size_t count) {
  auto* context = static_cast<PngContext*>(png_get_io_ptr(png));
  bool kept = true;
  try {
    context->out->append(reinterpret_cast<const char*>(from), count);
  } catch (...) {
    kept = false;
  }
  if (!kept) png_error(png, "out of memory");
}

// The structures of libpng for one file, and steps with them that fail as ours do.
class PngFile {
 public:
  PngFile(bool reads, const std::string& name) : reads_(reads), name_(name) {
    png = reads ? png_create_read_struct(PNG_LIBPNG_VER_STRING, &context, on_png_error,
                                         on_png_warning)
                : png_create_write_struct(PNG_LIBPNG_VER_STRING, &context, on_png_error,
                                          on_png_warning);
    info = png != nullptr ? png_create_info_struct(png) : nullptr;
    if (info == nullptr) {
      destroy();
      throw std::bad_alloc();
    }
  }
  ~PngFile() { destroy(); }
  PngFile(const PngFile&) = delete;
  PngFile& operator=(const PngFile&) = delete;

  template <class Step>
  void run(const Step& step) {
    if (setjmp(png_jmpbuf(png)) != 0) {
      throw InvalidInput(name_,
                         std::string(reads_ ? "is a damaged PNG: " : "as PNG: ") + context.message);
    }
    step();
  }

  png_structp png = nullptr;
  png_infop info = nullptr;
  PngContext context;

 private:
  void destroy() {
    if (reads_)
      png_destroy_read_struct(&png, &info, nullptr);
    else
      png_destroy_write_struct(&png, &info);
  }

  bool reads_;
  const std::string& name_;
};

constexpr bool kSwaps = std::endian::native == std::endian::little;  // PNG is big-endian

std::vector<png_bytep> rows_in(std::vector<unsigned char>& raw, std::size_t height) {
  std::vector<png_bytep> rows(height);
  const std::size_t width = raw.size() / height;
  for (std::size_t y = 0; y < height; ++y) rows[y] = raw.data() + y * width;
  return rows;
}

}  // namespace

bool reads_images() { return true; }

DecodedImage decode_png(std::string_view bytes, const std::string& name) {
  constexpr double kDeflateRatio = 1032.0;  // at most (zlib's notes), of samples of one bit
  PngFile file(true, name);
  const png_structp png = file.png;
  const png_infop info = file.info;
  file.context.in = bytes;
  file.run([&] {
    png_set_read_fn(png, &file.context, take_bytes);
    png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_read_info(png, info);
  });
  const png_uint_32 width = png_get_image_width(png, info),
                    height = png_get_image_height(png, info);
  check_image_size(width, height, bytes.size(), 8.0 * kDeflateRatio, name);
  DecodedImage decoded;
  Image& image = decoded.image;
  image.width = width;
  image.height = height;
  image.depth = png_get_bit_depth(png, info) == 16 ? 16 : 8;
  std::size_t row_bytes = 0;
  file.run([&] {
    png_set_expand(png);  // palettes, grey of few bits, one clear colour
    if (kSwaps && image.depth == 16) png_set_swap(png);
    png_set_interlace_handling(png);
    png_read_update_info(png, info);
    image.channels = png_get_channels(png, info);
    row_bytes = png_get_rowbytes(png, info);
  });
  std::vector<unsigned char> raw(row_bytes * height);
  std::vector<png_bytep> rows = rows_in(raw, height);
  png_bytep exif = nullptr, icc = nullptr;
  png_uint_32 exif_size = 0, icc_size = 0;
  file.run([&] {
    png_read_image(png, rows.data());
    png_read_end(png, info);
    png_get_eXIf_1(png, info, &exif_size, &exif);
    png_charp label = nullptr;
    int compression = 0;
    png_get_iCCP(png, info, &label, &compression, &icc, &icc_size);
  });
  if (exif != nullptr) decoded.exif.assign(reinterpret_cast<const char*>(exif), exif_size);
  if (icc != nullptr) image.profile.assign(reinterpret_cast<const char*>(icc), icc_size);
  if (image.depth == 8) {
    image.samples.assign(raw.begin(), raw.end());
  } else {
    image.samples.resize(raw.size() / 2);
    std::memcpy(image.samples.data(), raw.data(), raw.size());
  }
  return decoded;
}

std::string encode_png(const Image& image) {
  const std::string name = "a picture of " + std::to_string(image.width) + " x " +
                           std::to_string(image.height) + " pixels";
  std::string bytes;
  std::vector<unsigned char> raw(image.samples.size() * (image.depth == 8 ? 1 : 2));
  if (image.depth == 8) {
    std::ranges::transform(image.samples, raw.begin(),
                           [](std::uint16_t s) { return static_cast<unsigned char>(s); });
  } else {
    std::memcpy(raw.data(), image.samples.data(), raw.size());
  }
  std::vector<png_bytep> rows = rows_in(raw, to_size(image.height));
  constexpr int kTypes[] = {PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB,
                            PNG_COLOR_TYPE_RGB_ALPHA};
  PngFile file(false, name);
  file.context.out = &bytes;
  const png_structp png = file.png;
  const png_infop info = file.info;
  file.run([&] {
    png_set_write_fn(png, &file.context, put_bytes, nullptr);
    png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_IHDR(png, info, static_cast<png_uint_32>(image.width),
                 static_cast<png_uint_32>(image.height), image.depth, kTypes[image.channels - 1],
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    // A damaged profile is left out, with a warning.
    if (!image.profile.empty() && !image.grey()) {
      png_set_benign_errors(png, 1);
      png_set_iCCP(png, info, "ICC profile", PNG_COMPRESSION_TYPE_BASE,
                   reinterpret_cast<png_const_bytep>(image.profile.data()),
                   static_cast<png_uint_32>(image.profile.size()));
    }
    png_set_compression_level(png, kPngLevel);
    png_write_info(png, info);
    if (kSwaps && image.depth == 16) png_set_swap(png);
    png_write_image(png, rows.data());
    png_write_end(png, nullptr);
  });
  return bytes;
}

}  // namespace otbridge

#endif
