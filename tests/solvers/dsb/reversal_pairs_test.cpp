#include "solvers/dsb/reversal_pairs.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "../../neural/designs.hpp"
#include "otbridge/measure/gaussian.hpp"
#include "otbridge/measure/mixture.hpp"
#include "otbridge/measure/uniform.hpp"

using namespace otbridge;

// For a Gaussian source of known moments the fixed part of the backward drift is the exact reversal
// of the reference, so a network that outputs zero must be the best regression: the mean target is
// zero at every time, up to the discretisation of order 1 / steps.
TEST_CASE("under the reference the encoded targets of a Gaussian source have mean zero") {
  for (const double theta : {0.0, 0.9}) {
    const auto design = plane_design(theta, 50, 1.5);
    const DriftNetwork forward(design, Direction::forward), backward(design, Direction::backward);
    const Measure source = Gaussian::isotropic(Vector::Zero(2), std::sqrt(1.5));
    PairCache cache(backward);
    ReversalPairs(source, forward).fill({20000, 10}, RandomStream(3), cache);
    cache.shuffle(RandomStream(4));
    CHECK(cache.pairs() == 20000 * 50 / 10);
    Rows<float> inputs(2 * cache.pairs(), 6), targets(2 * cache.pairs(), 2);
    cache.batch(0, inputs, targets);
    // Regression of the target on the state: slope and mean. Noise of variance eps / h = 35 over
    // scale^2 > 5 on 2e5 rows, but cancelling within pairs: the bands are above 5 deviations.
    const Eigen::ArrayXd x = inputs.col(0).cast<double>(), y = targets.col(0).cast<double>();
    CAPTURE(theta);
    CHECK(std::abs(y.mean()) < 0.01);
    CHECK(std::abs((x * y).mean() / x.square().mean()) < 0.02);
  }
}

// Were a law to draw from the stream of the noise, the first kick would lead outward.
TEST_CASE("starts and noise are independent, whatever the law is made of") {
  constexpr Index kPaths = 20000, kSteps = 4;
  const auto design = plane_design(0.0, kSteps);
  const DriftNetwork forward(design, Direction::forward), backward(design, Direction::backward);
  const UniformBall disc(Vector::Zero(2), 1.0);
  const Measure laws[] = {disc, Mixture(Vector::Constant(2, 0.5), {disc, disc})};
  for (const Measure& law : laws) {
    PairCache cache(backward);
    ReversalPairs(law, forward).fill({kPaths, kSteps}, RandomStream(3), cache);
    // Paths 0, 4, 8 ... are stored at the first step, whose pairs come first.
    constexpr Index kFirst = kPaths / kSteps;
    const auto rows = cache.inputs_of(0, 2 * kFirst);
    const Eigen::Map<const Rows<float>> inputs(rows.data(), 2 * kFirst, 6);
    const auto slice = backward.slice(design->grid.time(1));
    double squares = 0.0, mixed = 0.0;
    for (Index p = 0; p < kFirst; ++p) {
      const auto state = [&](Index row) -> RowVector {
        return inputs.row(row).head(2).cast<double>().cwiseQuotient(slice.inverse_spread) +
               slice.shift;
      };
      const RowVector arrival = state(2 * p), mirrored = state(2 * p + 1);
      const RowVector start = 0.5 * (arrival + mirrored), kick = 0.5 * (arrival - mirrored);
      squares += start.squaredNorm();
      mixed += start.dot(kick);
    }
    // Means of 5000, r^2 of variance 1/12, products of E r^2 epsilon h = 0.0875: five standard
    // errors.
    CHECK(std::abs(squares / kFirst - 0.5) < 0.021);
    CHECK(std::abs(mixed / kFirst) < 0.021);
  }
}

TEST_CASE("the two rows of a pair arrive symmetrically about the mean of their step") {
  const auto design = plane_design(0.0, 4);
  const DriftNetwork forward(design, Direction::forward), backward(design, Direction::backward);
  const Measure source = Gaussian::isotropic(Vector::Zero(2), 1.0);
  const ReversalPairs pairs(source, forward);
  CHECK(pairs.path_steps() == 4);
  PairCache cache(backward);
  pairs.fill({7, 4}, RandomStream(3), cache);
  cache.shuffle(RandomStream(4));
  const Points start = source->sample(7, RandomStream(3).fork(0));
  REQUIRE(cache.pairs() == 7);
  Rows<float> inputs(14, 6), targets(14, 2);
  cache.batch(0, inputs, targets);
  const auto slice = backward.slice(0.25);  // paths 0 and 4 are stored at the first step
  int found = 0;
  for (Index p = 0; p < 7; ++p) {
    const RowVector middle =
        0.5 * (inputs.row(2 * p) + inputs.row(2 * p + 1)).cast<double>().head(2);
    const RowVector x = middle.cwiseQuotient(slice.inverse_spread) + slice.shift;
    for (const Index path : {0, 4}) found += (x - start.row(path)).norm() < 1e-5 ? 1 : 0;
  }
  CHECK(found == 2);
}
