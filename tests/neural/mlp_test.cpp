// The network against plain sums in double precision and against finite differences, for every
// kernel set of this machine.
#include "neural/mlp.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

#include "../relative.hpp"
#include "neural/regression.hpp"
#include "otbridge/core/parallel.hpp"

using namespace otbridge;

namespace {

Rows<double> gaussian(Index rows, Index cols, std::uint64_t seed) {
  return normal_points(rows, cols, RandomStream(seed));
}

template <class Body>
void for_each_kernel_set(Body body) {
  for (kernels::Size k = 0; const auto* set = kernels::available_kernel_set(k); ++k) {
    CAPTURE(set->name);
    body(*set);
  }
}

template <class Scalar>
Flat<Scalar> random_parameters(const Mlp<Scalar>& network, std::uint64_t seed) {
  return (0.4 * gaussian(network.parameter_count(), 1, seed)).template cast<Scalar>();
}

template <class Scalar>
Rows<Scalar> outputs(const Mlp<Scalar>& network, const Flat<Scalar>& parameters,
                     const Rows<Scalar>& inputs) {
  auto weights = network.weights();
  network.pack(parameters, weights);
  auto tape = network.forward_tape(inputs.rows(), inputs.cols());
  tape.input().set_top_rows(inputs);
  network.forward(weights, tape);
  return tape.output().top_rows(inputs.rows());
}

// The definition, number by number.
Rows<double> plain_outputs(std::vector<Index> widths, const Flat<double>& parameters,
                           const Rows<double>& inputs) {
  Rows<double> below = inputs;
  const double* p = parameters.data();
  for (std::size_t l = 0; l + 1 < widths.size(); ++l) {
    const Index in = widths[l], out = widths[l + 1];
    Rows<double> z(inputs.rows(), out);
    for (Index i = 0; i < z.rows(); ++i) {
      for (Index j = 0; j < out; ++j) {
        z(i, j) = p[in * out + j];
        for (Index k = 0; k < in; ++k) z(i, j) += below(i, k) * p[k * out + j];
        if (l + 2 < widths.size()) z(i, j) /= 1.0 + std::exp(-z(i, j));
      }
    }
    p += (in + 1) * out;
    below = z;
  }
  return below;
}

double loss(const Mlp<double>& network, const Flat<double>& parameters, const Rows<double>& inputs,
            const Rows<double>& targets) {
  return (outputs(network, parameters, inputs) - targets).squaredNorm() /
         static_cast<double>(targets.size());
}

// Central differences of the loss by every parameter, against the hand-written gradient.
void check_gradient(const std::vector<Index>& hidden, Index batch) {
  for_each_kernel_set([&](const kernels::KernelSet& set) {
    const Mlp<double> network(4, hidden, 3, set);
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
  });
}

}  // namespace

TEST_CASE("one linear layer is x W + b") {
  const Mlp<double> network(2, {}, 2);
  Flat<double> parameters(6);
  parameters << 1.0, 2.0, 3.0, 4.0, 10.0, 20.0;  // W row by row, then b
  Rows<double> x(1, 2);
  x << 1.0, -1.0;
  const auto y = outputs(network, parameters, x);
  CHECK(y(0, 0) == 8.0);
  CHECK(y(0, 1) == 18.0);
}

TEST_CASE("hidden units are SiLU") {
  const Mlp<double> network(1, {1}, 1);
  Flat<double> parameters(4);
  parameters << 2.0, 0.5, 3.0, -1.0;
  const double z = 2.0 * 0.7 + 0.5;
  CHECK(outputs<double>(network, parameters, Rows<double>::Constant(1, 1, 0.7))(0, 0) ==
        relative(3.0 * z / (1.0 + std::exp(-z)) - 1.0, 1e-14));
}

TEST_CASE("outputs are those of plain sums, whatever the widths and the rows") {
  // Below, at and beyond the widths of vectors, panels and blocks of every set.
  const std::vector<std::vector<Index>> shapes{
      {18, 128, 128, 2}, {1, 7, 1}, {33, 16, 65, 17}, {2, 8, 31, 32, 9}, {5, 3}};
  for_each_kernel_set([&](const kernels::KernelSet& set) {
    for (const auto& widths : shapes) {
      const std::vector<Index> hidden(widths.begin() + 1, widths.end() - 1);
      const Mlp<double> exact(widths.front(), hidden, widths.back(), set);
      const Mlp<float> single(widths.front(), hidden, widths.back(), set);
      const Flat<double> parameters = random_parameters(exact, 4);
      for (const Index rows : {1, 7, 64}) {
        CAPTURE(rows);
        const auto x = gaussian(rows, widths.front(), 5);
        const auto expected = plain_outputs(widths, parameters, x);
        CHECK((outputs(exact, parameters, x) - expected).norm() <= 1e-13 * expected.norm());
        const auto y = outputs<float>(single, parameters.cast<float>(), x.cast<float>());
        CHECK((y.cast<double>() - expected).norm() <= 2e-6 * expected.norm());
      }
    }
  });
}

TEST_CASE("gradients agree with finite differences, layer by layer and as a whole") {
  check_gradient({}, 5);         // a linear layer alone
  check_gradient({6}, 5);        // and with SiLU before it
  check_gradient({5, 7, 4}, 5);  // a deep network
  check_gradient({17, 9}, 7);    // past one panel
  check_gradient({8, 8}, 150);   // several shards, the last one short
}

TEST_CASE("derivatives along rows agree with central differences, whatever the first layer holds") {
  const std::vector<std::vector<Index>> shapes{{}, {6}, {17, 9}, {5, 33, 4}};
  for_each_kernel_set([&](const kernels::KernelSet& set) {
    for (const auto& hidden : shapes) {
      const Mlp<double> network(4, hidden, 3, set);
      const Flat<double> parameters = random_parameters(network, 1);
      // The last two inputs are the same for all rows, as the embedding of a time is.
      const Flat<double> held = gaussian(2, 1, 7).reshaped();
      const auto x = gaussian(7, 2, 2), v = gaussian(7, 2, 3);
      const auto whole = [&](const Rows<double>& free) {
        Rows<double> inputs(7, 4);
        inputs << free, held.transpose().replicate(7, 1);
        return outputs(network, parameters, inputs);
      };
      constexpr double kStep = 1e-5;
      const Rows<double> expected = (whole(x + kStep * v) - whole(x - kStep * v)) / (2.0 * kStep);

      auto weights = network.weights();
      network.pack(parameters, weights);
      const auto kept = network.first_weights(parameters, 2);
      const auto bias = network.first_bias(parameters, held);
      const Mlp<double>::FirstLayer first{kept, bias};
      auto tape = network.sloped_tape(7, 2);
      tape.input().set_top_rows(x);
      network.forward(weights, first, tape);
      auto tangents = network.tangents(tape);
      for (const int again : {0, 1}) {  // the slopes are still there
        CAPTURE(again);
        tangents.input().set_top_rows(v);
        network.derivative(weights, first, tape, tangents);
        CHECK((tangents.output().top_rows(7) - expected).norm() <= 1e-8 * expected.norm());
      }
    }
  });
}

TEST_CASE("single and double precision compute the same network") {
  for_each_kernel_set([](const kernels::KernelSet& set) {
    const Mlp<double> exact(4, {16, 40, 35}, 3, set);
    const Mlp<float> single(4, {16, 40, 35}, 3, set);
    const Flat<double> parameters = random_parameters(exact, 4);
    const Flat<float> parameters_single = parameters.cast<float>();
    const auto inputs = gaussian(200, 4, 5), targets = gaussian(200, 3, 6);
    Flat<double> gradient;
    Flat<float> gradient_single;
    Regression<double>(exact, 200).evaluate(parameters, inputs, targets, gradient);
    Regression<float>(single, 200)
        .evaluate(parameters_single, inputs.cast<float>(), targets.cast<float>(), gradient_single);
    CHECK((gradient_single.cast<double>() - gradient).norm() <= 1e-5 * gradient.norm());
  });
}

TEST_CASE("mixed precision rounds the factors of hidden layers, and those alone") {
  for_each_kernel_set([](const kernels::KernelSet& set) {
    const auto inputs = gaussian(201, 4, 5).cast<float>().eval();
    const auto targets = gaussian(201, 3, 6).cast<float>().eval();
    for (const auto& hidden :
         {std::vector<Index>{}, {70}, {64, 64}, {16, 40, 35, 2, 31}, {33, 96, 7}}) {
      const Mlp<float> network(4, hidden, 3, set);
      const Flat<float> parameters = random_parameters(network, 4);
      Flat<float> single, mixed;
      const double loss =
          Regression<float>(network, 201).evaluate(parameters, inputs, targets, single);
      const double mixed_loss = Regression<float>(network, 201, ProductPrecision::mixed)
                                    .evaluate(parameters, inputs, targets, mixed);
      if (hidden.size() < 2 || set.network_f32.mixed == nullptr) {
        CHECK(mixed_loss == loss);
        CHECK(mixed == single);
      } else {
        // A unit of rounding is 2^-8; those of different numbers mostly cancel.
        CHECK(mixed_loss == relative(loss, 1e-2));
        CHECK((mixed - single).norm() <= 1e-2f * single.norm());
        CHECK(mixed != single);
      }
    }
  });
}

TEST_CASE("blocks, in any order, pack what the matrices pack") {
  for_each_kernel_set([](const auto& set) {
    for (const std::vector<Index>& hidden :
         {std::vector<Index>{}, std::vector<Index>{5}, std::vector<Index>{101, 39, 40}}) {
      const Mlp<float> network(37, hidden, 3, set);
      const Flat<float> parameters = random_parameters(network, 12);
      auto whole = network.weights(ProductPrecision::mixed), in_blocks = whole;
      network.pack(parameters, whole);
      auto blocks = network.blocks();
      std::ranges::reverse(blocks);
      for (const MatrixPlace& block : blocks) network.pack(block, parameters, in_blocks);
      for (std::size_t l = 0; l < network.layers(); ++l) {
        for (const auto part : {&Mlp<float>::Weights::forward, &Mlp<float>::Weights::backward,
                                &Mlp<float>::Weights::bias, &Mlp<float>::Weights::forward_pairs,
                                &Mlp<float>::Weights::backward_pairs}) {
          const auto &a = (whole.*part)[l], &b = (in_blocks.*part)[l];
          for (Index i = 0; i < a.rows(); ++i) {
            for (Index j = 0; j < a.columns(); ++j) {
              // By their bits: pairs are no numbers.
              REQUIRE(std::bit_cast<std::uint32_t>(a(i, j)) ==
                      std::bit_cast<std::uint32_t>(b(i, j)));
            }
          }
        }
      }
    }
  });
}

TEST_CASE("loss and gradient are the same bytes for any number of threads") {
  const Mlp<float> network(4, {32, 96}, 3);
  const Flat<float> parameters = random_parameters(network, 7);
  const Rows<float> inputs = gaussian(500, 4, 8).cast<float>();
  const Rows<float> targets = gaussian(500, 3, 9).cast<float>();
  for (const auto precision : {ProductPrecision::single, ProductPrecision::mixed}) {
    const auto evaluate = [&](int threads, Flat<float>& gradient) {
      const ThreadScope scope(threads);
      return Regression<float>(network, 500, precision)
          .evaluate(parameters, inputs, targets, gradient);
    };
    Flat<float> first;
    const double first_loss = evaluate(1, first);
    for (const int threads : {2, 5}) {
      Flat<float> gradient;
      CHECK(evaluate(threads, gradient) == first_loss);
      CHECK(gradient == first);
    }
  }
}

TEST_CASE("a row's output does not depend on its place in the tile or on the rows around it") {
  for_each_kernel_set([](const kernels::KernelSet& set) {
    const Mlp<float> network(5, {48, 33}, 1, set);
    const Flat<float> parameters = random_parameters(network, 10);
    const Rows<float> x = gaussian(kTileRows, 5, 11).cast<float>();
    const Rows<float> y = outputs(network, parameters, x);
    for (Index i = 0; i < kTileRows; ++i) {
      REQUIRE(outputs<float>(network, parameters, x.row(i)) == y.row(i));
    }
    for (Index rows = 2; rows < kTileRows; rows += 3) {
      REQUIRE(outputs<float>(network, parameters, x.bottomRows(rows)) == y.bottomRows(rows));
    }
  });
}

TEST_CASE("a tape for the forward pass alone has the outputs of a whole one, tile after tile") {
  for_each_kernel_set([](const kernels::KernelSet& set) {
    for (const auto& hidden :
         {std::vector<Index>{}, {40}, {40, 40}, {40, 40, 40}, {40, 40, 40, 40}, {64, 9, 5}}) {
      const Mlp<float> network(3, hidden, 2, set);
      const Flat<float> parameters = random_parameters(network, 15);
      auto weights = network.weights();
      network.pack(parameters, weights);
      auto reused = network.forward_tape(30, 3);
      for (const Index tile : {0, 1, 2}) {
        Rows<float> x = gaussian(30, 3, 16 + to_size(tile)).cast<float>();
        // Rows that are not numbers must not reach what comes after them.
        if (tile == 0) x.topRows(20).setConstant(std::nanf(""));
        reused.input().set_top_rows(x);
        network.forward(weights, reused);
        auto whole = network.tape(30);
        whole.input().set_top_rows(x);
        network.forward(weights, whole);
        if (tile > 0) REQUIRE(reused.output().top_rows(30) == whole.output().top_rows(30));
      }
    }
  });
}

TEST_CASE("inputs that all rows share may be given once") {
  for_each_kernel_set([](const kernels::KernelSet& set) {
    for (const auto& hidden : {std::vector<Index>{}, {35, 20}, {40, 40, 40}}) {
      const Mlp<double> network(9, hidden, 3, set);
      const Flat<double> parameters = random_parameters(network, 12);
      const Flat<double> shared = gaussian(7, 1, 13);
      Rows<double> x = gaussian(20, 9, 14);
      x.rightCols(7).rowwise() = shared.transpose();
      auto weights = network.weights();
      network.pack(parameters, weights);
      auto tape = network.forward_tape(20, 2);
      tape.input().set_top_rows(x.leftCols(2));
      const auto kept = network.first_weights(parameters, 2);
      const auto bias = network.first_bias(parameters, shared);
      network.forward(weights, {kept, bias}, tape);
      const auto expected = outputs(network, parameters, x);
      CHECK((tape.output().top_rows(20) - expected).norm() <= 1e-13 * expected.norm());
    }
  });
}

TEST_CASE("units far out are linear or zero, and what is not a number stays so") {
  for_each_kernel_set([](const kernels::KernelSet& set) {
    const Mlp<float> network(1, {1}, 1, set);
    Flat<float> parameters(4);
    parameters << 1.0F, 0.0F, 1.0F, 0.0F;
    Rows<float> x(5, 1);
    x << 1e30F, -1e30F, 200.0F, -200.0F, std::nanf("");
    const auto y = outputs(network, parameters, x);
    CHECK(y(0, 0) == 1e30F);
    CHECK(std::abs(y(1, 0)) < 1e-7F);
    CHECK(y(2, 0) == 200.0F);
    CHECK(std::abs(y(3, 0)) < 1e-30F);
    CHECK(std::isnan(y(4, 0)));
  });
}

TEST_CASE("a fresh network is zero, with hidden weights of the stated deviation") {
  const Mlp<double> network(8, {400}, 2);
  const Flat<double> parameters = network.initial_parameters(RandomStream(1));
  CHECK(outputs(network, parameters, gaussian(3, 8, 12)).isZero(0.0));
  const double variance = parameters.head(3200).squaredNorm() / 3200.0;
  // Relative standard deviation of a variance of 3200 normals: sqrt(2 / 3200) = 0.025; 5 of them.
  CHECK(variance == relative(2.0 / 8.0, 0.125));
}
