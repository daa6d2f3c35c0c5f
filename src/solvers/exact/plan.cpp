#include "solvers/exact/plan.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <tuple>

#include "otbridge/core/error.hpp"
#include "otbridge/solvers/exact.hpp"

namespace otbridge {
namespace {

// The same flows from the other end, by target and then by source.
std::vector<CloudFlow> reversed(const std::vector<CloudFlow>& flows) {
  std::vector<CloudFlow> other;
  other.reserve(flows.size());
  for (const CloudFlow& flow : flows) other.push_back({flow.target, flow.source, flow.mass});
  std::ranges::sort(other, {}, [](const CloudFlow& f) { return std::tuple(f.source, f.target); });
  return other;
}

[[noreturn]] void refuse_flows(const std::string& rule) {
  throw InvalidInput("plan of exact", "entry \"flows\" " + rule);
}

std::vector<CloudFlow> flows_of(const PlanState& state) {
  const Index n = state.array("x").rows(), m = state.array("y").rows();
  const Points& rows = state.array("flows", -1, 3);
  const auto is_index = [](double value, Index count) {
    return value >= 0.0 && value < static_cast<double>(count) && value == std::floor(value);
  };
  std::vector<CloudFlow> flows;
  for (Index k = 0; k < rows.rows(); ++k) {
    if (!is_index(rows(k, 0), n) || !is_index(rows(k, 1), m) || !(rows(k, 2) > 0.0)) {
      refuse_flows("must hold rows of source, target and mass > 0");
    }
    flows.push_back({static_cast<Index>(rows(k, 0)), static_cast<Index>(rows(k, 1)), rows(k, 2)});
  }
  if (!std::ranges::is_sorted(flows, {}, &CloudFlow::source)) refuse_flows("must ascend");
  return flows;
}

}  // namespace

// With the gauge E_mu f = 0.
ExactPlan::ExactPlan(const TransportProblem& problem, CloudSide source, CloudSide target,
                     std::vector<CloudFlow> flows)
    : TransportPlan(problem),
      Potentials(problem.dimension()),
      source_(std::move(source)),
      target_(std::move(target)),
      flows_(std::move(flows)) {
  const double gauge = source_.potential.dot(source_.weights);
  source_.potential.array() -= gauge;
  target_.potential.array() += gauge;
  prepare();
}

ExactPlan::ExactPlan(const TransportProblem& problem, const PlanState& state)
    : TransportPlan(problem),
      Potentials(problem.dimension()),
      source_(read_cloud_side(state, problem.dimension(), "x", "a", "f")),
      target_(read_cloud_side(state, problem.dimension(), "y", "b", "g")),
      flows_(flows_of(state)) {
  prepare();
}

void ExactPlan::prepare() {
  const double a = problem().reference().endpoint_decay();
  forward_.emplace(source_, a, target_, 1.0, flows_);
  backward_.emplace(target_, 1.0, source_, a, reversed(flows_));
}

PlanState ExactPlan::state() const {
  Points flows(static_cast<Index>(flows_.size()), 3);
  for (std::size_t k = 0; k < flows_.size(); ++k) {
    flows.row(static_cast<Index>(k)) << static_cast<double>(flows_[k].source),
        static_cast<double>(flows_[k].target), flows_[k].mass;
  }
  PlanState state;
  state.solver = "exact";
  state.arrays = {{"x", source_.points},      {"a", source_.weights}, {"f", source_.potential},
                  {"y", target_.points},      {"b", target_.weights}, {"g", target_.potential},
                  {"flows", std::move(flows)}};
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
                                 const RandomStream& stream) const {
  const bool forward = direction == Direction::forward;
  const Points far = do_sample(x, direction, stream.fork(0), 0);
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
  auto flow = std::ranges::lower_bound(flows_, begin, {}, &CloudFlow::source);
  for (; flow != flows_.end() && flow->source < end; ++flow) {
    dense(flow->source - begin, flow->target) += flow->mass;
  }
  return dense;
}

Vector ExactPlan::do_f(ConstPoints x) const { return forward_->transform(x); }
Vector ExactPlan::do_g(ConstPoints y) const { return backward_->transform(y); }

std::unique_ptr<const TransportPlan> restore_exact(const TransportProblem& problem,
                                                   const PlanState& state) {
  return std::make_unique<const ExactPlan>(problem, state);
}

}  // namespace otbridge
