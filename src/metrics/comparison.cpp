#include "otbridge/metrics/comparison.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "metrics/law_moments.hpp"
#include "metrics/measurements.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/metrics/bridge_score.hpp"

namespace otbridge {
namespace {

constexpr Index kMostDimensions = 1024;  // of the moments: a decomposition is O(d^3)

// Empty where a plan refuses what it is asked for.
template <class Score>
auto unless_refused(const Score& score) -> decltype(score()) {
  try {
    return score();
  } catch (const InvalidInput&) {
    return std::nullopt;
  }
}

// At the points that were moved, where the law puts its mass.
TruthScore score_against(const Solution& truth, const Solution& solution,
                         const WeightedPoints& start) {
  TruthScore score{map_rmse(*truth.plan, *solution.plan, start), truth.report.value, {}};
  // A solver without a value (dsb) is measured by its map alone.
  if (solution.report.value && truth.report.value) {
    score.value_error = std::abs(*solution.report.value - *truth.report.value);
  }
  return score;
}

// The parts of what sampling_floor measures, with the seconds that one core takes for clouds in the
// plane; so below.
std::vector<Measurements::Part> parts_of_distances(const Comparison& comparison,
                                                   const ComparisonOptions& options) {
  const auto n = static_cast<double>(comparison.start.size()),
             m = static_cast<double>(comparison.fresh.size());
  const double few = std::min(std::max(n, m), static_cast<double>(options.w2_samples));
  const double pairs = (n + m) * (n + m);
  return {{"W2", 6e-5 * few},
          {"W1", 1.5e-4 * few},
          {"sliced W2", 1.2e-5 * (n + m)},
          {"energy distance", 1.3e-9 * pairs},
          {"MMD", 6e-9 * pairs}};
}

// Of what is measured of a row.
std::vector<Measurements::Part> parts_of_scores(const Comparison& comparison,
                                                const ComparisonOptions& options) {
  const auto n = static_cast<double>(comparison.start.size());
  auto parts = parts_of_distances(comparison, options);
  parts.insert(parts.begin(), {"moving points", 5e-6 * n});
  parts.push_back({"path energy", 1e-4 * std::min(n, 2000.0)});
  if (options.truth != nullptr) parts.push_back({"map", 1e-6 * n});
  return parts;
}

// Of what is measured of a bridge.
std::vector<Measurements::Part> parts_of_bridge(const Comparison& comparison) {
  const auto n = static_cast<double>(comparison.start.size());
  return {{"path KL", 1.5e-4 * std::min(n, 2000.0)},
          {"map", 1e-6 * n},
          {"conditionals", 5e-4 * std::min(n, 200.0)}};
}

// What becomes of the points that start, under the plan. Every plan is given the same draws, so
// that rows differ by their plans alone.
void move_points(ComparisonRow& row, const Comparison& comparison, const TransportPlan& plan,
                 const ComparisonOptions& options, const Moments& target,
                 const RandomStream& metric_stream, Measurements& measurements) {
  measurements.begin_stage("scores of " + row.solver, parts_of_scores(comparison, options));
  measurements.begin("moving points");
  row.moved = plan.sample(comparison.start.points(), Direction::forward,
                          RandomStream(options.seed, Purpose::plan_sample));
  const bool few = target.mean.size() <= kMostDimensions;
  row.score = score_pushforward(plan, comparison.start, row.moved, comparison.fresh,
                                Direction::forward, options.w2_samples, metric_stream.fork(1),
                                few ? &target : nullptr, measurements.begins());
}

bool told_to_stop(const ComparisonOptions& options) { return options.stop && options.stop(); }

struct ReferenceBridge {
  ReferenceKind kind = ReferenceKind::none;
  const TransportPlan* plan = nullptr;
};

// By the rows that are filled.
ReferenceBridge reference_bridge(const Comparison& comparison, const ComparisonOptions& options) {
  if (options.truth != nullptr) return {ReferenceKind::truth, options.truth->plan.get()};
  for (const ComparisonRow& row : comparison.rows) {
    if (row.solver != "sinkhorn" || row.refused() || !row.reported) continue;
    if (!row.of_reference || !row.of_laws) continue;
    if (row.report.stop_reason != StopReason::converged) continue;
    return {ReferenceKind::sinkhorn, row.plan.get()};
  }
  return {};
}

// Empty where it was told to stop, and there is no time for the scores.
std::optional<ComparisonRow> measure(const Comparison& comparison, const Contender& contender,
                                     const ComparisonOptions& options, const Moments& target,
                                     const RandomStream& metric_stream,
                                     Measurements& measurements) {
  constexpr double kInHaste = 1.0;  // seconds of one core
  // Filled as far as the contender gets: a refusal may come after the solve, from a metric.
  ComparisonRow row{.solver = std::string(contender.solver->name()),
                    .plan_file = contender.plan_file,
                    .reported = contender.reported,
                    .regularised = contender.solver->regularised(),
                    .of_laws = contender.of_laws};
  try {
    const TransportPlan* reference = reference_bridge(comparison, options).plan;
    Solution solution = options.run(
        contender, reference != nullptr ? path_kl_to(*reference, options.seed) : DistanceToTruth{});
    if (told_to_stop(options)) {
      double seconds = 0.0;
      for (const auto& part : parts_of_scores(comparison, options)) seconds += part.expected;
      if (seconds > kInHaste) return std::nullopt;
    }
    row.report = solution.report;
    const ReferenceProcess &asked = comparison.problem.reference(),
                           &made = solution.plan->problem().reference();
    row.of_reference =
        same_rate(made.epsilon(), asked.epsilon()) && same_rate(made.theta(), asked.theta());
    move_points(row, comparison, *solution.plan, options, target, metric_stream, measurements);
    if (options.truth != nullptr && row.comparable()) {
      measurements.begin("map");
      row.truth = unless_refused([&]() -> std::optional<TruthScore> {
        return score_against(*options.truth, solution, comparison.start);
      });
    }
    row.plan = std::move(solution.plan);
  } catch (const InvalidInput& refusal) {
    row.refusal = refusal.what();
  }
  measurements.end_stage();
  return row;
}

Moments target_moments(const Law& target, const RandomStream& stream) {
  // Above it no score asks for a covariance, which may not fit.
  if (target.dimension() > kMostDimensions) return {Vector::Zero(target.dimension()), {}};
  return law_moments(target, stream);
}

SamplingFloors sampling_floors(const Comparison& comparison, const ComparisonOptions& options,
                               const Moments& target, const RandomStream& stream,
                               Measurements& measurements) {
  measurements.begin_stage("scores of exact draws", parts_of_distances(comparison, options));
  const Law& law = *comparison.problem.target();
  SamplingFloors floors{sampling_floor(law, comparison.start, comparison.fresh, options.w2_samples,
                                       stream.fork(0), measurements.begins()),
                        {}};
  measurements.end_stage();
  if (target.mean.size() <= kMostDimensions) {
    const WeightedPoints drawn(law.sample(comparison.start.size(), stream.fork(1)),
                               comparison.start.weights());
    floors.bw2_uvp = bw2_uvp(sample_moments(drawn), target);
  }
  return floors;
}

// Forks of the stream: paths, conditionals.
void score_bridges(Comparison& comparison, const ComparisonOptions& options, const Moments& target,
                   const RandomStream& stream, Measurements& measurements) {
  const ReferenceBridge found = reference_bridge(comparison, options);
  const TransportPlan* const reference = found.plan;
  comparison.reference = found.kind;
  if (reference == nullptr) return;
  const WeightedPoints& start = comparison.start;
  std::unique_ptr<const ConditionalBw2Uvp> conditional;
  measurements.begin_stage("bridge of reference", {{"conditionals", 1.0}});
  measurements.begin("conditionals");
  comparison.conditional_bw2_uvp_floor = unless_refused([&]() -> std::optional<double> {
    if (target.mean.size() > ConditionalBw2Uvp::kMostDimensions) return std::nullopt;
    conditional =
        std::make_unique<const ConditionalBw2Uvp>(*reference, start, target, stream.fork(1));
    return conditional->floor();
  });
  for (ComparisonRow& row : comparison.rows) {
    if (row.refused() || !row.comparable() || row.plan.get() == reference) continue;
    BridgeScore score;
    measurements.begin_stage("bridge of " + row.solver, parts_of_bridge(comparison));
    measurements.begin("path KL");
    score.path_kl =
        unless_refused([&] { return path_kl(*reference, *row.plan, start, stream.fork(0)); });
    if (score.path_kl) {
      score.drift_rmse = drift_rmse(*score.path_kl, comparison.problem.reference().epsilon());
    }
    measurements.begin("map");
    score.map_rmse = row.truth ? row.truth->map_rmse : unless_refused([&] {
      return std::optional(map_rmse(*reference, *row.plan, start));
    });
    measurements.begin("conditionals");
    if (conditional != nullptr) {
      score.conditional_bw2_uvp = unless_refused([&] { return conditional->score(*row.plan); });
    }
    measurements.end_stage();
    row.bridge = score;
  }
}

}  // namespace

bool Comparison::all_refused() const {
  return std::ranges::all_of(rows, [](const ComparisonRow& row) { return row.refused(); });
}

bool Comparison::regularised() const {
  return std::ranges::any_of(rows, [](const ComparisonRow& row) { return row.regularised; });
}

bool Comparison::truth_known() const {
  return std::ranges::any_of(rows, [](const ComparisonRow& row) { return row.truth.has_value(); });
}

Comparison compare(const TransportProblem& problem, const std::vector<Contender>& contenders,
                   const ComparisonOptions& options) {
  // Forks of the metrics' stream: 0 the points that start, 1 the draws of the metrics, 2 those of
  // the floors, 3 of the target's moments, 4 of the scores of bridges.
  const RandomStream metric_stream(options.seed, Purpose::metrics);
  Comparison comparison{problem,
                        options.samples,
                        options.seed,
                        discretize(problem.source(), options.samples, metric_stream.fork(0)),
                        discretize(problem.target(), options.samples,
                                   RandomStream(options.seed, Purpose::fresh_target_draw)),
                        {}};
  ComparisonOptions complete = options;
  // The default holds references to what outlives the loop below.
  if (!complete.run) {
    complete.run = [&](const Contender& contender, const DistanceToTruth& to_truth) {
      SolveContext context;
      context.seed = options.seed;
      context.to_truth = to_truth;
      return contender.solver->solve(problem, contender.settings, context);
    };
  }
  // One after the other: each has all threads, and its time is its own.
  Measurements measurements(options.observer);
  const Moments target = target_moments(*problem.target(), metric_stream.fork(3));
  std::vector<std::size_t> turns(contenders.size());
  std::iota(turns.begin(), turns.end(), std::size_t{0});
  std::stable_partition(turns.begin(), turns.end(),
                        [&](std::size_t k) { return contenders[k].solver->name() == "sinkhorn"; });
  std::vector<std::size_t> there;  // the contenders of the rows, ascending
  for (const std::size_t k : turns) {
    comparison.stopped = told_to_stop(complete);
    if (comparison.stopped) break;
    auto row = measure(comparison, contenders[k], complete, target, metric_stream, measurements);
    if (!row) continue;
    const auto place = std::ranges::lower_bound(there, k);
    comparison.rows.insert(comparison.rows.begin() + (place - there.begin()), std::move(*row));
    there.insert(place, k);
  }
  comparison.stopped = comparison.stopped || told_to_stop(complete);
  if (comparison.stopped) return comparison;
  if (comparison.all_refused()) return comparison;
  if (options.truth != nullptr) {
    comparison.truth_row = unless_refused([&]() -> std::optional<ComparisonRow> {
      ComparisonRow row{.solver = std::string(options.truth->plan->name())};
      row.report = options.truth->report;
      move_points(row, comparison, *options.truth->plan, options, target, metric_stream,
                  measurements);
      measurements.end_stage();
      return row;
    });
  }
  if (problem.target().as<WeightedPoints>() == nullptr) {
    comparison.floors =
        sampling_floors(comparison, complete, target, metric_stream.fork(2), measurements);
  }
  score_bridges(comparison, complete, target, metric_stream.fork(4), measurements);
  return comparison;
}

}  // namespace otbridge
