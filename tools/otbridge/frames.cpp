#include "frames.hpp"

#include <algorithm>
#include <optional>

#include "exit_code.hpp"

namespace otbridge::cli {
namespace {

// Where a number stands in a path: its bytes there, and the digits it has at least.
struct NumberPlace {
  std::size_t begin, length;
  std::optional<std::size_t> digits;  // empty for a form that is not ours, as %3d
};

// A percent sign, digits, and d.
std::vector<NumberPlace> places_in(const std::string& path) {
  std::vector<NumberPlace> places;
  for (std::size_t at = path.find('%'); at != std::string::npos; at = path.find('%', at + 1)) {
    const std::size_t end = std::min(path.find_first_not_of("0123456789", at + 1), path.size());
    if (end == path.size() || path[end] != 'd') continue;
    const std::string digits = path.substr(at + 1, end - at - 1);
    NumberPlace place{at, end + 1 - at, std::nullopt};
    if (digits.empty()) place.digits = 1;
    if (digits.size() == 2 && digits[0] == '0' && digits[1] != '0')
      place.digits = static_cast<std::size_t>(digits[1] - '0');
    places.push_back(place);
  }
  return places;
}

}  // namespace

bool is_pattern(const std::string& path) { return !places_in(path).empty(); }

std::vector<std::string> numbered(const std::string& option, const std::string& pattern,
                                  Index count) {
  const std::vector<NumberPlace> places = places_in(pattern);
  if (places.size() != 1 || !places.front().digits) {
    throw UsageError(option + " " + pattern + ": must hold one number, as %d or %03d");
  }
  const auto [begin, length, given] = places.front();
  const std::size_t digits = *given;
  std::vector<std::string> names;
  for (Index k = 0; k < count; ++k) {
    std::string number = std::to_string(k);
    number.insert(0, digits - std::min(digits, number.size()), '0');
    std::string name = pattern;
    names.push_back(name.replace(begin, length, number));
  }
  return names;
}

}  // namespace otbridge::cli
