#include "neural/mlp.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "../relative.hpp"
#include "neural/regression.hpp"
#include "otbridge/core/parallel.hpp"

using namespace otbridge;

namespace {

Rows<double> gaussian(Index rows, Index cols, std::uint64_t seed) {
  return normal_points(rows, cols, RandomStream(seed));
}

Flat<double> random_parameters(const Mlp<double>& network, std::uint64_t seed) {
  return 0.4 * gaussian(network.parameter_count(), 1, seed);
}

double loss(const Mlp<double>& network, const Flat<double>& parameters, const Rows<double>& inputs,
            const Rows<double>& targets) {
  auto tape = network.tape(inputs.rows());
  tape.input() = inputs;
  network.forward(parameters, tape);
  return (tape.output() - targets).squaredNorm() / static_cast<double>(targets.size());
}

// Central differences of the loss by every parameter, against the hand-written gradient.
void check_gradient(const std::vector<Index>& hidden, Index batch) {
  const Mlp<double> network(4, hidden, 3);
  Flat<double> parameters = random_parameters(network, 1);
  const auto inputs = gaussian(batch, 4, 2), targets = gaussian(batch, 3, 3);
  Flat<double> gradient;
  const double value =
      Regression<double>(network, batch).evaluate(parameters, inputs, targets, gradient);
  CHECK(value == relative(loss(network, parameters, inputs, targets), 1e-13));
  constexpr double kStep = 1e-5;  // error of order step^2 = 1e-10 beside rounding 1e-16 / step
  for (Index i = 0; i < parameters.size(); ++i) {
    const double kept = parameters[i];
    parameters[i] = kept + kStep;
    const double above = loss(network, parameters, inputs, targets);
    parameters[i] = kept - kStep;
    const double below = loss(network, parameters, inputs, targets);
    parameters[i] = kept;
    CAPTURE(i);
    REQUIRE(std::abs(gradient[i] - (above - below) / (2.0 * kStep)) < 1e-9);
  }
}

}  // namespace

TEST_CASE("one linear layer is x W + b") {
  const Mlp<double> network(2, {}, 2);
  Flat<double> parameters(6);
  parameters << 1.0, 2.0, 3.0, 4.0, 10.0, 20.0;  // W row by row, then b
  auto tape = network.tape(1);
  tape.input() << 1.0, -1.0;
  network.forward(parameters, tape);
  CHECK(tape.output()(0, 0) == 8.0);
  CHECK(tape.output()(0, 1) == 18.0);
}

TEST_CASE("hidden units are SiLU") {
  const Mlp<double> network(1, {1}, 1);
  Flat<double> parameters(4);
  parameters << 2.0, 0.5, 3.0, -1.0;
  auto tape = network.tape(1);
  tape.input()(0, 0) = 0.7;
  network.forward(parameters, tape);
  const double z = 2.0 * 0.7 + 0.5;
  CHECK(tape.output()(0, 0) == relative(3.0 * z / (1.0 + std::exp(-z)) - 1.0, 1e-14));
}

TEST_CASE("gradients agree with finite differences, layer by layer and as a whole") {
  check_gradient({}, 5);         // a linear layer alone
  check_gradient({6}, 5);        // and with SiLU before it
  check_gradient({5, 7, 4}, 5);  // a deep network
  check_gradient({8, 8}, 150);   // several shards, the last one short
}

TEST_CASE("single and double precision compute the same network") {
  const Mlp<double> exact(4, {16, 16}, 3);
  const Mlp<float> single(4, {16, 16}, 3);
  const Flat<double> parameters = random_parameters(exact, 4);
  const Flat<float> parameters_single = parameters.cast<float>();
  const auto inputs = gaussian(200, 4, 5), targets = gaussian(200, 3, 6);
  Flat<double> gradient;
  Flat<float> gradient_single;
  Regression<double>(exact, 200).evaluate(parameters, inputs, targets, gradient);
  Regression<float>(single, 200)
      .evaluate(parameters_single, inputs.cast<float>(), targets.cast<float>(), gradient_single);
  CHECK((gradient_single.cast<double>() - gradient).norm() <= 1e-5 * gradient.norm());
}

TEST_CASE("loss and gradient are the same bytes for any number of threads") {
  const Mlp<float> network(4, {32, 32}, 3);
  const Flat<float> parameters = random_parameters(Mlp<double>(4, {32, 32}, 3), 7).cast<float>();
  const Rows<float> inputs = gaussian(500, 4, 8).cast<float>();
  const Rows<float> targets = gaussian(500, 3, 9).cast<float>();
  Flat<float> first;
  const double first_loss = [&] {
    const ThreadScope scope(1);
    return Regression<float>(network, 500).evaluate(parameters, inputs, targets, first);
  }();
  for (const int threads : {2, 5}) {
    const ThreadScope scope(threads);
    Flat<float> gradient;
    CHECK(Regression<float>(network, 500).evaluate(parameters, inputs, targets, gradient) ==
          first_loss);
    CHECK(gradient == first);
  }
}

TEST_CASE("a row's output does not depend on its place in the tile") {
  const Mlp<float> network(5, {48, 33}, 1);
  const Flat<float> parameters = random_parameters(Mlp<double>(5, {48, 33}, 1), 10).cast<float>();
  auto tape = network.tape(), shifted = network.tape();
  tape.input() = gaussian(kTileRows, 5, 11).cast<float>();
  network.forward(parameters, tape);
  for (Index shift = 1; shift < kTileRows; shift += 3) {
    for (Index i = 0; i < kTileRows; ++i) {
      shifted.input().row((i + shift) % kTileRows) = tape.input().row(i);
    }
    network.forward(parameters, shifted);
    for (Index i = 0; i < kTileRows; ++i) {
      REQUIRE(shifted.output().row((i + shift) % kTileRows) == tape.output().row(i));
    }
  }
}

TEST_CASE("a fresh network is zero, with hidden weights of the stated deviation") {
  const Mlp<double> network(8, {400}, 2);
  const Flat<double> parameters = network.initial_parameters(RandomStream(1));
  auto tape = network.tape(3);
  tape.input() = gaussian(3, 8, 12);
  network.forward(parameters, tape);
  CHECK(tape.output().isZero(0.0));
  const double variance = parameters.head(3200).squaredNorm() / 3200.0;
  // Relative standard deviation of a variance of 3200 normals: sqrt(2 / 3200) = 0.025; 5 of them.
  CHECK(variance == relative(2.0 / 8.0, 0.125));
}
