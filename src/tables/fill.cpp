// One cell of a table: what its columns ask for, and no more.

#include <algorithm>
#include <array>
#include <cmath>

#include "metrics/law_moments.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/known/known_answer.hpp"
#include "otbridge/measure/bridge_end.hpp"
#include "otbridge/measure/gaussian.hpp"
#include "otbridge/metrics/bridge_score.hpp"
#include "otbridge/metrics/marginal_kl.hpp"
#include "otbridge/metrics/plan_metrics.hpp"
#include "otbridge/metrics/two_sample.hpp"
#include "otbridge/metrics/wasserstein.hpp"
#include "otbridge/tables/table.hpp"
#include "tables/yardsticks.hpp"

namespace otbridge {
namespace {

constexpr Index kTimes = 21;        // of the Gaussian experiment: 0, 0.05, ..., 1
constexpr Index kDirections = 128;  // of sliced W2
constexpr Index kEnergyPaths = 10000, kEnergySteps = 50;
constexpr Index kKlPaths = 500;

// What one solver's plan is measured with. Draws are functions of the seed alone.
struct Bench {
  const Table& table;
  const TransportProblem& problem;
  const TransportPlan* truth;  // null where it is not known
  const TransportPlan& plan;
  RandomStream stream;
  WeightedPoints start, fresh, again;  // draws of the source, and two of the target
  Moments target;
  Points moved;
};

struct Measured {
  std::optional<double> value, floor = {};
};

WeightedPoints first(const WeightedPoints& cloud, Index n) {
  return WeightedPoints(Points(cloud.points().topRows(std::min(n, cloud.size()))));
}

// A distance of the points that were moved to a draw of the target, and that of two draws.
template <class Distance>
Measured by_draws(const Bench& bench, const Distance& distance) {
  return {distance(WeightedPoints(bench.moved), bench.fresh), distance(bench.again, bench.fresh)};
}

Measured w2(const Bench& bench) { return by_draws(bench, wasserstein2); }

Measured sliced_w2(const Bench& bench) {
  return by_draws(bench, [&](const WeightedPoints& x, const WeightedPoints& y) {
    return sliced_wasserstein2(x, y, kDirections, bench.stream.fork(3));
  });
}

Measured energy(const Bench& bench) {
  return {path_energy(bench.plan, first(bench.start, kEnergyPaths), kEnergySteps,
                      bench.stream.fork(4))};
}

Measured marginal_bw2(const Bench& bench) {
  return {bw2_uvp(sample_moments(WeightedPoints(bench.moved)), bench.target),
          bw2_uvp(sample_moments(bench.again), bench.target)};
}

// A thousand draws for each of two hundred points take a chain through a sum over thousands of
// points, or over mixtures in many dimensions, many minutes.
bool cheap_conditionals(const Bench& bench) {
  return bench.plan.name() != kEulerName ||
         (bench.problem.target().as<BridgeEnd>() && bench.problem.dimension() <= 16);
}

Measured conditional_bw2(const Bench& bench) {
  if (bench.truth == nullptr || !cheap_conditionals(bench)) return {};
  const ConditionalBw2Uvp score(*bench.truth, bench.start, bench.target, bench.stream.fork(6));
  return {score.score(bench.plan), score.floor()};
}

// Of a yardstick that is made of the truth's drift and map they say nothing.
Measured drift_kl(const Bench& bench) {
  if (bench.truth == nullptr || is_yardstick(bench.plan)) return {};
  return {path_kl(*bench.truth, bench.plan, first(bench.start, kKlPaths), bench.stream.fork(7))};
}

Measured map_error(const Bench& bench) {
  if (bench.truth == nullptr || bench.plan.name() == kTruth || bench.plan.name() == kEulerName) {
    return {};
  }
  return {map_rmse(*bench.truth, bench.plan, bench.start)};
}

// Where the truth is a Gaussian bridge, whose laws at any time are known.
Measured marginal_kl(const Bench& bench, double GaussianKl::*form) {
  if (bench.truth == nullptr || !bench.problem.source().as<Gaussian>()) return {};
  std::vector<double> times;
  for (Index k = 0; k < kTimes; ++k) times.push_back(static_cast<double>(k) / double(kTimes - 1));
  const GaussianKl kl = mean_marginal_kl(bench.plan, gaussian_marginals(*bench.truth, times), times,
                                         bench.start, bench.stream.fork(8));
  return {kl.*form, gaussian_kl_floor(bench.start.size(), bench.problem.dimension()).*form};
}

struct Column {
  const char* key;
  Measured (*measure)(const Bench&);
};
constexpr std::array kColumns{
    Column{"w2", w2},
    Column{"sliced_w2", sliced_w2},
    Column{"path_energy", energy},
    Column{"bw2_uvp", marginal_bw2},
    Column{"conditional_bw2_uvp", conditional_bw2},
    Column{"path_kl", drift_kl},
    Column{"map_rmse", map_error},
    Column{"kl_full", [](const Bench& b) { return marginal_kl(b, &GaussianKl::full); }},
    Column{"kl_diagonal", [](const Bench& b) { return marginal_kl(b, &GaussianKl::diagonal); }}};

void put(TableCell& cell, const std::string& key, std::optional<double> value) {
  if (value && std::isfinite(*value)) cell.values[key] = *value;
}

// A plan may refuse what a column asks of it: then the column stays empty.
void measure(TableCell& cell, const Bench& bench, const std::string& key) {
  const auto column = std::ranges::find(kColumns, key, &Column::key);
  try {
    const Measured found = column->measure(bench);
    put(cell, key, found.value);
    put(cell, key + "_floor", found.floor);
  } catch (const InvalidInput&) {
  }
}

}  // namespace

TableCell fill_cell(const Table& table, const TableProblem& problem, const TransportPlan* truth,
                    std::uint64_t seed,
                    const std::function<Solution(const TransportProblem&)>& solve) {
  TableCell cell;
  try {
    const Solution solution = solve(problem.problem);
    cell.stop = name_of(solution.report.stop_reason);
    if (!is_yardstick(*solution.plan)) put(cell, "seconds", solution.report.seconds);
    const RandomStream stream(seed, Purpose::metrics);
    const auto draw = [&](const Measure& law, std::uint64_t fork) {
      return WeightedPoints(law->sample(table.draws, stream.fork(fork)));
    };
    Bench bench{table,
                problem.problem,
                truth,
                *solution.plan,
                stream,
                draw(problem.problem.source(), 0),
                draw(problem.problem.target(), 1),
                draw(problem.problem.target(), 2),
                law_moments(*problem.problem.target(), stream.fork(5)),
                {}};
    bench.moved = solution.plan->sample(bench.start.points(), Direction::forward,
                                        RandomStream(seed, Purpose::plan_sample));
    for (const std::string& column : table.columns) measure(cell, bench, column);
  } catch (const InvalidInput& refusal) {
    cell.refusal = refusal.what();
  }
  return cell;
}

std::optional<TableFigure> figure_of(const std::vector<TableCell>& cells,
                                     const std::string& column) {
  std::vector<double> values;
  for (const TableCell& cell : cells) {
    const auto found = cell.values.find(column);
    if (found != cell.values.end()) values.push_back(found->second);
  }
  if (values.empty()) return std::nullopt;
  const auto n = static_cast<double>(values.size());
  double mean = 0.0, square = 0.0;
  for (const double value : values) mean += value / n;
  for (const double value : values) square += (value - mean) * (value - mean);
  if (values.size() == 1) return TableFigure{mean, std::nullopt};
  return TableFigure{mean, std::sqrt(square / (n - 1.0))};
}

}  // namespace otbridge
