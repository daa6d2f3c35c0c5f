// DriftAlternation: two drift networks, fitted in turn; what all solvers that learn them have in
// common.
//
// A solver says which direction is fitted next and to which pairs (neural/training.hpp); here are
// the networks, the rates, the marginal errors after every fit, progress, why it ended, and the
// checkpoint that all of it can be resumed from.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>

#include "neural/drift_network.hpp"
#include "neural/training.hpp"
#include "otbridge/problem/problem.hpp"
#include "solve/alternation_state.hpp"
#include "solve/run.hpp"

namespace otbridge {

struct AlternationSettings {
  Index iterations;           // of the method, as users count them
  Index fits;                 // half steps in all of them
  Index patience;             // rounds without a better one that end the run; 0: none do
  StepGrid grid;              // of the chain
  TrainingSettings training;  // its learning_rate that of the first iteration
  NetworkSettings network;
  BaseDrift base;  // that both networks are added to
  Index map_samples;
  double tolerance;    // both marginal errors at or below: converged
  Index together = 1;  // networks that are trained side by side, at most
};

// From the settings of a solver, whose names for these are the same.
template <class Settings>
AlternationSettings alternation_settings(const Settings& s, Index fits, BaseDrift base) {
  return {s.iterations, fits,      s.patience, StepGrid::named(s.schedule, s.steps),
          s.training,   s.network, base,       s.map_samples,
          s.tolerance};
}

// One half step: the direction whose network it fits, at iteration n >= 1.
struct HalfStep {
  Index n;
  Direction direction;
};

struct Fit {
  HalfStep half_step;
  const PairSource& pairs;
};

class DriftAlternation {
 public:
  // Throws InvalidInput for a reference whose theta the steps cannot resolve (theta h >= 1),
  // MemoryLimit for a training that would not fit.
  DriftAlternation(Run& run, const TransportProblem& problem, AlternationSettings settings);

  const TransportProblem& problem() const { return problem_; }
  const DriftDesign& design() const { return *design_; }
  const DriftNetwork& network(Direction direction) const {
    return direction == Direction::forward ? forward_ : backward_;
  }
  // Half steps that a checkpoint has behind it: fit() passes over them, without a use for pairs.
  Index fits_behind() const { return static_cast<Index>(resumed_.fits.size()); }
  // Fits the drift of a direction; false if that ended the run, or the rounds improve no more.
  bool fit(const HalfStep& half_step, const PairSource& pairs) {
    return fit(std::array{Fit{half_step, pairs}});
  }
  // Those of both directions, whose pairs must not depend on either network: the same bytes as one
  // after the other, in less time.
  bool fit(std::span<const Fit> fits);
  Solution finish();

 private:
  void resume(const SolverState& packed);
  void save(Checkpoint& checkpoint) const;
  // Puts the report where it was after a half step that is behind.
  void pass_over(const HalfStep& half_step);
  // Trains the networks of the half steps.
  std::vector<TrainingResult> train_all(std::span<const Fit> fits);
  // Measures what a half step has learnt, which becomes its record; of one that was interrupted
  // puts back the weights before it, if there were any.
  void take_stock(const HalfStep& half_step, const TrainingResult& result,
                  const Flat<float>& before);
  // The record of the half step just made or passed over. Adds the round that it ends, if it ends
  // one, to the report.
  Progress report_fit(const HalfStep& half_step);
  // Whether as many rounds as the settings' patience came after the last that was better.
  bool out_of_patience() const;
  // Keeps the networks of the last round if none was better.
  void remember_best();
  // Goes back to the best round, and says so, where the present networks are much worse.
  bool return_to_best();
  // Of the plan that the present networks make; not a number where nobody asks or knows.
  double distance_to_truth();
  // What exact draws score by the same measure as chains.
  void find_floors();
  // Simulates the direction's chain and compares its end with the law that it should have.
  void measure(Direction direction);
  // Takes from the report what is not known of the direction's network, and says so.
  void forget(Direction direction);
  // That the direction's chain ends with.
  std::optional<double>& marginal_error(Direction direction);
  DriftNetwork& drift(Direction direction) {
    return direction == Direction::forward ? forward_ : backward_;
  }
  Index fits() const { return static_cast<Index>(records_.size()); }  // half steps made
  // fitted: the half steps after those that are done.
  Progress progress(const std::string& phase, Index n, double fitted) const;
  StopReason stop_reason() const;

  Run& run_;
  const TransportProblem& problem_;
  AlternationSettings settings_;
  RandomStream stream_;
  std::shared_ptr<const DriftDesign> design_;
  DriftNetwork forward_, backward_;
  Checkpoint* checkpoint_;          // null: the run is not kept
  AlternationState resumed_;        // what the run began with
  std::vector<FitRecord> records_;  // half steps made and passed over
  std::optional<BestRound> best_;
  std::vector<TrainingState> training_;  // of the present half steps, once they have begun
  TrainingOutcome outcome_ = TrainingOutcome::finished;  // of the last half step
  std::string put_back_;  // the half step whose network is again as it was before, if there is one
};

}  // namespace otbridge
