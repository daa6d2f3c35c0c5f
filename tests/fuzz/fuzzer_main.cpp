// The entries of libFuzzer; OTBRIDGE_FUZZ_TARGET names the target of this program.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>

#include "changes.hpp"
#include "targets.hpp"

using namespace otbridge::fuzz;

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  shut_off_files();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Target& target = find_target(OTBRIDGE_FUZZ_TARGET);
  target.run(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}

// Half the changes are ours, which know numbers.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t most, unsigned seed) {
  static const Words words = [] {
    std::ifstream file(OTBRIDGE_FUZZ_FOLDER "/words.dict", std::ios::binary);
    return Words({std::istreambuf_iterator<char>(file), {}});
  }();
  Dice dice(seed);
  if (dice.below(2) == 0) return LLVMFuzzerMutate(data, size, most);
  std::string bytes(reinterpret_cast<const char*>(data), size);
  change(bytes, words, dice);
  const std::size_t kept = std::min(bytes.size(), most);
  std::copy_n(bytes.data(), kept, data);
  return kept;
}
