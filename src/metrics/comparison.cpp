#include "otbridge/metrics/comparison.hpp"

#include <algorithm>
#include <cmath>

#include "otbridge/core/error.hpp"
#include "otbridge/metrics/bridge_score.hpp"

namespace otbridge {
namespace {

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

ComparisonRow measure(const Comparison& comparison, const Contender& contender,
                      const ComparisonOptions& options, const RandomStream& metric_stream) {
  // Filled as far as the contender gets: a refusal may come after the solve, from a metric.
  ComparisonRow row{.solver = std::string(contender.solver->name()),
                    .regularised = contender.solver->regularised()};
  try {
    const Solution solution = options.run(contender);
    row.report = solution.report;
    // Every contender is given the same draws, so that rows differ by their plans alone.
    row.moved = solution.plan->sample(comparison.start.points(), Direction::forward,
                                      RandomStream(options.seed, Purpose::plan_sample));
    row.score = score_pushforward(*solution.plan, comparison.start, row.moved, comparison.fresh,
                                  Direction::forward, options.w2_samples, metric_stream.fork(1));
    if (options.truth != nullptr && row.regularised) {
      row.truth = score_against(*options.truth, solution, comparison.start);
    }
  } catch (const InvalidInput& refusal) {
    row.refusal = refusal.what();
  }
  return row;
}

}  // namespace

bool Comparison::all_refused() const {
  return std::ranges::all_of(rows, [](const ComparisonRow& row) { return row.refused(); });
}

bool Comparison::truth_known() const {
  return std::ranges::any_of(rows, [](const ComparisonRow& row) { return row.truth.has_value(); });
}

Comparison compare(const TransportProblem& problem, const std::vector<Contender>& contenders,
                   const ComparisonOptions& options) {
  // Forks 0 and 1 of the metrics' stream: the points that start, the draws of the metrics.
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
    complete.run = [&](const Contender& contender) {
      SolveContext context;
      context.seed = options.seed;
      return contender.solver->solve(problem, contender.settings, context);
    };
  }
  // One after the other: each has all threads, and its time is its own.
  for (const Contender& contender : contenders) {
    comparison.rows.push_back(measure(comparison, contender, complete, metric_stream));
  }
  return comparison;
}

}  // namespace otbridge
