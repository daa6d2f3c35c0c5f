// TransportPlan: the answer, a coupling of source and target and the bridge process that realises
// it.
//
// Immutable; every method may be called from several threads. Batches are n x d with n >= 0. Row i
// of a result depends on row i of x, on i and on the stream only, never on the batch split or
// thread count. Methods throw InvalidInput for a wrong dimension, a non-finite coordinate, times
// outside [0, 1], or a row whose answer is beyond the doubles.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "otbridge/plan/faces.hpp"
#include "otbridge/plan/plan_state.hpp"
#include "otbridge/problem/problem.hpp"

namespace otbridge {

class TransportPlan {
 public:
  virtual ~TransportPlan() = default;
  TransportPlan(const TransportPlan&) = delete;
  TransportPlan& operator=(const TransportPlan&) = delete;

  const TransportProblem& problem() const { return problem_; }
  // The name of the solver that made it and restores it, as the registry has it.
  virtual std::string_view name() const = 0;

  // Row i: one draw of X_1 given X_0 = x_i (forward), or of X_0 given X_1 = x_i (backward).
  // first_row: the row number of x's first row, for callers that split a batch.
  Points sample(ConstPoints x, Direction direction, const RandomStream& stream,
                Index first_row = 0) const;

  // Row i: the conditional mean of the other end; forward this is the barycentric (entropic) map.
  Points map(ConstPoints x, Direction direction) const;

  // The bridge at the given ascending times, started at the rows of x: x is the value at time 0
  // going forward, at time 1 going backward. The slices are in the order of the times in either
  // direction. first_row as in sample.
  Paths sample_paths(ConstPoints x, std::span<const double> times, Direction direction,
                     const RandomStream& stream, Index first_row = 0) const;

  virtual const Coupling* coupling() const { return nullptr; }
  virtual const Potentials* potentials() const { return nullptr; }
  virtual const Drift* drift() const { return nullptr; }
  virtual const Conditionals* conditionals() const { return nullptr; }
  virtual const Density* density() const { return nullptr; }

  // What a file must hold to rebuild this plan beside its problem; its solver is name(). A copy of
  // all the plan holds.
  virtual PlanState state() const = 0;

 protected:
  explicit TransportPlan(TransportProblem problem) : problem_(std::move(problem)) {}

 private:
  virtual Points do_sample(ConstPoints x, Direction direction, const RandomStream& stream,
                           Index first_row) const = 0;
  virtual Points do_map(ConstPoints x, Direction direction) const = 0;
  // Default: draw the far endpoint with do_sample, then the reference bridge between the two ends;
  // exact for every plan whose process is a mixture of reference bridges.
  virtual Paths do_sample_paths(ConstPoints x, std::span<const double> times, Direction direction,
                                const RandomStream& stream, Index first_row) const;

  TransportProblem problem_;
};

}  // namespace otbridge
