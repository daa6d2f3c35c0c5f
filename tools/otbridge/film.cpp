#include "film.hpp"

#include <algorithm>
#include <cmath>

namespace otbridge::cli {
namespace {

constexpr std::uint32_t kWhite = 0xFFFFFFU;

// Colours that agree in the five leading bits of red, green and blue, and what they are on average.
struct Bin {
  std::uint64_t count = 0;
  std::array<std::uint64_t, 3> sum = {};

  double mean(std::size_t channel) const {
    return static_cast<double>(sum[channel]) / static_cast<double>(count);
  }
};

std::uint32_t channel_of(std::uint32_t colour, std::size_t channel) {
  return colour >> (16 - 8 * channel) & 0xFFU;
}
std::size_t bin_of(std::uint32_t colour) {
  return (channel_of(colour, 0) >> 3) << 10 | (channel_of(colour, 1) >> 3) << 5 |
         channel_of(colour, 2) >> 3;
}

// Bins that share an entry of the palette.
struct Box {
  std::vector<std::size_t> bins;
  std::size_t widest = 0;  // channel
  double spread = 0.0;     // of it, by how many pixels there are
};
Box box_of(std::vector<std::size_t> members, const std::vector<Bin>& bins) {
  Box box{std::move(members)};
  double pixels = 0.0;
  for (const std::size_t k : box.bins) pixels += static_cast<double>(bins[k].count);
  for (std::size_t channel = 0; channel < 3; ++channel) {
    double low = 256.0, high = -1.0;
    for (const std::size_t k : box.bins) {
      low = std::min(low, bins[k].mean(channel)), high = std::max(high, bins[k].mean(channel));
    }
    // Rare colours that are far from the others, as of a legend, count too: the root.
    const double spread = (high - low) * std::sqrt(pixels);
    if (spread > box.spread) box.spread = spread, box.widest = channel;
  }
  return box;
}

std::vector<Box> cut(std::vector<std::size_t> members, const std::vector<Bin>& bins,
                     std::size_t boxes) {
  std::vector<Box> all{box_of(std::move(members), bins)};
  while (all.size() < boxes) {
    const auto largest = std::ranges::max_element(all, {}, &Box::spread);
    if (largest->spread <= 0.0) break;
    std::vector<std::size_t> sorted = std::move(largest->bins);
    const std::size_t channel = largest->widest;
    std::ranges::stable_sort(sorted, {}, [&](std::size_t k) { return bins[k].mean(channel); });
    // Where the channel is halfway between its ends: flat colours are told apart before crowds are.
    const double middle =
        0.5 * (bins[sorted.front()].mean(channel) + bins[sorted.back()].mean(channel));
    const auto half =
        std::ranges::find_if(sorted, [&](std::size_t k) { return bins[k].mean(channel) > middle; });
    std::vector<std::size_t> upper(half, sorted.end());
    sorted.erase(half, sorted.end());
    *largest = box_of(std::move(sorted), bins);
    all.push_back(box_of(std::move(upper), bins));
  }
  return all;
}

struct IndexedPictures {
  std::vector<std::array<std::uint8_t, 3>> palette;  // transparent, white, then the others
  std::vector<std::string> pixels;
};

constexpr char kTransparent = 0, kWhiteEntry = 1;

IndexedPictures indexed(const std::vector<Pixels>& pictures, std::size_t colours) {
  std::vector<Bin> bins(std::size_t{1} << 15);
  for (const Pixels& picture : pictures) {
    for (const std::uint32_t colour : picture.colours) {
      if (colour == kWhite) continue;
      Bin& bin = bins[bin_of(colour)];
      ++bin.count;
      for (std::size_t channel = 0; channel < 3; ++channel)
        bin.sum[channel] += channel_of(colour, channel);
    }
  }
  std::vector<std::size_t> used;
  for (std::size_t k = 0; k < bins.size(); ++k) {
    if (bins[k].count > 0) used.push_back(k);
  }
  IndexedPictures all{{{255, 255, 255}, {255, 255, 255}}, {}};
  std::vector<char> entry(bins.size(), kWhiteEntry);
  if (!used.empty()) {
    for (const Box& box : cut(used, bins, colours - all.palette.size())) {
      Bin sum;
      for (const std::size_t k : box.bins) {
        entry[k] = static_cast<char>(all.palette.size());
        sum.count += bins[k].count;
        for (std::size_t channel = 0; channel < 3; ++channel)
          sum.sum[channel] += bins[k].sum[channel];
      }
      std::array<std::uint8_t, 3> colour;
      for (std::size_t channel = 0; channel < 3; ++channel)
        colour[channel] = static_cast<std::uint8_t>(sum.mean(channel) + 0.5);
      all.palette.push_back(colour);
    }
  }
  for (const Pixels& picture : pictures) {
    std::string bytes;
    bytes.reserve(picture.colours.size());
    for (const std::uint32_t colour : picture.colours)
      bytes += colour == kWhite ? kWhiteEntry : entry[bin_of(colour)];
    all.pixels.push_back(std::move(bytes));
  }
  return all;
}

// At each place what most pictures have there.
std::string in_common(const std::vector<std::string>& pictures) {
  std::string common = pictures.front();
  for (std::size_t at = 0; at < common.size(); ++at) {
    std::array<int, 256> counts = {};
    for (const std::string& picture : pictures) {
      const auto here = static_cast<unsigned char>(picture[at]);
      if (++counts[here] > counts[static_cast<unsigned char>(common[at])]) common[at] = picture[at];
    }
  }
  return common;
}

// What differs, within the rectangle around it; transparent where nothing does.
FilmFrame difference(const std::string& picture, const std::string& common, int width) {
  const auto columns = static_cast<std::size_t>(width);
  std::size_t left = columns, right = 0, top = picture.size(), bottom = 0;
  for (std::size_t at = 0; at < picture.size(); ++at) {
    if (picture[at] == common[at]) continue;
    left = std::min(left, at % columns), right = std::max(right, at % columns);
    top = std::min(top, at / columns), bottom = std::max(bottom, at / columns);
  }
  if (left > right) left = right = top = bottom = 0;  // nothing: one pixel, since none is no frame
  std::string pixels;
  for (std::size_t y = top; y <= bottom; ++y) {
    for (std::size_t x = left; x <= right; ++x) {
      const std::size_t at = y * columns + x;
      pixels += picture[at] == common[at] ? kTransparent : picture[at];
    }
  }
  const auto whole = [](std::size_t n) { return static_cast<int>(n); };
  return {
      whole(left), whole(top), whole(right - left + 1), whole(bottom - top + 1), std::move(pixels),
      0,           true};
}

}  // namespace

Film film_of(const std::vector<Pixels>& pictures, std::size_t colours, const FilmPace& pace) {
  IndexedPictures all = indexed(pictures, colours);
  Film film{pictures.front().width, pictures.front().height, std::move(all.palette), {}};
  const std::string common = in_common(all.pixels);
  // Shorter times are taken for long ones by browsers.
  constexpr int kInstant = 2;
  film.frames.push_back({0, 0, film.width, film.height, all.pixels.front(), pace.frame, false});
  film.frames.push_back({0, 0, film.width, film.height, common, kInstant, false});
  for (std::size_t k = 1; k < all.pixels.size(); ++k) {
    film.frames.push_back(difference(all.pixels[k], common, film.width));
    film.frames.back().hundredths = k + 1 == all.pixels.size() ? pace.last : pace.frame;
  }
  return film;
}

}  // namespace otbridge::cli
