// The manual page and the completions of the shells, made of the table of options.
//
// `otbridge completion bash|zsh|fish` prints one for a shell, `otbridge generate man|bash|zsh|fish`
// any: the build runs it for what is installed.
#pragma once

#include <string>
#include <vector>

#include "options.hpp"

namespace otbridge::cli {

// shell: bash, zsh or fish; throws UsageError for another.
std::string completion(const std::string& shell, const std::vector<CommandEntry>& commands);
// kind: man, or a shell; throws UsageError for another.
std::string generated(const std::string& kind, const Program& program,
                      const std::vector<CommandEntry>& commands);

}  // namespace otbridge::cli
