// compare LAW LAW --solvers a,b,c: each solver on the same problem, one table; the grid of solvers
// and epsilons where several are given.

#include <algorithm>
#include <functional>
#include <map>
#include <string_view>

#include "commands.hpp"
#include "comparison_table.hpp"
#include "contenders.hpp"
#include "exit_code.hpp"
#include "interrupt.hpp"
#include "otbridge/core/names.hpp"
#include "otbridge/core/number_text.hpp"
#include "otbridge/io/atomic_file.hpp"
#include "otbridge/io/comparison_json.hpp"
#include "otbridge/io/json.hpp"
#include "otbridge/known/known_answer.hpp"
#include "otbridge/metrics/comparison.hpp"
#include "otbridge/page/comparison_page.hpp"
#include "otbridge/page/comparison_picture.hpp"
#include "otbridge/solvers/registry.hpp"
#include "output.hpp"
#include "page.hpp"
#include "picture.hpp"
#include "progress.hpp"
#include "run_solver.hpp"
#include "saved_plan.hpp"

namespace otbridge::cli {
namespace {

struct CompareOptions {
  ProblemOptions problem;
  RunOptions run;
  std::string solvers, plans, plot, report;  // empty: not given
  std::vector<double> epsilons;
  std::vector<std::string> set;  // SOLVER.KEY=VALUE
  std::optional<Index> w2_samples;
};

using Grid = std::vector<Comparison>;  // one for each epsilon

// The gravest of the rows: a refusal is a tolerance that was not reached.
int code_of(const Grid& grid) {
  int code = kDone;
  for (const Comparison& comparison : grid) {
    for (const ComparisonRow& row : comparison.rows) {
      code = std::max<int>(code, row.refused() ? kNotConverged
                                 : row.reported
                                     ? exit_code(row.report.stop_reason, !row.plan_file.empty())
                                     : kDone);
    }
  }
  return code;
}

// One for each contender that is solved for, in FILE.SOLVER, of a grid in FILE.SOLVER-EPSILON:
// those that are done stay until all are.
class Checkpoints {
 public:
  explicit Checkpoints(const CompareOptions& options) : options_(options) {
    if (options.run.checkpoint == "-")
      throw UsageError("--checkpoint -: must be a file of its own");
  }

  void open(const Job& job, const std::vector<Contender>& contenders) {
    for (const Contender& contender : contenders) {
      const std::string_view solver = contender.solver->name();
      if (!contender.plan_file.empty() || solver == "truth") continue;  // which may not run at all
      const std::string name = name_of(solver, job.problem);
      if (files_.contains(name)) {
        throw UsageError("--checkpoint: --solvers names " + std::string(solver) + " twice");
      }
      files_[name] = open_checkpoint(options_.run.checkpoint + "." + name, *contender.solver,
                                     contender.settings, job, options_.run);
    }
  }

  CheckpointFile* of(std::string_view solver, const TransportProblem& problem) {
    const auto found = files_.find(name_of(solver, problem));
    return found == files_.end() ? nullptr : &*found->second;
  }

  // After all outputs, which may not be whole.
  void close(const Grid& grid, bool whole) {
    const bool unfinished = std::ranges::any_of(grid, [&](const Comparison& comparison) {
      return std::ranges::any_of(comparison.rows, [&](const ComparisonRow& row) {
        if (!row.plan_file.empty()) return false;
        if (!row.refused()) return goes_on(row.report.stop_reason);
        // Of a checkpoint that does not fit, which is left alone.
        const CheckpointFile* refused = of(row.solver, comparison.problem);
        return refused != nullptr && refused->kept();
      });
    });
    for (auto& entry : files_) close_checkpoint(entry.second, whole && !unfinished, options_.run);
  }

 private:
  std::string name_of(std::string_view solver, const TransportProblem& problem) const {
    std::string name(solver);
    if (options_.epsilons.size() > 1) name += "-" + number_text(problem.reference().epsilon());
    return name;
  }

  const CompareOptions& options_;
  std::map<std::string, std::optional<CheckpointFile>, std::less<>> files_;
};

// The forms that -o takes, by the name of the file.
using Writer = std::string (*)(std::span<const Comparison>, const std::string& command);
Writer writer_of(const std::string& output) {
  for (const auto& [ending, writer] :
       {std::pair<const char*, Writer>{".csv",
                                       [](std::span<const Comparison> grid, const std::string&) {
                                         return comparison_csv(grid);
                                       }},
        {".md", comparison_markdown},
        {".tex", comparison_latex}}) {
    if (extension_of(output) == ending) return writer;
  }
  if (output == "-") return nullptr;
  throw UsageError("-o " + output + ": the extension must be .csv, .md or .tex");
}

// The problem by the epsilon that stands at this place of the list, or as it is without one. A
// problem file is read again, since the laws of a known problem depend on its epsilon.
Job job_at(const CompareOptions& options, const std::optional<Job>& first, std::size_t k,
           bool regularised) {
  ProblemOptions problem = options.problem;
  problem.regularised = regularised;
  if (!options.epsilons.empty()) problem.epsilon = options.epsilons[k];
  if (!first || problem.second.empty()) return resolve_job(problem);
  Job job = *first;
  job.problem = TransportProblem(job.source.law, job.target.law,
                                 ReferenceProcess(*problem.epsilon, problem.theta.value_or(0.0)));
  return job;
}

// Plans of --plans in the place of a solve.
std::vector<std::string> plan_files(const std::string& list) {
  std::vector<std::string> files;
  for (std::size_t begin = 0; begin < list.size();) {
    const std::size_t comma = std::min(list.find(',', begin), list.size());
    const std::string file = list.substr(begin, comma - begin);
    if (file.empty() || std::ranges::find(files, file) != files.end() || comma + 1 == list.size()) {
      throw UsageError("--plans " + list + ": must be files separated by commas, each once");
    }
    files.push_back(file);
    begin = comma + 1;
  }
  return files;
}

// Whether the plan was made for these laws.
bool check_plan(const std::string& file, const SavedAnswer& answer, const Job& job, bool quiet) {
  const TransportProblem& made = answer.solution.plan->problem();
  if (made.dimension() != job.problem.dimension()) {
    throw InvalidInput(file, "has dimension " + std::to_string(made.dimension()) +
                                 ", the problem has " + std::to_string(job.problem.dimension()));
  }
  // It would move them as others.
  const ProblemColumns columns = columns_of(job);
  for (const Direction side : {Direction::forward, Direction::backward}) {
    const auto &here = columns.at(side), &there = answer.columns.at(side);
    if (places_of(here, there).empty()) continue;
    throw InvalidInput(file, "has the columns " + joined(there) + ", the problem has " +
                                 joined(here) + "; give its files in the order of the plan");
  }
  const bool same = same_law(*made.source(), *job.problem.source()) &&
                    same_law(*made.target(), *job.problem.target());
  if (!same) {
    print_notes({file + ": was made for other laws than those it is compared on"}, quiet);
  }
  return same;
}

// Those that take part in one comparison: of a grid a plan where its epsilon is, a solver that
// leaves epsilon out in the first alone. waiting: the plans that are yet to take part, with their
// epsilon; each does once.
std::vector<Contender> contenders_at(const std::vector<Contender>& all,
                                     std::map<std::string, double>& waiting, const Job& job,
                                     std::size_t k, std::size_t count) {
  const double epsilon = job.problem.reference().epsilon();
  const auto here = [&](const Contender& contender) {
    if (!contender.plan_file.empty()) {
      const auto plan = waiting.find(contender.plan_file);
      if (plan == waiting.end()) return false;
      const bool anywhere = count == 1 || !contender.solver->regularised();
      if (!anywhere && !same_rate(plan->second, epsilon)) return false;
      waiting.erase(plan);
      return true;
    }
    return k == 0 || contender.solver->regularised();
  };
  std::vector<Contender> present;
  for (const Contender& contender : all) {
    if (!here(contender)) continue;
    present.push_back(contender);
    if (contender.plan_file.empty()) {
      present.back().settings = settings_for(*contender.solver, job, contender.settings);
    }
  }
  return present;
}

// What an interrupt has kept from taking part, of the last epsilon that did.
void note_left_out(const std::vector<Contender>& present, const Comparison& last, bool more,
                   bool quiet) {
  std::vector<std::string> names;
  auto row = last.rows.begin();
  for (const Contender& contender : present) {
    const std::string solver(contender.solver->name());
    if (row != last.rows.end() && row->solver == solver && row->plan_file == contender.plan_file) {
      ++row;
    } else {
      names.push_back(contender.plan_file.empty() ? solver : contender.plan_file);
    }
  }
  std::string note = "interrupted";
  if (!names.empty()) note += ": nothing of " + joined(names);
  if (more) note += ", no further epsilon";
  print_notes({note}, quiet);
}

// Whether all was written, the page too.
bool write(const CompareOptions& options, const Job& job, const Grid& grid, Writer writer,
           std::vector<Contender> contenders, ComparisonPage& page, bool interrupted) {
  // The table first: it is what cost the time.
  if (writer != nullptr) write_file(options.run.output, writer(grid, options.run.command_line));
  if (options.run.json) {
    print_json(comparison_to_json(grid, job.source.label, job.target.label));
  } else if (writer == nullptr) {
    print_text(comparison_text(grid));
  }
  bool whole = true;
  if (!interrupted && (!options.plot.empty() || !options.report.empty())) {
    std::vector<std::string> inputs = plan_files(options.plans);
    inputs.insert(inputs.begin(), {options.problem.first, options.problem.second});
    const Origin origin = origin_of(job, options.run, std::move(inputs));
    const std::string svg =
        grid.size() > 1 ? epsilons_picture(origin, grid) : comparison_picture(origin, grid.front());
    if (!options.plot.empty()) write_picture(options.plot, svg);
    for (Contender& contender : contenders)
      contender.settings = settings_for(*contender.solver, job, contender.settings);
    if (!options.report.empty())
      whole = write_page(options.report, page.html(origin, grid, svg, contenders));
  }
  return whole;
}

// Usage, outputs, files, then work: nothing is computed that a typing error would throw away.
int run_compare(const CompareOptions& options) {
  const std::vector<std::string> files = plan_files(options.plans);
  if (options.problem.first.empty() && files.empty()) {
    throw UsageError("source is required (otbridge --help shows examples)");
  }
  if (names_plan(options.problem)) {
    throw UsageError(options.problem.first + ": is a plan; --plans takes it");
  }
  std::vector<Contender> contenders;
  if (!options.solvers.empty()) contenders = chosen_contenders(options.solvers, options.set);
  const Writer writer = writer_of(options.run.output);
  check_pictures({{"--plot", options.plot}});
  check_report(options.report);
  check_distinct({{"-o", writer == nullptr ? "" : options.run.output},
                  {"--plot", options.plot},
                  {"--report", options.report},
                  {"--checkpoint", options.run.checkpoint}},
                 options.run);
  check_outputs({options.run.output});
  const bool regularised =
      contenders.empty() || !files.empty() ||
      std::ranges::any_of(contenders, [](const auto& c) { return c.solver->regularised(); });
  std::optional<Job> first;
  if (options.problem.first.empty()) {
    // The problem is that of the first plan.
    ProblemOptions of_plan = options.problem;
    of_plan.first = files.front();
    if (!options.epsilons.empty()) of_plan.epsilon = options.epsilons.front();
    check_reading(options.problem.reading, false);
    first = read_saved_plan(of_plan, options.solvers.empty() ? options.run : RunOptions{}).job;
  } else {
    first = job_at(options, std::nullopt, 0, regularised);
  }
  if (options.solvers.empty() && !options.problem.first.empty()) {
    const std::string quick = quick_solvers(*first);
    contenders = chosen_contenders(quick, options.set);
    print_notes({"no --solvers given: " + quick + ", which answer in seconds"}, options.run.quiet);
  } else if (contenders.empty() && !options.set.empty()) {
    throw UsageError("--set " + options.set.front() + ": there are no --solvers");
  }
  for (const Contender& contender : contenders)
    check_draws(*contender.solver, *first, contender.settings);
  print_notes(first->notes, options.run.quiet);
  std::map<std::string, SavedAnswer> answers;
  std::map<std::string, double> waiting;  // plans by their files, with their epsilon
  for (const std::string& file : files) {
    SavedAnswer answer = read_answer(file);
    const bool of_laws = check_plan(file, answer, *first, options.run.quiet);
    contenders.push_back({.solver = &find_solver(answer.solution.plan->name()),
                          .plan_file = file,
                          .reported = answer.reported,
                          .of_laws = of_laws});
    waiting[file] = answer.solution.plan->problem().reference().epsilon();
    answers.emplace(file, std::move(answer));
  }

  const std::size_t count = std::max<std::size_t>(options.epsilons.size(), 1);
  const auto job_of = [&](std::size_t k) {
    return k == 0 ? *first : job_at(options, first, k, regularised);
  };
  Checkpoints checkpoints(options);
  if (!options.run.checkpoint.empty()) {
    // All of them before the first solve: one that is of another run ends the command.
    auto unmet = waiting;
    for (std::size_t k = 0; k < count; ++k) {
      const Job job = job_of(k);
      checkpoints.open(job, contenders_at(contenders, unmet, job, k, count));
    }
  }
  ProgressLine progress(options.run.quiet, options.run.verbose);  // of the scores
  // With the truth among the panels of each epsilon.
  ComparisonPage page((contenders.size() + 1) * count, parts_shown(options.run));
  Grid grid;
  // Of rows that are done an interrupt takes none away: between them it is heard.
  std::optional<StopOnInterrupt> interrupts(std::in_place, false);
  bool interrupted = false;
  for (std::size_t k = 0; k < count && !interrupted; ++k) {
    const Job job = job_of(k);
    std::vector<Contender> present = contenders_at(contenders, waiting, job, k, count);
    if (present.empty()) continue;
    // Solved once: it is the same for every row.
    const std::optional<Solution> truth = known_answer(job.problem);
    // Beside others it stands by itself, and is not ranked among them.
    const auto others = [](const Contender& contender) {
      return contender.solver->name() != "truth" || !contender.plan_file.empty();
    };
    if (truth && std::ranges::any_of(present, others)) std::erase_if(present, std::not_fn(others));
    const ComparisonOptions how{
        .samples = job.samples,
        .w2_samples = options.w2_samples.value_or(2000),
        .seed = job.seed,
        .truth = truth ? &*truth : nullptr,
        .run =
            [&](const Contender& contender, const DistanceToTruth& to_truth) {
              progress.clear();
              // A plan takes part once at most: it may be given away.
              if (!contender.plan_file.empty())
                return std::move(answers.at(contender.plan_file).solution);
              return run_solver(
                  *contender.solver, contender.settings, job, options.run,
                  {.checkpoint = checkpoints.of(contender.solver->name(), job.problem),
                   .to_truth = to_truth});
            },
        .stop = was_interrupted,
        .observer = progress.observer()};
    grid.push_back(compare(job.problem, present, how));
    progress.clear();
    interrupted = was_interrupted();
    if (interrupted) {
      note_left_out(present, grid.back(), k + 1 < count, options.run.quiet);
      if (grid.back().rows.empty()) grid.pop_back();
      waiting.clear();
    } else if (!options.report.empty()) {
      page.add(origin_of(job, options.run), grid.back(), truth ? truth->plan.get() : nullptr);
    }
  }
  interrupts.reset();
  for (const auto& [file, epsilon] : waiting) {
    print_notes(
        {file + ": is of epsilon " + number_text(epsilon) + ", which --epsilon does not name"},
        options.run.quiet);
  }
  // Nothing was compared: the exit code is that of bad input.
  if (!interrupted &&
      std::ranges::all_of(grid, [](const Comparison& c) { return c.all_refused(); })) {
    throw InvalidInput(grid.front().rows.front().refusal);
  }
  const bool whole =
      grid.empty() || write(options, *first, grid, writer, contenders, page, interrupted);
  checkpoints.close(grid, whole && !interrupted);
  return whole && !interrupted ? code_of(grid) : interrupt_exit_code();
}

}  // namespace

void add_compare(CLI::App& app, Action& action) {
  const auto [command, options] = declare<CompareOptions>(
      app, action, "compare",
      "Run several solvers on the same problem and print one table.\n\nExamples:\n"
      "  otbridge compare moons@torchcfm 8gaussians@torchcfm --solvers sinkhorn,dsb --epsilon 0.5\n"
      "  otbridge compare moons 8gaussians --epsilon 0.1,0.5,2 --plot grid.svg -o grid.md\n"
      "  otbridge compare --plans one.safetensors,two.safetensors\n"
      "  otbridge compare data/problems/gaussian_5d.json --solvers gaussian,sinkhorn,dsb --plot "
      "compare.svg",
      run_compare);
  add_problem_options(command, options.problem,
                      {.required = false, .one_solver = false, .epsilons = &options.epsilons});
  add_text(command, "--solvers", "NAMES", options.solvers,
           "names separated by commas [those that answer in seconds]");
  add_text(command, "--plans", "PLANS", options.plans,
           "saved plans that take part, separated by commas; without laws, on the first one's");
  add_repeated(command, "--set", options.set, "SOLVER.KEY=VALUE",
               "one setting of one solver: SOLVER.KEY=VALUE (repeatable)");
  add_count(command, "--w2-samples", options.w2_samples,
            "points per side of the exact W2 and W1 [2000]");
  add_text(command, "--plot", "FILE", options.plot,
           "draw the solvers side by side here, of several epsilons their scores (.svg .png .pdf)");
  add_report(command, options.report);
  add_positive(command, "--time-limit", options.run.time_limit,
               "seconds after which each solver stops");
  add_checkpoint(command, options.run);
  add_run_options(command, options.run);
}

}  // namespace otbridge::cli
