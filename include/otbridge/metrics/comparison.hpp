// Comparison: several solvers on one problem, measured alike and against the truth where it is
// known. Data only: tables, JSON and pictures are made of it elsewhere.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "otbridge/metrics/plan_metrics.hpp"
#include "otbridge/solve/solver.hpp"

namespace otbridge {

struct Contender {
  const Solver* solver;  // of the registry, or one that outlives the comparison
  SettingAssignments settings = {};
  // Where its plan is there already, which ComparisonOptions::run then answers with: the file, and
  // whether that holds the report of its run.
  std::string plan_file = {};
  bool reported = true;
  bool of_laws = true;  // whether its laws are those of the problem
};

// How far a plan is from the true one, under the law of the points that were moved.
struct TruthScore {
  double map_rmse;                    // root mean square of |map - true map|
  std::optional<double> value;        // of the true plan, cost units
  std::optional<double> value_error;  // |value - true value|
};

// How far a bridge is from the reference bridge of a comparison
// (otbridge/metrics/bridge_score.hpp).
struct BridgeScore {
  std::optional<double> path_kl, drift_rmse;  // nats; length per unit time
  std::optional<double> map_rmse;             // length
  std::optional<double> conditional_bw2_uvp;  // percent
};

// What stands for the true bridge.
enum class ReferenceKind {
  none,
  truth,     // the known answer of the problem
  sinkhorn,  // the first row of the solver sinkhorn that converged, on these laws
};

// What became of one contender.
struct ComparisonRow {
  std::string solver;
  std::string plan_file = {};  // Contender::plan_file
  bool reported = true;     // Contender::reported; else of the report solver and problem are known
  bool regularised = true;  // Solver::regularised(): else it has no score against the truth
  // Whether its plan is of the reference process of the problem, as all are that are solved for:
  // else it has no such score either.
  bool of_reference = true;
  bool of_laws = true;       // Contender::of_laws: else it stands for no truth
  std::string refusal = {};  // why the solver could not take the problem; empty if it could
  Points moved = {};         // plan.sample of Comparison::start, row by row
  SolveReport report = {};
  std::optional<PushforwardScore> score = {};  // given unless refused
  std::optional<TruthScore> truth = {};
  // Given to comparable rows where there is a reference, but to that reference itself. A part is
  // empty where the plan or the reference cannot say it.
  std::optional<BridgeScore> bridge = {};
  std::shared_ptr<const TransportPlan> plan = {};  // null if refused before there was one

  bool refused() const { return !refusal.empty(); }
  bool comparable() const { return regularised && of_reference; }
};

struct ComparisonOptions {
  Index samples = 2000;     // draws of each law that is not a cloud
  Index w2_samples = 2000;  // points on each side of the exact W2 and W1
  std::uint64_t seed = 0;
  const Solution* truth = nullptr;  // known_answer(problem), where there is one
  // Runs one contender; for callers that show progress, limit the time or amend the report. The
  // distance is from the reference bridge, for SolveContext::to_truth; empty while there is none.
  // Empty: Solver::solve with the seed above.
  std::function<Solution(const Contender&, const DistanceToTruth&)> run = {};
  // Asked before and after each run; once true there are no further rows, floors and scores of
  // bridges, and of the contender that ran a row only if it is scored in about a second.
  std::function<bool()> stop = {};
  // Told before each measurement of a plan, "scores of sinkhorn: W2"; fraction and seconds are
  // those of the measurements named in front.
  Observer observer = {};
};

// What exact draws of the target score in place of a plan's; empty where the target is a cloud.
struct SamplingFloors {
  CloudDistances distances;
  std::optional<double> bw2_uvp;
};

struct Comparison {
  TransportProblem problem;
  Index samples;
  std::uint64_t seed;
  WeightedPoints start;             // fresh draws of the source, or the cloud that it is
  WeightedPoints fresh;             // fresh draws of the target, or the cloud that it is
  std::vector<ComparisonRow> rows;  // one per contender, in their order; those there are if stopped
  std::optional<ComparisonRow> truth_row = {};  // exact draws of the true bridge, where it is known
  bool stopped = false;                         // ComparisonOptions::stop: not all of it is there
  ReferenceKind reference = ReferenceKind::none;
  std::optional<SamplingFloors> floors = {};
  std::optional<double> conditional_bw2_uvp_floor = {};  // exact draws of the reference

  bool all_refused() const;
  bool regularised() const;  // whether epsilon enters any row
  bool truth_known() const;  // whether any row has a score against the truth
};

// Start and fresh are clouds as they are, whole, or draws that no solver has seen: a method that
// only knows its training points has to generalise. A contender that throws InvalidInput becomes a
// row with its refusal; any other error ends the comparison. Those of the solver sinkhorn run
// first, since others may be told how far their rounds are from its bridge. Beside the solves: the
// scores of score_pushforward and of bridge_score.hpp for each row, and the floors once.
Comparison compare(const TransportProblem& problem, const std::vector<Contender>& contenders,
                   const ComparisonOptions& options = {});

}  // namespace otbridge
