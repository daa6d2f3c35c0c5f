// NPZ, NumPy's archive of arrays: a ZIP file of NPY files, stored or deflated. The container is
// libzip's.
#include <zip.h>

#include <algorithm>
#include <memory>

#include "io/cloud_text.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/names.hpp"

namespace otbridge {
namespace {

struct DiscardArchive {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
using Archive = std::unique_ptr<zip_t, DiscardArchive>;

constexpr zip_uint64_t kLargestMember = zip_uint64_t{16} << 30;  // bytes, as of a file

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

Points read_array(zip_t* archive, std::size_t at, const std::string& name) {
  zip_stat_t facts;
  if (zip_stat_index(archive, at, 0, &facts) != 0 || (facts.valid & ZIP_STAT_SIZE) == 0)
    throw InvalidInput(name, "is damaged");
  if (facts.size > kLargestMember) throw MemoryLimit(name + ": is larger than 16 GiB");
  // A small file may unpack to a large one: no more is taken than it declares.
  std::string bytes;
  struct CloseFile {
    void operator()(zip_file_t* file) const { zip_fclose(file); }
  };
  const std::unique_ptr<zip_file_t, CloseFile> file(zip_fopen_index(archive, at, 0));
  if (!file) throw InvalidInput(name, "cannot be unpacked");
  char buffer[1 << 16];
  for (;;) {
    const zip_int64_t got = zip_fread(file.get(), buffer, sizeof buffer);
    if (got == 0) break;
    if (got < 0 || static_cast<zip_uint64_t>(got) > facts.size - bytes.size())
      throw InvalidInput(name, "is damaged");
    bytes.append(buffer, static_cast<std::size_t>(got));
  }
  return parse_npy_matrix(bytes, name);
}

}  // namespace

Cloud parse_npz(const std::string& bytes, const std::string& name, const ReadOptions& options) {
  const Archive archive = open_archive(bytes, name);
  const auto arrays = arrays_of(archive.get());
  const auto place = [&](const std::string& array) {
    return std::ranges::find(arrays, array) - arrays.begin();
  };
  const auto size = static_cast<std::ptrdiff_t>(arrays.size());
  // A single array is what is meant, whatever its name.
  const auto points_at = size == 1 ? 0 : place("points");
  if (points_at == size) {
    throw InvalidInput(name, "has no array \"points\"; its arrays are " + joined(arrays));
  }
  const auto array_name = [&](std::ptrdiff_t at) {
    return name + ": " + arrays[static_cast<std::size_t>(at)];
  };
  // Here a column of weights is an array of its own.
  ReadOptions of_columns = options;
  of_columns.weight_column.clear();
  Cloud cloud = cloud_of_columns(
      read_array(archive.get(), static_cast<std::size_t>(points_at), array_name(points_at)),
      of_columns, name);
  const auto& asked = options.weight_column;
  const auto weights_at = place(asked.empty() ? "weights" : asked);
  if (weights_at == size && !asked.empty())
    throw InvalidInput(name + ": --weight-column " + asked,
                       unknown_name("is no array", asked, arrays));
  if (weights_at != size && weights_at != points_at) {
    const Points column =
        read_array(archive.get(), static_cast<std::size_t>(weights_at), array_name(weights_at));
    if (column.cols() != 1 || column.rows() != cloud.points.rows()) {
      throw InvalidInput(array_name(weights_at),
                         "must have " + std::to_string(cloud.points.rows()) + " values");
    }
    cloud.weights = column.col(0);
    cloud.weights_from = arrays[static_cast<std::size_t>(weights_at)];
    check_cloud(cloud, name, "row", 0);
  }
  for (std::ptrdiff_t at = 0; at < size; ++at) {
    if (at != points_at && at != weights_at)
      cloud.ignored.push_back(arrays[static_cast<std::size_t>(at)]);
  }
  if (!cloud.ignored.empty() || options.given() ||
      arrays[static_cast<std::size_t>(points_at)] != "points")
    cloud.notes = {summary_of(cloud, name)};
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
