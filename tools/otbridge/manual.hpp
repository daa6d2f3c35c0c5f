// The manual page and the completions of the shells, made of the table of options.
//
// `otbridge generate man|bash|zsh|fish` prints one; the build runs it for what is installed. It is
// no command of the help: it is of use to packages alone.
#pragma once

#include <string>
#include <vector>

#include "options.hpp"

namespace otbridge::cli {

// kind: man, bash, zsh or fish; throws UsageError for another.
std::string generated(const std::string& kind, const Program& program,
                      const std::vector<CommandEntry>& commands);

}  // namespace otbridge::cli
