// The whole fit: whether what fresh draws bring is taken.
#include "mixture/bridge_fit.hpp"

#include <doctest/doctest.h>

#include "otbridge/measure/gaussian.hpp"
#include "otbridge/measure/mixture.hpp"

using namespace otbridge;

// By 30 draws for four covariances in six dimensions, whatever they are, shapes lose half a nat or
// more against those of 10000. That others are taken: tests/solvers/mixture.
TEST_CASE("shapes of fresh draws are refused that explain draws worse, of which neither knows") {
  constexpr Index d = 6, kPoints = 10000;
  const RandomStream stream(17);
  const Matrix identity = Matrix::Identity(d, d);
  std::vector<Measure> modes;
  for (Index k = 0; k < 4; ++k) modes.push_back(Gaussian(3.0 * identity.col(k), 0.2 * identity));
  const TransportProblem problem(Gaussian(Vector::Zero(d), identity),
                                 Mixture(Vector::Constant(4, 0.25), modes), ReferenceProcess(0.5));
  const WeightedPoints source(problem.source()->sample(kPoints, stream.fork(0)));
  const WeightedPoints target(problem.target()->sample(kPoints, stream.fork(1)));
  const BridgeFitSettings settings{.components = 4, .samples = 30, .refinement = 2};
  Index left = 0;  // of the iterations that are announced, after the one that is about to be done
  const BridgeFitWatch watch{[&](Index iteration, Index limit, double) {
                               left = limit - iteration - 1;
                               return true;
                             },
                             [] { return false; }};
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    CAPTURE(seed);
    const BridgeFit fit =
        fit_bridge(problem, source, target, settings, stream.fork(2 + seed), watch);
    CHECK(left == 0);  // it was fitted to all of them
    CHECK(fit.fresh_draws == 0);
    CHECK(fit.shapes.size() == 4);
  }
}
