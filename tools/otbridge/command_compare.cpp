// compare LAW LAW --solvers a,b,c: each solver on the same problem, one table.

#include <algorithm>
#include <functional>
#include <map>
#include <string_view>

#include "commands.hpp"
#include "comparison_table.hpp"
#include "contenders.hpp"
#include "exit_code.hpp"
#include "otbridge/io/comparison_json.hpp"
#include "otbridge/io/json.hpp"
#include "otbridge/known/known_answer.hpp"
#include "otbridge/metrics/comparison.hpp"
#include "otbridge/solvers/registry.hpp"
#include "output.hpp"
#include "picture.hpp"
#include "progress.hpp"
#include "run_solver.hpp"

namespace otbridge::cli {
namespace {

struct CompareOptions {
  ProblemOptions problem;
  RunOptions run;
  std::string solvers, plot;
  std::vector<std::string> set;  // SOLVER.KEY=VALUE
  std::optional<Index> w2_samples;
};

// The third number of a panel: how far the bridge is from the reference, else its draws from the
// target.
std::string third_number(const ComparisonRow& row) {
  const BridgeScore bridge = row.bridge.value_or(BridgeScore{});
  if (bridge.path_kl) return "path KL " + short_number(*bridge.path_kl) + " nats";
  if (bridge.map_rmse) return "map RMSE " + short_number(*bridge.map_rmse);
  return "sliced W2 " + short_number(row.score->sliced_w2);
}

// One panel per row that has an answer, all on the same axes: the truth first, or where it is not
// known fresh draws of the target, which stand for it in every panel.
void draw(const CompareOptions& options, const Job& job, const Comparison& comparison) {
  const auto cloud = [](const WeightedPoints& law, const std::optional<Cloud>& read) {
    return PlotCloud{law.points(), law.weights(), read ? read->ids : std::vector<std::string>{}};
  };
  const PlotCloud start = cloud(comparison.start, job.source.cloud),
                  fresh = cloud(comparison.fresh, job.target.cloud);
  std::vector<ComparisonPanel> panels;
  const auto add = [&](const ComparisonRow& row) {
    if (row.refused()) return;
    panels.push_back(
        {row.solver,
         {start, row.moved, "one draw each"},
         {"W2 " + short_number(row.score->w2) + ", cost " + short_number(row.score->transport_cost),
          third_number(row)}});
  };
  if (comparison.truth_row) {
    add(*comparison.truth_row);
  } else if (comparison.floors) {
    const CloudDistances& floor = comparison.floors->distances;
    panels.push_back(
        {"floor: draws of the target",
         {fresh, fresh.points, "one draw each"},
         {"W2 " + short_number(floor.w2), "sliced W2 " + short_number(floor.sliced_w2)}});
  }
  for (const ComparisonRow& row : comparison.rows) add(row);
  // No seconds: the same input draws the same bytes.
  const FigureText text = figure_text(job, options.run, job.title(),
                                      "epsilon " + short_number(job.problem.reference().epsilon()) +
                                          ", n " + std::to_string(comparison.start.size()) +
                                          ", one draw of the far end per point",
                                      "One panel per solver on the same problem");
  write_picture(options.plot, draw_comparison(text, plot_ends(job, start, fresh), panels,
                                              RandomStream(job.seed, Purpose::plot)));
}

// The gravest of the rows: a refusal is a tolerance that was not reached.
int code_of(const Comparison& comparison) {
  int code = kDone;
  for (const ComparisonRow& row : comparison.rows) {
    code = std::max<int>(code, row.refused() ? kNotConverged : exit_code(row.report.stop_reason));
  }
  return code;
}

// One for each contender, in FILE.SOLVER: those that are done stay until all are.
class Checkpoints {
 public:
  Checkpoints(const CompareOptions& options, const Job& job,
              const std::vector<Contender>& contenders)
      : run_(options.run) {
    if (run_.checkpoint.empty()) return;
    if (run_.checkpoint == "-") throw UsageError("--checkpoint -: must be a file of its own");
    for (const Contender& contender : contenders) {
      const std::string name(contender.solver->name());
      if (files_.contains(name)) {
        throw UsageError("--checkpoint: --solvers names " + name + " twice");
      }
      files_[name] = open_checkpoint(run_.checkpoint + "." + name, *contender.solver,
                                     contender.settings, job, run_, {options.plot});
    }
  }

  CheckpointFile* of(std::string_view solver) {
    const auto found = files_.find(solver);
    return found == files_.end() ? nullptr : &*found->second;
  }

  // After all outputs.
  void close(const Comparison& comparison) {
    const bool done = std::ranges::none_of(comparison.rows, [&](const ComparisonRow& row) {
      if (!row.refused()) return goes_on(row.report.stop_reason);
      // Of a checkpoint that does not fit, which is left alone.
      const CheckpointFile* refused = of(row.solver);
      return refused != nullptr && refused->kept();
    });
    for (auto& entry : files_) close_checkpoint(entry.second, done, run_);
  }

 private:
  const RunOptions& run_;
  std::map<std::string, std::optional<CheckpointFile>, std::less<>> files_;
};

// Usage, outputs, files, then work: nothing is computed that a typing error would throw away.
int run_compare(const CompareOptions& options) {
  std::vector<Contender> contenders = chosen_contenders(options.solvers, options.set);
  check_pictures({{"--plot", options.plot}});
  // Usage errors come before the files are read, the settings that depend on them after.
  const Job job = resolve_job(options.problem);
  for (Contender& contender : contenders) {
    contender.settings = settings_for(*contender.solver, job, contender.settings);
  }

  print_notes(job.notes, options.run.quiet);
  Checkpoints checkpoints(options, job, contenders);
  // Solved once: it is the same for every row.
  const std::optional<Solution> truth = known_answer(job.problem);
  const ComparisonOptions how{.samples = job.samples,
                              .w2_samples = options.w2_samples.value_or(2000),
                              .seed = job.seed,
                              .truth = truth ? &*truth : nullptr,
                              .run = [&](const Contender& contender) {
                                return run_solver(
                                    *contender.solver, contender.settings, job, options.run,
                                    {.checkpoint = checkpoints.of(contender.solver->name())});
                              }};
  const Comparison comparison = compare(job.problem, contenders, how);
  // Nothing was compared: the exit code is that of bad input.
  if (comparison.all_refused()) throw InvalidInput(comparison.rows.front().refusal);

  if (!options.plot.empty()) draw(options, job, comparison);
  if (options.run.json) {
    print_json(comparison_to_json(comparison, job.source.label, job.target.label));
  } else {
    print_text(comparison_table(comparison));
  }
  checkpoints.close(comparison);
  return code_of(comparison);
}

}  // namespace

void add_compare(CLI::App& app, Action& action) {
  const auto [command, options] = declare<CompareOptions>(
      app, action, "compare",
      "Run several solvers on the same problem and print one table.\n\nExamples:\n"
      "  otbridge compare moons@torchcfm 8gaussians@torchcfm --solvers sinkhorn,dsb --epsilon 0.5\n"
      "  otbridge compare data/problems/gaussian_5d.json --solvers gaussian,sinkhorn,dsb --plot "
      "compare.svg",
      run_compare);
  add_problem_options(command, options.problem, false);
  options.solvers = default_solvers();
  add_text(command, "--solvers", "NAMES", options.solvers,
           "names separated by commas [" + options.solvers + "]");
  add_repeated(command, "--set", options.set, "SOLVER.KEY=VALUE",
               "one setting of one solver: SOLVER.KEY=VALUE (repeatable)");
  add_count(command, "--w2-samples", options.w2_samples,
            "points per side of the exact W2 and W1 [2000]");
  add_text(command, "--plot", "FILE", options.plot,
           "draw the solvers side by side here (.svg .png .pdf)");
  add_positive(command, "--time-limit", options.run.time_limit,
               "seconds after which each solver stops");
  add_checkpoint(command, options.run);
  add_run_options(command, options.run, false);
}

}  // namespace otbridge::cli
