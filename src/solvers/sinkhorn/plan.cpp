#include "solvers/sinkhorn/plan.hpp"

#include <string>
#include <vector>

#include "entropic/conditional.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"
#include "otbridge/solvers/sinkhorn.hpp"

namespace otbridge {
namespace {

// Of the whole transition: the far end given the near one.
ConditionalKernel endpoint_kernel(const ReferenceProcess& reference, Direction direction) {
  const double a = reference.endpoint_decay(), s2 = reference.endpoint_variance();
  return direction == Direction::forward ? ConditionalKernel{1.0, a, s2}
                                         : ConditionalKernel{a, 1.0, s2};
}

}  // namespace

SinkhornPlan::SinkhornPlan(const TransportProblem& problem, const WeightedPoints& source,
                           const WeightedPoints& target, Vector f, Vector g)
    : TransportPlan(problem),
      Potentials(problem.dimension()),
      Drift(problem.dimension()),
      source_{source.points(), source.weights(), std::move(f)},
      target_{target.points(), target.weights(), std::move(g)} {
  // Points of weight 0 take no part in the solve; their potential is the soft c-transform.
  const auto fill = [](CloudSide& cloud, auto&& transform) {
    std::vector<Index> massless;
    for (Index i = 0; i < cloud.weights.size(); ++i) {
      if (cloud.weights[i] == 0.0) massless.push_back(i);
    }
    if (massless.empty()) return;
    cloud.potential(massless) = transform(Points(cloud.points(massless, Eigen::all)));
  };
  fill(source_, [this](const Points& x) { return do_f(x); });
  fill(target_, [this](const Points& y) { return do_g(y); });
  const double gauge = source_.potential.dot(source_.weights);
  source_.potential.array() -= gauge;
  target_.potential.array() += gauge;
}

SinkhornPlan::SinkhornPlan(const TransportProblem& problem, const PlanState& state)
    : TransportPlan(problem),
      Potentials(problem.dimension()),
      Drift(problem.dimension()),
      source_(read_cloud_side(state, problem.dimension(), "x", "a", "f")),
      target_(read_cloud_side(state, problem.dimension(), "y", "b", "g")) {}

PlanState SinkhornPlan::state() const {
  PlanState state;
  state.solver = "sinkhorn";
  state.arrays = {{"x", source_.points}, {"a", source_.weights}, {"f", source_.potential},
                  {"y", target_.points}, {"b", target_.weights}, {"g", target_.potential}};
  return state;
}

Points SinkhornPlan::do_map(ConstPoints x, Direction direction) const {
  const ReferenceProcess& reference = problem().reference();
  const CloudSide& far = far_end(direction);
  return EntropicConditional(far.points, far.weights, far.potential, reference.endpoint_variance(),
                             endpoint_kernel(reference, direction))
      .mean(x);
}

Points SinkhornPlan::do_sample(ConstPoints x, Direction direction, const RandomStream& stream,
                               Index first_row) const {
  const ReferenceProcess& reference = problem().reference();
  const CloudSide& far = far_end(direction);
  return EntropicConditional(far.points, far.weights, far.potential, reference.endpoint_variance(),
                             endpoint_kernel(reference, direction))
      .sample(x, stream, first_row);
}

Matrix SinkhornPlan::do_rows(Index begin, Index end) const {
  const ReferenceProcess& reference = problem().reference();
  const double s2 = reference.endpoint_variance();
  const EntropicConditional conditional(target_.points, target_.weights, target_.potential, s2,
                                        endpoint_kernel(reference, Direction::forward));
  const Index n = end - begin;
  return source_.weights.segment(begin, n).asDiagonal() *
         conditional.weights(source_.points.middleRows(begin, n),
                             source_.potential.segment(begin, n) / s2);
}

Vector SinkhornPlan::do_f(ConstPoints x) const {
  const double s2 = problem().reference().endpoint_variance();
  return -s2 * EntropicConditional(target_.points, target_.weights, target_.potential, s2,
                                   endpoint_kernel(problem().reference(), Direction::forward))
                   .log_normaliser(x);
}

Vector SinkhornPlan::do_g(ConstPoints y) const {
  const double s2 = problem().reference().endpoint_variance();
  return -s2 * EntropicConditional(source_.points, source_.weights, source_.potential, s2,
                                   endpoint_kernel(problem().reference(), Direction::backward))
                   .log_normaliser(y);
}

// Forward: -theta x + eps grad log h(t, x) with h(t, x) = sum_j b_j exp(g_j / s^2)
// N(y_j; a_{1-t} x, v_{1-t}); backward the same with the source, f and N(x; a_t x_i, v_t).
Points SinkhornPlan::do_at(double t, ConstPoints x, Direction direction) const {
  const bool forward = direction == Direction::forward;
  if (t == (forward ? 1.0 : 0.0)) {
    throw InvalidInput("t = " + number_text(t), forward ? "the forward drift needs 0 <= t < 1"
                                                        : "the backward drift needs 0 < t <= 1");
  }
  const ReferenceProcess& reference = problem().reference();
  const double left = forward ? 1.0 - t : t;
  const double decay = reference.decay(left), variance = reference.variance(left);
  const double rate = reference.epsilon() / variance, theta = reference.theta();
  const CloudSide& far = far_end(direction);
  const ConditionalKernel kernel =
      forward ? ConditionalKernel{1.0, decay, variance} : ConditionalKernel{decay, 1.0, variance};
  const Points mean = EntropicConditional(far.points, far.weights, far.potential,
                                          reference.endpoint_variance(), kernel)
                          .mean(x);
  return forward ? Points(rate * decay * (mean - decay * x) - theta * x)
                 : Points(rate * (decay * mean - x) + theta * x);
}

std::unique_ptr<const TransportPlan> restore_sinkhorn(const TransportProblem& problem,
                                                      const PlanState& state) {
  return std::make_unique<const SinkhornPlan>(problem, state);
}

}  // namespace otbridge
