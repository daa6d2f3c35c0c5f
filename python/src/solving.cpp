// Solvers by their names: settings, one problem, many small ones.
#include "answer.hpp"
#include "running.hpp"

namespace otbridge::python {
namespace {

// notes: of the problem, which stand first in the report. checkpoint: a file, or empty.
Answer solve(const std::string& solver, const TransportProblem& problem, const nb::dict& settings,
             const std::vector<std::string>& notes, int threads, std::uint64_t seed,
             std::optional<double> time_limit, nb::object callback, const std::string& checkpoint,
             double checkpoint_seconds) {
  const Solver& method = find_solver(solver);
  const SettingAssignments assignments = settings_of(settings);
  std::optional<KeptRun> kept;
  if (!checkpoint.empty()) {
    method.check(assignments);
    kept.emplace(checkpoint, run_configuration(method, assignments, problem, seed),
                 checkpoint_seconds);
    kept->tell_notes();
  }
  Watched watched(threads, seed, time_limit, std::move(callback), kept ? &*kept : nullptr);
  SolveContext& context = watched.begin();
  context.to_truth = path_kl_to_truth(problem, seed);
  Solution solution = without_gil(
      threads, [&] { return method.solve(problem, assignments, context); },
      [&] { watched.poll(); });
  if (kept) kept->close(solution.report.stop_reason);
  put_first(notes, solution.report);
  return Answer::of(std::move(solution), assignments);
}

// As solve_sinkhorn_batch.
std::vector<Answer> solve_batch(const std::vector<const TransportProblem*>& given,
                                const nb::dict& settings,
                                const std::vector<std::vector<std::string>>& notes, int threads,
                                std::uint64_t seed, std::optional<double> time_limit) {
  SinkhornSettings sinkhorn;
  const auto fields = describe(sinkhorn);
  const SettingAssignments assignments = settings_of(settings);
  for (const auto& [key, value] : assignments) assign_setting(fields, key, value);
  std::vector<TransportProblem> problems;
  for (const TransportProblem* problem : given) problems.push_back(*problem);
  Watched watched(threads, seed, time_limit, nb::none());
  const SolveContext& context = watched.begin();
  std::vector<Answer> answers;
  without_gil(threads, [&] {
    for (Solution& solution : solve_sinkhorn_batch(problems, sinkhorn, context)) {
      put_first(notes.at(answers.size()), solution.report);
      answers.push_back(Answer::of(std::move(solution), assignments));
    }
  });
  return answers;
}

nb::list list_solvers() {
  nb::list rows;
  for (const auto& solver : solvers()) {
    nb::dict row, settings;
    for (const SettingRow& setting : solver->settings()) {
      nb::dict facts;
      facts["kind"] = setting.kind;
      facts["range"] = setting.range;
      facts["default"] = setting.default_value;
      facts["meaning"] = setting.meaning;
      settings[nb::cast(setting.name)] = facts;
    }
    row["name"] = std::string(solver->name());
    row["summary"] = std::string(solver->summary());
    row["regularised"] = solver->regularised();
    row["couples_clouds"] = solver->couples_clouds();
    row["settings"] = settings;
    rows.append(row);
  }
  return rows;
}

}  // namespace

void bind_solving(nb::module_& m) {
  m.def("solve", solve, nb::arg("solver"), nb::arg("problem"), nb::arg("settings"),
        nb::arg("notes"), nb::arg("threads"), nb::arg("seed"), nb::arg("time_limit").none(),
        nb::arg("callback").none(), nb::arg("checkpoint") = "",
        nb::arg("checkpoint_seconds") = kCheckpointSeconds);
  m.def("solve_batch", solve_batch, nb::arg("problems"), nb::arg("settings"), nb::arg("notes"),
        nb::arg("threads"), nb::arg("seed"), nb::arg("time_limit").none());
  m.def("solvers", list_solvers);
  m.def("is_regularised", [](const std::string& name) { return find_solver(name).regularised(); });
}

}  // namespace otbridge::python
