#include "otbridge/io/cloud.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <iterator>

#include "io/cloud_text.hpp"
#include "io/columns.hpp"
#include "io/record_cloud.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/exchange.hpp"
#include "otbridge/core/number_text.hpp"
#include "otbridge/io/atomic_file.hpp"
#include "otbridge/io/image.hpp"

namespace otbridge {

namespace {

struct Extension {
  const char* name;
  CloudFormat format;
  TextStyle style = {};  // of text
};
constexpr std::array kExtensions{
    Extension{".csv", CloudFormat::csv},
    Extension{".tsv", CloudFormat::csv, {.separator = '\t'}},
    Extension{".txt", CloudFormat::csv, {.separator = ' '}},
    Extension{".dat", CloudFormat::csv, {.separator = ' '}},
    Extension{".xyz", CloudFormat::csv, {.separator = ' ', .header = false}},
    Extension{".asc", CloudFormat::csv, {.separator = ' ', .header = false}},
    Extension{".pts", CloudFormat::csv, {.separator = ' ', .header = false, .count = true}},
    Extension{".npy", CloudFormat::npy},
    Extension{".npz", CloudFormat::npz},
    Extension{".ply", CloudFormat::ply},
    Extension{".pcd", CloudFormat::pcd},
    Extension{".png", CloudFormat::image},
    Extension{".jpg", CloudFormat::image},
    Extension{".jpeg", CloudFormat::image}};

bool is_png(const std::string& path) { return lower_case(path).ends_with(".png"); }

const Extension* find_extension(const std::string& path) {
  const std::string name = lower_case(path);
  const auto found = std::ranges::find_if(
      kExtensions, [&](const auto& extension) { return name.ends_with(extension.name); });
  return found == kExtensions.end() ? nullptr : &*found;
}

}  // namespace

CloudFormat format_named(const std::string& name) {
  constexpr std::array kFormats{CloudFormat::csv, CloudFormat::npy, CloudFormat::npz,
                                CloudFormat::ply, CloudFormat::pcd, CloudFormat::image};
  constexpr std::array kNames{"csv", "npy", "npz", "ply", "pcd", "image"};
  const auto at = std::ranges::find(kNames, name) - kNames.begin();
  if (at == std::ssize(kNames))
    throw InvalidInput(name, "must be csv, npy, npz, ply, pcd or image");
  return kFormats[static_cast<std::size_t>(at)];
}

ImageLaw image_law_named(const std::string& name) {
  if (name == "colours") return ImageLaw::colours;
  if (name == "density") return ImageLaw::density;
  throw InvalidInput(name, "must be colours or density");
}

bool has_cloud_format(const std::string& path) { return find_extension(path) != nullptr; }

bool is_image(const std::string& path) {
  const Extension* extension = find_extension(path);
  return extension != nullptr && extension->format == CloudFormat::image;
}

bool is_stream(const std::string& path) {
  return path == "-" || (path.starts_with("/dev/") && !has_cloud_format(path));
}

CloudFormat cloud_format(const std::string& path) {
  if (const Extension* extension = find_extension(path)) return extension->format;
  std::string known;
  for (std::size_t k = 0; k < kExtensions.size(); ++k) {
    const char* between = k == 0 ? "" : k + 1 < kExtensions.size() ? ", " : " or ";
    known += std::string(between) + kExtensions[k].name;
  }
  throw InvalidInput(path, "the extension must be " + known);
}

namespace {

// The one place of the library that reads a stream of the process, and only where "-" asks for it.
std::string read_standard_input() {
  std::string bytes{std::istreambuf_iterator<char>(std::cin), {}};
  // The iterator takes a failure for the end.
  if (std::ferror(stdin) != 0) throw IoFailure("standard input", "cannot be read");
  return bytes;
}

// What packs files has its name said, since the extension often hides it.
void refuse_packed(const std::string& bytes, CloudFormat format, const std::string& name) {
  constexpr std::array<std::pair<std::string_view, const char*>, 5> kPackers{
      {{"\x1F\x8B", "gzip"},
       {"BZh91AY&SY", "bzip2"},  // of its common level: the first letters may begin a name
       {"\xFD\x37zXZ", "xz"},
       {"\x28\xB5\x2F\xFD", "zstd"},
       {"PK\x03\x04", "zip"}}};
  for (const auto& [magic, packer] : kPackers) {
    const bool archive = format == CloudFormat::npz && magic.starts_with("PK");
    if (!bytes.starts_with(magic) || archive) continue;
    throw InvalidInput(name, std::string("is packed by ") + packer + "; unpack it first");
  }
}

Cloud parse(CloudFormat format, const std::string& bytes, const std::string& name,
            const ReadOptions& options) {
  switch (format) {
    case CloudFormat::npy:
      return parse_npy(bytes, name, options);
    case CloudFormat::npz:
      return parse_npz(bytes, name, options);
    case CloudFormat::ply:
      return parse_ply(bytes, name, options);
    case CloudFormat::pcd:
      return parse_pcd(bytes, name, options);
    case CloudFormat::image:
      return parse_picture(bytes, name, options);
    case CloudFormat::csv:
      break;
  }
  return parse_csv(bytes, name, options);
}

}  // namespace

Cloud read_cloud(const std::string& path, const ReadOptions& options) {
  const bool from_stream = path == "-";
  const std::string name = from_stream ? "standard input" : path;
  // By the extension alone unless the options say it: the content never decides what a file is.
  const CloudFormat format = options.format    ? *options.format
                             : is_stream(path) ? CloudFormat::csv
                                               : cloud_format(path);
  const std::string bytes =
      from_stream ? bytes_of_first_rank(read_standard_input) : read_file(path);
  refuse_packed(bytes, format, name);
  Cloud cloud = parse(format, bytes, name, options);
  // Each is finite and >= 0 by now; their sum is what a law divides by.
  if (cloud.weights.size() > 0 && !(cloud.weights.maxCoeff() > 0.0)) {
    throw InvalidInput(name + ": weights", "are all zero; at least one must be > 0");
  }
  return cloud;
}

// A plain array has a place for coordinates only: weights and ids do not travel in it.
std::string encode_cloud(const Cloud& cloud, CloudFormat format, const std::string& path) {
  const Extension* extension = find_extension(path);
  switch (format) {
    case CloudFormat::npy:
      return encode_npy({cloud.points.rows(), cloud.points.cols()},
                        {cloud.points.data(), to_size(cloud.points.size())});
    case CloudFormat::npz:
      return encode_npz(cloud);
    case CloudFormat::ply:
      return encode_ply(cloud);
    case CloudFormat::pcd:
      return encode_pcd(cloud);
    case CloudFormat::image:
      return is_png(path) ? encode_png(image_of(cloud)) : encode_jpeg(image_of(cloud));
    case CloudFormat::csv:
      break;
  }
  return encode_csv(cloud, extension == nullptr ? TextStyle{} : extension->style);
}

// Standard output is no file that could be replaced whole; a failure is told all the same.
void write_text(const std::string& path, const std::string& bytes) {
  if (path != "-") return write_file(path, bytes);
  on_first_rank([&] {
    std::cout.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    std::cout.flush();
    if (!std::cout) throw IoFailure("standard output", "cannot be written");
  });
}

void write_cloud(const Cloud& cloud, const std::string& path) {
  write_text(path, encode_cloud(cloud, path == "-" ? CloudFormat::csv : cloud_format(path), path));
}

Cloud parse_picture(const std::string& bytes, const std::string& name, const ReadOptions& options) {
  if (options.named())
    throw InvalidInput(name, "is a picture, which has no columns to choose from");
  const Image image = parse_image(bytes, name);
  return options.image == ImageLaw::density ? density_of(image, name) : colours_of(image, name);
}

void check_pixels(const std::string& path, const Cloud& cloud) {
  if (!is_image(path)) return;
  if (!cloud.pixels) {
    throw InvalidInput(path,
                       "is a picture, and what moves is none whose pixels could be coloured; "
                       "write .csv, .npy, .ply, ...");
  }
  const auto& alpha = cloud.pixels->alpha;
  const std::uint16_t opaque = cloud.pixels->depth == 8 ? 0xFF : 0xFFFF;
  if (!is_png(path) && std::ranges::any_of(alpha, [&](auto a) { return a != opaque; }))
    throw InvalidInput(path,
                       "is a JPEG, which holds no alpha, and the picture has some; write .png");
}

void check_room(const std::string& path, Index dimension) {
  if (path == "-" || dimension <= kMostRecordAxes) return;
  const CloudFormat format = cloud_format(path);
  if (format != CloudFormat::ply && format != CloudFormat::pcd) return;
  throw InvalidInput(path, "holds at most " + std::to_string(kMostRecordAxes) +
                               " coordinates, the points have " + std::to_string(dimension));
}

bool holds_paths(const std::string& path) {
  const std::string name = lower_case(path);
  return path == "-" || name.ends_with(".npy") || name.ends_with(".csv");
}

void write_paths(const Paths& paths, const Cloud& start, const std::string& path) {
  const Index n = start.points.rows(), d = start.points.cols();
  if (path != "-" && cloud_format(path) == CloudFormat::npy) {
    // Time is the slowest axis: the array is (T, n, d) in C order.
    std::vector<double> values;
    values.reserve(paths.at.size() * to_size(n * d));
    for (const Points& slice : paths.at)
      values.insert(values.end(), slice.data(), slice.data() + slice.size());
    return write_text(path, encode_npy({static_cast<Index>(paths.at.size()), n, d}, values));
  }
  if (!holds_paths(path)) throw InvalidInput(path, "paths are written as .npy or .csv");
  // The long form: one row per time and point, so that any table program can group it.
  std::string text = "t,id";
  for (const auto& name : coordinate_names(start)) text += "," + csv_field(name);
  text += "\n";
  for (std::size_t k = 0; k < paths.at.size(); ++k) {
    const std::string time = number_text(paths.times[k]);
    for (Index i = 0; i < n; ++i) {
      text +=
          time + "," + (start.ids.empty() ? std::to_string(i) : csv_field(start.ids[to_size(i)]));
      for (Index c = 0; c < d; ++c) text += "," + number_text(paths.at[k](i, c));
      text += "\n";
    }
  }
  write_text(path, text);
}

}  // namespace otbridge
