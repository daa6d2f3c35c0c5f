#include "otbridge/metrics/marginal_kl.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "../relative.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/measure/gaussian.hpp"
#include "otbridge/measure/toy.hpp"
#include "otbridge/solvers/gaussian.hpp"
#include "otbridge/solvers/sinkhorn.hpp"

using namespace otbridge;

// KL(N(m, S) | N(0, T)) by hand: S = [[2, 1], [1, 2]], T = diag(4, 1), m = (2, 1).
// tr(T^-1 S) = 1/2 + 2, log det S = log 3, log det T = log 4, m^T T^-1 m = 2; the diagonals have
// the determinant 4 of S.
TEST_CASE("the KL of two Gaussian laws, whole and coordinate by coordinate") {
  const Moments found{Vector{{2.0, 1.0}}, Matrix{{2.0, 1.0}, {1.0, 2.0}}};
  const Moments exact{Vector{{0.0, 0.0}}, Matrix{{4.0, 0.0}, {0.0, 1.0}}};
  const GaussianKl kl = gaussian_kl(found, exact);
  CHECK(kl.full == relative(0.5 * (2.5 - 2.0 + std::log(4.0) - std::log(3.0) + 2.0), 1e-14));
  CHECK(kl.diagonal == relative(0.5 * (2.5 - 2.0 + std::log(4.0) - std::log(4.0) + 2.0), 1e-14));
  CHECK(gaussian_kl(exact, exact).full == 0.0);
  const Moments flat{Vector{{0.0, 0.0}}, Matrix{{1.0, 1.0}, {1.0, 1.0}}};
  CHECK(std::isinf(gaussian_kl(flat, exact).full));
  CHECK_THROWS_AS(gaussian_kl(found, {Vector::Zero(1), Matrix::Identity(1, 1)}), InvalidInput);
}

// The pair of the Gaussian experiment: X_t ~ N((0.2 t - 0.1) 1, v_t I) with v_t = (1 - t)^2 + t^2 +
// t (1 - t) sqrt(4 + eps^2) (Tong et al. 2024).
TEST_CASE("the laws in time of a Gaussian bridge are the published ones") {
  const Gaussian source = Gaussian::isotropic(Vector::Constant(3, -0.1), 1.0);
  const Gaussian target = Gaussian::isotropic(Vector::Constant(3, 0.1), 1.0);
  const Solution truth = solve_gaussian({source, target, ReferenceProcess(1.0)});
  const std::vector<double> times{0.0, 0.3, 1.0};
  const std::vector<Moments> moments = gaussian_marginals(*truth.plan, times);
  for (std::size_t k = 0; k < times.size(); ++k) {
    const double t = times[k];
    const double variance = (1 - t) * (1 - t) + t * t + t * (1 - t) * std::sqrt(5.0);
    CHECK((moments[k].mean.array() - (0.2 * t - 0.1)).abs().maxCoeff() < 1e-14);
    CHECK((moments[k].covariance - variance * Matrix::Identity(3, 3)).cwiseAbs().maxCoeff() <
          1e-13);
  }
  CHECK_THROWS_AS(
      gaussian_marginals(
          *solve_sinkhorn({Toy("moons"), Toy("moons"), ReferenceProcess(1.0)}, {.samples = 50})
               .plan,
          times),
      InvalidInput);
}

// Exact paths score the floor: its expectation, here within six deviations of a chi square.
TEST_CASE("exact paths score the floor of the KL") {
  constexpr Index kDraws = 4000, kDimension = 4;
  const Matrix s0{{1.0, 0.4, 0, 0}, {0.4, 0.7, 0, 0}, {0, 0, 2.0, 0.1}, {0, 0, 0.1, 0.3}};
  const Gaussian source(Vector::Zero(kDimension), s0);
  const Gaussian target = Gaussian::isotropic(Vector::Ones(kDimension), 0.5);
  const Solution truth = solve_gaussian({source, target, ReferenceProcess(0.5)});
  const std::vector<double> times{0.5};
  const WeightedPoints start(source.sample(kDraws, RandomStream(1)));
  const GaussianKl kl = mean_marginal_kl(*truth.plan, gaussian_marginals(*truth.plan, times), times,
                                         start, RandomStream(2));
  const GaussianKl floor = gaussian_kl_floor(kDraws, kDimension);
  CHECK(floor.full == relative(14.0 / 8000.0, 1e-14));
  CHECK(floor.diagonal == relative(4.0 / 4000.0, 1e-14));
  // 2 n KL is a chi square of 14, and of 8, degrees.
  CHECK(std::abs(kl.full - floor.full) < 6.0 * std::sqrt(28.0) / 8000.0);
  CHECK(std::abs(kl.diagonal - floor.diagonal) < 6.0 * std::sqrt(16.0) / 8000.0);
}
