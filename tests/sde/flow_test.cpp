#include "sde/flow.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "../relative.hpp"

using namespace otbridge;

// dx/dt = cos(t) x^2 has the solution x_0 / (1 - x_0 sin t), whose derivative by x_0 is
// 1 / (1 - x_0 sin t)^2: the integral of the divergence is its logarithm. Backward the field is
// read in reversed time, so that the way back is its mirror image.
TEST_CASE("path and divergence to fourth order, and back again") {
  const Points start = Points{{0.5}, {-1.5}, {0.0}};
  const auto field = [](double sign) {
    return [sign](double t, ConstPoints x) -> FlowSlope {
      return {sign * std::cos(t) * x.cwiseAbs2(), sign * 2.0 * std::cos(t) * x.col(0)};
    };
  };
  double error[2], divergence_error[2];
  for (const int level : {0, 1}) {
    const StepGrid grid = StepGrid::triangular(level == 0 ? 10 : 20);
    const FlowEnd end = integrate_flow(grid, field(1.0), start, Direction::forward);
    const Eigen::ArrayXd shrink = 1.0 - start.col(0).array() * std::sin(1.0);
    error[level] = (end.point.col(0).array() - start.col(0).array() / shrink).abs().maxCoeff();
    divergence_error[level] = (end.divergence.array() + 2.0 * shrink.log()).abs().maxCoeff();
    const FlowEnd back = integrate_flow(grid, field(-1.0), end.point, Direction::backward);
    CHECK((back.point - start).cwiseAbs().maxCoeff() < 1e-3);
    CHECK((back.divergence + end.divergence).cwiseAbs().maxCoeff() < 1e-3);
  }
  CHECK(error[1] < 1e-5);
  CHECK(error[0] / error[1] == relative(16.0, 0.2));
  CHECK(divergence_error[1] < 1e-5);
  CHECK(divergence_error[0] / divergence_error[1] == relative(16.0, 0.2));
}
