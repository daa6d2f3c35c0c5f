#include "plot/ticks.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "otbridge/core/number_text.hpp"

namespace otbridge {
namespace {

using Whole = long long;

double power_of_ten(int exponent) { return std::pow(10.0, exponent); }

// A distance of ticks: 1, 2 or 5 times a power of ten.
struct Step {
  int mantissa, exponent;

  // A whole number of powers of ten; divided where the power is below 1, which rounds once.
  double of(Whole units) const {
    const auto number = static_cast<double>(units);
    return exponent < 0 ? number / power_of_ten(-exponent) : number * power_of_ten(exponent);
  }
  Step smaller() const {
    if (mantissa == 1) return {5, exponent - 1};
    return {mantissa == 5 ? 2 : 1, exponent};
  }
};

// Ticks in units of the step's power of ten. One that rounding puts just outside still belongs to
// the window.
std::vector<Whole> units_within(double low, double high, Step step) {
  const double size = step.of(step.mantissa);
  const auto first = static_cast<Whole>(std::ceil(low / size - 1e-9)),
             last = static_cast<Whole>(std::floor(high / size + 1e-9));
  std::vector<Whole> units;
  for (Whole k = first; k <= last; ++k) units.push_back(k * step.mantissa);
  return units;
}

// units * 10^exponent as a decimal number, from its digits: no rounding.
std::string decimal(Whole units, int exponent) {
  if (units == 0) return "0";
  std::string digits = std::to_string(std::llabs(units));
  if (exponent > 0) digits.append(static_cast<std::size_t>(exponent), '0');
  if (exponent < 0) {
    const auto places = static_cast<std::size_t>(-exponent);
    if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
    digits.insert(digits.size() - places, ".");
    digits.erase(digits.find_last_not_of('0') + 1);
    if (digits.back() == '.') digits.pop_back();
  }
  return (units < 0 ? "-" : "") + digits;
}

// Whether numbers of up to this size are written out: six digits before the point, four after.
bool written_out(Whole most, int exponent) {
  const int digits = static_cast<int>(std::to_string(most).size()) + exponent;
  return digits <= 6 && exponent >= -4;
}

Whole largest_of(const std::vector<Whole>& units, Whole common) {
  return std::max(std::llabs(units.front() - common), std::llabs(units.back() - common));
}

// What long numbers that differ by little have in common: the round one in their middle. 0 for
// numbers of up to four digits, such as years.
Whole common_part(const std::vector<Whole>& units, int exponent) {
  const Whole first = units.front(), last = units.back(), most = largest_of(units, 0);
  if (most < (written_out(most, exponent) ? 10000 : 1000)) return 0;
  Whole round = 1;
  while (round <= last - first) round *= 10;
  const Whole middle = first + (last - first) / 2;
  return std::llround(static_cast<double>(middle) / static_cast<double>(round)) * round;
}

Ticks labelled(const std::vector<Whole>& units, Step step) {
  Ticks ticks;
  for (const Whole unit : units) ticks.values.push_back(step.of(unit));
  if (units.empty()) return ticks;
  const Whole common = common_part(units, step.exponent);
  ticks.offset = step.of(common);
  const Whole most = largest_of(units, common);
  // Up to 999999 and to four decimals numbers are written out; beyond, a power of ten stands beside
  // the axis.
  const int digits = static_cast<int>(std::to_string(most).size()) + step.exponent;
  const int power = written_out(most, step.exponent) ? 0 : digits - 1;
  ticks.scale = power_of_ten(power);
  for (const Whole unit : units) {
    ticks.labels.push_back(decimal(unit - common, step.exponent - power));
  }
  return ticks;
}

Ticks ticks_down_to(int least_exponent, double low, double high, int most) {
  const double raw = (high - low) / std::max(most, 1);
  if (!(raw > 0.0) || !std::isfinite(raw)) return {};
  Step step{1, std::max(static_cast<int>(std::floor(std::log10(raw))) + 1, least_exponent)};
  std::vector<Whole> units = units_within(low, high, step);
  // The smallest step with no more than `most` ticks, or the next one that has two.
  for (Step next = step.smaller(); next.exponent >= least_exponent; next = next.smaller()) {
    auto more = units_within(low, high, next);
    if (units.size() >= 2 && more.size() > static_cast<std::size_t>(most)) break;
    step = next, units = std::move(more);
  }
  return labelled(units, step);
}

}  // namespace

std::string Ticks::note() const {
  std::string text;
  if (scale != 1.0) text += "\u00d7 " + plain_number(scale, 1);
  if (offset != 0.0) {
    text += text.empty() ? "" : " ";
    text += (offset < 0.0 ? "- " : "+ ") + plain_number(std::abs(offset), 17);
  }
  return text;
}

Ticks ticks_within(double low, double high, int most) {
  return ticks_down_to(std::numeric_limits<int>::min(), low, high, most);
}

Ticks whole_ticks(double low, double high, int most) { return ticks_down_to(0, low, high, most); }

}  // namespace otbridge
