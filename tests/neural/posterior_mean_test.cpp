#include "neural/posterior_mean.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "otbridge/core/random.hpp"

using namespace otbridge;

// Plain sums in long double, from the largest exponent down.
TEST_CASE("posterior means are the softmax sums of their definition") {
  for (const Index m : {1, 5, 32, 33, 300}) {
    for (const Index d : {1, 2, 7}) {
      for (const double variance : {1e-4, 0.3, 50.0}) {
        const RandomStream stream(static_cast<std::uint64_t>(m + d));
        // Off the origin, where squares cancel.
        const Candidates candidates{normal_points(m, d, stream, 0).array() + 20.0,
                                    normal_points(m, 1, stream, 1).col(0),
                                    normal_points(m, 3, stream, 2)};
        Points x = normal_points(6, d, stream, 3).array() + 20.0;
        x.row(5).array() += 500.0;  // far from all
        const Points means = posterior_means(candidates, variance, x);
        REQUIRE(means.rows() == 6);
        REQUIRE(means.cols() == 3);
        for (Index i = 0; i < x.rows(); ++i) {
          std::vector<long double> exponents;
          long double largest = -INFINITY;
          for (Index j = 0; j < m; ++j) {
            long double squares = 0.0L;
            for (Index k = 0; k < d; ++k) {
              const long double apart =
                  static_cast<long double>(x(i, k)) - candidates.support(j, k);
              squares += apart * apart;
            }
            exponents.push_back(candidates.levels[j] - squares / (2.0L * variance));
            largest = std::max(largest, exponents.back());
          }
          for (Index k = 0; k < 3; ++k) {
            long double sum = 0.0L, mean = 0.0L;
            for (Index j = 0; j < m; ++j) {
              const long double w = std::exp(exponents[to_size(j)] - largest);
              sum += w;
              mean += w * candidates.values(j, k);
            }
            CAPTURE(m);
            CAPTURE(d);
            CAPTURE(variance);
            CAPTURE(i);
            // The far row's exponents are 1e9 at the smallest variance: 1e-7 of them is rounding.
            CHECK(std::abs(means(i, k) - static_cast<double>(mean / sum)) < (i == 5 ? 1e-4 : 1e-9));
          }
        }
      }
    }
  }
}

// A mean errs by no more than the weights do, times the spread of the values.
TEST_CASE("in single precision weights are as right as asked, row by row") {
  constexpr double kAccuracy = 0x1p-12;
  for (const Index d : {2, 40}) {
    for (const double variance : {0.01, 0.1, 1.0}) {
      const RandomStream stream(static_cast<std::uint64_t>(d));
      const Candidates candidates{normal_points(300, d, stream, 0),
                                  normal_points(300, 1, stream, 1).col(0),
                                  normal_points(300, 3, stream, 2)};
      Points x = normal_points(50, d, stream, 3);
      x.row(7).array() += 300.0;  // in double
      const Points exact = posterior_means(candidates, variance, x),
                   quick = posterior_means(candidates, variance, x, kAccuracy);
      const double spread = candidates.values.maxCoeff() - candidates.values.minCoeff();
      CHECK((quick - exact).cwiseAbs().maxCoeff() < kAccuracy * spread);
      CHECK(quick.row(7) == exact.row(7));
      if (variance == 1.0) CHECK(quick.row(0) != exact.row(0));
      CHECK(posterior_means(candidates, variance, x.topRows(1), kAccuracy) == quick.row(0));
    }
  }
}
