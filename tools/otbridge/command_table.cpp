// table NAME --solvers a,b: the benchmark tables of the field, filled cell by cell.

#include <algorithm>
#include <charconv>
#include <set>

#include "commands.hpp"
#include "exit_code.hpp"
#include "otbridge/core/number_text.hpp"
#include "otbridge/io/atomic_file.hpp"
#include "otbridge/io/json.hpp"
#include "otbridge/tables/table.hpp"
#include "output.hpp"
#include "page.hpp"
#include "table_filling.hpp"
#include "table_page.hpp"
#include "table_text.hpp"

namespace otbridge::cli {
namespace {

struct TableOptions {
  RunOptions run;
  std::string name, solvers, checkpoint, shard, page;
  std::vector<std::string> files;  // of merge
  std::vector<std::string> set;    // SOLVER.KEY=VALUE
  std::vector<std::string> only;   // texts in names of problems; none: all
  std::optional<Index> seeds, samples;
};

// Of each text the problem of that name, or those with it in their names; in the order of the
// table.
void keep_only(const std::vector<std::string>& texts, std::vector<TableProblem>& problems) {
  std::set<std::string> kept;
  for (const std::string& text : texts) {
    // A whole name is meant as it stands: "d = 5" is not "d = 50".
    const bool whole = std::ranges::find(problems, text, &TableProblem::name) != problems.end();
    bool any = false;
    for (const TableProblem& problem : problems) {
      if (whole ? problem.name != text : problem.name.find(text) == std::string::npos) continue;
      kept.insert(problem.name);
      any = true;
    }
    if (!any) throw UsageError("--only " + text + ": no problem of the table has it in its name");
  }
  std::erase_if(problems, [&](const TableProblem& p) { return !kept.contains(p.name); });
}

Table chosen_table(const TableOptions& options) {
  Table table = [&] {
    try {
      return make_table(options.name);
    } catch (const InvalidInput& refusal) {
      throw UsageError(refusal.what());
    }
  }();
  if (options.samples) {
    table.samples = *options.samples;
    table.draws = std::min(table.draws, table.samples);
  }
  if (!options.only.empty()) keep_only(options.only, table.problems);
  return table;
}

// By the name of the file; text for standard output.
enum class TableForm { text, markdown, csv, json };
TableForm form_of(const RunOptions& run) {
  if (run.output == "-") return run.json ? TableForm::json : TableForm::text;
  for (const auto& [ending, form] : {std::pair{".md", TableForm::markdown},
                                     {".csv", TableForm::csv},
                                     {".json", TableForm::json},
                                     {".txt", TableForm::text}}) {
    if (run.output.ends_with(ending)) return form;
  }
  throw UsageError("-o " + run.output + ": must end in .md, .csv, .json or .txt");
}

std::string written(const TableReport& report, TableForm form) {
  switch (form) {
    case TableForm::markdown:
      return table_markdown(report);
    case TableForm::csv:
      return table_csv(report);
    case TableForm::json:
      return table_json(report).dump(1) + "\n";
    case TableForm::text:
      break;
  }
  return table_text(report);
}

// How the table is made again, without the paths of this one.
std::string command_of(const TableOptions& options, const Table& table, Index seeds) {
  std::string command = "otbridge table " + options.name + " --solvers " + options.solvers;
  for (const std::string& set : options.set) command += " --set \"" + set + "\"";
  command += " --seeds " + std::to_string(seeds);
  if (options.samples) command += " --samples " + std::to_string(table.samples);
  for (const std::string& text : options.only) command += " --only \"" + text + "\"";
  if (options.run.time_limit) command += " --time-limit " + number_text(*options.run.time_limit);
  return command;
}

Shard shard_of(const std::string& text) {
  if (text.empty()) return {};
  Shard shard;
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, shard.i);
  const bool slash = first.ec == std::errc() && first.ptr != end && *first.ptr == '/';
  const auto second = slash ? std::from_chars(first.ptr + 1, end, shard.n) : first;
  if (!slash || second.ec != std::errc() || second.ptr != end || shard.i < 1 || shard.i > shard.n) {
    throw UsageError("--shard " + text + ": must be I/N with 1 <= I <= N, as 2/16");
  }
  return shard;
}

// The gravest of the solvers' cells, as of the rows of `compare`.
int code_of(const std::vector<FilledCell>& cells, const std::vector<Contender>& chosen) {
  for (const FilledCell& filled : cells) {
    const bool asked = std::ranges::any_of(
        chosen, [&](const Contender& c) { return c.solver->name() == filled.solver; });
    if (asked && filled.cell.stop != name_of(StopReason::converged)) return kNotConverged;
  }
  return kDone;
}

// otbridge table merge a.cells b.cells -o all.cells
int merge_cells(const TableOptions& options) {
  if (options.files.empty()) throw UsageError("table merge: name the files of cells to merge");
  for (const auto& [given, name] :
       {std::pair(options.solvers != default_solvers(), "--solvers"),
        std::pair(!options.set.empty(), "--set"), std::pair(!options.only.empty(), "--only"),
        std::pair(options.seeds.has_value(), "--seeds"),
        std::pair(options.samples.has_value(), "--samples"),
        std::pair(!options.checkpoint.empty(), "--checkpoint"),
        std::pair(!options.shard.empty(), "--shard"), std::pair(!options.page.empty(), "--report"),
        std::pair(options.run.time_limit.has_value(), "--time-limit"),
        std::pair(options.run.json, "--json")}) {
    if (given) throw UsageError("table merge: takes no " + std::string(name));
  }
  if (options.run.output == "-") throw UsageError("table merge: -o FILE takes the cells");
  check_outputs({options.run.output});
  CellFile merged(options.run.output, "");
  for (const std::string& path : options.files) merged.take(CellFile(path));
  merged.write();
  print_notes({options.run.output + ": " + std::to_string(merged.size()) +
               " cells; `otbridge table " + merged.table() +
               "` makes the table of them by --checkpoint, with the other options as they were"},
              options.run.quiet);
  return kDone;
}

// Outputs first: nothing is computed that could not be written.
int run_table(const TableOptions& options) {
  if (options.name == "merge") return merge_cells(options);
  if (!options.files.empty()) {
    throw UsageError(options.files.front() + ": only `table merge` takes files of cells");
  }
  const Shard shard = shard_of(options.shard);
  const std::vector<Contender> chosen = chosen_contenders(options.solvers, options.set);
  const TableForm form = form_of(options.run);
  const Table table = chosen_table(options);
  std::string kept = options.checkpoint;
  if (kept.empty() && options.run.output != "-") kept = options.run.output + ".cells";
  if (kept == "-" || (!kept.empty() && kept == options.run.output)) {
    throw UsageError("--checkpoint " + kept + ": must be a file of its own");
  }
  if (shard.n > 1 && kept.empty()) {
    throw UsageError("--shard " + options.shard + ": name the file of its cells by --checkpoint");
  }
  if (shard.n > 1 && !options.page.empty())
    throw UsageError("--report " + options.page + ": a shard is no table yet");
  check_report(options.page);
  check_distinct({{"-o", shard.n > 1 ? "" : options.run.output},
                  {"--report", options.page},
                  {"--checkpoint", kept}},
                 options.run);
  check_outputs({shard.n > 1 ? "-" : options.run.output, kept});
  CellFile file(kept, table.name);
  const Index seeds = options.seeds.value_or(3);
  TableReport report{table, {}, seeds, command_of(options, table, seeds)};
  try {
    report.cells = fill_table({table, chosen, options.set, seeds, shard, options.run}, file);
  } catch (const TableInterrupted& stop) {
    if (!kept.empty()) {
      print_notes({kept + " keeps the cells that are done; the same command goes on from them"},
                  options.run.quiet);
    }
    return stop.exit_code;
  }
  if (shard.n > 1) {
    print_notes({"shard " + options.shard + ": " + std::to_string(report.cells.size()) +
                 " cells in " + kept + "; `otbridge table merge` puts shards together"},
                options.run.quiet);
    return code_of(report.cells, chosen);
  }
  const std::string text = written(report, form);
  if (options.run.output == "-") {
    print_text(text);
  } else {
    write_file(options.run.output, text);
    if (options.run.json) print_json(table_json(report));
  }
  if (!options.page.empty()) write_table_page(options.page, report, options.run);
  return code_of(report.cells, chosen);
}

}  // namespace

void add_table(CLI::App& app, Action& action) {
  const auto [command, options] = declare<TableOptions>(
      app, action, "table",
      "Fill a benchmark table of the field: solvers on its problems, with floors, yardsticks and\n"
      "published figures beside them.\n\nExamples:\n"
      "  otbridge table blurred --solvers sinkhorn,mixture --only moons --seeds 1\n"
      "  otbridge table eot-mixtures --solvers sinkhorn,mixture -o eot.md\n\n"
      "Each cell is kept in the --checkpoint as soon as it is done: the same command goes on from "
      "there.\nSeveral machines share a table by --shard: 'otbridge table merge' puts their cells "
      "together.",
      run_table);
  std::string names;
  for (const std::string& name : table_names()) names += (names.empty() ? "" : ", ") + name;
  add_text(command, "name", "TABLE", options.name, names + "; or merge", true);
  add_words(command, "files", "FILE", options.files, "of merge: files of cells");
  options.solvers = default_solvers();
  add_text(command, "--solvers", "NAMES", options.solvers,
           "names separated by commas [" + options.solvers + "]");
  add_repeated(command, "--set", options.set, "SOLVER.KEY=VALUE",
               "one setting of one solver: SOLVER.KEY=VALUE (repeatable)");
  add_count(command, "--seeds", options.seeds, "cells per solver and problem, seeds 0, 1, ... [3]");
  add_count(command, "--samples", options.samples,
            "draws of each law, to solve and to score [the table's]", 2);
  add_repeated(command, "--only", options.only, "WORDS",
               "only the problem of this name, else those with it in their names (repeatable)");
  add_text(command, "--checkpoint", "FILE", options.checkpoint,
           "cells that are done, read and written [the output with .cells]");
  add_text(command, "--shard", "I/N", options.shard,
           "I/N: every N-th cell from the I-th on, into the --checkpoint alone");
  add_report(command, options.page);
  add_positive(command, "--time-limit", options.run.time_limit,
               "seconds after which each solver stops");
  add_run_options(command, options.run);
}

}  // namespace otbridge::cli
