// The fit of a mixture bridge: against the Gaussian closed form and bridges known by construction.
#include "otbridge/solvers/mixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "core/decompositions.hpp"
#include "measure/mixture_potential.hpp"
#include "measure/mixture_shapes.hpp"
#include "mixture/fit.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/known/known_problem.hpp"
#include "otbridge/measure/bridge_end.hpp"
#include "otbridge/measure/gaussian.hpp"
#include "otbridge/measure/toy.hpp"
#include "otbridge/solvers/gaussian.hpp"

using namespace otbridge;

namespace {

// The construction of Gushchin, Kolesov, Mokrov et al. 2023: N(0, I) and a potential of five
// Gaussians, their means on a sphere of radius 5, their variances between 1/e and e.
struct Known {
  std::vector<PotentialShape> shapes;
  MixturePotential potential;

  Known(Index d, double s2)
      : shapes(five(d, s2)), potential(Eigen::RowVectorXd::Zero(d), s2, shapes) {}

  static std::vector<PotentialShape> five(Index d, double s2) {
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
      shapes.push_back({-0.5 * mean.dot(linear) - 0.5 * logs.sum(), linear,
                        precision + Matrix::Identity(d, d) / s2});
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

// What is left is mostly the mass that 4000 draws give a component, right to about 0.7 percent,
// times squared distances of ten times the spread.
TEST_CASE("[full] a bridge of five components is found again from its samples") {
  constexpr Index kDraws = 4000;
  constexpr double kMost = 8e-3;  // of the spread
  const std::vector<std::pair<Index, double>> cases{{2, 1.0}, {2, 0.1}, {8, 1.0}};
  for (const auto& one : cases) {
    const Index d = one.first;
    const double s2 = one.second;
    CAPTURE(d);
    CAPTURE(s2);
    const Known known(d, s2);
    const GaussianKernel kernel{1.0, s2};
    const RandomStream stream(11);
    const Points source = normal_points(kDraws, d, stream.fork(0));
    const Points target =
        known.potential.sample(normal_points(kDraws, d, stream.fork(1)), kernel, stream.fork(2), 0);
    // A shift of the source tilts the potential and moves nothing else.
    for (const double shift : {0.0, 1000.0}) {
      const Points from = source.array() + shift;
      const Solution s =
          solve_mixture({WeightedPoints(from), WeightedPoints(target), ReferenceProcess(s2)},
                        {.components = 5, .tolerance = 1e-5});
      CHECK(s.report.stop_reason == StopReason::converged);
      const Points x = normal_points(kDraws, d, stream.fork(3));
      const Points found = s.plan->map(x.array() + shift, Direction::forward);
      const Points apart = found - known.potential.mean(x, kernel);
      const Points spread = target.rowwise() - target.colwise().mean();
      CHECK(mean_square(apart) < kMost * mean_square(spread));
    }
  }
}

// What separates a fit from the truth at small epsilon is what the points leave open, and not a
// minimum that is not the least: one that begins at the truth moves away from it as far.
TEST_CASE("a fit is as near to the truth as one that begins there") {
  constexpr Index kDraws = 4000;
  constexpr double kMore = 1.25;
  for (const Index d : {2, 8}) {
    CAPTURE(d);
    const Known known(d, 0.1);
    const double s = std::sqrt(0.1);
    const RandomStream stream(17);
    const Points source = normal_points(kDraws, d, stream.fork(0));
    const Points target = known.potential.sample(normal_points(kDraws, d, stream.fork(1)),
                                                 {1.0, 0.1}, stream.fork(2), 0);
    const Vector weights = Vector::Constant(kDraws, 1.0 / kDraws);
    const MixtureData data{source / s, target / s, weights, weights};
    std::vector<PotentialShape> truth = known.shapes;
    for (PotentialShape& shape : truth) {
      shape.linear *= s;
      shape.precision *= s * s;
    }
    const MixtureControl control{
        .components = 5, .full = true, .iterations = 300, .tolerance = 1e-4};
    const Points x = normal_points(kDraws, d, stream.fork(3));
    const auto error = [&](const MixtureFit& fit) {
      CHECK(fit.loss < mixture_loss(data, truth));
      const MixturePotential found(Eigen::RowVectorXd::Zero(d), 1.0, fit.shapes);
      return mean_square(s * found.mean(x / s, {1.0, 1.0}) - known.potential.mean(x, {1.0, 0.1}));
    };
    const double from_clusters = error(fit_mixture(data, control, stream));
    const double from_truth = error(fit_mixture(data, control, truth));
    CHECK(from_clusters < kMore * from_truth);
  }
}

// Squared errors of maps fall as one over the draws: 32 times as many leave a quarter at most.
TEST_CASE("laws that can be drawn are fitted nearer to the truth by fresh draws, clouds are not") {
  constexpr double kEpsilon = 0.1;
  const TransportProblem problem = eot_mixture_problem(2, 5, 0, ReferenceProcess(kEpsilon));
  const Points x = normal_points(1000, 2, RandomStream(3));
  const MixtureShapes shapes =
      mixture_shapes(problem.target().as<BridgeEnd>()->potential(), kEpsilon);
  const Points truth =
      MixturePotential(shapes.center, kEpsilon, shapes.shapes).mean(x, {1.0, kEpsilon});
  const auto error = [&](const TransportPlan& plan) {
    return mean_square(plan.map(x, Direction::forward) - truth);
  };
  MixtureSettings settings{.components = 6, .samples = 2000, .refinement = 1};
  const Solution once = solve_mixture(problem, settings);
  settings.refinement = 128;
  const Solution refined = solve_mixture(problem, settings);
  CHECK(refined.report.stop_reason == StopReason::converged);
  CHECK(error(*refined.plan) < 0.15 * error(*once.plan));
  // The limit on iterations is one on all of them.
  settings.iterations = 10;
  const SolveReport cut = solve_mixture(problem, settings).report;
  CHECK(cut.iterations == settings.iterations);
  for (const Progress& record : cut.trace) CHECK(record.fraction <= 1.0);
  settings.iterations = 300;

  const TransportProblem half(problem.source(),
                              WeightedPoints(problem.target()->sample(2000, RandomStream(4))),
                              problem.reference());
  const auto map_of = [&](Index refinement) {
    settings.refinement = refinement;
    return solve_mixture(half, settings).plan->map(x, Direction::forward);
  };
  CHECK(map_of(1) == map_of(32));
}

// At a small epsilon losses of two fits on 2000 draws differ by chance by more than by their merit.
TEST_CASE("fresh draws are taken, whatever a few draws that are kept aside seem to say") {
  const TransportProblem moons = blurred_problem(Toy("moons"), ReferenceProcess(0.1));
  const MixtureSettings settings{.components = 12, .samples = 2000, .refinement = 32};
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    CAPTURE(seed);
    const auto notes = solve_mixture(moons, settings, {.seed = seed}).report.notes;
    CHECK(std::ranges::any_of(
        notes, [](const auto& note) { return note.starts_with("fitted to 64000 fresh draws"); }));
  }
}

// 2000 points do not tell the covariances of five shares in sixteen dimensions.
TEST_CASE(
    "[full] few points in many dimensions: shapes are drawn together, and are nearer to the "
    "truth") {
  constexpr Index kDraws = 2000, d = 16;
  constexpr double kEpsilon = 0.1, kLess = 0.7;
  const Known known(d, kEpsilon);
  const GaussianKernel kernel{1.0, kEpsilon};
  const RandomStream stream(13);
  const Points source = normal_points(kDraws, d, stream.fork(0));
  const Points target =
      known.potential.sample(normal_points(kDraws, d, stream.fork(1)), kernel, stream.fork(2), 0);
  const Points x = normal_points(kDraws, d, stream.fork(3));
  const Points truth = known.potential.mean(x, kernel);
  const TransportProblem problem(WeightedPoints{source}, WeightedPoints{target},
                                 ReferenceProcess(kEpsilon));
  const Solution chosen = solve_mixture(problem);
  CHECK_FALSE(chosen.report.notes.back().starts_with("1 full"));
  const double drawn = mean_square(chosen.plan->map(x, Direction::forward) - truth);

  const Eigen::RowVectorXd from = source.colwise().mean(), to = target.colwise().mean();
  const double s = std::sqrt(kEpsilon);
  const Vector weights = Vector::Constant(kDraws, 1.0 / kDraws);
  const MixtureFit fit =
      fit_mixture({(source.rowwise() - from) / s, (target.rowwise() - to) / s, weights, weights},
                  {.components = 5, .full = true, .iterations = 300, .tolerance = 3e-4}, stream);
  const MixturePotential free(Eigen::RowVectorXd::Zero(d), 1.0, fit.shapes);
  const Points moved = (s * free.mean((x.rowwise() - from) / s, {1.0, 1.0})).rowwise() + to;
  CHECK(drawn < kLess * mean_square(moved - truth));
}

TEST_CASE("f and g of a mixture plan make its marginals") {
  const WeightedPoints source(Toy("moons").sample(80, RandomStream(1)),
                              Vector::LinSpaced(80, 1.0, 3.0));
  const WeightedPoints target(Toy("8gaussians").sample(90, RandomStream(2)));
  for (const double theta : {0.0, 0.8}) {
    const TransportProblem problem(source, target, ReferenceProcess(0.7, theta));
    const Solution s = solve_mixture(problem, {.components = 4});
    const double a = problem.reference().endpoint_decay();
    const double s2 = problem.reference().endpoint_variance();
    const Points y = normal_points(10, 2, RandomStream(3));
    const Vector f = s.plan->potentials()->f(source.points()), g = s.plan->potentials()->g(y);
    CHECK(f.dot(source.weights()) == doctest::Approx(0.0).scale(1.0).epsilon(1e-10));
    for (Index j = 0; j < y.rows(); ++j) {
      const Points apart = (a * source.points()).rowwise() - y.row(j);
      const Vector costs = 0.5 * apart.rowwise().squaredNorm();
      // The plan's density by both its marginals, averaged over the source: sum_i a_i exp((f_i + g
      // - c_i) / s^2) = 1.
      const Vector densities = (((f - costs).array() + g[j]) / s2).exp();
      const double sum = source.weights().dot(densities);
      CHECK(sum == doctest::Approx(1.0).epsilon(1e-9));
    }
  }
}

TEST_CASE("the loss never rises, from one iteration to the next") {
  const Points x = Toy("moons").sample(800, RandomStream(1));
  const Points y = Toy("8gaussians").sample(700, RandomStream(2));
  const double s = std::sqrt(0.02);
  const MixtureData data{x / s, y / s, Vector::Constant(800, 1.0 / 800),
                         Vector::Constant(700, 1.0 / 700)};
  for (const bool full : {true, false}) {
    double last = std::numeric_limits<double>::infinity();
    const auto fit = fit_mixture(data,
                                 {12,
                                  full,
                                  60,
                                  1e-5,
                                  [&](Index, double loss) {
                                    CHECK(loss <= last);
                                    last = loss;
                                    return true;
                                  },
                                  {}},
                                 RandomStream(4));
    CHECK(fit.loss <= last);
    CHECK(mixture_loss(data, fit.shapes) == doctest::Approx(fit.loss).epsilon(1e-9));
  }
}

TEST_CASE("components are chosen from the data, and too few of them are told") {
  const Gaussian normal(Vector::Zero(2), Matrix::Identity(2, 2));
  const auto report = [&](const Measure& target, Index components) {
    return solve_mixture({normal, target, ReferenceProcess(0.5)},
                         {.components = components, .samples = 2000, .refinement = 1})
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
    // The share of draws that are far from every draw of the target: between its modes.
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

TEST_CASE(
    "points without weight, scales and far rows are taken or refused, never drawn from at random") {
  const Points x = normal_points(100, 2, RandomStream(1)),
               y = normal_points(50, 2, RandomStream(2));
  Vector single = Vector::Zero(50);
  single[17] = 1.0;
  const Solution one =
      solve_mixture({WeightedPoints(x), WeightedPoints(y, single), ReferenceProcess(0.5)}, {});
  CHECK((one.plan->map(x, Direction::forward).rowwise() - y.row(17)).norm() < 1e-3);
  CHECK_THROWS_AS(
      solve_mixture({WeightedPoints(x), WeightedPoints(1e160 * y), ReferenceProcess(0.5)}, {}),
      InvalidInput);
  CHECK(solve_mixture({WeightedPoints(1e100 * x), WeightedPoints(y), ReferenceProcess(0.5)}, {})
            .report.stop_reason == StopReason::rounding_limit);
  const auto scaled = [&](double scale) {
    const Solution s = solve_mixture({WeightedPoints(scale * x), WeightedPoints(scale * y),
                                      ReferenceProcess(0.5 * scale * scale)},
                                     {.components = 2});
    return Points(s.plan->map(scale * x, Direction::forward) / scale);
  };
  CHECK((scaled(1e-150) - scaled(1.0)).norm() < 1e-6);
  CHECK((scaled(1e150) - scaled(1.0)).norm() < 1e-6);
  CHECK_THROWS_AS(
      one.plan->sample(Points::Constant(1, 2, 1e200), Direction::forward, RandomStream(1)),
      InvalidInput);
}

TEST_CASE("clouds of few or equal points, and limits, end as they should") {
  const Points three{{0.0, 0.0}, {1.0, 0.0}, {0.0, 2.0}};
  const WeightedPoints few(three), one(Points::Ones(4, 2));
  for (const auto& [source, target] : {std::pair{few, few}, {few, one}, {one, few}}) {
    const Solution s = solve_mixture({source, target, ReferenceProcess(0.3)}, {.components = 5});
    CHECK(s.report.stop_reason == StopReason::converged);
    CHECK(s.plan->map(three, Direction::forward).allFinite());
  }
  const Solution cut = solve_mixture({Toy("moons"), Toy("8gaussians"), ReferenceProcess(0.1)},
                                     {.components = 8, .iterations = 2, .samples = 500});
  CHECK(cut.report.stop_reason == StopReason::iteration_limit);
  CHECK(cut.report.iterations == 2);
  // Where nothing was gained by two steps the loss told is that of the shapes that began.
  CHECK(std::ranges::none_of(cut.report.notes, [](const std::string& note) {
    return note.find("loss 0 nats") != note.npos;
  }));
}

TEST_CASE("covariances that no machine holds are refused before they are made") {
  const WeightedPoints wide(Points::Random(2, 300000));
  CHECK_THROWS_AS(solve_mixture({wide, wide, ReferenceProcess(1.0)}, {}), MemoryLimit);
}

TEST_CASE("a mixture plan that makes no law is refused") {
  const TransportProblem problem(Toy("moons"), Toy("moons"), ReferenceProcess(0.5));
  const Solution s = solve_mixture(problem, {.components = 2, .samples = 200});
  PlanState state = s.plan->state();
  state.arrays["precision"](0, 0) = -3.0;
  CHECK_THROWS_WITH_AS(restore_mixture(problem, state), doctest::Contains("must be > 0"),
                       InvalidInput);
}
