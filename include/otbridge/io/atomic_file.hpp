// Files that appear whole or not at all: written beside the target, flushed, then renamed over it.
// Of ranks that work together (core/exchange.hpp) the first alone touches files.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace otbridge {

// The file that a chain of symbolic links leads to, there or not. Throws IoFailure for a circle.
std::string behind_links(const std::string& path);

// Replaces the file by the bytes; of a symbolic link, the file it leads to, there or not. Throws
// IoFailure, leaving an existing file untouched. A process that is killed meanwhile may leave a
// temporary, which the next write to the same file removes; on Linux only in the moment in which an
// existing file is replaced.
void write_file(const std::string& path, std::string_view bytes);

// Throws IoFailure now if write_file(path) could not succeed later (missing or read-only folder,
// a directory in the way), so that long work is not lost. Leaves nothing behind.
void probe_output(const std::string& path);

// The whole file. Throws IoFailure if it is missing, unreadable or a directory, MemoryLimit if the
// machine does not hold it twice.
std::string read_file(const std::string& path);

// A file that is written in pieces and appears as write_file lets one appear, when it is finished;
// without that nothing is left. Throws IoFailure, for what is_replaced refuses as well.
class GrowingFile {
 public:
  explicit GrowingFile(const std::string& path);
  ~GrowingFile();
  GrowingFile(const GrowingFile&) = delete;
  GrowingFile& operator=(const GrowingFile&) = delete;

  void append(std::string_view bytes);
  // Writes `start` over as many of the first bytes, which a header knows last.
  void finish(std::string_view start);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;  // on the first rank
};

// Bytes [begin, begin + size) of a file, fewer at its end. Throws IoFailure.
std::string read_part(const std::string& path, std::uint64_t begin, std::size_t size);

// Bytes; 0 for what is no regular file.
std::uint64_t size_of_file(const std::string& path);

// Whether write_file makes or replaces a file there: not where a device or a pipe is, which it
// writes to.
bool is_replaced(const std::string& path);

// Whether there is a file or a folder of that name.
bool file_exists(const std::string& path);

}  // namespace otbridge
