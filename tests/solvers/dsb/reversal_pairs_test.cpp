#include "solvers/dsb/trajectory_cache.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <set>

#include "../../relative.hpp"
#include "measure/sliced_distance.hpp"
#include "otbridge/measure/gaussian.hpp"

using namespace otbridge;

namespace {

std::shared_ptr<const DriftDesign> frame(double theta, Index steps, double source_variance) {
  const RowVector zero = RowVector::Zero(2), one = RowVector::Ones(2);
  return std::make_shared<const DriftDesign>(DriftDesign{ReferenceProcess(0.7, theta),
                                                         StepGrid::uniform(steps),
                                                         {zero, source_variance * one},
                                                         {one, 4.0 * one},
                                                         {8},
                                                         4});
}

}  // namespace

// For a Gaussian source of known moments the fixed part of the backward drift is the exact reversal
// of the reference, so a network that outputs zero must be the best regression: the mean target is
// zero at every time, up to the discretisation of order 1 / steps.
TEST_CASE("under the reference the encoded targets of a Gaussian source have mean zero") {
  for (const double theta : {0.0, 0.9}) {
    const auto shared = frame(theta, 50, 1.5);
    DriftNetwork forward(shared, Direction::forward), backward(shared, Direction::backward);
    backward.set_weights(backward.network().initial_parameters(RandomStream(1)));
    const Points start = std::sqrt(1.5) * normal_points(20000, 2, RandomStream(2));
    TrajectoryCache cache;
    cache.fill(*shared, forward, backward, Direction::forward, start, 10, RandomStream(3));
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

TEST_CASE("the two rows of a pair arrive symmetrically about the mean of their step") {
  const auto shared = frame(0.0, 4, 1.0);
  const DriftNetwork forward(shared, Direction::forward), backward(shared, Direction::backward);
  const Points start = normal_points(7, 2, RandomStream(2));
  TrajectoryCache cache;
  cache.fill(*shared, forward, backward, Direction::forward, start, 4, RandomStream(3));
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

TEST_CASE("one pass uses every pair, and its order is shuffled") {
  const auto shared = frame(0.0, 5, 1.0);
  const DriftNetwork forward(shared, Direction::forward), backward(shared, Direction::backward);
  TrajectoryCache cache;
  cache.fill(*shared, forward, backward, Direction::forward, normal_points(40, 2, RandomStream(2)),
             1, RandomStream(3));
  CHECK(cache.pairs() == 200);
  std::set<float> seen, first_times;
  Rows<float> inputs(2 * 32, 6), targets(2 * 32, 2);
  for (Index b = 0; b < 7; ++b) {  // 6.25 batches
    cache.batch(b, inputs, targets);
    for (Index i = 0; i < 64; ++i) seen.insert(inputs(i, 0));
    if (b == 0) {
      for (Index i = 0; i < 64; ++i) first_times.insert(inputs(i, 2));
    }
  }
  CHECK(seen.size() == 400);
  CHECK(first_times.size() == 5);
}

TEST_CASE("a drift without weights is the reference, and times are drawn back to trained ones") {
  const auto shared = frame(0.9, 10, 1.0);
  DriftNetwork forward(shared, Direction::forward);
  const Points x = normal_points(3, 2, RandomStream(1));
  CHECK((forward.at(0.5, x) + 0.9 * x).cwiseAbs().maxCoeff() < 1e-15);
  forward.set_weights(
      normal_points(forward.network().parameter_count(), 1, RandomStream(2)).cast<float>());
  CHECK(forward.at(0.95, x) == forward.at(shared->grid.time(9), x));
  CHECK(forward.at(0.4, x) != forward.at(0.5, x));
}

TEST_CASE("the error statistic is the distance over the deviation, with the floor of its draws") {
  const Measure law = Gaussian::isotropic(Vector::Zero(3), 2.0);
  const Points right = law->sample(4096, RandomStream(5));
  CHECK(relative_sliced_error(right, law, 1.0, RandomStream(6)) < 0.08);
  // A shift by s moves each projection by s . u, and E (s . u)^2 = |s|^2 / 3.
  const Points moved = right.array() + 2.0;
  CHECK(relative_sliced_error(moved, law, 1.0, RandomStream(6)) ==
        relative(std::sqrt(12.0 / 3.0) / 2.0, 0.1));
}
