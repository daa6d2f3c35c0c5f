#include "neural/drift_network.hpp"

#include <doctest/doctest.h>

#include "designs.hpp"

using namespace otbridge;

TEST_CASE("a drift without weights is the reference, and times are drawn back to trained ones") {
  const auto design = plane_design(0.9, 10);
  DriftNetwork forward(design, Direction::forward);
  const Points x = normal_points(3, 2, RandomStream(1));
  CHECK((forward.at(0.5, x) + 0.9 * x).cwiseAbs().maxCoeff() < 1e-15);
  forward.set_weights(
      normal_points(forward.network().parameter_count(), 1, RandomStream(2)).cast<float>());
  CHECK(forward.at(0.95, x) == forward.at(design->grid.time(9), x));
  CHECK(forward.at(0.4, x) != forward.at(0.5, x));
}

TEST_CASE("a row encoded for training is the row that the network is asked about") {
  const auto design = plane_design(0.9, 10);
  for (const auto direction : {Direction::forward, Direction::backward}) {
    DriftNetwork drift(design, direction);
    drift.set_weights(drift.network().initial_parameters(RandomStream(1)));
    const Points x = normal_points(1, 2, RandomStream(2));
    // A fresh network is zero, so that its own drift must have the target zero.
    const RowVector fixed_part = drift.at(0.3, x).row(0);
    CHECK(drift.slice(0.3).output_for(x.row(0), fixed_part).cwiseAbs().maxCoeff() < 1e-15);
  }
}
