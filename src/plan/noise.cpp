#include "otbridge/plan/noise.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"
#include "sde/chain_answers.hpp"
#include "sde/heun.hpp"

namespace otbridge {
namespace {

StepGrid natural_grid(const Drift& drift, Index steps) {
  std::vector<double> trained = drift.trained_times();
  return trained.empty() ? StepGrid::triangular(steps) : StepGrid(std::move(trained));
}

class NoisyPlan final : public TransportPlan {
 public:
  NoisyPlan(const TransportPlan& plan, const NoiseSettings& settings)
      : TransportPlan(plan.problem()),
        plan_(plan),
        ratio_(settings.ratio),
        map_samples_(settings.map_samples),
        grid_(natural_grid(*plan.drift(), settings.steps)),
        first_(grid_.time(1)),
        last_(grid_.time(grid_.steps() - 1)) {
    // r times the noise relaxes r times as fast: as many steps of it as one of the bridge.
    grid_ = grid_.divided(std::max<Index>(1, static_cast<Index>(std::ceil(ratio_))));
  }

  std::string_view name() const override { return plan_.name(); }
  PlanState state() const override {
    throw InvalidInput("plan of " + std::string(name()) + " under another noise",
                       "has no file form: save the plan it was made of");
  }

 private:
  bool is_bridge() const { return ratio_ == 1.0; }

  Points do_sample(ConstPoints x, Direction direction, const RandomStream& stream,
                   Index first_row) const override {
    if (is_bridge()) return plan_.sample(x, direction, stream, first_row);
    return simulate(grid_, x, direction, {epsilon(), stream, first_row});
  }
  Points do_map(ConstPoints x, Direction direction) const override {
    if (is_bridge()) return plan_.map(x, direction);
    // Without noise every chain is the mean.
    const Index chains = ratio_ == 0.0 ? 1 : map_samples_;
    return chain_mean(x, chains, epsilon(), [&](const ChainNoise& noise) {
      return simulate(grid_, x, direction, noise);
    });
  }
  Paths do_sample_paths(ConstPoints x, std::span<const double> times, Direction direction,
                        const RandomStream& stream, Index first_row) const override {
    if (is_bridge()) return plan_.sample_paths(x, times, direction, stream, first_row);
    const StepGrid grid = grid_.refined(times);
    return chain_paths(grid, times, x, direction, [&](const ChainVisitor& visit) {
      simulate(grid, x, direction, {epsilon(), stream, first_row}, visit);
    });
  }

  double epsilon() const { return ratio_ * problem().reference().epsilon(); }

  Points simulate(const StepGrid& grid, ConstPoints x, Direction direction, const ChainNoise& noise,
                  const ChainVisitor& visit = {}) const {
    return simulate_heun(
        grid, [&](double t, ConstPoints at) { return noisy_drift(t, at, direction); }, x, direction,
        noise, visit);
  }

  // (f - b) / 2 + (r / 2) (f + b), or backward its mirror image, by what the direction's own drift
  // and the other one count.
  Points noisy_drift(double t, ConstPoints x, Direction direction) const {
    return 0.5 * (1.0 + ratio_) * bridge_drift(t, x, direction) -
           0.5 * (1.0 - ratio_) * bridge_drift(t, x, opposite(direction));
  }
  // In the step next to the end that a drift leads to, the drift at the start of that step: off by
  // O(h) over one step, which leaves the order of the chain.
  Points bridge_drift(double t, ConstPoints x, Direction direction) const {
    t = direction == Direction::forward ? std::min(t, last_) : std::max(t, first_);
    return plan_.drift()->at(t, x, direction);
  }

  const TransportPlan& plan_;
  double ratio_;
  Index map_samples_;
  StepGrid grid_;
  double first_, last_;  // nodes of the grid as it was before it was divided
};

}  // namespace

std::unique_ptr<const TransportPlan> with_noise(const TransportPlan& plan,
                                                const NoiseSettings& settings) {
  const std::string place = "noise of a plan of " + std::string(plan.name());
  if (!(settings.ratio >= 0.0 && settings.ratio <= kMostNoise)) {  // NaN fails too
    throw InvalidInput("noise = " + number_text(settings.ratio),
                       "must be within [0, " + number_text(kMostNoise) + "]");
  }
  if (settings.steps < 2) throw InvalidInput("noise, steps", "must be 2 or more");
  if (settings.map_samples < 1) throw InvalidInput("noise, map_samples", "must be 1 or more");
  if (plan.drift() == nullptr) throw InvalidInput(place, "it has no drift");
  if (!plan.drift()->trained(Direction::forward) && !plan.drift()->trained(Direction::backward)) {
    // Two copies of the reference are not each other's reversal.
    throw InvalidInput(place, "neither direction was trained");
  }
  return std::make_unique<const NoisyPlan>(plan, settings);
}

}  // namespace otbridge
