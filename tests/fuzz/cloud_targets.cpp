#include <cmath>

#include "expectations.hpp"
#include "io/cloud_text.hpp"
#include "otbridge/io/cloud.hpp"
#include "otbridge/io/image.hpp"

namespace otbridge::fuzz {
namespace {

void check_cloud(const Cloud& cloud) {
  const auto n = static_cast<std::size_t>(cloud.points.rows());
  expect(n > 0 && cloud.points.cols() > 0, "a cloud has points, and they coordinates");
  expect(cloud.points.allFinite(), "coordinates are finite");
  expect(cloud.weights.size() == 0 || cloud.weights.size() == cloud.points.rows(),
         "each point has a weight, or none has");
  expect(
      cloud.weights.size() == 0 || (cloud.weights.allFinite() && cloud.weights.minCoeff() >= 0.0),
      "weights are finite and not negative");
  expect(cloud.ids.empty() || cloud.ids.size() == n, "each point has an id, or none has");
  expect(cloud.columns.empty() || static_cast<Index>(cloud.columns.size()) == cloud.points.cols(),
         "each coordinate has a name, or none has");
}

using Parse = Cloud (*)(const std::string&, const std::string&, const ReadOptions&);

bool of_records(CloudFormat format) {
  return format == CloudFormat::ply || format == CloudFormat::pcd;
}

Cloud written_and_read(const Cloud& cloud, Parse parse, CloudFormat format,
                       const ReadOptions& options, const std::string& name = "again") {
  try {
    return parse(encode_cloud(cloud, format, name), name, options);
  } catch (const InvalidInput& refusal) {
    throw BrokenPromise(std::string("a written cloud is read back: ") + refusal.what());
  }
}

bool same_points(const Cloud& again, const Cloud& cloud, CloudFormat format) {
  const auto same = [&](const Points& points) {
    return again.points.rows() == points.rows() && again.points.cols() == points.cols() &&
           again.points == points;
  };
  // Text may say more digits than the declared type holds, which is written.
  return same(cloud.points) || (of_records(format) && cloud.single_precision &&
                                same(cloud.points.cast<float>().cast<double>()));
}

bool read_cloud(const std::string& bytes, Parse parse, CloudFormat format) {
  return or_invalid([&] {
    const Cloud cloud = parse(bytes, "cloud", {});
    check_cloud(cloud);
    // PLY holds three coordinates, and what it reads has no more.
    const Cloud again = written_and_read(cloud, parse, format, {});
    expect(same_points(again, cloud, format), "points read back the same");
    if (format != CloudFormat::npy) {
      expect(again.weights.size() == cloud.weights.size() && again.weights == cloud.weights,
             "weights read back the same");
    }
    if (format == CloudFormat::csv) {
      expect(again.ids == cloud.ids, "ids read back the same");
      expect(cloud.columns.empty() || again.columns == cloud.columns,
             "names of coordinates read back the same");
    }
    if (of_records(format)) {
      // One axis by its name: the others become attributes, and are written beside it.
      ReadOptions one;
      one.columns = {cloud.columns.back()};
      const Cloud axis = parse(bytes, "cloud", one);
      check_cloud(axis);
      expect(same_points(written_and_read(axis, parse, format, one), axis, format),
             "an axis read back the same");
    }
  });
}

}  // namespace

// The name decides too: whether a count stands in front, and how blanks are written.
bool fuzz_csv(const std::string& bytes) {
  const auto scan = [&] {
    const Cloud cloud = parse_csv(bytes, "cloud.pts");
    check_cloud(cloud);
    if (cloud.points.cols() > 3) return;  // of which three are positions
    const Cloud again = written_and_read(cloud, parse_csv, CloudFormat::csv, {}, "again.pts");
    expect(same_points(again, cloud, CloudFormat::csv), "a scan reads back the same");
  };
  const auto blanks = [&] {
    const Cloud cloud = parse_csv(bytes, "cloud.txt");
    const Cloud again = written_and_read(cloud, parse_csv, CloudFormat::csv, {}, "again.txt");
    expect(again.ids == cloud.ids, "ids between blanks read back the same");
    expect(cloud.columns.empty() || again.columns == cloud.columns,
           "names between blanks read back the same");
  };
  const bool table = read_cloud(bytes, parse_csv, CloudFormat::csv);
  const bool positions = or_invalid(scan);
  return (table && or_invalid(blanks)) || positions;
}
bool fuzz_npy(const std::string& bytes) { return read_cloud(bytes, parse_npy, CloudFormat::npy); }
// An array of another number of axes is no paths, and not refused.
bool fuzz_paths(const std::string& bytes) {
  return or_invalid([&] {
    const auto slices = parse_npy_slices(bytes, "paths");
    if (!slices) return;
    expect(!slices->empty(), "paths have times");
    std::vector<double> values;
    const Index n = slices->front().rows(), d = slices->front().cols();
    expect(n > 0 && d > 0, "slices have points, and they coordinates");
    for (const Points& slice : *slices) {
      expect(slice.rows() == n && slice.cols() == d, "slices are alike");
      expect(slice.allFinite(), "coordinates are finite");
      values.insert(values.end(), slice.data(), slice.data() + slice.size());
    }
    const auto count = static_cast<Index>(slices->size());
    expect(parse_npy_slices(encode_npy({count, n, d}, values), "again") == slices,
           "slices read back the same");
  });
}
bool fuzz_npz(const std::string& bytes) { return read_cloud(bytes, parse_npz, CloudFormat::npz); }
bool fuzz_ply(const std::string& bytes) { return read_cloud(bytes, parse_ply, CloudFormat::ply); }
bool fuzz_pcd(const std::string& bytes) { return read_cloud(bytes, parse_pcd, CloudFormat::pcd); }

bool fuzz_image(const std::string& bytes) {
  const auto picture = [&] {
    const Image image = parse_image(bytes, "image");
    const Cloud colours = colours_of(image, "image");
    check_cloud(colours);
    const Image again = parse_image(encode_png(image_of(colours)), "again");
    expect(again.width == image.width && again.height == image.height, "a picture keeps its size");
    const Cloud same = colours_of(again, "again");
    expect(same.points.rows() == colours.points.rows() && same.points == colours.points,
           "colours read back the same");
    expect(same.pixels->colours == colours.pixels->colours, "pixels read back the same");
    check_cloud(density_of(image, "image"));
  };
  try {
    return or_invalid(picture);
  } catch (const MemoryLimit&) {  // that a header of a few bytes asks for
    return false;
  }
}

}  // namespace otbridge::fuzz
