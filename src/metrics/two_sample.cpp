#include "otbridge/metrics/two_sample.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "core/at_least_zero.hpp"
#include "measure/sliced_distance.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/parallel.hpp"

namespace otbridge {
namespace {

void check_dimensions(const WeightedPoints& mu, const WeightedPoints& nu) {
  if (mu.dimension() == nu.dimension()) return;
  throw InvalidInput("two samples", "the dimensions " + std::to_string(mu.dimension()) + " and " +
                                        std::to_string(nu.dimension()) + " differ");
}

constexpr Index kRows = 64, kColumns = 256;  // of a block whose distances stay in the cache

// sum_ij a_i b_j |x_i - y_j|.
double mean_distance(const WeightedPoints& mu, const WeightedPoints& nu) {
  const Matrix columns = nu.points();  // column-major: one coordinate at a time
  return parallel_sum(mu.size(), kRows, [&](Index begin, Index end) {
    Eigen::ArrayXd squares;
    double total = 0.0;
    for (Index first = 0; first < nu.size(); first += kColumns) {
      const Index count = std::min(kColumns, nu.size() - first);
      for (Index i = begin; i < end; ++i) {
        squares.setZero(count);
        for (Index c = 0; c < mu.dimension(); ++c) {
          squares += (columns.col(c).segment(first, count).array() - mu.points()(i, c)).square();
        }
        const auto weights = nu.weights().segment(first, count).array();
        total += mu.weights()[i] * (squares.sqrt() * weights).sum();
      }
    }
    return total;
  });
}

}  // namespace

double sliced_wasserstein2(const WeightedPoints& mu, const WeightedPoints& nu, Index directions,
                           const RandomStream& stream) {
  check_dimensions(mu, nu);
  return std::sqrt(sliced_squared_distance(mu, nu, directions, stream));
}

double energy_distance(const WeightedPoints& mu, const WeightedPoints& nu) {
  check_dimensions(mu, nu);
  // Never negative but for rounding (Szekely, Rizzo 2013), which the bound takes off.
  return at_least_zero(2.0 * mean_distance(mu, nu) - mean_distance(mu, mu) - mean_distance(nu, nu));
}

}  // namespace otbridge
