#include "neural/agreement.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "otbridge/measure/gaussian.hpp"

using namespace otbridge;

namespace {

constexpr double kLineEpsilon = 0.7;
constexpr Index kAgreementChains = 20000;

// One dimension, N(0, 1) to N(1, 4): without weights in the last layer the drift is the bridge's.
std::shared_ptr<const DriftDesign> line_design(Index steps) {
  const RowVector one = RowVector::Ones(1);
  return std::make_shared<const DriftDesign>(DriftDesign{ReferenceProcess(kLineEpsilon, 0.0),
                                                         StepGrid::triangular(steps),
                                                         {0.0 * one, one},
                                                         {one, 4.0 * one},
                                                         {{4}, 4},
                                                         BaseDrift::bridge});
}

// The bridge's drift, and `push` times the scale of the network on top.
DriftNetwork pushed(const std::shared_ptr<const DriftDesign>& design, Direction direction,
                    float push) {
  DriftNetwork drift(design, direction);
  Flat<float> weights = Flat<float>::Zero(drift.network().parameter_count());
  weights[weights.size() - 1] = push;  // the bias of the only output comes last
  drift.set_weights(weights);
  return drift;
}

Agreement between(const DriftNetwork& forward, const DriftNetwork& backward) {
  return agreement(forward, backward, Gaussian::isotropic(Vector::Zero(1), 1.0),
                   Gaussian::isotropic(Vector::Ones(1), 2.0), kAgreementChains, RandomStream(5));
}

}  // namespace

TEST_CASE("both drifts of a bridge agree, up to steps and draws") {
  const auto design = line_design(200);
  const Agreement found =
      between(pushed(design, Direction::forward, 0.0F), pushed(design, Direction::backward, 0.0F));
  CHECK(std::abs(found.path_divergence) < 4.0 * found.standard_error + 0.01);
  CHECK(found.standard_error < 0.02);
  CHECK(std::abs(found.midpoint_variance - 1.0) < 0.05);
}

// A drift that is off by delta(t) is KL int delta^2 / (2 epsilon) dt away, either way (Girsanov).
// Its chain then ends off by m, m' = slope m + delta: E log nu at the true end less that at its own
// is m^2 / (2 * 4), which the figure leaves out.
TEST_CASE("a drift that is off is as far away as Girsanov's theorem says") {
  const Index steps = 200;
  const auto design = line_design(steps);
  const DriftNetwork forward = pushed(design, Direction::forward, 0.4F);
  const StepGrid& grid = design->grid;
  double divergence = 0.0, m = 0.0;
  for (Index k = 0; k < steps; ++k) {
    const auto slice = forward.slice(grid.time(k));
    const double delta = 0.4 * slice.scale[0], h = grid.length(k);
    divergence += h * delta * delta / kLineEpsilon;
    m += h * (slice.slope[0] * m + delta);
  }
  const double expected = divergence - m * m / 8.0;
  const Agreement found = between(forward, pushed(design, Direction::backward, 0.0F));
  CAPTURE(expected);
  CHECK(expected > 0.1);
  CHECK(std::abs(found.path_divergence - expected) < 4.0 * found.standard_error + 0.02);
}

TEST_CASE("the chain of the reference has the midpoints of its own bridges, wherever it ends") {
  const auto design = line_design(50);
  const DriftNetwork reference(design, Direction::forward);
  CHECK(std::abs(between(reference, pushed(design, Direction::backward, 0.0F)).midpoint_variance -
                 1.0) < 0.05);
}
