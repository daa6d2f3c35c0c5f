#include "simplex/whole_masses.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace otbridge {
namespace {

constexpr int kBits = 61;

bool all_equal(const Vector& weights) { return (weights.array() == weights[0]).all(); }

std::vector<Mass> rounded(const Vector& weights) {
  std::vector<Mass> masses(to_size(weights.size()));
  std::ranges::transform(weights, masses.begin(), [](double weight) {
    return std::max<Mass>(1, std::llround(std::ldexp(weight, kBits)));
  });
  const Mass total = std::accumulate(masses.begin(), masses.end(), Mass{0});
  *std::ranges::max_element(masses) += (Mass{1} << kBits) - total;
  return masses;
}

}  // namespace

WholeMasses whole_masses(const Vector& a, const Vector& b) {
  if (!all_equal(a) || !all_equal(b)) return {rounded(a), rounded(b), std::ldexp(1.0, -kBits)};
  const Mass n = a.size(), m = b.size(), common = std::gcd(n, m), part = m / common;
  return {std::vector<Mass>(to_size(n), part), std::vector<Mass>(to_size(m), n / common),
          1.0 / (static_cast<double>(n) * static_cast<double>(part))};
}

}  // namespace otbridge
