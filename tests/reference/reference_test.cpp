#include "otbridge/reference/reference.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "../relative.hpp"
#include "otbridge/core/error.hpp"

using namespace otbridge;

TEST_CASE("the transition solves its differential equations and has the Brownian limit") {
  const ReferenceProcess ou(0.7, 0.8);
  const double h = 1e-5;
  for (const double t : {0.1, 0.5, 0.9}) {
    // d/dt variance = epsilon - 2 theta variance.
    const double slope = (ou.variance(t + h) - ou.variance(t - h)) / (2 * h);
    CHECK(slope == relative(0.7 - 1.6 * ou.variance(t), 1e-8));
    CHECK(ou.decay(t) == relative(std::exp(-0.8 * t), 1e-14));
  }
  CHECK(ReferenceProcess(0.7, 1e-9).variance(1.0) == relative(0.7, 1e-8));
  CHECK(ReferenceProcess(0.7).variance(0.25) == 0.7 * 0.25);
}

TEST_CASE("bridge moments agree with conditioning the joint Gaussian") {
  const ReferenceProcess ou(0.6, 1.3);
  // X_t and X_1 given X_0 = x0 are jointly Gaussian; condition by the textbook formula.
  const double t = 0.3;
  const double vt = ou.variance(t), v1 = ou.variance(1.0), c = ou.decay(1.0 - t) * vt;
  const auto m = ou.bridge(0.0, t, 1.0);
  CHECK(m.from_end == relative(c / v1, 1e-14));
  CHECK(m.from_start == relative(ou.decay(t) - c / v1 * ou.decay(1.0), 1e-14));
  CHECK(m.variance == relative(vt - c * c / v1, 1e-14));
}

TEST_CASE("bridge samples have the moments and the joint law of the bridge") {
  const ReferenceProcess ou(0.5, 0.8);
  const Index n = 40000;
  const Points x0 = Points::Constant(n, 1, 1.0), x1 = Points::Constant(n, 1, -2.0);
  const std::vector<double> times{0.0, 0.3, 0.7, 1.0};
  const Paths paths = sample_bridge(ou, x0, x1, times, RandomStream(5));
  CHECK(paths.at[0] == x0);
  CHECK(paths.at[3] == x1);
  const auto m3 = ou.bridge(0, 0.3, 1), m7 = ou.bridge(0, 0.7, 1);
  const Eigen::ArrayXd a = paths.at[1].col(0).array() - (m3.from_start - 2 * m3.from_end);
  const Eigen::ArrayXd b = paths.at[2].col(0).array() - (m7.from_start - 2 * m7.from_end);
  // Five standard errors each.
  CHECK(std::abs(a.mean()) < 5 * std::sqrt(m3.variance / n));
  CHECK(std::abs(b.square().mean() / m7.variance - 1) < 5 * std::sqrt(2.0 / n));
  const double cross = ou.bridge(0.3, 0.7, 1.0).from_start * m3.variance;
  CHECK(std::abs((a * b).mean() - cross) < 5 * std::sqrt(2 * m3.variance * m7.variance / n));
}

TEST_CASE("a process run for longer is the process of that duration on the unit interval") {
  for (const double theta : {0.0, 0.8}) {
    const ReferenceProcess process(0.7, theta);
    for (const double duration : {0.25, 1.0, 3.0}) {
      const ReferenceProcess unit = process.over(duration);
      for (const double t : {0.1, 0.5, 1.0}) {
        CHECK(unit.decay(t) == relative(process.decay(duration * t), 1e-14));
        CHECK(unit.variance(t) == relative(process.variance(duration * t), 1e-14));
      }
    }
  }
  CHECK_THROWS_WITH_AS(ReferenceProcess(1.0).over(0.0), "duration = 0: must be a finite number > 0",
                       InvalidInput);
  CHECK_THROWS_AS(ReferenceProcess(1.0).over(std::nan("")), InvalidInput);
}

TEST_CASE("bridges of a split batch are the bridges of the whole") {
  const ReferenceProcess process(0.5, 0.8);
  const Points x0 = normal_points(20, 2, RandomStream(1)),
               x1 = normal_points(20, 2, RandomStream(2));
  const std::vector<double> times{0.2, 0.9};
  const Paths whole = sample_bridge(process, x0, x1, times, RandomStream(3));
  const Paths rest =
      sample_bridge(process, x0.bottomRows(13), x1.bottomRows(13), times, RandomStream(3), 7);
  for (std::size_t k = 0; k < 2; ++k) CHECK(rest.at[k] == whole.at[k].bottomRows(13));
}

TEST_CASE("a reference refuses what is not a process") {
  CHECK_THROWS_AS(ReferenceProcess(0.0), InvalidInput);
  CHECK_THROWS_AS(ReferenceProcess(std::nan("")), InvalidInput);
  CHECK_THROWS_WITH_AS(ReferenceProcess(1.0, -0.1),
                       "/reference/theta = -0.1: must be a finite number >= 0", InvalidInput);
  CHECK_THROWS_AS(check_times(std::vector<double>{0.5, 0.5}), InvalidInput);
  CHECK_THROWS_AS(check_times(std::vector<double>{}), InvalidInput);
}
