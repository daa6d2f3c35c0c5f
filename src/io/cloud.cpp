#include "otbridge/io/cloud.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <iterator>

#include "io/cloud_text.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"
#include "otbridge/io/atomic_file.hpp"

namespace otbridge {

CloudFormat cloud_format(const std::string& path) {
  const auto dot = path.find_last_of('.');
  std::string extension = dot == std::string::npos ? "" : path.substr(dot);
  // ASCII only: extensions are no words, and locales would change what a file is.
  std::ranges::transform(extension, extension.begin(),
                         [](unsigned char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
  if (extension == ".csv") return CloudFormat::csv;
  if (extension == ".npy") return CloudFormat::npy;
  if (extension == ".ply") return CloudFormat::ply;
  throw InvalidInput(path, "the extension must be .csv, .npy or .ply");
}

namespace {

// By the extension alone: the content of a file never decides what it is.
Cloud parse_cloud(const std::string& path) {
  const CloudFormat format = cloud_format(path);
  const std::string bytes = read_file(path);
  switch (format) {
    case CloudFormat::npy:
      return parse_npy(bytes, path);
    case CloudFormat::ply:
      return parse_ply(bytes, path);
    default:
      return parse_csv(bytes, path);
  }
}

// The one place of the library that reads a stream of the process, and only where "-" asks for it.
std::string read_standard_input() {
  std::string bytes{std::istreambuf_iterator<char>(std::cin), {}};
  // The iterator takes a failure for the end.
  if (std::ferror(stdin) != 0) throw IoFailure("standard input", "cannot be read");
  return bytes;
}

}  // namespace

Cloud read_cloud(const std::string& path) {
  const bool from_stream = path == "-";
  Cloud cloud =
      from_stream ? parse_csv(read_standard_input(), "standard input") : parse_cloud(path);
  // Each is finite and >= 0 by now; their sum is what a law divides by.
  if (cloud.weights.size() > 0 && !(cloud.weights.maxCoeff() > 0.0)) {
    throw InvalidInput((from_stream ? "standard input" : path) + ": weights",
                       "are all zero; at least one must be > 0");
  }
  return cloud;
}

// NPY has a place for coordinates only: weights and ids do not travel in it.
std::string encode_cloud(const Cloud& cloud, CloudFormat format) {
  switch (format) {
    case CloudFormat::npy:
      return encode_npy({cloud.points.rows(), cloud.points.cols()},
                        {cloud.points.data(), to_size(cloud.points.size())});
    case CloudFormat::ply:
      return encode_ply(cloud);
    default:
      return encode_csv(cloud);
  }
}

namespace {

// Standard output is no file that could be replaced whole; a failure is told all the same.
void write_bytes(const std::string& path, const std::string& bytes) {
  if (path != "-") return write_file(path, bytes);
  std::cout.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  std::cout.flush();
  if (!std::cout) throw IoFailure("standard output", "cannot be written");
}

}  // namespace

void write_cloud(const Cloud& cloud, const std::string& path) {
  write_bytes(path, encode_cloud(cloud, path == "-" ? CloudFormat::csv : cloud_format(path)));
}

void write_paths(const Paths& paths, const Cloud& start, const std::string& path) {
  const Index n = start.points.rows(), d = start.points.cols();
  if (path != "-" && cloud_format(path) == CloudFormat::npy) {
    // Time is the slowest axis: the array is (T, n, d) in C order.
    std::vector<double> values;
    values.reserve(paths.at.size() * to_size(n * d));
    for (const Points& slice : paths.at)
      values.insert(values.end(), slice.data(), slice.data() + slice.size());
    return write_bytes(path, encode_npy({static_cast<Index>(paths.at.size()), n, d}, values));
  }
  if (path != "-" && cloud_format(path) == CloudFormat::ply) {
    throw InvalidInput(path, "paths are written as .npy or .csv");
  }
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
  write_bytes(path, text);
}

}  // namespace otbridge
