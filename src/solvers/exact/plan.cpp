#include "solvers/exact/plan.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <string>
#include <tuple>

#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"
#include "otbridge/solvers/exact.hpp"

namespace otbridge {
namespace {

// The same flows from the other end, by target and then by source.
std::vector<Flow> reversed(const std::vector<Flow>& flows) {
  std::vector<Flow> other;
  other.reserve(flows.size());
  for (const Flow& flow : flows) other.push_back({flow.target, flow.source, flow.mass});
  std::ranges::sort(other, {}, [](const Flow& f) { return std::tuple(f.source, f.target); });
  return other;
}

[[noreturn]] void refuse_flows(const std::string& rule) {
  throw InvalidInput("plan of exact", "entry \"flows\" " + rule);
}

std::vector<Flow> flows_of(const PlanState& state) {
  const Index n = state.array("x").rows(), m = state.array("y").rows();
  const Points& rows = state.array("flows", -1, 3);
  const auto is_index = [](double value, Index count) {
    return value >= 0.0 && value < static_cast<double>(count) && value == std::floor(value);
  };
  std::vector<Flow> flows;
  for (Index k = 0; k < rows.rows(); ++k) {
    if (!is_index(rows(k, 0), n) || !is_index(rows(k, 1), m) || !(rows(k, 2) > 0.0)) {
      refuse_flows("must hold rows of source, target and mass > 0");
    }
    flows.push_back({static_cast<Index>(rows(k, 0)), static_cast<Index>(rows(k, 1)), rows(k, 2)});
  }
  const auto by_ends = [](const Flow& flow) { return std::tuple(flow.source, flow.target); };
  if (std::ranges::adjacent_find(flows, std::ranges::greater_equal{}, by_ends) != flows.end()) {
    refuse_flows("must ascend by source, then by target, with no pair twice");
  }
  return flows;
}

// What flows away from (or to) the points of a side is their weight. The solver rounds weights to
// multiples of 2^-61 and lets the largest take up the rest, which is n 2^-61 and what their own sum
// is off 1, at most 1e-13 (simplex/whole_masses.hpp, measure/weighted_points.hpp).
void check_marginal(const std::vector<Flow>& flows, Index Flow::*end, const CloudSide& side,
                    const std::string& name) {
  const Index n = side.weights.size();
  Vector sums = Vector::Zero(n);
  for (const Flow& flow : flows) sums[flow.*end] += flow.mass;
  const double error = (sums - side.weights).lpNorm<1>();
  if (!(error <= 1e-12 + std::ldexp(static_cast<double>(n), -60))) {
    refuse_flows("must sum to the weights of the " + name + "; they are off by " +
                 number_text(error));
  }
}

}  // namespace

ExactPlan::ExactPlan(const TransportProblem& problem, CloudSide source, CloudSide target,
                     std::vector<Flow> flows)
    : TransportPlan(problem),
      CloudPair(std::move(source), std::move(target)),
      Potentials(problem.dimension()),
      flows_(std::move(flows)) {
  fix_gauge();
}

ExactPlan::ExactPlan(const TransportProblem& problem, const PlanState& state)
    : TransportPlan(problem),
      CloudPair(state, problem),
      Potentials(problem.dimension()),
      flows_(flows_of(state)) {
  check_marginal(flows_, &Flow::source, source_, "source");
  check_marginal(flows_, &Flow::target, target_, "target");
}

const ExactConditional& ExactPlan::conditional(Direction direction) const {
  const double a = problem().reference().endpoint_decay();
  if (direction == Direction::forward) {
    std::call_once(forward_.made,
                   [&] { forward_.conditional.emplace(source_, a, target_, 1.0, flows_); });
    return *forward_.conditional;
  }
  std::call_once(backward_.made, [&] {
    backward_.conditional.emplace(target_, 1.0, source_, a, reversed(flows_));
  });
  return *backward_.conditional;
}

PlanState ExactPlan::state() const {
  // Rows of source, target, mass; whole numbers below 2^53 are doubles.
  Points flows(static_cast<Index>(flows_.size()), 3);
  for (std::size_t k = 0; k < flows_.size(); ++k) {
    flows.row(static_cast<Index>(k)) << static_cast<double>(flows_[k].source),
        static_cast<double>(flows_[k].target), flows_[k].mass;
  }
  PlanState state;
  state.solver = name();
  state.arrays = arrays();
  state.arrays["flows"] = std::move(flows);
  return state;
}

Points ExactPlan::do_map(ConstPoints x, Direction direction) const {
  return conditional(direction).mean(x);
}

Points ExactPlan::do_sample(ConstPoints x, Direction direction, const RandomStream& stream,
                            Index first_row) const {
  return conditional(direction).sample(x, stream, first_row);
}

// X_t = (v_{1-t} a_t X_0 + v_t a_{1-t} X_1) / v_1: the mean of the reference bridge, which does not
// depend on epsilon.
Paths ExactPlan::do_sample_paths(ConstPoints x, std::span<const double> times, Direction direction,
                                 const RandomStream& stream, Index first_row) const {
  const bool forward = direction == Direction::forward;
  const Points far = do_sample(x, direction, stream.fork(0), first_row);
  // Any epsilon has the same means; the number of a draw is the one of the default paths.
  const ReferenceProcess unit(1.0, problem().reference().theta());
  Paths paths{{times.begin(), times.end()}, {}};
  for (const double t : times) {
    const auto bridge = unit.bridge(0.0, t, 1.0);
    paths.at.push_back(forward ? Points(bridge.from_start * x + bridge.from_end * far)
                               : Points(bridge.from_start * far + bridge.from_end * x));
  }
  return paths;
}

Matrix ExactPlan::do_rows(Index begin, Index end) const {
  Matrix dense = Matrix::Zero(end - begin, target_.points.rows());
  auto flow = std::ranges::lower_bound(flows_, begin, {}, &Flow::source);
  for (; flow != flows_.end() && flow->source < end; ++flow) {
    dense(flow->source - begin, flow->target) += flow->mass;
  }
  return dense;
}

std::vector<Flow> ExactPlan::do_flows(double least) const {
  std::vector<Flow> kept;
  std::ranges::copy_if(flows_, std::back_inserter(kept),
                       [least](const Flow& flow) { return flow.mass >= least; });
  return kept;
}

Vector ExactPlan::do_f(ConstPoints x) const { return conditional(Direction::forward).transform(x); }
Vector ExactPlan::do_g(ConstPoints y) const {
  return conditional(Direction::backward).transform(y);
}

std::unique_ptr<const TransportPlan> restore_exact(const TransportProblem& problem,
                                                   const PlanState& state) {
  state.allow_only({}, std::vector<std::string>{"x", "a", "f", "y", "b", "g", "flows"});
  return std::make_unique<const ExactPlan>(problem, state);
}

}  // namespace otbridge
