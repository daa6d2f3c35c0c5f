#include "otbridge/problem/forgetting.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

#include "../relative.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/measure/gaussian.hpp"
#include "otbridge/measure/weighted_points.hpp"

using namespace otbridge;

namespace {

// A point at distance R on the line, and N(0, v) as prior.
TransportProblem point_to_prior(double R, double v, double theta) {
  return {WeightedPoints(Points::Constant(1, 1, R)),
          Gaussian::isotropic(Vector::Zero(1), std::sqrt(v)),
          ReferenceProcess(2.0 * theta * v, theta)};
}

double density(double x, double mean, double variance) {
  return std::exp(-0.5 * (x - mean) * (x - mean) / variance) /
         std::sqrt(2.0 * std::numbers::pi * variance);
}

// Of N(a R, (1 - a^2) v) against N(0, v) by sums over a fine grid.
struct Distances {
  double kl = 0.0, total_variation = 0.0;
};
Distances by_quadrature(double R, double v, double theta) {
  const double mean = R * std::exp(-theta), variance = v * (1.0 - std::exp(-2.0 * theta));
  const double h = 1e-3 * std::sqrt(v);
  Distances sum;
  for (double x = -12.0 * std::sqrt(v); x < mean + 12.0 * std::sqrt(v); x += h) {
    const double p = density(x, mean, variance), q = density(x, 0.0, v);
    if (p > 0.0 && q > 0.0) sum.kl += h * p * std::log(p / q);
    sum.total_variation += 0.5 * h * std::abs(p - q);
  }
  return sum;
}

}  // namespace

TEST_CASE("from a point the divergence is that of two Gaussians, and bounds their distance") {
  for (const double theta : {0.05, 0.4, 1.0, 3.0}) {
    CAPTURE(theta);
    const double R = 3.0, v = 4.0;
    const auto figure = forgetting(point_to_prior(R, v, theta));
    REQUIRE(figure);
    CHECK(figure->direction == Direction::forward);
    const Distances truth = by_quadrature(R, v, theta);
    CHECK(figure->kl == relative(truth.kl, 1e-6));
    CHECK(figure->total_variation >= truth.total_variation);
    CHECK(figure->total_variation <= 1.0);
  }
}

TEST_CASE("no digits are lost where the reference forgets or keeps nearly everything") {
  // From sqrt(v) the two terms of k cancel: -log(k) / 2, k = 1 - exp(-2 theta).
  CHECK(forgetting(point_to_prior(1.0, 1.0, 1e-9))->kl == relative(-0.5 * std::log(2e-9), 1e-9));
  // And k nears 1: exp(-2 theta) / 2.
  CHECK(forgetting(point_to_prior(1.0, 1.0, 20.0))->kl == relative(0.5 * std::exp(-40.0), 1e-12));
  CHECK(forgetting(point_to_prior(0.0, 1.0, 20.0))->total_variation < 1e-15);
}

TEST_CASE("the horizon is where the total variation falls to the tolerance") {
  // The cut-off at T = (log(R / sqrt v) + c) / theta: 2 Phi(exp(-c) / 2) - 1 for c = -1, 0, 1.
  struct Cut {
    double c, total_variation;
  };
  for (const Cut cut : {Cut{-1.0, 0.8259}, Cut{0.0, 0.3829}, Cut{1.0, 0.1459}}) {
    for (const double R : {30.0, 1000.0}) {
      CAPTURE(R);
      const double theta = 0.8;
      const auto figure = forgetting(point_to_prior(R, 1.0, theta), cut.total_variation);
      CHECK(std::abs(figure->horizon - (std::log(R) + cut.c) / theta) < 5e-4);
      CHECK(std::abs(by_quadrature(R, 1.0, theta * figure->horizon).total_variation -
                     cut.total_variation) < 2e-3);
    }
  }
  // Nearer than the tolerance from the start.
  CHECK(forgetting(point_to_prior(1e-3, 1.0, 1.0), 0.5)->horizon == 0.0);
  CHECK_THROWS_AS(forgetting(point_to_prior(1.0, 1.0, 1.0), 0.0), InvalidInput);
  CHECK_THROWS_AS(forgetting(point_to_prior(1.0, 1.0, 1.0), 1.0), InvalidInput);
}

TEST_CASE("the prior is the invariant law at either end, and nothing else") {
  const Measure data = Gaussian::isotropic(Vector{{1.0, 0.0}}, 2.0);
  const Measure prior = Gaussian::isotropic(Vector::Zero(2), 3.0);
  const ReferenceProcess reference(2.0 * 0.5 * 9.0, 0.5);
  const auto forward = forgetting({data, prior, reference});
  const auto backward = forgetting({prior, data, reference});
  REQUIRE((forward && backward));
  CHECK(backward->direction == Direction::backward);
  CHECK(backward->kl == forward->kl);
  // a = exp(-1/2) and E|X_0|^2 = 1 + 2 * 4.
  const double a2 = std::exp(-1.0);
  CHECK(forward->kl == relative(0.5 * (2.0 * (-a2 - std::log(1.0 - a2)) + a2 * 9.0 / 9.0), 1e-14));
  // The law at the end is N(a m, (4 a^2 + 9 (1 - a^2)) I): its divergence is below the bound.
  const double share = (4.0 * a2 + 9.0 * (1.0 - a2)) / 9.0;
  CHECK(forward->kl > 0.5 * (2.0 * (share - 1.0 - std::log(share)) + a2 / 9.0));

  CHECK_FALSE(forgetting({data, prior, ReferenceProcess(9.0)}));
  const Measure point = Gaussian::isotropic(Vector::Zero(2), 0.0);
  CHECK_FALSE(forgetting({data, point, ReferenceProcess(1.0, 1e308)}));
  CHECK_FALSE(forgetting({data, prior, ReferenceProcess(9.1, 0.5)}));
  CHECK_FALSE(forgetting({data, data, reference}));
  const Measure moved = Gaussian::isotropic(Vector{{0.0, 0.1}}, 3.0);
  CHECK_FALSE(forgetting({data, moved, reference}));
}
