// Files that appear whole or not at all: written beside the target, flushed, then renamed over it.
// Of ranks that work together (core/exchange.hpp) the first alone touches files.
#pragma once

#include <string>
#include <string_view>

namespace otbridge {

// Replaces the file by the bytes; of a symbolic link, the file it leads to, there or not. Throws
// IoFailure, leaving an existing file untouched. A process that is killed meanwhile may leave a
// temporary, which the next write to the same file removes; on Linux only in the moment in which an
// existing file is replaced.
void write_file(const std::string& path, std::string_view bytes);

// Throws IoFailure now if write_file(path) could not succeed later (missing or read-only folder,
// a directory in the way), so that long work is not lost. Leaves nothing behind.
void probe_output(const std::string& path);

// The whole file. Throws IoFailure if it is missing, unreadable or a directory, MemoryLimit past 16
// GiB.
std::string read_file(const std::string& path);

// Whether there is a file or a folder of that name.
bool file_exists(const std::string& path);

}  // namespace otbridge
