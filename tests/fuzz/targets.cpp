#include "targets.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>

#include "../io/folder.hpp"
#include "expectations.hpp"

namespace otbridge::fuzz {

std::span<const Target> targets() {
  static constexpr std::array all{
      Target{"json", fuzz_json},       Target{"law", fuzz_law},
      Target{"problem", fuzz_problem}, Target{"settings", fuzz_settings},
      Target{"report", fuzz_report},   Target{"csv", fuzz_csv},
      Target{"npy", fuzz_npy},         Target{"paths", fuzz_paths},
      Target{"npz", fuzz_npz},         Target{"ply", fuzz_ply},
      Target{"pcd", fuzz_pcd},         Target{"tensors", fuzz_tensors},
      Target{"plan", fuzz_plan},       Target{"checkpoint", fuzz_checkpoint},
      Target{"image", fuzz_image},
  };
  return all;
}

const Target& find_target(std::string_view name) {
  const auto found = std::ranges::find(targets(), name, &Target::name);
  if (found == targets().end()) throw std::invalid_argument("no such target");
  return *found;
}

void shut_off_files() {
  static const testing::Folder empty;
  std::filesystem::current_path(empty / "");
  if (std::freopen("/dev/null", "r", stdin) == nullptr) throw std::runtime_error("/dev/null");
}

}  // namespace otbridge::fuzz
