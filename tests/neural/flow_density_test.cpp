#include "neural/flow_density.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "../relative.hpp"
#include "designs.hpp"
#include "otbridge/measure/gaussian.hpp"
#include "sde/flow.hpp"

using namespace otbridge;

namespace {

constexpr double kFlowEpsilon = 0.7;

// N(0, I) to N(1, 4 I) in d dimensions. Networks of zero weights: the drifts are the bridge's.
std::shared_ptr<const DriftDesign> exact_design(Index d, Index steps) {
  const RowVector one = RowVector::Ones(d);
  return std::make_shared<const DriftDesign>(DriftDesign{ReferenceProcess(kFlowEpsilon, 0.0),
                                                         StepGrid::triangular(steps),
                                                         {0.0 * one, one},
                                                         {one, 4.0 * one},
                                                         {{8}, 4},
                                                         BaseDrift::bridge});
}

// wild: the deviation of the weights.
DriftNetwork drift_of(const std::shared_ptr<const DriftDesign>& design, Direction direction,
                      double wild = 0.0, std::uint64_t seed = 1) {
  DriftNetwork drift(design, direction);
  drift.set_weights((wild * normal_points(drift.network().parameter_count(), 1, RandomStream(seed)))
                        .cast<float>());
  return drift;
}

Measure near_law(Index d) { return Gaussian::isotropic(Vector::Zero(d), 1.0); }
Measure far_law(Index d) { return Gaussian::isotropic(Vector::Ones(d), 2.0); }

}  // namespace

TEST_CASE("of exact drifts the density is that of the Gaussian law they lead to, either way") {
  const auto design = exact_design(3, 60);
  const DriftNetwork forward = drift_of(design, Direction::forward),
                     backward = drift_of(design, Direction::backward);
  const Points y = far_law(3)->sample(50, RandomStream(2)),
               x = near_law(3)->sample(50, RandomStream(3));
  const Vector there = flow_log_density({forward, backward}, near_law(3), y, 8),
               back = flow_log_density({backward, forward}, far_law(3), x, 8);
  // What is left is the step next to either end, where one of the drifts is that of its other node.
  CHECK((there - far_law(3)->log_density(y)).cwiseAbs().maxCoeff() < 1e-4);
  CHECK((back - near_law(3)->log_density(x)).cwiseAbs().maxCoeff() < 1e-4);
}

// log p(y) = log p_0(x_0) + log |d x_0 / d y| with the flow as a map, whatever the drifts.
TEST_CASE("the density is that of the start under the map of the flow, by finite differences") {
  const auto design = exact_design(2, 20);
  const DriftNetwork forward = drift_of(design, Direction::forward, 0.3, 4),
                     backward = drift_of(design, Direction::backward, 0.3, 5);
  const Points y = far_law(2)->sample(20, RandomStream(2));
  const auto origin = [&](const Points& ends) {
    const auto velocity = [&](double t, ConstPoints at) -> FlowSlope {
      return {0.5 * (backward.at(t, at) - forward.at(t, at)), Vector::Zero(at.rows())};
    };
    return integrate_flow(design->grid, velocity, ends, Direction::backward).point;
  };
  constexpr double kStep = 1e-2;  // in single precision; its own error is of the square
  const auto across = [&](Index axis) -> Points {
    Points above = y, below = y;
    above.col(axis).array() += kStep;
    below.col(axis).array() -= kStep;
    return (origin(above) - origin(below)) / (2.0 * kStep);
  };
  const Points by_x = across(0), by_y = across(1);
  const Vector volume =
      by_x.col(0).cwiseProduct(by_y.col(1)) - by_x.col(1).cwiseProduct(by_y.col(0));
  const Vector expected = near_law(2)->log_density(origin(y)).array() + volume.array().log();
  CHECK(
      (flow_log_density({forward, backward}, near_law(2), y, 2) - expected).cwiseAbs().maxCoeff() <
      5e-3);
}

TEST_CASE("probes are right on average, and a function of the point alone") {
  const auto design = exact_design(6, 8);
  const DriftNetwork forward = drift_of(design, Direction::forward, 0.3, 4),
                     backward = drift_of(design, Direction::backward, 0.3, 5);
  const Points y = far_law(6)->sample(400, RandomStream(2));
  const DriftPair drifts{forward, backward};
  const Vector exact = flow_log_density(drifts, near_law(6), y, 6),
               probed = flow_log_density(drifts, near_law(6), y, 2);
  const Vector off = probed - exact;
  const double scatter = std::sqrt((off.array() - off.mean()).square().mean());
  CHECK(scatter > 1e-3);
  // 4 standard errors: one false alarm in 16000.
  CHECK(std::abs(off.mean()) < 4.0 * scatter / std::sqrt(400.0));
  // In another batch, at another place of it.
  CHECK(flow_log_density(drifts, near_law(6), y.middleRows(37, 9), 2) == probed.segment(37, 9));
  CHECK(path_bound(drifts, near_law(6), y.middleRows(37, 9), 3) ==
        path_bound(drifts, near_law(6), y, 3).segment(37, 9));
}

// The gap of exact drifts is that of the steps alone: of order h.
TEST_CASE("the bound lies below on average, by a gap that shrinks with the steps") {
  double gap[2];
  for (const int level : {0, 1}) {
    const auto design = exact_design(2, level == 0 ? 20 : 40);
    const DriftNetwork forward = drift_of(design, Direction::forward),
                       backward = drift_of(design, Direction::backward);
    const Points y = far_law(2)->sample(2000, RandomStream(2));
    const Vector bound = path_bound({forward, backward}, near_law(2), y, 16);
    gap[level] = (far_law(2)->log_density(y) - bound).mean();
  }
  CAPTURE(gap[0]);
  CHECK(gap[1] > 0.0);
  CHECK(gap[1] < 0.65 * gap[0]);
}

// Forward off by delta(t), backward exact: over the paths of the bridge that is KL = int delta^2 /
// (2 epsilon) dt (Girsanov), the mean of log density less bound over draws of the target.
TEST_CASE("the gap is the divergence of the way back against the way there") {
  const auto design = exact_design(1, 100);
  DriftNetwork forward(design, Direction::forward);
  Flat<float> weights = Flat<float>::Zero(forward.network().parameter_count());
  constexpr float kPush = 0.4F;
  weights[weights.size() - 1] = kPush;  // the bias of the only output comes last
  forward.set_weights(weights);
  double expected = 0.0;
  for (Index k = 0; k < design->grid.steps(); ++k) {
    const double delta = kPush * forward.slice(design->grid.time(k)).scale[0];
    expected += design->grid.length(k) * delta * delta / (2.0 * kFlowEpsilon);
  }
  const DriftNetwork backward = drift_of(design, Direction::backward);
  const Points y = far_law(1)->sample(4000, RandomStream(2));
  const Vector gap =
      far_law(1)->log_density(y) - path_bound({forward, backward}, near_law(1), y, 8);
  const double scatter = std::sqrt((gap.array() - gap.mean()).square().mean() / 4000.0);
  CAPTURE(expected);
  CHECK(expected > 0.1);
  // 0.015: the gap of 100 steps, of which the test above is.
  CHECK(std::abs(gap.mean() - expected) < 4.0 * scatter + 0.015);
}
