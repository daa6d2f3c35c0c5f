// Fuzz targets: what each reader must do with any bytes whatever.
//
// A target returns false where the reader refuses the bytes by a documented error, and true where
// it takes them and the value keeps its promises. Anything else is thrown, or ends the process.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace otbridge::fuzz {

struct Target {
  std::string_view name;  // of the reader, and of its folder below corpus/
  bool (*run)(const std::string& bytes);
};
std::span<const Target> targets();
const Target& find_target(std::string_view name);

// Nothing that bytes name is read: standard input is closed off, and the working folder is an
// empty one of this process. Called once, before the first target.
void shut_off_files();

}  // namespace otbridge::fuzz
