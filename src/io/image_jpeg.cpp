// JPEG by libjpeg (turbo), which reports a failure by our longjmp: nothing that has a destructor is
// alive within a step of it.
#ifdef OTBRIDGE_HAS_IMAGES

// jpeglib.h wants FILE before it, and jerror.h jpeglib.h.
// clang-format off
#include <cstdio>
#include <jpeglib.h>
#include <jerror.h>
// clang-format on

#include <algorithm>
#include <csetjmp>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "io/image_codec.hpp"
#include "otbridge/core/error.hpp"

namespace otbridge {
namespace {

constexpr int kQuality = 95;
constexpr int kMostScans = 500;  // of a progressive file; each costs a pass over all pixels

// libjpeg's table of errors with what a failure leaves by; found again from the former.
struct JpegErrors {
  jpeg_error_mgr manager;  // first: the library knows a pointer to it
  std::jmp_buf place;
  char message[JMSG_LENGTH_MAX] = "";
};

[[noreturn]] void on_jpeg_error(j_common_ptr common) {
  auto* errors = reinterpret_cast<JpegErrors*>(common->err);
  common->err->format_message(common, errors->message);
  std::longjmp(errors->place, 1);
}

// The library calls damage a warning, and makes grey of what is missing.
void on_jpeg_message(j_common_ptr common, int level) {
  const int code = common->err->msg_code;
  const bool harmless = level >= 0 || code == JWRN_EXTRANEOUS_DATA || code == JWRN_JFIF_MAJOR ||
                        code == JWRN_ADOBE_XFORM;
  if (!harmless) on_jpeg_error(common);
}

void on_jpeg_progress(j_common_ptr common) {
  if (common->is_decompressor == 0) return;
  if (reinterpret_cast<j_decompress_ptr>(common)->input_scan_number <= kMostScans) return;
  auto* errors = reinterpret_cast<JpegErrors*>(common->err);
  std::strcpy(errors->message, "it has more than 500 scans");
  std::longjmp(errors->place, 1);
}

// The structure of libjpeg for one file, jpeg_decompress_struct or jpeg_compress_struct, and steps
// with it that fail as ours do.
template <class Info>
class JpegFile {
 public:
  JpegFile(void (*create)(Info*), std::string what) : what_(std::move(what)) {
    info.err = jpeg_std_error(&errors_.manager);
    errors_.manager.error_exit = on_jpeg_error;
    errors_.manager.emit_message = on_jpeg_message;
    run([&] { create(&info); });
    progress_.progress_monitor = on_jpeg_progress;
    info.progress = &progress_;
  }
  ~JpegFile() { jpeg_destroy(reinterpret_cast<j_common_ptr>(&info)); }
  JpegFile(const JpegFile&) = delete;
  JpegFile& operator=(const JpegFile&) = delete;

  template <class Step>
  void run(const Step& step) {
    if (setjmp(errors_.place) != 0) throw InvalidInput(what_ + errors_.message);
    step();
  }

  Info info{};

 private:
  std::string what_;
  JpegErrors errors_;
  jpeg_progress_mgr progress_{};
};

void create_decompressor(j_decompress_ptr info) { jpeg_create_decompress(info); }
void create_compressor(j_compress_ptr info) { jpeg_create_compress(info); }

// The EXIF data among the markers, without their six bytes in front.
std::string exif_of(const jpeg_decompress_struct& info) {
  constexpr std::string_view kStart("Exif\0\0", 6);
  for (const auto* marker = info.marker_list; marker != nullptr; marker = marker->next) {
    const std::string_view data(reinterpret_cast<const char*>(marker->data), marker->data_length);
    if (marker->marker == JPEG_APP0 + 1 && data.starts_with(kStart))
      return std::string(data.substr(kStart.size()));
  }
  return {};
}

struct Release {
  void operator()(unsigned char* bytes) const { std::free(bytes); }
};
using JpegBytes = std::unique_ptr<unsigned char, Release>;

}  // namespace

DecodedImage decode_jpeg(std::string_view bytes, const std::string& name) {
  constexpr double kPixelsPerByte = 4096.0;  // a bit at least for each block of 64, and some more
  JpegFile<jpeg_decompress_struct> file(create_decompressor, name + ": is a damaged JPEG: ");
  auto& info = file.info;
  file.run([&] {
    jpeg_mem_src(&info, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    jpeg_save_markers(&info, JPEG_APP0 + 1, 0xFFFF);  // EXIF
    jpeg_save_markers(&info, JPEG_APP0 + 2, 0xFFFF);  // ICC
    jpeg_read_header(&info, TRUE);
  });
  if (info.jpeg_color_space == JCS_CMYK || info.jpeg_color_space == JCS_YCCK)
    throw InvalidInput(name, "is a JPEG in CMYK, for print; convert it to RGB");
  const bool grey = info.jpeg_color_space == JCS_GRAYSCALE;
  if (!grey && info.num_components != 3) {
    throw InvalidInput(name, "is a JPEG of " + std::to_string(info.num_components) +
                                 " components; must be grey or of red, green and blue");
  }
  check_image_size(info.image_width, info.image_height, bytes.size(), kPixelsPerByte, name);
  DecodedImage decoded;
  Image& image = decoded.image;
  image.width = info.image_width;
  image.height = info.image_height;
  image.channels = grey ? 1 : 3;
  decoded.exif = exif_of(info);
  JpegBytes icc;
  unsigned int icc_size = 0;
  file.run([&] {
    JOCTET* data = nullptr;
    if (jpeg_read_icc_profile(&info, &data, &icc_size) != FALSE) icc.reset(data);
  });
  if (icc) image.profile.assign(reinterpret_cast<const char*>(icc.get()), icc_size);
  image.samples.resize(to_size(image.width * image.height * image.channels));
  std::vector<JSAMPLE> row(to_size(image.width * image.channels));
  file.run([&] {
    info.out_color_space = grey ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_start_decompress(&info);
    std::uint16_t* to = image.samples.data();
    while (info.output_scanline < info.output_height) {
      JSAMPROW rows[] = {row.data()};
      jpeg_read_scanlines(&info, rows, 1);
      to = std::copy(row.begin(), row.end(), to);
    }
    jpeg_finish_decompress(&info);
  });
  return decoded;
}

std::string encode_jpeg(const Image& image) {
  const auto channels = to_size(image.channels), colours = channels - (image.has_alpha() ? 1 : 0);
  constexpr Index kLongestSide = JPEG_MAX_DIMENSION;
  if (image.width > kLongestSide || image.height > kLongestSide) {
    throw InvalidInput(
        "a JPEG", "has at most " + std::to_string(kLongestSide) + " pixels a side; write .png");
  }
  for (std::size_t k = colours; k < image.samples.size() && image.has_alpha(); k += channels) {
    if (image.samples[k] < image.largest())
      throw InvalidInput("a JPEG", "holds no alpha, which the picture has; write .png");
  }
  unsigned char* data = nullptr;
  unsigned long size = 0;
  std::vector<JSAMPLE> row(to_size(image.width) * colours);
  JpegBytes owned;
  {
    JpegFile<jpeg_compress_struct> file(create_compressor, "as JPEG: ");
    auto& info = file.info;
    const auto write = [&] {
      jpeg_mem_dest(&info, &data, &size);
      info.image_width = static_cast<JDIMENSION>(image.width);
      info.image_height = static_cast<JDIMENSION>(image.height);
      info.input_components = static_cast<int>(colours);
      info.in_color_space = image.grey() ? JCS_GRAYSCALE : JCS_RGB;
      jpeg_set_defaults(&info);
      jpeg_set_quality(&info, kQuality, TRUE);
      // Colours as fine as brightness, where the default halves both sides.
      info.comp_info[0].h_samp_factor = info.comp_info[0].v_samp_factor = 1;
      jpeg_start_compress(&info, TRUE);
      if (!image.profile.empty() && !image.grey()) {
        jpeg_write_icc_profile(&info, reinterpret_cast<const JOCTET*>(image.profile.data()),
                               static_cast<unsigned int>(image.profile.size()));
      }
      const std::uint16_t* from = image.samples.data();
      const double to_8_bits = 255.0 / image.largest();
      while (info.next_scanline < info.image_height) {
        for (std::size_t k = 0; k < row.size(); ++k) {
          const std::uint16_t sample = from[k / colours * channels + k % colours];
          row[k] = static_cast<JSAMPLE>(static_cast<double>(sample) * to_8_bits + 0.5);
        }
        from += to_size(image.width) * channels;
        JSAMPROW rows[] = {row.data()};
        jpeg_write_scanlines(&info, rows, 1);
      }
      jpeg_finish_compress(&info);
    };
    try {
      file.run(write);
    } catch (...) {
      owned.reset(data);
      throw;
    }
  }
  owned.reset(data);
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace otbridge

#endif
