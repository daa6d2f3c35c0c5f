#include "changes.hpp"

#include <algorithm>
#include <sstream>

namespace otbridge::fuzz {
namespace {

constexpr std::string_view kDigits = "0123456789";

// What stands between the quotes of a line, its escapes resolved.
std::string unquoted(const std::string& line) {
  std::string word;
  for (std::size_t i = 1; i + 1 < line.size(); ++i) {
    if (line[i] == '\\' && line[i + 1] == 'x') {
      word += static_cast<char>(std::stoi(line.substr(i + 2, 2), nullptr, 16));
      i += 3;
    } else {
      if (line[i] == '\\') ++i;
      word += line[i];
    }
  }
  return word;
}

// Another number for the first one at or after the place. Most other changes break the form that a
// number stands in before anything looks at the number.
void change_number(std::string& bytes, std::size_t at, const Words& words, Dice& dice) {
  const std::size_t begin = bytes.find_first_of(kDigits, at);
  if (begin == std::string::npos) return;
  const std::size_t end = std::min(bytes.find_first_not_of("0123456789.eE+-", begin), bytes.size());
  const std::string other = dice.below(3) == 0 ? std::to_string(dice.below(100))
                                               : words.numbers[dice.below(words.numbers.size())];
  bytes.replace(begin, end - begin, other);
}

}  // namespace

std::size_t Dice::below(std::size_t bound) {
  std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return static_cast<std::size_t>((z ^ (z >> 31)) % bound);
}

Words::Words(const std::string& dictionary) {
  std::istringstream lines(dictionary);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with('"')) continue;
    all.push_back(unquoted(line));
    if (kDigits.find(all.back()[all.back()[0] == '-']) != kDigits.npos)
      numbers.push_back(all.back());
  }
}

void change(std::string& bytes, const Words& words, Dice& dice) {
  const std::size_t at = dice.below(bytes.size() + 1), left = bytes.size() - at;
  const std::size_t length = std::min(left, 1 + dice.below(12));
  const std::string& word = words.all[dice.below(words.all.size())];
  const std::size_t kind = left == 0 ? 0 : dice.below(10);
  if (kind == 0) bytes.insert(at, word);
  if (kind == 1) bytes.replace(at, length, word);
  if (kind == 2) bytes[at] = static_cast<char>(bytes[at] ^ (1 << dice.below(8)));
  if (kind == 3) bytes[at] = static_cast<char>(dice.below(256));
  if (kind == 4) bytes.erase(at, length);
  if (kind == 5) bytes.insert(at, bytes.substr(at, length));
  if (kind == 6) bytes.resize(at);
  if (kind >= 7) change_number(bytes, at, words, dice);
}

}  // namespace otbridge::fuzz
