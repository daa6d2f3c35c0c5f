#include "otbridge/plan/sampler.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"
#include "sde/chain_answers.hpp"
#include "sde/langevin.hpp"

namespace otbridge {
namespace {

constexpr Index kComputedSteps = 100;  // of a drift that was trained for no times
constexpr Index kPilotPaths = 512;     // behind the size of a corrector's step: off by about 5%
constexpr std::uint64_t kCorrectorTag = 1;  // of the stream: its draws are not those of the steps

StepGrid grid_of(const Drift& drift, const SamplerSettings& settings) {
  if (settings.steps > 0) return StepGrid::named(settings.schedule, settings.steps);
  std::vector<double> trained = drift.trained_times();
  return trained.empty() ? StepGrid::triangular(kComputedSteps) : StepGrid(std::move(trained));
}

Stepper stepper_of(const Drift& drift, const SamplerSettings& settings) {
  if (!settings.stepper.empty()) return named_stepper(settings.stepper);
  const bool chain_of_training = settings.noise == 1.0 && drift.of_discrete_chain();
  return chain_of_training ? Stepper::euler : Stepper::heun;
}

class SampledPlan final : public TransportPlan {
 public:
  SampledPlan(const TransportPlan& plan, const SamplerSettings& settings)
      : TransportPlan(plan.problem()),
        plan_(plan),
        settings_(settings),
        as_it_is_(settings.noise == 1.0 && settings.stepper.empty() && settings.steps == 0 &&
                  !settings.denoise_last && settings.corrector == 0),
        grid_(grid_of(*plan.drift(), settings)),
        first_(grid_.time(1)),
        last_(grid_.time(grid_.steps() - 1)) {
    method_.stepper = stepper_of(*plan.drift(), settings);
    method_.denoise_last = settings.denoise_last;
    // r times the noise relaxes r times as fast: as many steps of it as one of the bridge.
    grid_ = grid_.divided(std::max<Index>(1, static_cast<Index>(std::ceil(settings.noise))));
    if (settings.corrector > 0) prepare_corrector();
  }

  std::string_view name() const override { return plan_.name(); }
  PlanState state() const override {
    throw InvalidInput("plan of " + std::string(name()) + " under another sampler",
                       "has no file form: save the plan it was made of");
  }

 private:
  Points do_sample(ConstPoints x, Direction direction, const RandomStream& stream,
                   Index first_row) const override {
    if (as_it_is_) return plan_.sample(x, direction, stream, first_row);
    return simulate(grid_, x, direction, {epsilon(), stream, first_row});
  }
  Points do_map(ConstPoints x, Direction direction) const override {
    if (as_it_is_) return plan_.map(x, direction);
    // Without noise every chain is the mean.
    const bool still = settings_.noise == 0.0 && settings_.corrector == 0;
    return chain_mean(
        x, still ? 1 : settings_.map_samples, epsilon(),
        [&](const ChainNoise& noise) { return simulate(grid_, x, direction, noise); });
  }
  Paths do_sample_paths(ConstPoints x, std::span<const double> times, Direction direction,
                        const RandomStream& stream, Index first_row) const override {
    if (as_it_is_) return plan_.sample_paths(x, times, direction, stream, first_row);
    const StepGrid grid = grid_.refined(times);
    return chain_paths(grid, times, x, direction, [&](const ChainVisitor& visit) {
      simulate(grid, x, direction, {epsilon(), stream, first_row}, visit);
    });
  }

  double epsilon() const { return settings_.noise * problem().reference().epsilon(); }

  Points simulate(const StepGrid& grid, ConstPoints x, Direction direction, const ChainNoise& noise,
                  const ChainVisitor& visit = {}) const {
    return simulate_chain(
        grid, [&](double t, ConstPoints at) { return chain_drift(t, at, direction); }, x, direction,
        noise, visit, method_);
  }

  // (f - b) / 2 + (r / 2) (f + b), or backward its mirror image, by what the direction's own drift
  // and the other one count.
  Points chain_drift(double t, ConstPoints x, Direction direction) const {
    const double r = settings_.noise;
    if (r == 1.0) return bridge_drift(t, x, direction);
    return 0.5 * (1.0 + r) * bridge_drift(t, x, direction) -
           0.5 * (1.0 - r) * bridge_drift(t, x, opposite(direction));
  }
  // In the step next to the end that a drift leads to, the drift at the start of that step: off by
  // O(h) over one step, which leaves the order of the chain.
  Points bridge_drift(double t, ConstPoints x, Direction direction) const {
    t = direction == Direction::forward ? std::min(t, last_) : std::max(t, first_);
    return plan_.drift()->along_chains(t, x, direction);
  }

  Points score(double t, ConstPoints x) const {
    return (plan_.drift()->at(t, x, Direction::forward) +
            plan_.drift()->at(t, x, Direction::backward)) /
           problem().reference().epsilon();
  }

  // The size of its step at each node between the ends, from E|s|^2 over paths of the plan.
  void prepare_corrector() {
    const std::vector<double> inner(grid_.times().begin() + 1, grid_.times().end() - 1);
    // Where one direction was not trained, the marginals are those of its reference process.
    const Direction way =
        plan_.drift()->trained(Direction::backward) ? Direction::forward : Direction::backward;
    const RandomStream stream(0, Purpose::plan_sample);
    const Points start = problem().start(way)->sample(kPilotPaths, stream.fork(0));
    const Paths pilot = plan_.sample_paths(start, inner, way, stream.fork(1));
    for (std::size_t k = 0; k < inner.size(); ++k) {
      const double mean_square =
          score(inner[k], pilot.at[k]).squaredNorm() / static_cast<double>(kPilotPaths);
      if (mean_square > 0.0) sizes_[inner[k]] = langevin_size(mean_square, problem().dimension());
    }
    method_.correct = [this](double t, ConstPoints x, Index j, const ChainNoise& noise) -> Points {
      Points corrected = x;
      const auto size = sizes_.find(t);
      if (size == sizes_.end()) return corrected;
      ChainNoise draws = noise;
      for (Index i = 0; i < settings_.corrector; ++i) {
        draws.stream = noise.stream.fork(kCorrectorTag).fork(static_cast<std::uint64_t>(i));
        corrected = langevin_step(corrected, score(t, corrected), size->second, j, draws);
      }
      return corrected;
    };
  }

  const TransportPlan& plan_;
  SamplerSettings settings_;
  bool as_it_is_;  // nothing was asked for that the plan does not do by itself
  StepGrid grid_;
  double first_, last_;  // nodes of the grid as it was before it was divided
  ChainMethod method_;
  std::map<double, LangevinSize> sizes_;  // of the corrector, by the time of the node
};

}  // namespace

std::unique_ptr<const TransportPlan> with_sampler(const TransportPlan& plan,
                                                  const SamplerSettings& settings) {
  const std::string place = "sampler of a plan of " + std::string(plan.name());
  if (!(settings.noise >= 0.0 && settings.noise <= kMostNoise)) {  // NaN fails too
    throw InvalidInput("noise = " + number_text(settings.noise),
                       "must be within [0, " + number_text(kMostNoise) + "]");
  }
  if (settings.steps != 0 && !(settings.steps >= 2 && settings.steps <= kMostSamplerSteps)) {
    throw InvalidInput("steps = " + std::to_string(settings.steps),
                       "must be within [2, " + std::to_string(kMostSamplerSteps) + "], or 0");
  }
  if (!(settings.corrector >= 0 && settings.corrector <= kMostCorrections)) {
    throw InvalidInput("corrector = " + std::to_string(settings.corrector),
                       "must be within [0, " + std::to_string(kMostCorrections) + "]");
  }
  if (settings.map_samples < 1) throw InvalidInput("sampler, map_samples", "must be 1 or more");
  if (plan.drift() == nullptr) throw InvalidInput(place, "it has no drift");
  const bool needs_score = settings.noise != 1.0 || settings.corrector > 0;
  if (needs_score && !plan.drift()->trained(Direction::forward) &&
      !plan.drift()->trained(Direction::backward)) {
    // Two copies of the reference are not each other's reversal.
    throw InvalidInput(place, "neither direction was trained");
  }
  return std::make_unique<const SampledPlan>(plan, settings);
}

}  // namespace otbridge
