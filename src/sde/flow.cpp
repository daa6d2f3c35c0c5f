#include "sde/flow.hpp"

namespace otbridge {

FlowEnd integrate_flow(const StepGrid& grid, const FlowField& field, ConstPoints start,
                       Direction direction) {
  const Index n = grid.steps();
  const bool forward = direction == Direction::forward;
  FlowEnd now{start, Vector::Zero(start.rows())};
  for (Index j = 0; j < n; ++j) {
    const Index k = forward ? j : n - 1 - j;
    const double from = grid.time(forward ? k : k + 1), to = grid.time(forward ? k + 1 : k);
    const double h = grid.length(k), middle = 0.5 * (from + to);
    const FlowSlope k1 = field(from, now.point);
    const FlowSlope k2 = field(middle, now.point + 0.5 * h * k1.velocity);
    const FlowSlope k3 = field(middle, now.point + 0.5 * h * k2.velocity);
    const FlowSlope k4 = field(to, now.point + h * k3.velocity);
    now.point += h / 6.0 * (k1.velocity + 2.0 * k2.velocity + 2.0 * k3.velocity + k4.velocity);
    now.divergence +=
        h / 6.0 * (k1.divergence + 2.0 * k2.divergence + 2.0 * k3.divergence + k4.divergence);
  }
  return now;
}

}  // namespace otbridge
