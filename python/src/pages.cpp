// The report pages of answers and of comparisons.
#include "answer.hpp"
#include "otbridge/io/atomic_file.hpp"

namespace otbridge::python {
namespace {

// As Python writes it.
std::string literal(const std::string& text) {
  return nb::cast<std::string>(nb::repr(nb::cast(text)));
}
std::string literal(const SettingValue& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "True" : "False";
  if (const auto* text = std::get_if<std::string>(&value)) return literal(*text);
  return setting_text(value);
}

// ", epsilon=0.5, seed=3": what every call is given.
std::string common_arguments(const TransportProblem& problem, bool regularised,
                             std::uint64_t seed) {
  std::string text;
  if (regularised) text += ", epsilon=" + setting_text(problem.reference().epsilon());
  if (problem.reference().theta() > 0.0)
    text += ", theta=" + setting_text(problem.reference().theta());
  return text + ", seed=" + std::to_string(seed);
}

std::string call_of(const Answer& answer) {
  if (!answer.settings) return "otbridge.load_plan(...)";
  std::string text =
      "otbridge.solve(x, y, solver=" + literal(answer.report.solver) +
      common_arguments(answer.plan->problem(), answer.report.regularised, answer.report.seed);
  for (const auto& [name, value] : *answer.settings) text += ", " + name + "=" + literal(value);
  return text + ")";
}

std::string call_of(const Compared& compared) {
  std::string solvers;
  for (const Contender& contender : compared.contenders) {
    std::string settings;
    for (const auto& [name, value] : contender.settings)
      settings += (settings.empty() ? "" : ", ") + literal(name) + ": " + literal(value);
    solvers += (solvers.empty() ? "" : ", ") + literal(std::string(contender.solver->name())) +
               ": {" + settings + "}";
  }
  const Comparison& comparison = compared.comparison;
  return "otbridge.compare(x, y, {" + solvers + "}" +
         common_arguments(comparison.problem, comparison.regularised(), comparison.seed) + ")";
}

// The points that a law stands for: the cloud that it is, those that the plan couples, or draws.
WeightedPoints points_of(const TransportPlan& plan, Direction side, Index samples,
                         std::uint64_t seed) {
  const bool source = side == Direction::forward;
  const Measure& law = source ? plan.problem().source() : plan.problem().target();
  const Coupling* coupling = plan.coupling();
  if (law.as<WeightedPoints>() == nullptr && coupling != nullptr) {
    return {source ? coupling->source_points() : coupling->target_points(),
            source ? coupling->source_weights() : coupling->target_weights()};
  }
  return discretize(law, samples,
                    RandomStream(seed, source ? Purpose::source_draw : Purpose::target_draw));
}

PlotCloud drawn(const WeightedPoints& law) {
  return {law.points(), law.uniform_weights() ? Vector() : law.weights()};
}

// The page of `otbridge transport --report`. samples: draws of a law that is no cloud, where the
// plan couples none.
void write_solution_page(const Answer& answer, const std::string& path, bool maps, bool forward,
                         Index samples, std::uint64_t seed, const std::string& source_name,
                         const std::string& target_name) {
  probe_output(path);
  const TransportPlan& mover = *answer.plan;
  // Under another sampler the coupling is that of the plan which it samples from.
  const TransportPlan& plan = answer.base ? *answer.base : mover;
  check_memory("samples = " + std::to_string(samples), static_cast<double>(samples),
               plan.problem().dimension());
  const Origin origin{.source = source_name,
                      .target = target_name,
                      .columns = answer.columns.at(direction_of(forward)),
                      .command = call_of(answer),
                      .seed = seed};
  const auto html = without_gil(0, [&] {
    const Direction direction = direction_of(forward);
    const WeightedPoints source = points_of(plan, Direction::forward, samples, seed),
                         target = points_of(plan, Direction::backward, samples, seed);
    const WeightedPoints& start = forward ? source : target;
    const Points moved =
        maps ? mover.map(start.points(), direction)
             : mover.sample(start.points(), direction, RandomStream(seed, Purpose::plan_sample));
    const SolveReport report = answer.reported() ? answer.report : unknown_run(plan);
    const PlotEnds ends{drawn(source), drawn(target)};
    const PlotMove move{drawn(start), moved, maps ? "conditional mean" : "one draw each",
                        direction};
    const Solver& solver = find_solver(report.solver);
    SolutionPage page{.origin = origin,
                      .report = report,
                      .reported = answer.reported(),
                      .ends = ends,
                      .start = move.start,
                      .moved_name = move.name};
    page.drawings.push_back(
        transport_drawing(origin, subtitle(report, source.size()), plan, ends, move));
    if (answer.settings) {
      page.solver = &solver;
      page.settings = *answer.settings;
    }
    if (answer.base)
      page.sentences.emplace_back("Points are moved by another sampler of the plan.");
    const auto contracted = maps ? contraction({moved, start.weights()}, forward ? target : source,
                                               direction, solver.regularised(), "sample()")
                                 : std::nullopt;
    if (contracted) page.sentences.push_back("Note: " + *contracted + ".");
    return solution_page(page, mover, moved, direction);
  });
  write_file(path, *html);
}

void write_comparison_page(const Compared& compared, const std::string& path,
                           const std::string& source_name, const std::string& target_name) {
  probe_output(path);
  const Comparison& comparison = compared.comparison;
  const Origin origin{.source = source_name,
                      .target = target_name,
                      .command = call_of(compared),
                      .seed = comparison.seed};
  const auto html = without_gil(0, [&] {
    ComparisonPage page(compared.contenders.size() + 1);
    page.add(origin, comparison, compared.truth.get());
    return page.html(origin, {&comparison, 1}, comparison_picture(origin, comparison),
                     compared.contenders);
  });
  write_file(path, *html);
}

}  // namespace

void bind_pages(nb::module_& m) {
  m.def("write_solution_page", write_solution_page);
  m.def("write_comparison_page", write_comparison_page);
}

}  // namespace otbridge::python
