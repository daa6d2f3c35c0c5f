// The plans that the laws of this folder are checked on: one maker per line in subjects.cpp.
#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "otbridge/core/parallel.hpp"
#include "otbridge/plan/transport_plan.hpp"
#include "otbridge/solve/solver.hpp"

namespace otbridge::conformance {

struct Subject {
  std::string name;
  // Solves again, with less training where the budget is a setting.
  std::function<Solution(const SolveContext&)> rehearse;
  std::shared_ptr<const Solution> solution;

  // How far the plan's laws may be from those of its problem beyond sampling noise, as a difference
  // of distribution functions: 0 for a plan that is exact for its problem.
  double bias = 0.0;
  // Simulated chains behind one row of map(); 0 where the map is computed.
  Index map_draws = 0;
  // How far from the closed form, relative to the size of what is compared; only where both laws
  // are Gaussian.
  std::optional<double> gaussian_band;
  // The limit epsilon -> 0: conditionals may be points, and potentials touch the cost where mass
  // flows instead of giving the density of the coupling.
  bool unregularised = false;

  const TransportPlan& plan() const { return *solution->plan; }
  const TransportProblem& problem() const { return plan().problem(); }
  Index dimension() const { return problem().dimension(); }
};

// Solved on first use and kept. quick: a few seconds in all. full: budgets as a user would take.
const std::vector<Subject>& quick_subjects();
const std::vector<Subject>& full_subjects();

// Checks a law on each subject. One thread: no law depends on the number, and the tests share
// their machine.
template <class Law>
void for_each(const std::vector<Subject>& subjects, Law&& law) {
  const ThreadScope one(1);
  for (const Subject& subject : subjects) {
    CAPTURE(subject.name);
    law(subject);
  }
}

inline constexpr Direction kBoth[] = {Direction::forward, Direction::backward};

// Draws of the law that the direction starts from.
inline Points start_points(const Subject& subject, Direction direction, Index n,
                           std::uint64_t seed) {
  return subject.problem().start(direction)->sample(n, RandomStream(seed));
}

}  // namespace otbridge::conformance
