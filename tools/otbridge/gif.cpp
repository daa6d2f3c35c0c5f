#include <unordered_map>

#include "film.hpp"

namespace otbridge::cli {
namespace {

void append_short(std::string& bytes, int value) {
  bytes += static_cast<char>(value & 0xFF);
  bytes += static_cast<char>(value >> 8 & 0xFF);
}

// Codes of growing length, lowest bit first, in blocks of at most 255 bytes.
class CodeWriter {
 public:
  explicit CodeWriter(std::string& bytes) : bytes_(bytes) {}
  void write(unsigned code, int length) {
    bits_ |= code << count_;
    for (count_ += length; count_ >= 8; count_ -= 8) {
      put(static_cast<char>(bits_ & 0xFFU));
      bits_ >>= 8;
    }
  }
  void finish() {
    if (count_ > 0) put(static_cast<char>(bits_ & 0xFFU));
    flush();
    bytes_ += '\0';
  }

 private:
  void put(char byte) {
    block_ += byte;
    if (block_.size() == 255) flush();
  }
  void flush() {
    if (block_.empty()) return;
    bytes_ += static_cast<char>(block_.size());
    bytes_ += block_;
    block_.clear();
  }

  std::string& bytes_;
  std::string block_ = {};
  unsigned bits_ = 0;
  int count_ = 0;
};

// GIF 89a, appendix F: codes of clear and end after those of the colours; strings are added up to
// 4096 codes, then all begins again.
void append_pixels(std::string& bytes, const std::string& pixels, int colour_bits) {
  const unsigned clear = 1U << colour_bits, end = clear + 1U;
  constexpr unsigned kMostCodes = 4096;
  bytes += static_cast<char>(colour_bits);
  CodeWriter codes(bytes);
  std::unordered_map<unsigned, unsigned> strings;  // of a code and the byte that follows it
  unsigned next = end + 1U;
  int length = colour_bits + 1;
  codes.write(clear, length);
  auto current = static_cast<unsigned>(static_cast<unsigned char>(pixels[0]));
  for (std::size_t k = 1; k < pixels.size(); ++k) {
    const auto byte = static_cast<unsigned>(static_cast<unsigned char>(pixels[k]));
    const unsigned longer = current << 8 | byte;
    if (const auto found = strings.find(longer); found != strings.end()) {
      current = found->second;
      continue;
    }
    codes.write(current, length);
    current = byte;
    if (next < kMostCodes) {
      strings.emplace(longer, next);
      // The reader adds this string one code later.
      if (next == 1U << length && length < 12) ++length;
      ++next;
    } else {
      codes.write(clear, length);
      strings.clear();
      next = end + 1U, length = colour_bits + 1;
    }
  }
  codes.write(current, length);
  codes.write(end, length);
  codes.finish();
}

}  // namespace

std::string gif_of(const Film& film) {
  int bits = 2;
  while ((std::size_t{1} << bits) < film.palette.size()) ++bits;
  std::string bytes = "GIF89a";
  append_short(bytes, film.width), append_short(bytes, film.height);
  bytes += static_cast<char>(0x80 | (bits - 1) << 4 | (bits - 1));
  bytes += std::string(2, '\0');
  for (std::size_t k = 0; k < std::size_t{1} << bits; ++k) {
    for (std::size_t channel = 0; channel < 3; ++channel)
      bytes += k < film.palette.size() ? static_cast<char>(film.palette[k][channel]) : '\0';
  }
  // The extension that browsers know for repeating: 0 times is for ever.
  bytes += std::string("\x21\xFF\x0BNETSCAPE2.0\x03\x01\x00\x00\x00", 19);
  for (const FilmFrame& frame : film.frames) {
    bytes += std::string("\x21\xF9\x04", 3);
    // Entry 0 is transparent; what becomes of the frame: 1 it stays, 3 what was there comes back.
    bytes += static_cast<char>((frame.restores ? 3 : 1) << 2 | 1);
    append_short(bytes, frame.hundredths);
    bytes += std::string("\x00\x00\x2C", 3);
    for (const int number : {frame.left, frame.top, frame.width, frame.height})
      append_short(bytes, number);
    bytes += '\0';
    append_pixels(bytes, frame.pixels, bits);
  }
  return bytes + '\x3B';
}

}  // namespace otbridge::cli
