#include "raster.hpp"

#include <stdexcept>

#ifdef OTBRIDGE_HAS_RSVG

#include <cairo-pdf.h>
#include <librsvg/rsvg.h>

#include <cmath>
#include <cstring>
#include <memory>

namespace otbridge::cli {
namespace {

struct Free {
  void operator()(RsvgHandle* handle) const { g_object_unref(handle); }
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
  void operator()(cairo_t* context) const { cairo_destroy(context); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

[[noreturn]] void fail(const char* reason) {
  throw std::runtime_error(std::string("the picture could not be drawn: ") + reason);
}

struct Document {
  Owned<RsvgHandle> handle;
  RsvgRectangle box;  // the viewBox
};

Document parsed(const std::string& svg) {
  GError* error = nullptr;
  Owned<RsvgHandle> handle(
      rsvg_handle_new_from_data(reinterpret_cast<const guint8*>(svg.data()), svg.size(), &error));
  if (!handle) {
    const std::string reason = error->message;
    g_error_free(error);
    fail(reason.c_str());
  }
  RsvgLength width, height;
  gboolean has_width = 0, has_height = 0, has_box = 0;
  RsvgRectangle box{};
  rsvg_handle_get_intrinsic_dimensions(handle.get(), &has_width, &width, &has_height, &height,
                                       &has_box, &box);
  if (has_box == 0) fail("it has no viewBox");
  return {std::move(handle), box};
}

void render(const Document& document, cairo_surface_t* surface, double scale) {
  const Owned<cairo_t> context(cairo_create(surface));
  // The last row of pixels may be covered in part.
  cairo_set_source_rgb(context.get(), 1.0, 1.0, 1.0);
  cairo_paint(context.get());
  cairo_scale(context.get(), scale, scale);
  GError* error = nullptr;
  if (rsvg_handle_render_document(document.handle.get(), context.get(), &document.box, &error) ==
      0) {
    const std::string reason = error->message;
    g_error_free(error);
    fail(reason.c_str());
  }
}

void check(cairo_status_t status) {
  if (status != CAIRO_STATUS_SUCCESS) fail(cairo_status_to_string(status));
}

cairo_status_t append(void* bytes, const unsigned char* data, unsigned int length) {
  static_cast<std::string*>(bytes)->append(reinterpret_cast<const char*>(data), length);
  return CAIRO_STATUS_SUCCESS;
}

}  // namespace

std::string png_of(const std::string& svg) {
  constexpr double kScale = 2.0;  // pixels to each of the SVG's
  const Document document = parsed(svg);
  const Owned<cairo_surface_t> surface(cairo_image_surface_create(
      CAIRO_FORMAT_RGB24, static_cast<int>(std::ceil(kScale * document.box.width)),
      static_cast<int>(std::ceil(kScale * document.box.height))));
  check(cairo_surface_status(surface.get()));
  render(document, surface.get(), kScale);
  std::string bytes;
  check(cairo_surface_write_to_png_stream(surface.get(), append, &bytes));
  return bytes;
}

Pixels pixels_of(const std::string& svg) {
  const Document document = parsed(svg);
  Pixels pixels{static_cast<int>(std::ceil(document.box.width)),
                static_cast<int>(std::ceil(document.box.height)),
                {}};
  const Owned<cairo_surface_t> surface(
      cairo_image_surface_create(CAIRO_FORMAT_RGB24, pixels.width, pixels.height));
  check(cairo_surface_status(surface.get()));
  render(document, surface.get(), 1.0);
  cairo_surface_flush(surface.get());
  const unsigned char* data = cairo_image_surface_get_data(surface.get());
  const int stride = cairo_image_surface_get_stride(surface.get());
  for (int y = 0; y < pixels.height; ++y) {
    for (int x = 0; x < pixels.width; ++x) {
      std::uint32_t pixel = 0;
      std::memcpy(&pixel, data + y * stride + 4 * x, 4);
      pixels.colours.push_back(pixel & 0xFFFFFFU);
    }
  }
  return pixels;
}

std::string pdf_of(const std::string& svg) {
  const Document document = parsed(svg);
  std::string bytes;
  const Owned<cairo_surface_t> surface(
      cairo_pdf_surface_create_for_stream(append, &bytes, document.box.width, document.box.height));
  check(cairo_surface_status(surface.get()));
  // Without a date: the same input makes the same bytes.
  cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_CREATE_DATE, "");
  render(document, surface.get(), 1.0);
  cairo_surface_finish(surface.get());
  check(cairo_surface_status(surface.get()));
  return bytes;
}

}  // namespace otbridge::cli

#else

namespace otbridge::cli {

std::string png_of(const std::string&) { throw std::runtime_error("built without librsvg"); }
std::string pdf_of(const std::string&) { throw std::runtime_error("built without librsvg"); }
Pixels pixels_of(const std::string&) { throw std::runtime_error("built without librsvg"); }

}  // namespace otbridge::cli

#endif
