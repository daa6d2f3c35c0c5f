#include "simplex/whole_masses.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numeric>

#include "../relative.hpp"
#include "otbridge/core/random.hpp"

using namespace otbridge;

namespace {

Mass total(const std::vector<Mass>& masses) {
  return std::accumulate(masses.begin(), masses.end(), Mass{0});
}

}  // namespace

TEST_CASE("equal weights are their exact ratio") {
  const WholeMasses same =
      whole_masses(Vector::Constant(7, 1.0 / 7.0), Vector::Constant(7, 1.0 / 7));
  CHECK(same.supply == std::vector<Mass>(7, 1));
  CHECK(same.demand == std::vector<Mass>(7, 1));
  const WholeMasses ratio = whole_masses(Vector::Constant(6, 1.0 / 6), Vector::Constant(4, 0.25));
  CHECK(ratio.supply == std::vector<Mass>(6, 2));
  CHECK(ratio.demand == std::vector<Mass>(4, 3));
  CHECK(12.0 * ratio.unit == relative(1.0, 1e-15));
}

TEST_CASE("other weights keep their digits, sum to the same whole number and are never 0") {
  const RandomStream stream(1);
  for (const double smallest : {1e-3, 1e-18, 1e-300}) {
    Vector a(500), b(300);
    for (Index i = 0; i < a.size(); ++i) a[i] = smallest + stream.uniform(i, 0, 0);
    for (Index j = 0; j < b.size(); ++j) b[j] = j % 3 == 0 ? smallest : stream.uniform(j, 1, 0);
    a /= a.sum();
    b /= b.sum();
    const WholeMasses masses = whole_masses(a, b);
    CHECK(total(masses.supply) == total(masses.demand));
    double worst = 0.0;
    for (Index j = 0; j < b.size(); ++j) {
      const Mass mass = masses.demand[static_cast<std::size_t>(j)];
      CHECK(mass > 0);
      worst = std::max(worst, std::abs(static_cast<double>(mass) * masses.unit - b[j]));
    }
    CHECK(worst < 1e-15);
  }
}
