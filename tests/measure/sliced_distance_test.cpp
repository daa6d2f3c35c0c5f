#include "measure/sliced_distance.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "../relative.hpp"
#include "otbridge/core/parallel.hpp"
#include "otbridge/measure/gaussian.hpp"

using namespace otbridge;

TEST_CASE("on the line equal weights are matched in sorted order") {
  const Points x{{3.0}, {1.0}, {2.0}}, y{{0.0}, {5.0}, {4.0}};
  // 1 to 0, 2 to 4, 3 to 5: (1 + 4 + 4) / 3, for any number of directions.
  for (const Index directions : {1, 3}) {
    CHECK(sliced_squared_distance(x, y, directions, RandomStream(1)) == relative(3.0, 1e-15));
    CHECK(sliced_squared_distance(WeightedPoints(x), WeightedPoints(y), directions,
                                  RandomStream(1)) == relative(3.0, 1e-15));
  }
}

TEST_CASE("on the line weights are matched quantile by quantile") {
  const WeightedPoints mu(Points{{1.0}, {0.0}}, Vector{{0.75, 0.25}});
  const WeightedPoints nu(Points{{0.0}, {2.0}}, Vector{{0.5, 0.5}});
  // 1/4 stays at 0, 1/4 goes from 1 to 0, 1/2 from 1 to 2.
  CHECK(sliced_squared_distance(mu, nu, 1, RandomStream(1)) == relative(0.75, 1e-15));
  CHECK(sliced_squared_distance(nu, mu, 1, RandomStream(1)) == relative(0.75, 1e-15));
}

TEST_CASE("both forms are one number, and the same bits for any number of threads") {
  const Points x = normal_points(200, 3, RandomStream(1)),
               y = normal_points(200, 3, RandomStream(2));
  const auto rows = [&](int threads) {
    const ThreadScope scope(threads);
    return sliced_squared_distance(x, y, 40, RandomStream(3));
  };
  const double expected = rows(1);
  CHECK(rows(2) == expected);
  CHECK(rows(5) == expected);
  // Rounding of 200 additions of masses.
  CHECK(sliced_squared_distance(WeightedPoints(x), WeightedPoints(y), 40, RandomStream(3)) ==
        relative(expected, 1e-12));
}

TEST_CASE("the error statistic is the distance over the deviation, with the floor of its draws") {
  const Measure law = Gaussian::isotropic(Vector::Zero(3), 2.0);
  const Points right = law->sample(4096, RandomStream(5));
  CHECK(relative_sliced_error(right, law, 1.0, RandomStream(6)) < 0.08);
  // A shift by s moves each projection by s . u, and E (s . u)^2 = |s|^2 / 3.
  const Points moved = right.array() + 2.0;
  CHECK(relative_sliced_error(moved, law, 1.0, RandomStream(6)) ==
        relative(std::sqrt(12.0 / 3.0) / 2.0, 0.1));
  // A law that is one point has no deviation: the fallback is the unit.
  const Measure point = WeightedPoints(Points{{1.0}});
  CHECK(relative_sliced_error(Points::Constant(4, 1, 4.0), point, 6.0, RandomStream(6)) ==
        relative(0.5, 1e-15));
  // Nor where the mean of its copies is rounded.
  const Measure tenth = WeightedPoints(Points{{0.1, 0.7}});
  CHECK(relative_sliced_error(Eigen::RowVectorXd{{0.1, 0.7}}.replicate(1000, 1), tenth, 6.0,
                              RandomStream(6)) == 0.0);
  CHECK(relative_sliced_error(Eigen::RowVectorXd{{6.1, 0.7}}.replicate(1000, 1), tenth, 6.0,
                              RandomStream(6)) < 2.0);
}
