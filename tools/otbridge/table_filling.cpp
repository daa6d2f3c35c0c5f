#include "table_filling.hpp"

#include <algorithm>
#include <exception>
#include <iostream>
#include <iterator>
#include <optional>
#include <span>

#include "interrupt.hpp"
#include "otbridge/core/exchange.hpp"
#include "otbridge/core/number_text.hpp"
#include "otbridge/io/json.hpp"
#include "otbridge/known/known_answer.hpp"
#include "otbridge/solve/report_text.hpp"
#include "output.hpp"
#include "run_solver.hpp"

namespace otbridge::cli {
namespace {

// Where a cell stands, with all that decides on it.
struct Place {
  std::size_t problem;  // of the table
  std::size_t turn;     // of the contender
  Contender contender;
  std::string settings;  // those beside problem, solver and seed, as text
  std::uint64_t seed;
};

std::vector<Contender> contenders_of(const TableProblem& problem,
                                     const std::vector<Contender>& chosen) {
  std::vector<Contender> all = chosen;
  for (const Solver* yardstick : yardsticks(problem)) {
    const bool there = std::ranges::any_of(
        chosen, [&](const Contender& c) { return c.solver->name() == yardstick->name(); });
    if (!there) all.push_back({yardstick});
  }
  return all;
}

std::string settings_text(const TableFilling& filling, const Solver& solver) {
  const Table& table = filling.table;
  std::string text = "definition=" + std::to_string(table.definition) +
                     " samples=" + std::to_string(table.samples);
  const std::string prefix = std::string(solver.name()) + ".";
  for (const std::string& set : filling.set) {
    if (set.starts_with(prefix)) text += " " + set.substr(prefix.size());
  }
  const auto& limit = filling.run.time_limit;
  if (limit) text += " time_limit=" + number_text(*limit);
  return text;
}

// Those of the shard, in the order of the table.
std::vector<Place> places_of(const TableFilling& filling) {
  std::vector<Place> places;
  Index number = 0;
  const auto& problems = filling.table.problems;
  for (std::size_t p = 0; p < problems.size(); ++p) {
    const auto contenders = contenders_of(problems[p], filling.chosen);
    for (std::size_t c = 0; c < contenders.size(); ++c) {
      const std::string settings = settings_text(filling, *contenders[c].solver);
      for (Index seed = 0; seed < filling.seeds; ++seed) {
        if (!filling.shard.holds(number++)) continue;
        places.push_back({p, c, contenders[c], settings, static_cast<std::uint64_t>(seed)});
      }
    }
  }
  return places;
}

class Filler {
 public:
  Filler(const TableFilling& filling, CellFile& file)
      : filling_(filling), file_(file), truths_(filling.table.problems.size()) {}

  void fill(const std::vector<Place>& missing);
  const TableCell* find(const Place& place) const {
    return file_.find(problem(place).name, name(place), place.settings, place.seed);
  }
  FilledCell filled(const Place& place, TableCell cell) const {
    return {problem(place).name, name(place), place.seed, std::move(cell)};
  }

 private:
  const TableProblem& problem(const Place& place) const {
    return filling_.table.problems[place.problem];
  }
  static std::string name(const Place& place) {
    return std::string(place.contender.solver->name());
  }
  const TransportPlan* truth(const Place& place);
  TableCell solve(const Place& place);
  void keep(const Place& place, TableCell cell);
  std::string word_of(const Place& place, std::exception_ptr& failure);
  void fill_round(std::span<const Place> of_ranks);

  const TableFilling& filling_;
  CellFile& file_;
  struct Truth {
    bool sought = false;
    std::optional<Solution> answer;
  };
  std::vector<Truth> truths_;  // of the problems
};

// Found with the first cell that needs it.
const TransportPlan* Filler::truth(const Place& place) {
  Truth& truth = truths_[place.problem];
  if (!truth.sought) {
    truth = {true, known_answer(problem(place).problem)};
  }
  return truth.answer ? truth.answer->plan.get() : nullptr;
}

TableCell Filler::solve(const Place& place) {
  const auto solved = [&](const TransportProblem& asked) {
    const Job job{.source = {asked.source(), {}, ""},
                  .target = {asked.target(), {}, ""},
                  .problem = asked,
                  .samples = filling_.table.samples,
                  .samples_given = true,
                  .seed = place.seed,
                  .solver = place.contender.solver,
                  .settings = place.contender.settings,
                  .notes = {}};
    RunOptions of_cell = filling_.run;
    of_cell.quiet = filling_.run.quiet || !filling_.run.verbose;
    Solution solution = run_solver(job, of_cell);
    // Before it is measured: there is less than a second to say where the cells are.
    if (solution.report.stop_reason == StopReason::interrupted) {
      throw TableInterrupted{interrupt_exit_code()};
    }
    return solution;
  };
  return fill_cell(filling_.table, problem(place), truth(place), place.seed, solved);
}

// "moons, epsilon 0.5, sinkhorn, seed 0: converged, 0.21 s"
void print_cell(const FilledCell& filled) {
  std::string line =
      filled.problem + ", " + filled.solver + ", seed " + std::to_string(filled.seed) + ": ";
  const auto seconds = filled.cell.values.find("seconds");
  line += filled.cell.refusal.empty() ? filled.cell.stop : "refused, " + filled.cell.refusal;
  if (seconds != filled.cell.values.end()) line += ", " + short_number(seconds->second) + " s";
  std::cerr << printable(line) << "\n";
}

void Filler::keep(const Place& place, TableCell cell) {
  const FilledCell done = filled(place, std::move(cell));
  file_.add(done, place.settings);
  if (!filling_.run.quiet) print_cell(done);
}

// What a rank tells the others of its cell: the cell, the exit code of an interrupt, or nothing,
// where it has failed.
std::string Filler::word_of(const Place& place, std::exception_ptr& failure) {
  try {
    return json_text(cell_json(solve(place)));
  } catch (const TableInterrupted& stop) {
    return std::to_string(stop.exit_code);
  } catch (...) {
    failure = std::current_exception();
    return "";
  }
}

// One cell of each rank, of the last ones perhaps none. Those that are done are kept whatever
// became of the others.
void Filler::fill_round(std::span<const Place> of_ranks) {
  const std::size_t rank = to_size(exchange_rank());
  std::exception_ptr failure;
  const auto words = bytes_of_each_rank(
      [&] { return rank < of_ranks.size() ? word_of(of_ranks[rank], failure) : ""; });
  std::optional<TableInterrupted> stop;
  bool failed = false;
  for (std::size_t r = 0; r < of_ranks.size(); ++r) {
    failed |= words[r].empty();
    if (words[r].empty()) continue;
    const std::string name = "the cell of rank " + std::to_string(r);
    const Json word = parse_json(words[r], name);
    if (word.is_number()) {
      stop = stop.value_or(TableInterrupted{word.get<int>()});
    } else {
      keep(of_ranks[r], cell_from_json({word, name}));
    }
  }
  if (failure) std::rethrow_exception(failure);
  if (failed) of_first_rank(0);  // any step of all: what another rank has thrown is thrown here
  if (stop) throw *stop;
}

void Filler::fill(const std::vector<Place>& missing) {
  const auto ranks = static_cast<std::size_t>(exchange_ranks());
  for (std::span<const Place> left(missing); !left.empty();) {
    const auto round = left.first(std::min(left.size(), ranks));
    fill_round(round);
    left = left.subspan(round.size());
  }
}

}  // namespace

std::vector<FilledCell> fill_table(const TableFilling& filling, CellFile& file) {
  Filler filler(filling, file);
  const std::vector<Place> places = places_of(filling);
  std::vector<Place> missing;
  std::ranges::copy_if(places, std::back_inserter(missing),
                       [&](const Place& place) { return filler.find(place) == nullptr; });
  // Cells of one solver take about as long as each other: processes that fill one each seldom wait.
  std::ranges::stable_sort(missing, {}, &Place::turn);
  filler.fill(missing);
  std::vector<FilledCell> cells;
  for (const Place& place : places) cells.push_back(filler.filled(place, *filler.find(place)));
  return cells;
}

}  // namespace otbridge::cli
