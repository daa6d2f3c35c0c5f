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

TEST_CASE("the drift is that of a network on encoded rows, whatever the rows around") {
  const auto design = plane_design(0.9, 10);
  DriftNetwork drift(design, Direction::backward);
  drift.set_weights(
      normal_points(drift.network().parameter_count(), 1, RandomStream(3)).cast<float>());
  const Points x = normal_points(300, 2, RandomStream(4));
  const Points all = drift.at(0.3, x);
  const auto slice = drift.slice(0.3);
  const auto& network = drift.network();
  auto weights = network.weights();
  network.pack(drift.weights(), weights);
  auto tape = network.forward_tape(1, network.inputs());
  for (const Index i : {0, 63, 64, 255, 256, 299}) {
    Eigen::RowVectorXf input(network.inputs());
    slice.encode(x.row(i), input);
    tape.input().set_top_rows(input);
    network.forward(weights, tape);
    const RowVector output = tape.output().top_rows(1).cast<double>();
    CHECK((slice.output_for(x.row(i), all.row(i)) - output).norm() < 1e-5 * output.norm());
    CHECK(drift.at(0.3, x.row(i)) == all.row(i));
  }
}

TEST_CASE("derivatives of a drift agree with central differences, fitted or not") {
  const auto design = plane_design(0.9, 10);
  for (const bool fitted : {false, true}) {
    DriftNetwork drift(design, Direction::forward);
    if (fitted) {
      drift.set_weights((0.3 * normal_points(drift.network().parameter_count(), 1, RandomStream(3)))
                            .cast<float>());
    }
    const Points x = normal_points(300, 2, RandomStream(4));
    const std::vector<Points> along{normal_points(300, 2, RandomStream(5)),
                                    normal_points(300, 2, RandomStream(6))};
    const auto jet = drift.jet(0.3, x, along);
    CHECK(jet.value == drift.at(0.3, x));
    for (std::size_t k = 0; k < 2; ++k) {
      // Single precision: a wide step, whose own error is of its square.
      constexpr double kStep = 1e-2;
      const Points difference =
          (drift.at(0.3, x + kStep * along[k]) - drift.at(0.3, x - kStep * along[k])) /
          (2.0 * kStep);
      CHECK((jet.along[k] - difference).norm() < 1e-3 * difference.norm());
    }
  }
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
