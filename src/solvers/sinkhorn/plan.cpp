#include "solvers/sinkhorn/plan.hpp"

#include <string>
#include <vector>

#include "entropic/cloud_drift.hpp"
#include "otbridge/solvers/sinkhorn.hpp"

namespace otbridge {

SinkhornPlan::SinkhornPlan(const TransportProblem& problem, const WeightedPoints& source,
                           const WeightedPoints& target, Vector f, Vector g)
    : TransportPlan(problem),
      CloudPair({source.points(), source.weights(), std::move(f)},
                {target.points(), target.weights(), std::move(g)}),
      Potentials(problem.dimension()),
      Drift(problem.dimension()),
      Conditionals(problem.dimension()) {
  fill_massless();
  fix_gauge();
  prepare();
}

SinkhornPlan::SinkhornPlan(const TransportProblem& problem, const PlanState& state)
    : TransportPlan(problem),
      CloudPair(state, problem),
      Potentials(problem.dimension()),
      Drift(problem.dimension()),
      Conditionals(problem.dimension()) {
  prepare();
}

// Points of weight 0 take no part in the solve; their potential is the soft c-transform of the
// other side, which leaves such points out and so needs no value of theirs.
void SinkhornPlan::fill_massless() {
  const double s2 = problem().reference().endpoint_variance();
  const auto fill = [&](CloudSide& side, Direction direction) {
    const std::vector<Index> rows = without_weight(side.weights);
    if (rows.empty()) return;
    side.potential(rows) = -s2 * endpoint_conditional(tilted(direction), direction)
                                     .log_normaliser(Points(side.points(rows, Eigen::all)));
  };
  fill(source_, Direction::forward);
  fill(target_, Direction::backward);
}

std::shared_ptr<const TiltedCloud> SinkhornPlan::tilted(Direction direction) const {
  const CloudSide& far = far_end(direction);
  return std::make_shared<const TiltedCloud>(far.points, far.weights, far.potential,
                                             problem().reference().endpoint_variance(),
                                             LocalPrecision::mixed);
}

EntropicConditional SinkhornPlan::endpoint_conditional(std::shared_ptr<const TiltedCloud> far,
                                                       Direction direction) const {
  const ReferenceProcess& reference = problem().reference();
  const double a = reference.endpoint_decay(), s2 = reference.endpoint_variance();
  // The cost |y - a x|^2 / 2 has the decay on the source, whichever end is given.
  const ConditionalKernel kernel = direction == Direction::forward ? ConditionalKernel{1.0, a, s2}
                                                                   : ConditionalKernel{a, 1.0, s2};
  return {std::move(far), kernel};
}

void SinkhornPlan::prepare() {
  forward_cloud_ = tilted(Direction::forward);
  backward_cloud_ = tilted(Direction::backward);
  forward_.emplace(endpoint_conditional(forward_cloud_, Direction::forward));
  backward_.emplace(endpoint_conditional(backward_cloud_, Direction::backward));
}

PlanState SinkhornPlan::state() const {
  PlanState state;
  state.solver = name();
  state.arrays = arrays();
  return state;
}

Points SinkhornPlan::do_map(ConstPoints x, Direction direction) const {
  return conditional(direction).mean(x);
}

Points SinkhornPlan::do_sample(ConstPoints x, Direction direction, const RandomStream& stream,
                               Index first_row) const {
  return conditional(direction).sample(x, stream, first_row);
}

// pi_ij = a_i b_j exp((f_i + g_j - |y_j - a x_i|^2 / 2) / s^2).
Matrix SinkhornPlan::do_rows(Index begin, Index end) const {
  const double s2 = problem().reference().endpoint_variance();
  const Index n = end - begin;
  return source_.weights.segment(begin, n).asDiagonal() *
         forward_->weights(source_.points.middleRows(begin, n),
                           source_.potential.segment(begin, n) / s2);
}

std::vector<Index> SinkhornPlan::do_partners(const RandomStream& stream) const {
  std::vector<Index> partners = forward_->draw(source_.points, stream, 0);
  for (const Index row : without_weight(source_.weights)) partners[to_size(row)] = -1;
  return partners;
}

// Off the supports as on them, the soft c-transform of the other side.
Vector SinkhornPlan::do_f(ConstPoints x) const {
  return -problem().reference().endpoint_variance() * forward_->log_normaliser(x);
}

Vector SinkhornPlan::do_g(ConstPoints y) const {
  return -problem().reference().endpoint_variance() * backward_->log_normaliser(y);
}

Points SinkhornPlan::do_at(double t, ConstPoints x, Direction direction) const {
  return cloud_drift(problem().reference(),
                     direction == Direction::forward ? forward_cloud_ : backward_cloud_, t, x,
                     direction);
}

std::optional<Matrix> SinkhornPlan::do_covariance(ConstPoints x, Direction direction) const {
  return conditional(direction).covariance(x);
}

std::unique_ptr<const TransportPlan> restore_sinkhorn(const TransportProblem& problem,
                                                      const PlanState& state) {
  state.allow_only({}, std::vector<std::string>{"x", "a", "f", "y", "b", "g"});
  return std::make_unique<const SinkhornPlan>(problem, state);
}

}  // namespace otbridge
