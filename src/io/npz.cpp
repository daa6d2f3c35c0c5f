// NPZ, NumPy's archive of arrays: a ZIP file of NPY files, stored or deflated. The container is
// libzip's.
#include <zip.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>

#include "io/cloud_text.hpp"
#include "io/columns.hpp"
#include "io/npy_header.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/machine.hpp"
#include "otbridge/core/names.hpp"

namespace otbridge {
namespace {

struct DiscardArchive {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
using Archive = std::unique_ptr<zip_t, DiscardArchive>;

Archive open_archive(const std::string& bytes, const std::string& name) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  zip_t* archive = source == nullptr
                       ? nullptr
                       : zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error);
  if (archive == nullptr && source != nullptr) zip_source_free(source);
  zip_error_fini(&error);
  if (archive == nullptr) throw InvalidInput(name, "is not an NPZ file, a ZIP archive of arrays");
  return Archive(archive);
}

// Names of the arrays, without ".npy", in the order of the archive.
std::vector<std::string> arrays_of(zip_t* archive) {
  std::vector<std::string> names;
  for (zip_int64_t k = 0; k < zip_get_num_entries(archive, 0); ++k) {
    const char* name = zip_get_name(archive, static_cast<zip_uint64_t>(k), ZIP_FL_ENC_GUESS);
    std::string member = name == nullptr ? "" : name;
    if (member.ends_with(".npy")) member.resize(member.size() - 4);
    names.push_back(std::move(member));
  }
  return names;
}

// The bytes of a member, `most` of them at most.
std::string unpack(zip_t* archive, std::size_t at, const std::string& name,
                   std::size_t most = std::numeric_limits<std::size_t>::max()) {
  zip_stat_t facts;
  if (zip_stat_index(archive, at, 0, &facts) != 0 || (facts.valid & ZIP_STAT_SIZE) == 0)
    throw InvalidInput(name, "is damaged");
  check_bytes(name, 2.0 * static_cast<double>(std::min<zip_uint64_t>(facts.size, most)));
  // A small file may unpack to a large one: no more is taken than it declares.
  std::string bytes;
  struct CloseFile {
    void operator()(zip_file_t* file) const { zip_fclose(file); }
  };
  const std::unique_ptr<zip_file_t, CloseFile> file(zip_fopen_index(archive, at, 0));
  if (!file) throw InvalidInput(name, "cannot be unpacked");
  char buffer[1 << 16];
  while (bytes.size() < most) {
    const zip_int64_t got = zip_fread(file.get(), buffer, sizeof buffer);
    if (got == 0) break;
    if (got < 0 || static_cast<zip_uint64_t>(got) > facts.size - bytes.size())
      throw InvalidInput(name, "is damaged");
    bytes.append(buffer, static_cast<std::size_t>(got));
  }
  return bytes;
}

// The arrays of a file, by their places in it.
class Arrays {
 public:
  Arrays(const std::string& bytes, const std::string& name)
      : archive_(open_archive(bytes, name)), file_(name), names_(arrays_of(archive_.get())) {}

  const std::vector<std::string>& names() const { return names_; }
  std::size_t size() const { return names_.size(); }
  std::optional<std::size_t> find(const std::string& name) const {
    const auto found = std::ranges::find(names_, name);
    return found == names_.end() ? std::nullopt
                                 : std::optional(static_cast<std::size_t>(found - names_.begin()));
  }
  std::string place(std::size_t at) const { return file_ + ": " + names_[at]; }
  Points read(std::size_t at) const {
    return parse_npy_matrix(unpack(archive_.get(), at, place(at)), place(at));
  }
  // By the header alone; 0 for what is no array of numbers.
  std::size_t axes(std::size_t at) const {
    try {
      const auto shape = plain_npy_shape(unpack(archive_.get(), at, place(at), kNpyHead));
      return shape ? shape->size() : 0;
    } catch (const InvalidInput&) {
      return 0;
    }
  }

 private:
  Archive archive_;
  const std::string& file_;
  std::vector<std::string> names_;
};

// "points", or the only array, whatever its name; or, of those that are no weights, the only matrix
// of numbers; where there is none, the only list.
std::size_t points_of(const Arrays& arrays, const std::string& weights, const std::string& name) {
  if (arrays.size() == 1) return 0;
  if (const auto points = arrays.find("points")) return *points;
  std::vector<std::size_t> by_axes[3];
  for (std::size_t at = 0; at < arrays.size(); ++at) {
    const std::string& array = arrays.names()[at];
    const std::size_t axes = names_weight(array) || array == weights ? 0 : arrays.axes(at);
    if (axes < 3) by_axes[axes].push_back(at);
  }
  const auto& candidates = by_axes[2].empty() ? by_axes[1] : by_axes[2];
  if (candidates.size() == 1) return candidates[0];
  if (candidates.empty()) {
    throw InvalidInput(name,
                       "has no array \"points\", and no other of numbers (n, d); its arrays are " +
                           joined(arrays.names()));
  }
  std::vector<std::string> names;
  for (const std::size_t at : candidates) names.push_back(arrays.names()[at]);
  throw InvalidInput(name, "has no array \"points\", and several that may be meant: " +
                               joined(names) + "; keep one of them, or call it \"points\"");
}

// A distribution over n points, as POT calls them a and b.
bool is_distribution(const Points& column, Index n) {
  constexpr double kRounding = 1e-6;  // of single precision
  return column.cols() == 1 && column.rows() == n && column.minCoeff() >= 0.0 &&
         std::abs(column.sum() - 1.0) <= kRounding;
}

// The array that the options name, else "weights", else the only one with another name of weights;
// else a or b, if only one of them is a distribution over the n points. Empty: uniform.
std::optional<std::size_t> weights_of(const Arrays& arrays, const std::string& asked,
                                      std::size_t points_at, Index n, const std::string& name) {
  if (!asked.empty()) {
    if (const auto at = arrays.find(asked)) return at;
    throw InvalidInput(name + ": --weight-column " + asked,
                       unknown_name("is no array", asked, arrays.names()));
  }
  if (const auto at = arrays.find("weights")) return at;
  std::vector<std::size_t> named;
  for (std::size_t at = 0; at < arrays.size(); ++at) {
    if (at != points_at && names_weight(arrays.names()[at])) named.push_back(at);
  }
  if (named.empty()) {
    for (const char* side : {"a", "b"}) {
      const auto at = arrays.find(side);
      if (at && *at != points_at && arrays.axes(*at) > 0 && arrays.axes(*at) < 3 &&
          is_distribution(arrays.read(*at), n))
        named.push_back(*at);
    }
  }
  if (named.size() > 1) {
    throw InvalidInput(name, "arrays " + arrays.names()[named[0]] + " and " +
                                 arrays.names()[named[1]] +
                                 " may both be the weights; --weight-column says which");
  }
  return named.empty() ? std::nullopt : std::optional(named[0]);
}

}  // namespace

Cloud parse_npz(const std::string& bytes, const std::string& name, const ReadOptions& options) {
  const Arrays arrays(bytes, name);
  const std::size_t points_at = points_of(arrays, options.weight_column, name);
  // Here a column of weights is an array of its own.
  ReadOptions of_columns = options;
  of_columns.weight_column.clear();
  Cloud cloud = cloud_of_columns(arrays.read(points_at), of_columns, name);
  const Index n = cloud.points.rows();
  const auto weights_at = weights_of(arrays, options.weight_column, points_at, n, name);
  if (weights_at && *weights_at != points_at) {
    const Points column = arrays.read(*weights_at);
    if (column.cols() != 1 || column.rows() != n)
      throw InvalidInput(arrays.place(*weights_at), "must have " + std::to_string(n) + " values");
    cloud.weights = column.col(0);
    cloud.weights_from = arrays.names()[*weights_at];
    check_cloud(cloud, name, "row", 0);
  }
  for (std::size_t at = 0; at < arrays.size(); ++at) {
    if (at != points_at && at != weights_at) cloud.ignored.push_back(arrays.names()[at]);
  }
  const std::string& points = arrays.names()[points_at];
  const bool plain_weights = cloud.weights_from.empty() || cloud.weights_from == "weights";
  if (!cloud.ignored.empty() || options.given() || points != "points" || !plain_weights) {
    cloud.notes = {summary_of(cloud, name) +
                   (points == "points" ? "" : "; points from " + short_field(points))};
  }
  return cloud;
}

namespace {

// Throws: only memory can be missing.
void need(bool done) {
  if (!done) throw std::bad_alloc();
}

}  // namespace

std::string encode_npz(const Cloud& cloud) {
  // What a member is made of must outlive the archive's closing.
  const std::string points = encode_npy({cloud.points.rows(), cloud.points.cols()},
                                        {cloud.points.data(), to_size(cloud.points.size())});
  const std::string weights =
      cloud.weights.size() == 0 ? ""
                                : encode_npy({cloud.weights.size()},
                                             {cloud.weights.data(), to_size(cloud.weights.size())});
  zip_source_t* target = zip_source_buffer_create(nullptr, 0, 0, nullptr);
  need(target != nullptr);
  zip_source_keep(target);  // closing the archive gives up one hold, reading it the other
  Archive archive(zip_open_from_source(target, ZIP_TRUNCATE, nullptr));
  need(archive != nullptr);
  const auto add = [&](const char* name, const std::string& bytes) {
    zip_source_t* member = zip_source_buffer(archive.get(), bytes.data(), bytes.size(), 0);
    need(member != nullptr);
    const zip_int64_t at = zip_file_add(archive.get(), name, member, ZIP_FL_ENC_UTF_8);
    need(at >= 0);
    const auto index = static_cast<zip_uint64_t>(at);
    // Stored as numpy.savez does; the first day that ZIP knows, so that a file has the same bytes
    // whenever it is written.
    constexpr zip_uint16_t kDay1980 = (1 << 5) | 1;
    zip_set_file_compression(archive.get(), index, ZIP_CM_STORE, 0);
    zip_file_set_dostime(archive.get(), index, 0, kDay1980, 0);
  };
  add("points.npy", points);
  if (!weights.empty()) add("weights.npy", weights);
  need(zip_close(archive.release()) == 0);
  zip_stat_t facts;
  need(zip_source_open(target) == 0 && zip_source_stat(target, &facts) == 0);
  std::string bytes(facts.size, '\0');
  const zip_int64_t got = zip_source_read(target, bytes.data(), bytes.size());
  zip_source_close(target);
  zip_source_free(target);
  need(got >= 0 && static_cast<std::size_t>(got) == bytes.size());
  return bytes;
}

}  // namespace otbridge
