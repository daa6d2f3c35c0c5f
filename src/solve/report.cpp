#include "otbridge/solve/report.hpp"

#include <cmath>
#include <string>

#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"
#include "otbridge/core/parallel.hpp"
#include "otbridge/solve/report_text.hpp"
#include "otbridge/solve/solver.hpp"

namespace otbridge {

std::string_view name_of(StopReason reason) {
  switch (reason) {
    case StopReason::converged:
      return "converged";
    case StopReason::iteration_limit:
      return "iteration_limit";
    case StopReason::rounding_limit:
      return "rounding_limit";
    case StopReason::time_limit:
      return "time_limit";
    case StopReason::interrupted:
      return "interrupted";
    case StopReason::diverged:
      return "diverged";
  }
  return "diverged";
}

bool goes_on(StopReason reason) {
  return reason == StopReason::interrupted || reason == StopReason::time_limit;
}

std::optional<double> SolveReport::w2() const {
  if (regularised || theta > 0.0 || !value_linear) return std::nullopt;
  return std::sqrt(2.0 * *value_linear);
}

double relative_unit(const Measure& source, const Measure& target, std::uint64_t seed) {
  constexpr Index kCostDraws = 20000;  // an error of about 1% of the unit
  return mean_cost(source, target, kCostDraws, seed);
}

ChosenEpsilon choose_epsilon(const Measure& source, const Measure& target,
                             std::optional<double> relative, std::uint64_t seed, bool needed) {
  const double unit = relative_unit(source, target, seed);
  if (!needed && !(unit > 0.0 && std::isfinite(unit))) return {1.0, ""};
  if (unit == 0.0 && !relative) {
    return {1.0, "no epsilon given, and no distance between the laws to derive it from: using 1"};
  }
  if (!(unit > 0.0 && std::isfinite(unit))) {
    throw InvalidInput("epsilon_relative",
                       "the mean cost is " + number_text(unit) + "; give epsilon instead");
  }
  const double epsilon = relative.value_or(kDefaultEpsilonRelative) * unit;
  if (relative || !needed) return {epsilon, ""};
  return {epsilon,
          "no epsilon given: using epsilon_relative 0.05, epsilon " + short_number(epsilon)};
}

namespace {

// No solver begins from a plan yet; one that does will say so here.
void refuse_unknown_requests(std::string_view solver, const SolveContext& context) {
  if (context.start != nullptr) {
    throw InvalidInput("start", "the solver " + std::string(solver) + " takes no starting plan");
  }
}

}  // namespace

SolveReport start_report(std::string_view solver, const TransportProblem& problem,
                         const SolveContext& context) {
  refuse_unknown_requests(solver, context);
  SolveReport report;
  report.solver = solver;
  report.dimension = problem.dimension();
  report.epsilon = problem.reference().epsilon();
  report.theta = problem.reference().theta();
  report.mean_cost = relative_unit(problem.source(), problem.target(), context.seed);
  report.threads = current_threads();
  report.seed = context.seed;
  return report;
}

DiscreteEnds discrete_ends(const TransportProblem& problem, Index samples,
                           const SolveContext& context, SolveReport& report) {
  const auto cloud = [&](const Measure& law, Purpose purpose, const char* name) {
    if (law.as<WeightedPoints>() == nullptr) {
      report.notes.push_back(std::string("the ") + name + " stands as " + std::to_string(samples) +
                             " draws");
      report.draws = samples;
    }
    return discretize(law, samples, RandomStream(context.seed, purpose));
  };
  return {cloud(problem.source(), Purpose::source_draw, "source"),
          cloud(problem.target(), Purpose::target_draw, "target")};
}

}  // namespace otbridge
