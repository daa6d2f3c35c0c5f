// The Sinkhorn divergence against its definition and the closed form of Gaussians; bounds of W2 and
// W1 against the exact values.
#include "otbridge/metrics/distances.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "otbridge/core/error.hpp"
#include "otbridge/core/random.hpp"

using namespace otbridge;

namespace {

// OT_eps of two small clouds by plain Sinkhorn iterations on a matrix (Cuturi 2013).
double plain_cost(const WeightedPoints& mu, const WeightedPoints& nu, double epsilon) {
  Matrix cost(mu.size(), nu.size());
  for (Index i = 0; i < mu.size(); ++i) {
    for (Index j = 0; j < nu.size(); ++j)
      cost(i, j) = 0.5 * (mu.points().row(i) - nu.points().row(j)).squaredNorm();
  }
  const Matrix kernel = (-cost / epsilon).array().exp();
  Vector u = Vector::Ones(mu.size()), v = Vector::Ones(nu.size());
  for (int k = 0; k < 5000; ++k) {
    u = mu.weights().cwiseQuotient(kernel * v);
    v = nu.weights().cwiseQuotient(kernel.transpose() * u);
  }
  double value = 0.0;
  for (Index i = 0; i < mu.size(); ++i) {
    for (Index j = 0; j < nu.size(); ++j) {
      const double mass = u[i] * kernel(i, j) * v[j];
      value += mass * (cost(i, j) + epsilon * std::log(mass / (mu.weights()[i] * nu.weights()[j])));
    }
  }
  return value;
}

const RandomStream kStream(11);

WeightedPoints cloud(Index n, Index d, std::uint64_t tag, double shift) {
  return WeightedPoints(Points(normal_points(n, d, kStream.fork(tag)).array() + shift));
}

}  // namespace

TEST_CASE("the Sinkhorn divergence is that of plain iterations, within its error") {
  const WeightedPoints mu = cloud(7, 2, 0, 0.0);
  const WeightedPoints nu(normal_points(9, 2, kStream.fork(1)), Vector::LinSpaced(9, 1.0, 3.0));
  for (const double epsilon : {0.3, 2.0}) {
    const double expected = plain_cost(mu, nu, epsilon) -
                            0.5 * (plain_cost(mu, mu, epsilon) + plain_cost(nu, nu, epsilon));
    const SinkhornDivergence found = sinkhorn_divergence(mu, nu, epsilon);
    CHECK(found.converged);
    CHECK(found.error < 1e-4);
    CHECK(std::abs(found.value - expected) <= found.error);
    CHECK(std::abs(found.value - expected) < 1e-6);
  }
}

TEST_CASE("the Sinkhorn divergence of equal clouds is 0, whatever their order") {
  const WeightedPoints mu = cloud(200, 3, 2, 0.0);
  CHECK(sinkhorn_divergence(mu, mu, 0.1).value == 0.0);
  const WeightedPoints turned(Points(mu.points().colwise().reverse()));
  CHECK(sinkhorn_divergence(mu, turned, 0.1).value < 1e-9);
  // Of translates it is the half square of the shift, at any epsilon.
  const WeightedPoints moved(Points(mu.points().array() + 0.5));
  CHECK(std::abs(sinkhorn_divergence(mu, moved, 0.1).value - 3 * 0.125) < 1e-6);
  CHECK_THROWS_AS(sinkhorn_divergence(mu, cloud(5, 2, 0, 0.0), 0.1), InvalidInput);
}

TEST_CASE("the bounds of W2 hold the exact value, nearer at a smaller epsilon") {
  const WeightedPoints mu = cloud(400, 2, 3, 0.0), nu = cloud(300, 2, 4, 1.0);
  const double exact = wasserstein2(mu, nu);
  double width = 1e300;
  for (const double relative : {0.1, 0.01, 0.001}) {
    const Bracket bracket = wasserstein2_bracket(mu, nu, relative);
    CHECK(bracket.lower <= exact);
    CHECK(bracket.upper >= exact);
    CHECK(bracket.upper - bracket.lower < 0.5 * width);
    width = bracket.upper - bracket.lower;
  }
  CHECK(width < 0.01 * exact);
  const WeightedPoints point(Points::Ones(3, 2));
  CHECK(wasserstein2_bracket(point, point).upper == 0.0);
}

TEST_CASE("all distances at once are those one by one; large clouds have bounds") {
  const WeightedPoints mu = cloud(60, 2, 5, 0.0), nu = cloud(50, 2, 6, 1.0);
  int begun = 0;
  DistanceOptions options{.epsilon = 0.2};
  options.begins = [&](const char*) { ++begun; };
  const Distances small = all_distances(mu, nu, options, kStream);
  CHECK(begun == 5);
  CHECK(small.w2.value == wasserstein2(mu, nu));
  CHECK(small.w1.value == wasserstein1(mu, nu));
  CHECK(small.sinkhorn_divergence.value == sinkhorn_divergence(mu, nu, 0.2).value);
  // On the line any size is exact; the same bytes again.
  const Distances line =
      all_distances(cloud(30000, 1, 7, 0.0), cloud(30000, 1, 8, 0.5), options, kStream);
  REQUIRE(line.w1.value);
  CHECK(std::abs(*line.w1.value - 0.5) < 0.05);
  const EntropicCost own = entropic_cost(mu, mu, 0.2);
  CHECK(all_distances(mu, nu, options, kStream, &own).sinkhorn_divergence.value ==
        small.sinkhorn_divergence.value);
}

TEST_CASE("bounds of W1 hold the exact value [full]") {
  const WeightedPoints mu = cloud(4500, 3, 9, 0.0), nu = cloud(4500, 3, 10, 0.3);
  const Distances found = all_distances(mu, nu, {.epsilon = 1.0}, kStream);
  REQUIRE(!found.w1.value);
  const double exact = wasserstein1(mu, nu);
  CHECK(found.w1.lower <= exact);
  CHECK(found.w1.upper >= exact);
  CHECK(found.w1.lower > 0.5 * exact);
}
