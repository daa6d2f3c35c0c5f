#include <zlib.h>

#include <stdexcept>

#include "film.hpp"

namespace otbridge::cli {
namespace {

std::string big_endian(std::uint32_t value, int bytes) {
  std::string text;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
    text += static_cast<char>(value >> shift & 0xFFU);
  return text;
}

// Length, type, content, and the checksum of the latter two.
std::string chunk(const std::string& type, const std::string& content) {
  const std::string body = type + content;
  const uLong sum =
      crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
  return big_endian(static_cast<std::uint32_t>(content.size()), 4) + body +
         big_endian(static_cast<std::uint32_t>(sum), 4);
}

// Rows without a filter, which few colours gain nothing from.
std::string deflated(const std::string& pixels, int width) {
  std::string rows;
  for (std::size_t at = 0; at < pixels.size(); at += static_cast<std::size_t>(width)) {
    rows += '\0';
    rows.append(pixels, at, static_cast<std::size_t>(width));
  }
  uLongf size = compressBound(static_cast<uLong>(rows.size()));
  std::string bytes(size, '\0');
  if (compress2(reinterpret_cast<Bytef*>(bytes.data()), &size,
                reinterpret_cast<const Bytef*>(rows.data()), static_cast<uLong>(rows.size()),
                Z_BEST_COMPRESSION) != Z_OK) {
    throw std::runtime_error("the film could not be compressed");
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace

std::string apng_of(const Film& film) {
  const auto number = [](int value) { return big_endian(static_cast<std::uint32_t>(value), 4); };
  // Eight bits to a pixel, of a palette whose first entry is transparent.
  std::string bytes =
      "\x89PNG\r\n\x1A\n" + chunk("IHDR", number(film.width) + number(film.height) +
                                              std::string("\x08\x03\x00\x00\x00", 5));
  std::string palette;
  for (const auto& colour : film.palette) {
    for (const std::uint8_t channel : colour) palette += static_cast<char>(channel);
  }
  bytes += chunk("PLTE", palette) + chunk("tRNS", std::string(1, '\0'));
  // Repeated for ever.
  bytes += chunk("acTL", number(static_cast<int>(film.frames.size())) + number(0));
  int sequence = 0;
  for (const FilmFrame& frame : film.frames) {
    const bool first = sequence == 0;
    std::string control = number(sequence++) + number(frame.width) + number(frame.height) +
                          number(frame.left) + number(frame.top) +
                          big_endian(static_cast<std::uint32_t>(frame.hundredths), 2) +
                          big_endian(100, 2);
    // Afterwards: 0 it stays, 2 what was there comes back. Painted: 1 over what is there.
    control += frame.restores ? '\x02' : '\0';
    control += '\x01';
    bytes += chunk("fcTL", control);
    const std::string data = deflated(frame.pixels, frame.width);
    bytes += first ? chunk("IDAT", data) : chunk("fdAT", number(sequence++) + data);
  }
  return bytes + chunk("IEND", "");
}

}  // namespace otbridge::cli
