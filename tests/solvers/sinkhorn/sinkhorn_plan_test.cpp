// The plan: drift, sampling, states, in both directions and under both references.
#include <doctest/doctest.h>

#include <cmath>

#include "otbridge/core/error.hpp"
#include "otbridge/measure/weighted_points.hpp"
#include "otbridge/solvers/sinkhorn.hpp"

using namespace otbridge;

namespace {

struct SinkhornFixture {
  explicit SinkhornFixture(double theta, Index d = 2)
      : mu(normal_points(15, d, RandomStream(1))),
        nu(normal_points(12, d, RandomStream(2)).array() + 1.0, weights()),
        process(0.5, theta),
        problem(mu, nu, process) {
    SinkhornSettings settings;
    settings.tolerance = 1e-11;
    plan = solve_sinkhorn(problem, settings).plan;
  }
  static Vector weights() {
    Vector w = Vector::LinSpaced(12, 0.0, 1.0);
    w[5] = 0.0;
    return w;
  }

  // log h(t, x) up to a constant in x: the density of the far end seen from (t, x), tilted by its
  // potential.
  double log_h(double t, const Eigen::RowVectorXd& x, Direction direction) const {
    const bool forward = direction == Direction::forward;
    const double left = forward ? 1.0 - t : t, s2 = process.endpoint_variance();
    const double decay = process.decay(left), variance = process.variance(left);
    const WeightedPoints& far = forward ? nu : mu;
    const Vector potential =
        forward ? plan->potentials()->g(far.points()) : plan->potentials()->f(far.points());
    double total = 0.0;
    for (Index j = 0; j < far.size(); ++j) {
      const Eigen::RowVectorXd gap = forward ? Eigen::RowVectorXd(far.points().row(j) - decay * x)
                                             : Eigen::RowVectorXd(x - decay * far.points().row(j));
      total += far.weights()[j] * std::exp(potential[j] / s2 - gap.squaredNorm() / (2 * variance));
    }
    return std::log(total);
  }

  WeightedPoints mu, nu;
  ReferenceProcess process;
  TransportProblem problem;
  std::unique_ptr<const TransportPlan> plan;
};

}  // namespace

TEST_CASE("the drift is the reference's plus epsilon times the gradient of log h") {
  for (const double theta : {0.0, 0.8}) {
    for (const Index d : {2, 5}) {
      const SinkhornFixture fixture(theta, d);
      const Points x = normal_points(4, d, RandomStream(9));
      for (const auto direction : {Direction::forward, Direction::backward}) {
        for (const double t : {0.1, 0.5, 0.9}) {
          const Points drift = fixture.plan->drift()->at(t, x, direction);
          const double sign = direction == Direction::forward ? -1.0 : 1.0;
          for (Index i = 0; i < x.rows(); ++i) {
            for (Index k = 0; k < d; ++k) {
              constexpr double kStep = 1e-5;
              Eigen::RowVectorXd up = x.row(i), down = x.row(i);
              up[k] += kStep;
              down[k] -= kStep;
              const double gradient =
                  (fixture.log_h(t, up, direction) - fixture.log_h(t, down, direction)) /
                  (2 * kStep);
              // The step squared times a third derivative that grows as the variance left falls.
              const double want = sign * theta * x(i, k) + 0.5 * gradient;
              CHECK(std::abs(drift(i, k) - want) < 1e-7);
            }
          }
        }
      }
    }
  }
}

TEST_CASE("at the start the Brownian drift points to the map") {
  const SinkhornFixture fixture(0.0);
  const Points x = normal_points(6, 2, RandomStream(9));
  const auto& plan = *fixture.plan;
  CHECK((plan.drift()->at(0.0, x, Direction::forward) - (plan.map(x, Direction::forward) - x))
            .cwiseAbs()
            .maxCoeff() < 1e-12);
  CHECK((plan.drift()->at(1.0, x, Direction::backward) - (plan.map(x, Direction::backward) - x))
            .cwiseAbs()
            .maxCoeff() < 1e-12);
  CHECK_THROWS_AS(plan.drift()->at(1.0, x, Direction::forward), InvalidInput);
  CHECK_THROWS_AS(plan.drift()->at(0.0, x, Direction::backward), InvalidInput);
  CHECK_THROWS_AS(plan.drift()->at(0.5, Points::Zero(1, 3), Direction::forward), InvalidInput);
}

// 20000 draws: each mean is normal with standard error std / sqrt(20000); a check at 5 standard
// errors fails by chance once in 1.7e6, and there are 8 of them.
TEST_CASE("samples have the map as mean, in both directions, and are split-independent") {
  for (const double theta : {0.0, 0.8}) {
    const SinkhornFixture fixture(theta);
    for (const auto direction : {Direction::forward, Direction::backward}) {
      constexpr Index kDraws = 20000;
      const Points x = Points::Constant(kDraws, 2, 0.3);
      const RandomStream stream(4);
      const Points drawn = fixture.plan->sample(x, direction, stream);
      const Eigen::RowVectorXd mean = fixture.plan->map(x.topRows(1), direction).row(0);
      const Points deviations = drawn.rowwise() - mean;
      for (Index k = 0; k < 2; ++k) {
        const double spread = std::sqrt(deviations.col(k).squaredNorm()) / double(kDraws);
        CHECK(std::abs(deviations.col(k).mean()) < 5.0 * spread);
      }
      CHECK(fixture.plan->sample(x.topRows(7), direction, stream, 100) == drawn.middleRows(100, 7));
    }
  }
}

TEST_CASE("samples never fall on points of weight zero") {
  const SinkhornFixture fixture(0.0);
  const Points drawn =
      fixture.plan->sample(Points::Zero(3000, 2), Direction::forward, RandomStream(4));
  for (const Index zero : {0, 5}) {
    CHECK((drawn.rowwise() - fixture.nu.points().row(zero)).rowwise().norm().minCoeff() > 0.0);
  }
}

TEST_CASE("the gauge: potentials have mean 0 over the source, and give the coupling") {
  const SinkhornFixture fixture(0.8);
  const auto& potentials = *fixture.plan->potentials();
  const Vector f = potentials.f(fixture.mu.points()), g = potentials.g(fixture.nu.points());
  CHECK(std::abs(f.dot(fixture.mu.weights())) < 1e-9);
  const Matrix pi = fixture.plan->coupling()->rows(0, 15);
  const double a = fixture.process.endpoint_decay(), s2 = fixture.process.endpoint_variance();
  for (Index i = 0; i < 15; ++i) {
    for (Index j = 0; j < 12; ++j) {
      const double cost =
          0.5 * (fixture.nu.points().row(j) - a * fixture.mu.points().row(i)).squaredNorm();
      const double want =
          fixture.mu.weights()[i] * fixture.nu.weights()[j] * std::exp((f[i] + g[j] - cost) / s2);
      CHECK(std::abs(pi(i, j) - want) <= 1e-8 * want);
    }
  }
}

TEST_CASE("a restored plan gives the same bytes; a wrong state is refused") {
  const SinkhornFixture fixture(0.8);
  const PlanState state = fixture.plan->state();
  const auto again = restore_sinkhorn(fixture.problem, state);
  const Points x = normal_points(20, 2, RandomStream(9));
  for (const auto direction : {Direction::forward, Direction::backward}) {
    CHECK(again->map(x, direction) == fixture.plan->map(x, direction));
    CHECK(again->sample(x, direction, RandomStream(3)) ==
          fixture.plan->sample(x, direction, RandomStream(3)));
    CHECK(again->drift()->at(0.4, x, direction) == fixture.plan->drift()->at(0.4, x, direction));
  }
  CHECK(again->coupling()->rows(0, 15) == fixture.plan->coupling()->rows(0, 15));
  for (const char* name : {"x", "a", "f", "y", "b", "g"}) {
    PlanState wrong = state;
    wrong.arrays.erase(name);
    CHECK_THROWS_AS(restore_sinkhorn(fixture.problem, wrong), InvalidInput);
    wrong = state;
    wrong.arrays[name] = Points::Zero(3, 1);
    CHECK_THROWS_AS(restore_sinkhorn(fixture.problem, wrong), InvalidInput);
  }
}
