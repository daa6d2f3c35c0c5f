#include "contenders.hpp"

#include <algorithm>
#include <sstream>

#include "exit_code.hpp"
#include "otbridge/io/problem_json.hpp"
#include "otbridge/known/known_answer.hpp"
#include "otbridge/measure/gaussian.hpp"
#include "otbridge/solvers/registry.hpp"

namespace otbridge::cli {
namespace {

// Points of either side up to which an answer takes less than about ten seconds on two cores; of
// exact also squares of them times the dimension, the terms of a sweep over all pairs.
constexpr Index kMostExact = 20000, kMostMixture = 10000, kMostMixtureDimensions = 16;
constexpr double kMostTerms = 4e9;

std::vector<const Solver*> chosen_solvers(const std::string& list) {
  std::vector<const Solver*> chosen;
  // An empty entry is an unknown solver.
  std::istringstream words(list);
  for (std::string word; std::getline(words, word, ',');) {
    try {
      chosen.push_back(&find_solver(word));
    } catch (const InvalidInput& refusal) {
      throw UsageError("--solvers: " + std::string(refusal.what()));
    }
  }
  if (chosen.empty()) throw UsageError("--solvers: must name at least one solver");
  return chosen;
}

// The assignments of --set that are meant for this solver: "dsb.steps=30".
SettingAssignments settings_of(const Solver& solver, const std::vector<std::string>& set) {
  SettingAssignments settings;
  const std::string prefix = std::string(solver.name()) + ".";
  for (const auto& argument : set) {
    if (!argument.starts_with(prefix)) continue;
    try {
      settings.push_back(parse_assignment(argument.substr(prefix.size())));
      // One at a time, so that the message names the flag that is wrong.
      solver.check({settings.back()});
    } catch (const InvalidInput& refusal) {
      throw UsageError("--set " + argument + ": " + refusal.what());
    }
  }
  return settings;
}

// A misspelt solver in --set would otherwise be a setting that no one reads.
void check_set_prefixes(const std::vector<std::string>& set,
                        const std::vector<const Solver*>& chosen) {
  for (const auto& argument : set) {
    const std::string prefix = argument.substr(0, argument.find('.'));
    bool known = argument.find('.') != std::string::npos;
    if (known) {
      known = std::ranges::any_of(chosen, [&](const Solver* s) { return s->name() == prefix; });
    }
    if (!known) {
      throw UsageError("--set " + argument +
                       ": must be SOLVER.KEY=VALUE with a solver of --solvers");
    }
  }
}

}  // namespace

std::string default_solvers() {
  std::string names;
  for (const auto& solver : solvers()) {
    // The truth is shown beside them wherever it is known.
    if (!solver->regularised() || solver->name() == kTruth) continue;
    names += (names.empty() ? "" : ",") + std::string(solver->name());
  }
  return names;
}

std::string quick_solvers(const Job& job) {
  const Index d = job.problem.dimension();
  const auto size = [&](const NamedLaw& law) {
    return law.cloud ? law.cloud->points.rows() : job.samples;
  };
  const Index n = std::max(size(job.source), size(job.target));
  const auto gaussian = [](const Measure& law) { return law.as<Gaussian>() != nullptr; };
  std::string names;
  if (gaussian(job.problem.source()) && gaussian(job.problem.target())) names += "gaussian,";
  // The certificate of the clouds, and what others are measured against, at any size.
  names += "sinkhorn";
  const double terms = static_cast<double>(n) * static_cast<double>(n) * static_cast<double>(d);
  if (n <= kMostExact && terms <= kMostTerms) names += ",exact";
  if (n <= kMostMixture && d <= kMostMixtureDimensions) names += ",mixture";
  return names;
}

std::vector<Contender> chosen_contenders(const std::string& solvers,
                                         const std::vector<std::string>& set) {
  const auto chosen = chosen_solvers(solvers);
  check_set_prefixes(set, chosen);
  std::vector<Contender> contenders;
  for (const Solver* solver : chosen) contenders.push_back({solver, settings_of(*solver, set)});
  return contenders;
}

}  // namespace otbridge::cli
