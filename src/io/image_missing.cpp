// In the place of libpng and libjpeg where the program was built without them.
#ifndef OTBRIDGE_HAS_IMAGES

#include "io/image_codec.hpp"
#include "otbridge/core/error.hpp"

namespace otbridge {
namespace {

[[noreturn]] void refuse_image(const std::string& name) {
  throw InvalidInput(name, "is a picture, and this otbridge was built without libpng and libjpeg");
}

}  // namespace

bool reads_images() { return false; }

DecodedImage decode_png(std::string_view, const std::string& name) { refuse_image(name); }
DecodedImage decode_jpeg(std::string_view, const std::string& name) { refuse_image(name); }
std::string encode_png(const Image&) { refuse_image("the output"); }
std::string encode_jpeg(const Image&) { refuse_image("the output"); }

}  // namespace otbridge

#endif
