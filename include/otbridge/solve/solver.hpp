// Solver: the adapter through which a program picks a method by name.
//
// Library users call the typed functions (solve_sinkhorn, solve_exact, solve_gaussian,
// solve_mixture, solve_dsb, solve_dsbm).
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "otbridge/measure/weighted_points.hpp"
#include "otbridge/plan/transport_plan.hpp"
#include "otbridge/solve/report.hpp"
#include "otbridge/solve/settings.hpp"

namespace otbridge {

struct Solution {
  std::unique_ptr<const TransportPlan> plan;
  SolveReport report;
};

class Solver {
 public:
  virtual ~Solver() = default;
  virtual std::string_view name() const = 0;
  virtual std::string_view summary() const = 0;  // one line: what it solves and when to use it
  virtual std::vector<SettingRow> settings() const = 0;
  // Whether epsilon enters its answer. The distance of one that leaves epsilon out from the
  // entropic truth would measure epsilon, not the solver.
  virtual bool regularised() const { return true; }
  // Whether its plans are couplings of two clouds, which other laws are drawn for: they have the
  // face Coupling.
  virtual bool couples_clouds() const { return false; }
  // Throws InvalidInput for a setting or a problem it cannot take, saying why.
  virtual Solution solve(const TransportProblem& problem, const SettingAssignments& settings,
                         const SolveContext& context) const = 0;
  // Checks the settings without solving.
  virtual void check(const SettingAssignments& settings) const = 0;
  // Rebuilds a plan of this solver from its saved state.
  virtual std::unique_ptr<const TransportPlan> restore(const TransportProblem& problem,
                                                       const PlanState& state) const = 0;
};

// What a Solver says of its method, by its names there.
struct SolverTraits {
  bool regularised = true, couples_clouds = false;
};

// A Solver made of a settings struct S with describe(S&), a solve function and a restore function.
template <class S>
class SolverOf final : public Solver {
 public:
  using SolveFunction = Solution (*)(const TransportProblem&, const S&, const SolveContext&);
  using RestoreFunction = std::unique_ptr<const TransportPlan> (*)(const TransportProblem&,
                                                                   const PlanState&);
  SolverOf(std::string_view name, std::string_view summary, SolveFunction solve_function,
           RestoreFunction restore_function, SolverTraits traits = {})
      : name_(name),
        summary_(summary),
        solve_(solve_function),
        restore_(restore_function),
        traits_(traits) {}

  std::string_view name() const override { return name_; }
  std::string_view summary() const override { return summary_; }
  bool regularised() const override { return traits_.regularised; }
  bool couples_clouds() const override { return traits_.couples_clouds; }
  std::vector<SettingRow> settings() const override {
    S defaults;
    return setting_rows(describe(defaults));
  }
  Solution solve(const TransportProblem& problem, const SettingAssignments& assignments,
                 const SolveContext& context) const override {
    return solve_(problem, read(assignments), context);
  }
  void check(const SettingAssignments& assignments) const override { read(assignments); }
  std::unique_ptr<const TransportPlan> restore(const TransportProblem& problem,
                                               const PlanState& state) const override {
    return restore_(problem, state);
  }

 private:
  static S read(const SettingAssignments& assignments) {
    S settings;
    const auto fields = describe(settings);
    for (const auto& [key, value] : assignments) assign_setting(fields, key, value);
    return settings;
  }

  std::string_view name_, summary_;
  SolveFunction solve_;
  RestoreFunction restore_;
  SolverTraits traits_;
};

// E|x - y|^2 / 2 under mu x nu, the unit of a relative epsilon: exact where the moments are known,
// else from a fixed number of draws under the seed, so that every report uses the same number.
double relative_unit(const Measure& source, const Measure& target, std::uint64_t seed);

// What a program takes times that unit where it is given no epsilon: blurs by a few percent of the
// typical displacement, quick to solve, close to unregularised.
inline constexpr double kDefaultEpsilonRelative = 0.05;

// Of an epsilon that is given where it does not matter.
inline constexpr const char* kEpsilonUnused =
    "--epsilon: nothing that is computed here depends on it";

struct ChosenEpsilon {
  double value;
  std::string note;  // what the user should know of it; empty: nothing
};
// The epsilon of a problem of which none is given: `relative` or else that default times the unit.
// 1 where laws have no distance to derive it from, or where it does not matter (needed: whether it
// does) and the unit is no number. Throws InvalidInput for a relative one of no unit.
ChosenEpsilon choose_epsilon(const Measure& source, const Measure& target,
                             std::optional<double> relative, std::uint64_t seed, bool needed);

// Writes what every report shares: problem, seed, threads, and relative_unit as mean_cost. Throws
// InvalidInput if the context asks for what the solver cannot do.
SolveReport start_report(std::string_view solver, const TransportProblem& problem,
                         const SolveContext& context);

// Both laws as finite clouds: `samples` draws, and a note in the report, for one that is not.
struct DiscreteEnds {
  WeightedPoints source, target;
};
DiscreteEnds discrete_ends(const TransportProblem& problem, Index samples,
                           const SolveContext& context, SolveReport& report);

}  // namespace otbridge
