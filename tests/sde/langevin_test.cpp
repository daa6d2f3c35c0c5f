#include "sde/langevin.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>

#include "../relative.hpp"

using namespace otbridge;

// N(0, diag(v)) has the score -x / v and E|s|^2 = sum 1 / v; a step maps each variance by hand.
TEST_CASE(
    "a step from a Gaussian law leaves the sum of its variances, and from afar comes nearer") {
  const std::array<double, 3> v{0.04, 1.0, 9.0};
  double mean_square = 0.0;
  for (const double variance : v) mean_square += 1.0 / variance;
  const LangevinSize size = langevin_size(mean_square, 3);
  // Song et al. 2021: 2 (r |z| / |s|)^2, with root mean squares for the two lengths.
  CHECK(size.length == relative(2.0 * 0.16 * 0.16 * 3.0 / mean_square, 1e-14));
  const auto after = [&](double variance, double of) {
    const double shrunk = 1.0 - size.length / variance;
    return shrunk * shrunk * of + size.variance;
  };
  double before = 0.0, now = 0.0;
  for (const double variance : v) {
    before += variance;
    now += after(variance, variance);
    // Each of them is off by far less than by the relaxation of a step.
    CHECK(after(variance, variance) == relative(variance, 0.11));
    CHECK(after(variance, 2.0 * variance) < 2.0 * variance);
  }
  CHECK(now == relative(before, 1e-14));
}

TEST_CASE("a Langevin step moves by the score and by the draw of its row and step") {
  const Points x = normal_points(5, 2, RandomStream(1)), score = -2.0 * x;
  const LangevinSize size{0.1, 0.15};
  ChainNoise noise{0.0, RandomStream(4), 100};  // the noise of the chain is not that of the step
  const Points next = langevin_step(x, score, size, 3, noise);
  const double z = noise.stream.normal(102, 3, 1);
  CHECK(next(2, 1) == relative(x(2, 1) - 0.2 * x(2, 1) + std::sqrt(0.15) * z, 1e-14));
  noise.sign = -1.0;
  const Points mirror = langevin_step(x, score, size, 3, noise);
  CHECK((next + mirror - 2.0 * (x + 0.1 * score)).cwiseAbs().maxCoeff() < 1e-14);
}
