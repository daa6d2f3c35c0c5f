// The ends of a mixture bridge, against draws of it: means that are claimed in closed form, or
// follow from levels, leave nothing of the far end that the state could still tell.
#include "solvers/dsbm/start_coupling.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "../unit_gaussians.hpp"
#include "neural/posterior_mean.hpp"
#include "otbridge/measure/gaussian.hpp"
#include "otbridge/measure/toy.hpp"
#include "otbridge/solvers/gaussian.hpp"
#include "solve/entropic_start.hpp"

using namespace otbridge;

namespace {

// Root mean square of the means of n residuals times functions of the state, over their scatter:
// about 1 where the mean of the residual is 0 at every state.
double telling(const Points& residual, const Points& x) {
  double sum = 0.0;
  Index count = 0;
  for (Index j = 0; j < x.cols(); ++j) {
    for (const double frequency : {0.0, 0.7, 1.5, 3.0}) {
      for (Index k = 0; k < residual.cols(); ++k) {
        const Eigen::ArrayXd product =
            residual.col(k).array() * (frequency * x.col(j).array() + 0.3).cos();
        const double mean = product.mean();
        sum += mean * mean / ((product - mean).square().mean() / static_cast<double>(x.rows()));
        ++count;
      }
    }
  }
  return std::sqrt(sum / static_cast<double>(count));
}

bool says_polished(const std::string& note) {
  return note.starts_with("the start coupling is polished from a mixture bridge of ");
}

}  // namespace

TEST_CASE("the far end's mean given a state of a mixture bridge leaves no trace of the state") {
  const ReferenceProcess reference(0.8, 0.4);
  const TransportProblem problem(Toy("moons@torchcfm"), Gaussian::isotropic(Vector::Zero(2), 1.0),
                                 reference);
  const MixturePotential potential(Eigen::RowVector2d(0.5, -0.5), reference.endpoint_variance(),
                                   {{0.0, Vector{{4.0, 1.0}}, Matrix{{3.0, 0.5}, {0.5, 2.5}}},
                                    {-1.0, Vector{{-3.0, 2.0}}, Matrix{{4.0, -1.0}, {-1.0, 3.0}}}});
  constexpr Index kDraws = 60000, kCandidates = 4000;
  for (const auto direction : {Direction::forward, Direction::backward}) {
    const bool forward = direction == Direction::forward;
    const MixtureEnds ends(problem, potential, direction);
    const Endpoints drawn = ends.draw(kDraws, RandomStream(1));
    CHECK((drawn.far_levels.size() == kDraws) == !forward);
    for (const double t : {0.3, 0.8}) {
      const auto between = reference.bridge(0.0, t, 1.0);
      const Points x = between.from_start * drawn.source + between.from_end * drawn.target +
                       std::sqrt(between.variance) * normal_points(kDraws, 2, RandomStream(2));
      CAPTURE(forward);
      CAPTURE(t);
      if (forward) {
        CHECK(telling(drawn.target - drawn.far_mean(t, x).value(), x) < 1.8);
        // The test can tell: the mean over the time that is left, not another.
        CHECK(telling(drawn.target - drawn.far_mean(t + 0.1, x).value(), x) > 5.0);
        continue;
      }
      CHECK_FALSE(drawn.far_mean);
      // Candidates apart from the states' own ends, as many as make their noise small.
      const Endpoints others = ends.draw(kCandidates, RandomStream(3));
      const auto mean = [&](const Vector& levels) {
        return posterior_means({reference.decay(t) * others.source, levels, others.source},
                               reference.variance(t), x);
      };
      CHECK(telling(drawn.source - mean(others.far_levels), x) < 5.0);
      CHECK(telling(drawn.source - mean({}), x) > 25.0);
    }
  }
}

// Against the plain sums over all draws; the local ones leave out what is below rounding.
TEST_CASE("near the far end of an entropic coupling its mean is that over all draws") {
  const TransportProblem problem(Toy("moons@torchcfm"), Gaussian::isotropic(Vector::Zero(2), 1.0),
                                 ReferenceProcess(0.2, 0.4));
  const ReferenceProcess& reference = problem.reference();
  const SolveContext context;
  Run run("test", problem, context);
  const auto start = entropic_start(problem, 300, run);
  REQUIRE(start);
  for (const auto direction : {Direction::forward, Direction::backward}) {
    const bool forward = direction == Direction::forward;
    CAPTURE(forward);
    const EntropicEnds ends(problem, start->ends.source, start->ends.target, start->potentials,
                            direction);
    const Endpoints drawn = ends.draw(2000, RandomStream(1));
    const Points& far = forward ? drawn.target : drawn.source;
    const auto at = [&](double left) { return forward ? 1.0 - left : left; };
    const Points x = far.topRows(100) + 0.1 * normal_points(100, 2, RandomStream(2));
    CHECK_FALSE(drawn.far_mean(at(0.7), x));
    const double t = at(0.02), a = reference.decay(0.02), v = reference.variance(0.02);
    const auto near = drawn.far_mean(t, x);
    REQUIRE(near);
    const Points all = forward ? posterior_means({far, drawn.far_levels, far}, v, a * x)
                               : posterior_means({a * far, drawn.far_levels, far}, v, x);
    CHECK((*near - all).cwiseAbs().maxCoeff() < 1e-4 * std::sqrt(v));
    // One row by itself hears the same.
    CHECK(*drawn.far_mean(t, x.middleRows(7, 1)) == near->row(7));
  }
}

// Against the closed form, up to a constant.
TEST_CASE(
    "[full] a polished start has potentials nearer to the bridge's than those of its samples") {
  const TransportProblem problem = gaussian_pair(2);
  const Solution exact = solve_gaussian(problem);
  const auto scatter = [](const Vector& apart) {
    return std::sqrt((apart.array() - apart.mean()).square().mean());
  };
  const auto of_f = [&](const EntropicStart& start) {
    return scatter(start.potentials.f - exact.plan->potentials()->f(start.ends.source.points()));
  };
  const auto of_g = [&](const EntropicStart& start) {
    return scatter(start.potentials.g - exact.plan->potentials()->g(start.ends.target.points()));
  };
  const SolveContext context;
  Run polished("test", problem, context), sampled("test", problem, context);
  const auto near = polished_start(problem, 2000, polished);
  const auto far = entropic_start(problem, 2000, sampled);
  REQUIRE(near);
  REQUIRE(far);
  // f is that of the mixture, which has seen more draws; g has the scatter of one cloud, not two.
  CHECK(of_f(*near) < 0.4 * of_f(*far));
  CHECK(of_g(*near) < of_g(*far));
  CHECK(of_g(*far) < 0.1);
  // What is coupled is told, not what the mixture was fitted to.
  CHECK(polished.report().draws == 2000);
  CHECK(std::ranges::count_if(polished.report().notes, says_polished) == 1);
  CHECK(std::ranges::count(polished.report().notes, "the source stands as 2000 draws") == 1);
}

// At so small an epsilon the shapes are too few, and the potentials of the samples are asked.
TEST_CASE("[full] a polished start that is too far from the source is the samples' own") {
  const TransportProblem problem(Toy("moons@torchcfm"), Toy("8gaussians@torchcfm"),
                                 ReferenceProcess(0.01));
  const SolveContext context;
  Run polished("test", problem, context), sampled("test", problem, context);
  const auto near = polished_start(problem, 4000, polished),
             far = entropic_start(problem, 4000, sampled);
  REQUIRE(near);
  REQUIRE(far);
  CHECK(near->potentials.g == far->potentials.g);
  CHECK(std::ranges::count(polished.report().notes,
                           "the mixture is too far from the source: samples are coupled") == 1);
  CHECK(std::ranges::none_of(polished.report().notes, says_polished));
}
