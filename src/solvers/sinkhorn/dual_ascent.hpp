// The alternating maximisation of the dual: falling temperatures, growing clouds, then Newton.
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "entropic/certificate.hpp"
#include "entropic/relaxation.hpp"
#include "otbridge/solvers/sinkhorn.hpp"

namespace otbridge {

// One leg of the way: a temperature, and the clouds with runs of `group` points taken as one.
struct AscentStage {
  double s2;
  Index group;
  double tolerance;  // L1 error at which the stage has served
  bool last;
};

// From an eighth of the largest cost down to s2 by the factor settings.scaling, on clouds no finer
// than the temperature can tell; then, at s2, on finer clouds up to the whole ones. A factor of 1
// leaves the last stage only.
std::vector<AscentStage> ascent_stages(const DiscreteProblem& problem, double s2,
                                       const SinkhornSettings& settings);

class DualAscent {
 public:
  // epsilon: the problem's, for the trace; it stands for the temperature s2.
  DualAscent(const DiscreteProblem& problem, double s2, double epsilon,
             const SinkhornSettings& settings, const SolveContext& context, SolveReport& report);

  // Runs all stages; then f() and g() are of the whole clouds at s2, wherever it stopped.
  Certificate run();
  const Vector& f() const { return f_; }
  const Vector& g() const { return g_; }

 private:
  using Clock = std::chrono::steady_clock;
  struct State {
    double s2;
    Vector f, g;
  };

  void enter(const AscentStage& stage);
  bool run_stage(const AscentStage& stage);
  MarginalGap relaxed_iteration();
  MarginalGap newton_iteration(const AscentStage& stage);
  double half_step(Side side);
  Vector column_marginal() const;
  double certain_truncation() const;  // small beside the tolerance
  MarginalGap measured();             // of f_ and g_, as the report gives it
  bool converged();
  Precision product_precision() const;
  void choose_precision(double error);
  bool out_of_time();
  void record(const AscentStage& stage, const MarginalGap& errors);

  const DiscreteProblem& problem_;
  double s2_, epsilon_;
  const SinkhornSettings& settings_;
  const SolveContext& context_;
  SolveReport& report_;
  std::unique_ptr<const DiscreteProblem> coarse_;  // what op_ refers to, unless it is problem_
  std::unique_ptr<TransformOperator> op_;
  Index group_ = 0;
  std::optional<TransformOperator::Marginals> marginals_;  // of f_ and g_, if known
  Relaxation relaxation_;
  Vector f_, g_;
  std::optional<State> earlier_;  // of the same clouds, at the temperature before
  Precision precision_ = Precision::single;
  bool single_products_ = true;  // until they fail
  double truncation_ = 0.0, error_ = 2.0, least_error_ = 2.0;
  Index stalled_ = 0, iteration_ = 0, next_record_ = 1, next_check_ = 0, next_newton_ = 0;
  double fraction_ = 0.0;
  Clock::time_point started_ = Clock::now();
};

}  // namespace otbridge
