// SolveReport: why a solver stopped, what it cost, and how exact the answer is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "otbridge/solve/context.hpp"

namespace otbridge {

enum class StopReason {
  converged,        // every tolerance asked for was reached and measured
  iteration_limit,  // the limit came first; the plan is usable, its errors are those reported
  rounding_limit,   // double precision came to its end before the tolerance; as above
  time_limit,       // the deadline came first; as above
  interrupted,      // cancelled from outside; as above
  diverged,         // not a number or growing without bound; the plan is the last usable state
};
std::string_view name_of(StopReason reason);
// Whether a run that stopped for this reason was asked to, and goes on from its checkpoint later.
bool goes_on(StopReason reason);

// What two learned drifts say of themselves after an iteration that fitted both.
struct Round {
  Index iteration;
  double marginal_error_source, marginal_error_target;
  double value_linear;  // cost units
  // KL either way between the path laws of the two, in nats, and its standard error; 0 for a
  // bridge.
  double path_divergence, path_divergence_error;
  // Variance of X_t given both ends at t about 1/2, over that of the reference's bridge; 1 for a
  // bridge.
  double midpoint_variance;
  // Of the true bridge, or of one that stands for it, against theirs, in nats, where
  // SolveContext::to_truth knows it.
  std::optional<double> path_kl = {};
};

struct SolveReport {
  std::string solver;
  Index dimension = 0;
  bool regularised = true;  // Solver::regularised(): else epsilon is the problem's, without a part
  double epsilon = 0.0;
  double theta = 0.0;
  double mean_cost = 0.0;  // E|x - y|^2 / 2 under mu x nu; epsilon_relative = epsilon / mean_cost
  StopReason stop_reason = StopReason::converged;
  Index iterations = 0;
  double seconds = 0.0;
  int threads = 0;
  std::string kernel_set = "none";
  std::uint64_t seed = 0;
  std::optional<Index> draws;  // of a law that is not a cloud, where draws stand for it

  // Cost units; with the conventions of docs/conventions.md.
  std::optional<double> value_linear;  // E_pi |y - a x|^2 / 2
  std::optional<double> kl;            // KL(pi | mu x nu)
  // 1 - 2 kl / (H(mu) + H(nu)) of a finite coupling, H the entropy of weights: 0 for a permutation,
  // 1 for independence.
  std::optional<double> plan_entropy;
  std::optional<double> value;        // value_linear + s^2 kl; unregularised: value_linear
  std::optional<double> dual_value;   // at most `value`
  std::optional<double> duality_gap;  // an upper bound on the suboptimality of the rounded plan
  std::optional<double> marginal_error_source, marginal_error_target;  // L1; of drifts sliced W2
  // What exact draws of either law score in the place of what ends there: of drifts, whose errors
  // rest on draws.
  std::optional<double> marginal_floor_source, marginal_floor_target;

  std::vector<Progress> trace;     // the records also sent to the observer
  std::vector<Round> rounds;       // of solvers that learn two drifts in turn
  std::vector<std::string> notes;  // one line each: what the user should know

  double epsilon_relative() const { return mean_cost > 0.0 ? epsilon / mean_cost : 0.0; }
  // The transport distance that the plan attains, the root of twice its cost; empty where epsilon
  // enters, and where the reference reverts (theta > 0), whose cost is no distance.
  std::optional<double> w2() const;
};

}  // namespace otbridge
