// The fit of a mixture bridge: against the Gaussian closed form and bridges known by construction.
#include "otbridge/solvers/mixture.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <tuple>

#include "core/decompositions.hpp"
#include "measure/mixture_potential.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/measure/gaussian.hpp"
#include "otbridge/measure/toy.hpp"
#include "otbridge/solvers/gaussian.hpp"
#include "solvers/mixture/fit.hpp"

using namespace otbridge;

namespace {

// The construction of Gushchin, Kolesov, Mokrov et al. 2023: N(0, I) and a potential of five
// Gaussians, their means on a sphere of radius 5, their variances between 1/e and e.
struct Known {
  std::vector<PotentialShape> shapes;
  MixturePotential potential;

  explicit Known(Index d) : shapes(five(d)), potential(Eigen::RowVectorXd::Zero(d), shapes) {}

  static std::vector<PotentialShape> five(Index d) {
    std::vector<PotentialShape> shapes;
    for (std::uint64_t k = 0; k < 5; ++k) {
      const RandomStream stream = RandomStream(7).fork(k);
      const Vector mean = 5.0 * normal_points(1, d, stream).row(0).normalized().transpose();
      const Matrix turn = singular_values(normal_points(d, d, stream.fork(1))).u;
      Vector logs(d);
      for (Index i = 0; i < d; ++i) logs[i] = 2.0 * stream.uniform(i, 2, 0) - 1.0;
      const Matrix precision =
          turn * (-logs).array().exp().matrix().asDiagonal() * turn.transpose();
      const Vector linear = precision * mean;
      shapes.push_back({-0.5 * mean.dot(linear) - 0.5 * logs.sum(), linear, precision});
    }
    return shapes;
  }
};

double mean_square(const Points& apart) {
  return apart.squaredNorm() / static_cast<double>(apart.rows());
}

}  // namespace

TEST_CASE("one component is the Gaussian bridge of the moments") {
  const WeightedPoints source(Toy("moons").sample(300, RandomStream(1)),
                              Vector::LinSpaced(300, 1.0, 3.0));
  const WeightedPoints target(Toy("8gaussians").sample(200, RandomStream(2)).array() + 50.0);
  for (const double theta : {0.0, 0.8}) {
    CAPTURE(theta);
    const TransportProblem problem(source, target, ReferenceProcess(0.7, theta));
    const Solution found = solve_mixture(problem, {.components = 1});
    CHECK(found.report.stop_reason == StopReason::converged);
    const Solution exact = solve_gaussian(problem, {.moments = "match"});
    const Points x = normal_points(20, 2, RandomStream(3));
    const auto map = [&](const Solution& s) { return s.plan->map(x, Direction::forward); };
    CHECK((map(found) - map(exact)).norm() < 1e-8 * map(exact).norm());
    for (const double t : {0.0, 0.4, 0.95}) {
      const auto drift = [&](const Solution& s) {
        return s.plan->drift()->at(t, x, Direction::forward);
      };
      CHECK((drift(found) - drift(exact)).norm() < 1e-7 * drift(exact).norm());
    }
  }
}

// What is left is mostly the mass that 4000 draws give a component, right to about 0.7 percent, times
// squared distances of ten times the spread.
TEST_CASE("a bridge of five components is found again from its samples") {
  constexpr Index kDraws = 4000;
  for (const auto& [d, s2, most] :
       {std::tuple<Index, double, double>{2, 1.0, 8e-3}, {2, 0.1, 8e-3}, {8, 1.0, 8e-3}}) {
    CAPTURE(d);
    CAPTURE(s2);
    const Known known(d);
    const GaussianKernel kernel{1.0, s2};
    const RandomStream stream(11);
    const Points source = normal_points(kDraws, d, stream.fork(0));
    const Points target =
        known.potential.sample(normal_points(kDraws, d, stream.fork(1)), kernel, stream.fork(2), 0);
    const Vector weights = Vector::Constant(kDraws, 1.0 / kDraws);
    const MixtureData data{source, target, weights, weights, s2};
    const MixtureFit fit = fit_mixture(data, {5, true, 300, 1e-5, {}}, stream);
    CHECK(fit.converged);
    // The truth is one of those that the fit chooses from.
    CHECK(fit.loss < mixture_loss(data, known.shapes));

    const Points x = normal_points(kDraws, d, stream.fork(3));
    const MixturePotential found(Eigen::RowVectorXd::Zero(d), fit.shapes);
    const Points apart = found.mean(x, kernel) - known.potential.mean(x, kernel);
    const Points spread = target.rowwise() - target.colwise().mean();
    CHECK(mean_square(apart) < most * mean_square(spread));
  }
}

TEST_CASE("the loss never rises, from one iteration to the next") {
  const Points x = Toy("moons").sample(800, RandomStream(1));
  const Points y = Toy("8gaussians").sample(700, RandomStream(2));
  const MixtureData data{x, y, Vector::Constant(800, 1.0 / 800), Vector::Constant(700, 1.0 / 700),
                         0.02};
  for (const bool full : {true, false}) {
    double last = std::numeric_limits<double>::infinity();
    const auto fit = fit_mixture(data,
                                 {12, full, 60, 1e-5,
                                  [&](Index, double loss) {
                                    CHECK(loss <= last);
                                    last = loss;
                                    return true;
                                  }},
                                 RandomStream(4));
    CHECK(fit.loss <= last);
    CHECK(mixture_loss(data, fit.shapes) == doctest::Approx(fit.loss).epsilon(1e-9));
  }
}

TEST_CASE("components are chosen from the data, and too few of them are told") {
  const Gaussian normal(Vector::Zero(2), Matrix::Identity(2, 2));
  const auto report = [&](const Measure& target, Index components) {
    return solve_mixture({normal, target, ReferenceProcess(0.5)},
                         {.components = components, .samples = 2000})
        .report;
  };
  const auto told = [](const SolveReport& r) {
    for (const std::string& note : r.notes) {
      if (note.find("more components") != std::string::npos) return true;
    }
    return false;
  };
  const SolveReport one = report(Gaussian(Vector::Ones(2), 0.5 * Matrix::Identity(2, 2)), 0);
  CHECK(one.notes.back().starts_with("1 full components"));
  const SolveReport many = report(Toy("8gaussians"), 0);
  CHECK_FALSE(many.notes.back().starts_with("1 full"));
  CHECK_FALSE(told(many));
  CHECK(told(report(Toy("8gaussians"), 1)));
}

// Far above the costs h hardly depends on x, and phi is the density of the target.
TEST_CASE("a large epsilon leaves the shapes what they are") {
  const auto error = [](double epsilon, Index components) {
    const Solution s = solve_mixture({Toy("moons"), Toy("8gaussians"), ReferenceProcess(epsilon)},
                                     {.components = components, .samples = 1000});
    const Points y = s.plan->sample(Toy("moons").sample(1000, RandomStream(5)), Direction::forward,
                                    RandomStream(6));
    // Of eight modes of width 0.1 at distance 4 or so: how many draws are between them.
    const Points modes = Toy("8gaussians").sample(4000, RandomStream(7));
    Index between = 0;
    for (Index i = 0; i < y.rows(); ++i) {
      between += (modes.rowwise() - y.row(i)).rowwise().squaredNorm().minCoeff() > 0.5;
    }
    return static_cast<double>(between) / 1000.0;
  };
  for (const double epsilon : {1.0, 1e6, 1e9}) {
    CAPTURE(epsilon);
    CHECK(error(epsilon, 8) < 0.1);
    CHECK(error(epsilon, 1) > 0.3);
  }
}

TEST_CASE("clouds of few or equal points, and limits, end as they should") {
  const Points three{{0.0, 0.0}, {1.0, 0.0}, {0.0, 2.0}};
  const WeightedPoints few(three), one(Points::Ones(4, 2));
  for (const auto& [source, target] : {std::pair{few, few}, {few, one}, {one, few}}) {
    const Solution s =
        solve_mixture({source, target, ReferenceProcess(0.3)}, {.components = 5});
    CHECK(s.report.stop_reason == StopReason::converged);
    CHECK(s.plan->map(three, Direction::forward).allFinite());
  }
  const Solution cut = solve_mixture({Toy("moons"), Toy("8gaussians"), ReferenceProcess(0.1)},
                                     {.components = 8, .iterations = 2, .samples = 500});
  CHECK(cut.report.stop_reason == StopReason::iteration_limit);
  CHECK(cut.report.iterations == 2);
}

TEST_CASE("a mixture plan that makes no law is refused") {
  const TransportProblem problem(Toy("moons"), Toy("moons"), ReferenceProcess(0.5));
  const Solution s = solve_mixture(problem, {.components = 2, .samples = 200});
  PlanState state = s.plan->state();
  state.arrays["precision"](0, 0) = -3.0;
  state.arrays["precision"](1, 1) = -3.0;
  CHECK_THROWS_WITH_AS(restore_mixture(problem, state), doctest::Contains("-1 / s^2"),
                       InvalidInput);
}
