// Small changes of bytes, each drawn from a seed: those of the replay, and half of the fuzzer's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace otbridge::fuzz {

// splitmix64 (Steele, Lea, Flood 2014): not the generator of the library, which is under test.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  std::size_t below(std::size_t bound);

 private:
  std::uint64_t state_;
};

// The quoted words of a dictionary of libFuzzer.
struct Words {
  explicit Words(const std::string& dictionary);
  std::vector<std::string> all, numbers;
};

// One change of one place: a bit, a byte, a number, a word in or over what is there, a piece gone
// or twice, the end gone.
void change(std::string& bytes, const Words& words, Dice& dice);

}  // namespace otbridge::fuzz
