// Plans as safetensors files: any plan, from any solver, read back in another process.
//
// The header's metadata holds the format version, the solver, the problem (laws as JSON, finite
// laws as tensors), the plan's numbers and the report of its run; the tensors are float64. A cloud
// that is both a law and a part of the plan is written once. Layout: docs/formats.md.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "otbridge/solve/solver.hpp"

namespace otbridge {

// What the coordinates of both laws are called, d names each; empty of a law that has none.
struct ProblemColumns {
  std::vector<std::string> source, target;

  // Of points that move in this direction: those of the law where they start, or else of the other.
  const std::vector<std::string>& at(Direction direction) const;
};

// What a file holds. A plan does not know the run it came from, nor names; its file may.
struct PlanFile {
  std::unique_ptr<const TransportPlan> plan;
  // Without times, threads and trace: the same plan gives the same file. Empty for files of format
  // 1 and for plans that were written without one.
  std::optional<SolveReport> report;
  std::string version;  // of the program that wrote it
  ProblemColumns columns = {};
};

// Of the run of a plan that was kept without one: what its solver and its problem say.
SolveReport unknown_run(const TransportPlan& plan);

// Throws InvalidInput for a problem whose plans no file can hold: a law that has no JSON form, or,
// but for clouds, one whose JSON is larger than what is read back (io/json.hpp). O(its bytes).
void check_storable(const TransportProblem& problem);

// The bytes of such a file. Throws InvalidInput as check_storable, and for columns that are not d
// names.
std::string encode_plan(const TransportPlan& plan, const SolveReport* report = nullptr,
                        const ProblemColumns& columns = {});
// Reads them back; throws as read_plan_file does, with this name in the place of the file's.
PlanFile parse_plan(const std::string& bytes, const std::string& name);

// Both atomic. Throw InvalidInput as encode_plan, before anything is written.
void write_plan(const Solution& solution, const std::string& path,
                const ProblemColumns& columns = {});
void write_plan(const TransportPlan& plan, const std::string& path,
                const SolveReport* report = nullptr, const ProblemColumns& columns = {});
// Throw InvalidInput, naming the file, for one that is damaged, of an unknown format or solver, or
// that no plan of its solver would be written to: entries that are missing, unknown or contradict
// its problem. No other file is read.
PlanFile read_plan_file(const std::string& path);
std::unique_ptr<const TransportPlan> read_plan(const std::string& path);  // the plan alone
bool is_plan_file(const std::string& path);  // by extension .safetensors

}  // namespace otbridge
