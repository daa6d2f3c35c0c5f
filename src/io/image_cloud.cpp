// Pictures as clouds, and clouds of moved colours as pictures.
#include <algorithm>
#include <array>
#include <numeric>
#include <span>
#include <utility>

#include "otbridge/core/error.hpp"
#include "otbridge/core/parallel.hpp"
#include "otbridge/io/image.hpp"

namespace otbridge {
namespace {

constexpr Index kPixelsPerChunk = 65536;
constexpr std::array kChannels{"r", "g", "b"};

Index pixels_of(const Image& image) { return image.width * image.height; }

using Colour = std::array<std::uint16_t, 3>;
Colour colour_at(const Image& image, Index pixel) {
  const std::uint16_t* sample = image.samples.data() + pixel * image.channels;
  return image.grey() ? Colour{sample[0], sample[0], sample[0]}
                      : Colour{sample[0], sample[1], sample[2]};
}

// From 0, clear, to 1.
double opacity_at(const Image& image, Index pixel) {
  if (!image.has_alpha()) return 1.0;
  return image.samples[to_size((pixel + 1) * image.channels - 1)] / image.largest();
}

// The first 24 bits of the three values one after another: all of 8 bits, red and half of green
// of 16.
std::size_t bucket_of(const Colour& colour, int depth) {
  const std::size_t red = colour[0], green = colour[1], blue = colour[2];
  return depth == 8 ? red << 16U | green << 8U | blue : red << 8U | green >> 8U;
}

void sort_by_colour(const Image& image, std::span<std::uint32_t> pixels) {
  std::ranges::sort(pixels, {}, [&](std::uint32_t i) {
    return std::pair(colour_at(image, static_cast<Index>(i)), i);
  });
}

// The pixels by their colours, ascending: by counting what falls into each bucket, then by sorting
// within it where colours differ there. Of few pixels by sorting alone.
std::vector<std::uint32_t> sorted_pixels(const Image& image) {
  constexpr Index kFew = 65536;
  const Index n = pixels_of(image);
  std::vector<std::uint32_t> sorted(to_size(n));
  if (n <= kFew) {
    std::iota(sorted.begin(), sorted.end(), 0U);
    sort_by_colour(image, sorted);
    return sorted;
  }
  std::vector<std::uint32_t> end(std::size_t{1} << 24U);
  for (Index i = 0; i < n; ++i) ++end[bucket_of(colour_at(image, i), image.depth)];
  std::uint32_t sum = 0;
  for (std::uint32_t& bucket : end) sum = bucket = sum + bucket;
  for (Index i = n; i-- > 0;)
    sorted[--end[bucket_of(colour_at(image, i), image.depth)]] = static_cast<std::uint32_t>(i);
  if (image.depth == 8) return sorted;
  for (std::size_t k = 0; k < end.size(); ++k) {
    // By now each is the beginning of its bucket.
    const std::size_t stop = k + 1 < end.size() ? end[k + 1] : sorted.size();
    sort_by_colour(image, std::span(sorted).subspan(end[k], stop - end[k]));
  }
  return sorted;
}

}  // namespace

Cloud colours_of(const Image& image, const std::string& name) {
  const Index n = pixels_of(image);
  const std::vector<std::uint32_t> sorted = sorted_pixels(image);
  auto grid = std::make_shared<PixelGrid>(
      PixelGrid{image.width, image.height, image.depth, std::vector<std::uint32_t>(to_size(n))});
  grid->profile = image.profile;
  std::vector<Colour> colours;
  std::vector<double> weights;
  for (const std::uint32_t at : sorted) {
    const auto pixel = static_cast<Index>(at);
    const Colour colour = colour_at(image, pixel);
    if (colours.empty() || colours.back() != colour) {
      colours.push_back(colour);
      weights.push_back(0.0);
    }
    weights.back() += opacity_at(image, pixel);
    grid->colours[at] = static_cast<std::uint32_t>(colours.size() - 1);
  }
  if (image.has_alpha()) {
    grid->alpha.resize(to_size(n));
    for (std::size_t i = 0; i < grid->alpha.size(); ++i)
      grid->alpha[i] = image.samples[(i + 1) * to_size(image.channels) - 1];
  }
  Cloud cloud;
  cloud.points.resize(static_cast<Index>(colours.size()), 3);
  for (std::size_t k = 0; k < colours.size(); ++k) {
    for (std::size_t c = 0; c < 3; ++c)
      cloud.points(static_cast<Index>(k), static_cast<Index>(c)) = colours[k][c] / image.largest();
  }
  cloud.weights = Eigen::Map<const Vector>(weights.data(), static_cast<Index>(weights.size()));
  const double mass = cloud.weights.sum();
  if (!(mass > 0.0)) throw InvalidInput(name, "is clear in every pixel");
  cloud.weights /= mass;
  cloud.weights_from = "pixels";
  cloud.columns.assign(kChannels.begin(), kChannels.end());
  cloud.notes = {
      name + ": " + std::to_string(image.width) + " x " + std::to_string(image.height) +
      " pixels of " + std::to_string(image.depth) + " bits, " + std::to_string(colours.size()) +
      " colours, dimension 3 (r, g, b), weights from the pixels" +
      (image.grey() ? "; it is grey: --image density reads it as a density in the plane" : "")};
  cloud.pixels = std::move(grid);
  return cloud;
}

Cloud density_of(const Image& image, const std::string& name) {
  const Index n = pixels_of(image);
  constexpr std::array kLuma{0.299, 0.587, 0.114};
  std::vector<Index> lit;
  std::vector<double> values;
  for (Index i = 0; i < n; ++i) {
    const Colour colour = colour_at(image, i);
    double value = colour[0];
    if (!image.grey()) value = kLuma[0] * colour[0] + kLuma[1] * colour[1] + kLuma[2] * colour[2];
    value *= opacity_at(image, i);
    if (!(value > 0.0)) continue;
    lit.push_back(i);
    values.push_back(value);
  }
  if (lit.empty()) throw InvalidInput(name, "is black in every pixel, which is no density");
  Cloud cloud;
  const auto unit = static_cast<double>(std::max(image.width, image.height));
  cloud.points.resize(static_cast<Index>(lit.size()), 2);
  for (std::size_t k = 0; k < lit.size(); ++k) {
    const Index column = lit[k] % image.width, row = lit[k] / image.width;
    cloud.points.row(static_cast<Index>(k)) << (static_cast<double>(column) + 0.5) / unit,
        (static_cast<double>(image.height - row) - 0.5) / unit;
  }
  cloud.weights = Eigen::Map<const Vector>(values.data(), static_cast<Index>(values.size()));
  cloud.weights /= cloud.weights.sum();
  cloud.weights_from = image.grey() ? "grey values" : "luma";
  cloud.columns = {"x", "y"};
  cloud.notes = {summary_of(cloud, name) + ", of " + std::to_string(image.width) + " x " +
                 std::to_string(image.height) + " pixels"};
  return cloud;
}

Image image_of(const Cloud& cloud) {
  if (!cloud.pixels || cloud.points.cols() != 3)
    throw InvalidInput("the points", "are not the colours of a picture");
  const PixelGrid& grid = *cloud.pixels;
  const bool alpha = !grid.alpha.empty();
  Image image{grid.width, grid.height, alpha ? 4 : 3, grid.depth, {}, grid.profile};
  const double largest = image.largest();
  const Index n = pixels_of(image);
  // By their names: columns may have been put in the order of another cloud's.
  std::vector<Index> columns = places_of({kChannels.begin(), kChannels.end()}, cloud.columns);
  if (columns.empty()) columns = {0, 1, 2};
  image.samples.resize(to_size(n * image.channels));
  parallel_for(n, kPixelsPerChunk, [&](Index begin, Index end, Index) {
    std::uint16_t* sample = image.samples.data() + begin * image.channels;
    for (Index i = begin; i < end; ++i) {
      for (const Index c : columns) {
        const double value = cloud.points(static_cast<Index>(grid.colours[to_size(i)]), c);
        *sample++ =
            static_cast<std::uint16_t>(std::clamp(value, 0.0, 1.0) * largest + 0.5);  // to nearest
      }
      if (alpha) *sample++ = grid.alpha[to_size(i)];
    }
  });
  return image;
}

}  // namespace otbridge
