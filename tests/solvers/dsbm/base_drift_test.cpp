#include <doctest/doctest.h>

#include "../../relative.hpp"
#include "neural/drift_network.hpp"
#include "otbridge/measure/gaussian.hpp"
#include "otbridge/solvers/gaussian.hpp"

using namespace otbridge;

// Against the plan of the closed form in d dimensions, with covariances along the axes, one of
// them 0.
TEST_CASE("a fresh network on the bridge's base has the drift of the Gaussian bridge") {
  const RowVector m0{{-0.5, 1.0, 0.2}}, m1{{0.5, 3.0, -1.0}};
  const RowVector s0{{1.0, 0.2, 2.0}}, s1{{0.3, 4.0, 0.0}};
  for (const double theta : {0.0, 0.8}) {
    const ReferenceProcess reference(0.7, theta);
    const auto design = std::make_shared<const DriftDesign>(DriftDesign{
        reference, StepGrid::uniform(10), {m0, s0}, {m1, s1}, {{4}, 4}, BaseDrift::bridge});
    const Solution truth =
        solve_gaussian({Gaussian(m0.transpose(), Matrix(s0.asDiagonal())),
                        Gaussian(m1.transpose(), Matrix(s1.asDiagonal())), reference});
    const Points x = normal_points(20, 3, RandomStream(1));
    for (const auto direction : {Direction::forward, Direction::backward}) {
      DriftNetwork network(design, direction);
      network.set_weights(network.network().initial_parameters(RandomStream(2)));
      for (const double t : {0.1, 0.5, 0.9}) {
        const Points drift = truth.plan->drift()->at(t, x, direction);
        CHECK((network.at(t, x) - drift).norm() < 1e-12 * drift.norm());
      }
    }
  }
}

// As epsilon falls the bridge becomes the map of optimal transport, (1 - t) x + t T(x) with
// T(x) = sqrt(S_1 / S_0) x: its drift at time t is (r - 1) / (1 + (r - 1) t) x, r the root.
TEST_CASE("the base of a bridge between laws that are huge beside epsilon is the optimal map") {
  const RowVector zero = RowVector::Zero(1), s0 = RowVector::Constant(1, 1e16), s1 = 4.0 * s0;
  const auto design = std::make_shared<const DriftDesign>(DriftDesign{ReferenceProcess(1.0),
                                                                      StepGrid::uniform(10),
                                                                      {zero, s0},
                                                                      {zero, s1},
                                                                      {{4}, 4},
                                                                      BaseDrift::bridge});
  for (const double t : {0.1, 0.5, 0.9}) {
    CHECK(DriftNetwork(design, Direction::forward).slice(t).slope[0] ==
          relative(1.0 / (1.0 + t), 1e-9));
    CHECK(DriftNetwork(design, Direction::backward).slice(t).slope[0] ==
          relative(-1.0 / (1.0 + t), 1e-9));
  }
}
