// Distances of clouds, and solvers compared on one problem.
#include <nanobind/stl/pair.h>
#include <nanobind/stl/tuple.h>

#include "answer.hpp"
#include "otbridge/io/json.hpp"
#include "running.hpp"

namespace otbridge::python {
namespace {

nb::dict facts_of(const Distance& distance) {
  nb::dict facts;
  facts["value"] = distance.value;
  facts["lower"] = distance.lower;
  facts["upper"] = distance.upper;
  facts["seconds"] = distance.seconds;
  return facts;
}

// As `otbridge distance` does: the same draws of laws, the same directions.
nb::dict distance(const Measure& source, const Measure& target, double epsilon, Index samples,
                  std::uint64_t seed, bool exact, int threads) {
  check_memory("samples = " + std::to_string(samples), static_cast<double>(samples),
               source->dimension());
  const Distances found = without_gil(threads, [&] {
    const WeightedPoints mu = discretize(source, samples, RandomStream(seed, Purpose::source_draw));
    const WeightedPoints nu = discretize(target, samples, RandomStream(seed, Purpose::target_draw));
    return all_distances(mu, nu, {.epsilon = epsilon, .exact = exact},
                         RandomStream(seed, Purpose::metrics));
  });
  nb::dict facts;
  facts["w2"] = facts_of(found.w2);
  facts["w1"] = facts_of(found.w1);
  facts["sliced_w2"] = facts_of(found.sliced_w2);
  facts["energy_distance"] = facts_of(found.energy_distance);
  facts["sinkhorn_divergence"] = facts_of(found.sinkhorn_divergence);
  facts["converged"] = found.converged;
  return facts;
}

// The JSON of `otbridge compare`, the plan of each row, None where the solver refused, and what a
// page is made of. The limit is of each solver.
std::tuple<std::string, std::vector<std::optional<Answer>>, Compared> compare_solvers(
    const TransportProblem& problem, const std::vector<std::pair<std::string, nb::dict>>& solvers,
    const std::vector<std::string>& notes, Index samples, Index w2_samples, int threads,
    std::uint64_t seed, std::optional<double> time_limit, nb::object callback) {
  std::vector<Contender> contenders;
  for (const auto& [name, settings] : solvers) {
    contenders.push_back({.solver = &find_solver(name), .settings = settings_of(settings)});
    contenders.back().solver->check(contenders.back().settings);
  }
  check_memory("samples = " + std::to_string(samples), static_cast<double>(samples),
               problem.dimension());
  Watched watched(threads, seed, time_limit, std::move(callback));
  std::optional<Solution> truth;
  Comparison comparison = without_gil(threads, [&] {
    truth = known_answer(problem);
    const auto run = [&](const Contender& contender, const DistanceToTruth& to_truth) {
      SolveContext& context = watched.begin();
      context.to_truth = to_truth;
      Solution solution = contender.solver->solve(problem, contender.settings, context);
      put_first(notes, solution.report);
      return solution;
    };
    return compare(problem, contenders,
                   {.samples = samples,
                    .w2_samples = w2_samples,
                    .seed = seed,
                    .truth = truth ? &*truth : nullptr,
                    .run = run});
  });
  std::vector<std::optional<Answer>> answers;
  for (std::size_t k = 0; k < contenders.size(); ++k) {
    const ComparisonRow& row = comparison.rows[k];
    answers.emplace_back();
    if (row.plan != nullptr)
      answers.back() = Answer{row.plan, row.report, true, contenders[k].settings};
  }
  std::string json = json_text(comparison_to_json({&comparison, 1}, "source", "target"));
  Compared compared{std::move(comparison), std::move(contenders), nullptr};
  if (truth) compared.truth = std::move(truth->plan);
  return {std::move(json), std::move(answers), std::move(compared)};
}

}  // namespace

void bind_scores(nb::module_& m) {
  nb::class_<Compared>(m, "Compared", "What the page of a comparison is made of.");
  m.def("distance", distance);
  m.def("compare", compare_solvers, nb::arg("problem"), nb::arg("solvers"), nb::arg("notes"),
        nb::arg("samples"), nb::arg("w2_samples"), nb::arg("threads"), nb::arg("seed"),
        nb::arg("time_limit").none(), nb::arg("callback").none());
}

}  // namespace otbridge::python
