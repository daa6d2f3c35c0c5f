#include "job.hpp"

#include <algorithm>
#include <variant>

#include "exit_code.hpp"
#include "memory_guard.hpp"
#include "otbridge/core/chosen_rows.hpp"
#include "otbridge/core/number_text.hpp"
#include "otbridge/core/random.hpp"
#include "otbridge/io/json.hpp"
#include "otbridge/solve/report_text.hpp"
#include "otbridge/solvers/registry.hpp"
#include "output.hpp"

namespace otbridge::cli {
namespace {

// Two laws on the command line make a problem of which nothing else is given.
ProblemFile read_question(const ProblemOptions& options) {
  if (!options.second.empty()) {
    const auto law = [&](const std::string& argument, Direction side) {
      return thinned(read_law(argument, options.reading), options.samples,
                     draws_of(side, options.seed.value_or(0)));
    };
    ProblemFile file{.source = law(options.first, Direction::forward),
                     .target = law(options.second, Direction::backward)};
    check_reading(options.reading, is_cloud_file(options.first, *file.source) ||
                                       is_cloud_file(options.second, *file.target) ||
                                       options.reads_input);
    file.target = in_order_of(*file.source, std::move(*file.target));
    return file;
  }
  if (!is_problem_file(options.first)) {
    throw UsageError(
        "one argument must be a problem file; to transport between two laws give both");
  }
  if (options.reading.given() && !options.reads_input) {
    throw UsageError(
        "--columns, --weight-column, --id-column, --format and --image are for cloud files; " +
        options.first + " is a problem file");
  }
  ProblemFile file = read_problem(options.first);
  const auto samples = options.samples ? options.samples : file.samples;
  const std::uint64_t seed = options.seed.value_or(file.seed.value_or(0));
  // Clouds of a file are taken as they are; a picture has more pixels than a solver has use for.
  const auto pixels = [&](std::optional<NamedLaw>& law, Direction side) {
    if (law && law->cloud && law->cloud->pixels)
      law = thinned(std::move(*law), samples, draws_of(side, seed));
  };
  pixels(file.source, Direction::forward);
  pixels(file.target, Direction::backward);
  return file;
}

// Settings given as flags are the command line's: a refusal of theirs is a usage error.
SettingAssignments read_set(const std::vector<std::string>& arguments, const Solver& solver) {
  SettingAssignments assignments;
  for (const auto& argument : arguments) {
    try {
      assignments.push_back(parse_assignment(argument));
      solver.check({assignments.back()});
    } catch (const InvalidInput& refusal) {
      throw UsageError("--set " + argument + ": " + refusal.what());
    }
  }
  return assignments;
}

// A wrong name in a flag is a usage error (2), in a file it is bad input (3).
const Solver& named_solver(const std::string& flag, const std::string& from_file) {
  if (flag.empty()) return find_solver(from_file.empty() ? kDefaultSolver : from_file);
  try {
    return find_solver(flag);
  } catch (const InvalidInput& refusal) {
    throw UsageError(std::string("--solver: ") + refusal.what());
  }
}

// The command line before the file, either form of epsilon before the default. needed: else any
// will do, where it is not given.
double resolve_epsilon(const ProblemOptions& options, const ProblemFile& file, std::uint64_t seed,
                       bool needed, std::vector<std::string>& notes) {
  if (options.epsilon) return *options.epsilon;
  if (!options.epsilon_relative && file.epsilon) return *file.epsilon;
  if (file.known) {
    // The unit of a relative one is a mean cost of laws that it would itself decide on.
    if (options.epsilon_relative)
      throw UsageError(std::string("--epsilon-relative: ") + kKnownEpsilon);
    throw InvalidInput("/reference/epsilon", "is missing; it " + std::string(kKnownEpsilon));
  }
  const auto relative = options.epsilon_relative ? options.epsilon_relative : file.epsilon_relative;
  const ChosenEpsilon chosen =
      choose_epsilon(file.source->law, file.target->law, relative, seed, needed);
  if (!chosen.note.empty()) notes.push_back(chosen.note);
  return chosen.value;
}

// TransportProblem refuses it too, without the names of the laws.
void check_dimensions(const NamedLaw& source, const NamedLaw& target) {
  if (source.law->dimension() == target.law->dimension()) return;
  throw InvalidInput(target.label, "has dimension " + std::to_string(target.law->dimension()) +
                                       ", but " + source.label + " has " +
                                       std::to_string(source.law->dimension()));
}

// The problem, and its laws by their names.
struct Question {
  NamedLaw source, target;
  TransportProblem problem;
};

Question question_of(ProblemFile& file, const ReferenceProcess& reference) {
  if (!file.known) {
    // Laws are shared, not copied: the labels and clouds stay in the named laws.
    TransportProblem problem(file.source->law, file.target->law, reference);
    return {std::move(*file.source), std::move(*file.target), std::move(problem)};
  }
  KnownProblem& known = *file.known;
  TransportProblem problem = [&] {
    try {
      return known.problem(reference);
    } catch (const InvalidInput& refusal) {
      // Of laws that another reference could make.
      throw InvalidInput("/reference", std::string("makes no laws: ") + refusal.what());
    }
  }();
  return {{problem.source(), {}, known.source_label},
          {problem.target(), std::move(known.target_cloud), known.target_label},
          problem};
}

}  // namespace

Job resolve_job(const ProblemOptions& options) {
  ProblemFile file = read_question(options);
  // Flags before the file, the file before the default.
  const std::uint64_t seed = options.seed.value_or(file.seed.value_or(0));
  const Index samples = options.samples.value_or(file.samples.value_or(kDefaultSamples));
  if (!file.known) {
    check_dimensions(*file.source, *file.target);
    // Before the mean cost, which already draws.
    check_samples(samples, file.source->law->dimension());
  }

  std::vector<std::string> notes = notes_of(file);
  const Solver& solver = named_solver(options.solver, file.solver);
  const bool regularised = options.regularised.value_or(solver.regularised());
  const double epsilon = resolve_epsilon(options, file, seed, regularised, notes);
  if (!regularised && (options.epsilon || options.epsilon_relative)) {
    notes.emplace_back(kEpsilonUnused);
  }
  const ReferenceProcess reference(epsilon, options.theta.value_or(file.theta));
  // Settings in the file belong to the solver named there.
  SettingAssignments settings;
  if (options.solver.empty() || options.solver == file.solver) settings = file.settings;
  solver.check(settings);
  for (auto& assignment : read_set(options.set, solver)) settings.push_back(std::move(assignment));

  Question question = question_of(file, reference);
  return {.source = std::move(question.source),
          .target = std::move(question.target),
          .problem = std::move(question.problem),
          .samples = samples,
          .samples_given = options.samples || file.samples,
          .seed = seed,
          .solver = &solver,
          .settings = std::move(settings),
          .notes = std::move(notes)};
}

SettingAssignments settings_for(const Solver& solver, const Job& job,
                                const SettingAssignments& given) {
  SettingAssignments settings;
  const auto rows = solver.settings();
  const bool draws =
      std::ranges::any_of(rows, [](const auto& row) { return row.name == "samples"; });
  // The default of --samples is for commands. What a solver draws when nobody says how much is its
  // own to say: the gaussian solver estimates moments from many more points than a cloud has.
  if (draws && job.samples_given)
    settings.emplace_back("samples", static_cast<long long>(job.samples));
  // Later assignments win, so that --set samples=... is the last word.
  settings.insert(settings.end(), given.begin(), given.end());
  return settings;
}

void check_draws(const Solver& solver, const Job& job, const SettingAssignments& given) {
  if (job.source.cloud && job.target.cloud) return;  // nothing is drawn
  // Of a point of either cloud and its partner: 581 of sinkhorn (docs/many-machines.md), 2170 of
  // the costliest case of exact (docs/solvers/exact.md).
  const double beside = !solver.couples_clouds() ? 0.0 : solver.regularised() ? 600.0 : 2200.0;
  Index own = 0;  // the last one that is given
  for (const auto& [name, value] : settings_for(solver, job, given)) {
    if (name != "samples") continue;
    if (const auto* whole = std::get_if<long long>(&value)) own = *whole;
    if (const auto* number = std::get_if<double>(&value)) own = static_cast<Index>(*number);
  }
  const bool more = own > job.samples;
  check_samples(more ? own : job.samples, job.problem.dimension(), beside,
                more ? "samples =" : "--samples");
}

RandomStream draws_of(Direction side, std::uint64_t seed) {
  return RandomStream(seed,
                      side == Direction::forward ? Purpose::source_draw : Purpose::target_draw);
}

NamedLaw thinned(NamedLaw law, std::optional<Index> samples, const RandomStream& stream) {
  if (law.cloud && law.cloud->pixels)
    return drawn_pixels(std::move(law), samples.value_or(kDefaultSamples), stream);
  if (!samples || !law.cloud) return law;
  const Index n = law.cloud->points.rows();
  if (*samples > n) {
    law.notes.push_back(law.label + ": has " + std::to_string(n) + " points, fewer than " +
                        std::to_string(*samples) + ": all are used");
  }
  // A subset of the rows with mass, each as likely as any other, in the order of the file; the
  // weights that are left are divided by their sum.
  const std::vector<Index> support = law.law.as<WeightedPoints>()->support();
  if (*samples >= static_cast<Index>(support.size())) return law;
  std::vector<Index> rows = chosen_rows(static_cast<Index>(support.size()), *samples, stream);
  for (Index& row : rows) row = support[to_size(row)];
  law.cloud = rows_of(*law.cloud, rows);
  law.law = law.cloud->weights.size() > 0 ? WeightedPoints(law.cloud->points, law.cloud->weights)
                                          : WeightedPoints(law.cloud->points);
  law.notes.push_back(law.label + ": thinned to " + std::to_string(*samples) + " of its " +
                      std::to_string(n) + " points");
  return law;
}

ProblemColumns columns_of(const Job& job) {
  const auto names = [](const NamedLaw& law) {
    return law.cloud ? law.cloud->columns : std::vector<std::string>();
  };
  return {names(job.source), names(job.target)};
}

bool is_cloud_file(const std::string& argument, const NamedLaw& law) {
  return law.cloud && !argument.starts_with("{") && !argument.ends_with(".json");
}

void check_reading(const ReadOptions& reading, bool any_cloud) {
  if (!reading.given() || any_cloud) return;
  throw UsageError(
      "--columns, --weight-column, --id-column, --format and --image are for cloud files; there is "
      "none");
}

Json reading_json(const NamedLaw& law) {
  if (!law.cloud) return nullptr;
  const Cloud& cloud = *law.cloud;
  return {{"label", law.label},
          {"points", cloud.points.rows()},
          {"columns", coordinate_names(cloud)},
          {"weights_from", !cloud.weights_from.empty() ? cloud.weights_from
                           : cloud.weights.size() > 0  ? "weights"
                                                       : "uniform"},
          {"ignored", cloud.ignored}};
}

Cloud read_input(const std::string& path, const ReadOptions& reading, const RunOptions& run,
                 Index dimension, const std::string& whose, const std::vector<std::string>& names) {
  Cloud cloud = read_cloud(path, reading);
  if (put_in_order(names, cloud)) {
    cloud.notes.push_back(path + ": its columns are taken in the order of " + whose);
  }
  print_notes(cloud.notes, run.quiet);
  if (cloud.points.cols() != dimension) {
    throw InvalidInput(path, "has dimension " + std::to_string(cloud.points.cols()) + ", " + whose +
                                 " has " + std::to_string(dimension));
  }
  return cloud;
}

Cloud points_of(const NamedLaw& law, Direction direction, Index samples, std::uint64_t seed) {
  if (law.cloud) return *law.cloud;
  const WeightedPoints drawn = discretize(law.law, samples, draws_of(direction, seed));
  Cloud cloud{drawn.points(), {}, {}, {}};
  // Uniform weights are not written: a cloud without the column means the same.
  if (!drawn.uniform_weights()) cloud.weights = drawn.weights();
  return cloud;
}

}  // namespace otbridge::cli
