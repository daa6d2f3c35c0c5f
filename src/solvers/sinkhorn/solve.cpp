#include <chrono>

#include "entropic/units.hpp"
#include "otbridge/core/parallel.hpp"
#include "otbridge/solvers/sinkhorn.hpp"
#include "solvers/sinkhorn/dual_ascent.hpp"
#include "solvers/sinkhorn/plan.hpp"

namespace otbridge {
namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

Solution solve_sinkhorn(const TransportProblem& problem, const SinkhornSettings& settings,
                        const SolveContext& context) {
  check_settings(settings);
  const ThreadScope threads(context.threads);
  const auto started = Clock::now();
  SolveReport report = start_report("sinkhorn", problem, context);
  report.kernel_set = kernels::select_kernel_set().name;
  const auto [source, target] = discrete_ends(problem, settings.samples, context, report);

  const EntropicUnits frame = entropic_units(source, target, problem.reference());
  const auto rows = EntropicUnits::order(source), columns = EntropicUnits::order(target);
  const DiscreteProblem discrete = frame.normalised(source, rows, target, columns);
  DualAscent iteration(discrete, frame.s2, report.epsilon, settings, context, report);
  const Certificate found = iteration.run();

  report.value_linear = frame.cost_unit * found.value_linear;
  report.kl = found.kl;
  report.value = frame.cost_unit * found.value;
  report.dual_value = frame.cost_unit * found.dual_value;
  report.duality_gap = frame.cost_unit * found.gap;
  report.marginal_error_source = found.marginals.source;
  report.marginal_error_target = found.marginals.target;
  auto plan = std::make_unique<const SinkhornPlan>(
      problem, source, target, frame.expanded(source.size(), rows, iteration.f()),
      frame.expanded(target.size(), columns, iteration.g()));
  report.seconds = std::chrono::duration<double>(Clock::now() - started).count();
  return {std::move(plan), std::move(report)};
}

std::vector<Solution> solve_sinkhorn_batch(std::span<const TransportProblem> problems,
                                           const SinkhornSettings& settings,
                                           const SolveContext& context) {
  check_settings(settings);
  const ThreadScope threads(context.threads);
  SolveContext each = context;
  each.observer = nullptr;
  if (problems.size() > 1) each.threads = 1;
  std::vector<Solution> solutions(problems.size());
  parallel_for(static_cast<Index>(problems.size()), 1, [&](Index k, Index, Index) {
    const auto slot = to_size(k);
    solutions[slot] = solve_sinkhorn(problems[slot], settings, each);
  });
  return solutions;
}

}  // namespace otbridge
