#include "otbridge/io/npy_rows.hpp"

#include <algorithm>

#include "io/cloud_text.hpp"
#include "io/npy_header.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/io/cloud.hpp"

namespace otbridge {
namespace {

constexpr std::uint64_t kMostRows = std::uint64_t{1} << 48;  // sizes below stay in 64 bits
constexpr Index kNumbersAtOnce = 1 << 20;

// What encode_npy begins with; as long for every number of rows, since it is padded.
std::string header_for(Index rows, Index cols) { return encode_npy({rows, cols}, {}); }

}  // namespace

std::optional<NpyRowReader> NpyRowReader::open(const std::string& path) {
  const std::uint64_t size = size_of_file(path);
  if (size == 0) return std::nullopt;
  const std::string head = read_part(path, 0, kNpyHead);
  const auto shape = plain_npy_shape(head);
  if (!shape || shape->empty() || shape->size() > 2) return std::nullopt;
  const NpyArray array = open_npy(head, path);
  const std::uint64_t n = shape->front(), d = shape->size() == 2 ? shape->back() : 1;
  if (array.header.fortran_order && d > 1) return std::nullopt;
  if (n == 0 || d == 0 || n > kMostRows || d > size) return std::nullopt;

  NpyRowReader reader;
  reader.path_ = path;
  reader.header_ = head.substr(0, head.size() - array.data.size());
  reader.rows_ = static_cast<Index>(n);
  reader.cols_ = static_cast<Index>(d);
  const std::uint64_t numbers = (size - reader.header_.size()) / array.header.width;
  if (numbers / d != n || reader.header_.size() + n * d * array.header.width != size) {
    return std::nullopt;
  }
  const Index step = std::max<Index>(1, kNumbersAtOnce / reader.cols_);
  for (Index begin = 0; begin < reader.rows_; begin += step) {
    const Index end = std::min(reader.rows_, begin + step);
    check_cloud({reader.read(begin, end), {}, {}, {}}, path, "row", begin);
  }
  return reader;
}

Points NpyRowReader::read(Index begin, Index end) const {
  const NpyHeader header = open_npy(header_, path_).header;
  const std::size_t row = to_size(cols_) * header.width;
  const std::string bytes =
      read_part(path_, header_.size() + to_size(begin) * row, to_size(end - begin) * row);
  if (bytes.size() < to_size(end - begin) * row) {
    throw IoFailure(path_, "has become shorter while it was read");
  }
  const NpyArray array{header, bytes};
  Points points(end - begin, cols_);
  for (Index k = 0; k < points.size(); ++k) points.data()[k] = array.number(to_size(k));
  return points;
}

NpyRowWriter::NpyRowWriter(const std::string& path, Index cols) : file_(path), cols_(cols) {
  file_.append(header_for(0, cols));
}

void NpyRowWriter::append(const Points& points) {
  file_.append(
      {reinterpret_cast<const char*>(points.data()), to_size(points.size()) * sizeof(double)});
  rows_ += points.rows();
}

void NpyRowWriter::finish() { file_.finish(header_for(rows_, cols_)); }

}  // namespace otbridge
