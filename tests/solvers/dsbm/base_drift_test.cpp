#include <doctest/doctest.h>

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
