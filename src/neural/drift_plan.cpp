#include "neural/drift_plan.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"

namespace otbridge {
namespace {

// A number drawn from the coordinates of each row, equal for equal points.
std::vector<Index> rows_by_content(ConstPoints x) {
  std::vector<Index> rows;
  for (Index i = 0; i < x.rows(); ++i) {
    std::array<std::uint32_t, 2> key{0, 0};
    for (const double coordinate : x.row(i)) {
      const auto bits = std::bit_cast<std::uint64_t>(coordinate + 0.0);  // -0 counts as 0
      const auto mixed = philox4x32_10(
          {static_cast<std::uint32_t>(bits), static_cast<std::uint32_t>(bits >> 32), 0, 0}, key);
      key = {mixed[0], mixed[1]};
    }
    rows.push_back(static_cast<Index>((static_cast<std::uint64_t>(key[0]) << 31) ^ key[1]));
  }
  return rows;
}

Points column(const Flat<float>& values) { return values.cast<double>(); }

Flat<float> weights_of(const PlanState& state, const std::string& name, Index count) {
  const Points& stored = state.array(name, count, 1);
  Flat<float> weights = stored.col(0).cast<float>();
  if (!weights.allFinite()) throw InvalidInput("plan of dsb, " + name, "must be finite");
  return weights;
}

DriftDesign::Moments moments_of(const PlanState& state, const std::string& name, Index d) {
  const Points& stored = state.array(name, 2, d);
  if (!stored.allFinite() || stored.row(1).minCoeff() < 0.0) {
    throw InvalidInput("plan of dsb, " + name, "must hold finite means and variances >= 0");
  }
  return {stored.row(0), stored.row(1)};
}

Index count_of(double value, const std::string& name, double limit) {
  if (!(value >= 1.0 && value <= limit && std::floor(value) == value)) {
    throw InvalidInput("plan of dsb, " + name + " = " + number_text(value),
                       "must be a whole number in [1, " + number_text(limit) + "]");
  }
  return static_cast<Index>(value);
}

}  // namespace

DriftPlan::DriftPlan(TransportProblem problem, std::shared_ptr<const DriftDesign> frame,
                     DriftNetwork forward, DriftNetwork backward, Index map_samples)
    : TransportPlan(std::move(problem)),
      Drift(this->problem().dimension()),
      frame_(std::move(frame)),
      forward_(std::move(forward)),
      backward_(std::move(backward)),
      map_samples_(map_samples) {}

Points DriftPlan::do_at(double t, ConstPoints x, Direction direction) const {
  return network(direction).at(t, x);
}

BatchDrift DriftPlan::batch_drift(Direction direction) const {
  return [this, direction](double t, ConstPoints x) { return network(direction).at(t, x); };
}

Points DriftPlan::do_sample(ConstPoints x, Direction direction, const RandomStream& stream,
                            Index first_row) const {
  return simulate_chain(frame_->grid, batch_drift(direction), x, direction,
                        {frame_->reference.epsilon(), stream, first_row});
}

Points DriftPlan::do_map(ConstPoints x, Direction direction) const {
  const std::vector<Index> rows = rows_by_content(x);
  const RandomStream stream(0, Purpose::plan_sample);
  Points sum = Points::Zero(x.rows(), x.cols());
  for (Index k = 0; k < map_samples_; ++k) {
    ChainNoise noise{frame_->reference.epsilon(), stream.fork(static_cast<std::uint64_t>(k / 2))};
    noise.rows = rows;
    noise.sign = k % 2 == 0 ? 1.0 : -1.0;
    sum += simulate_chain(frame_->grid, batch_drift(direction), x, direction, noise);
  }
  return sum / static_cast<double>(map_samples_);
}

Paths DriftPlan::do_sample_paths(ConstPoints x, std::span<const double> times, Direction direction,
                                 const RandomStream& stream, Index first_row) const {
  const StepGrid grid = frame_->grid.refined(times);
  Paths paths{{times.begin(), times.end()}, std::vector<Points>(times.size())};
  simulate_chain(grid, batch_drift(direction), x, direction,
                 {frame_->reference.epsilon(), stream, first_row},
                 [&](Index node, ConstPoints state) {
                   const auto slot = std::ranges::lower_bound(times, grid.time(node));
                   if (slot == times.end() || *slot != grid.time(node)) return;
                   paths.at[to_size(slot - times.begin())] = state;
                 });
  return paths;
}

PlanState DriftPlan::state() const {
  const DriftDesign& frame = *frame_;
  const auto moments = [](const DriftDesign::Moments& m) {
    Points rows(2, m.mean.size());
    rows << m.mean, m.variance;
    return rows;
  };
  PlanState state;
  state.solver = name();
  state.numbers["map_samples"] = static_cast<double>(map_samples_);
  state.numbers["time_features"] = static_cast<double>(frame.time_features);
  Points hidden(static_cast<Index>(frame.hidden.size()), 1);
  for (Index l = 0; l < hidden.rows(); ++l) {
    hidden(l, 0) = static_cast<double>(frame.hidden[to_size(l)]);
  }
  state.arrays["hidden"] = hidden;
  state.arrays["times"] =
      Eigen::Map<const Vector>(frame.grid.times().data(), frame.grid.steps() + 1);
  state.arrays["source_moments"] = moments(frame.source);
  state.arrays["target_moments"] = moments(frame.target);
  // A direction without weights is the reference process.
  if (forward_.fitted()) state.arrays["forward_weights"] = column(forward_.weights());
  if (backward_.fitted()) state.arrays["backward_weights"] = column(backward_.weights());
  return state;
}

std::unique_ptr<const TransportPlan> restore_drift_plan(const TransportProblem& problem,
                                                        const PlanState& state) {
  const Index d = problem.dimension();
  std::vector<Index> hidden;
  const Points& widths = state.array("hidden", -1, 1);
  for (Index l = 0; l < widths.rows(); ++l) {
    hidden.push_back(count_of(widths(l, 0), "hidden", 4096));
  }
  const Points& times = state.array("times", -1, 1);
  const auto frame = std::make_shared<const DriftDesign>(
      DriftDesign{problem.reference(), StepGrid({times.data(), times.data() + times.rows()}),
                  moments_of(state, "source_moments", d), moments_of(state, "target_moments", d),
                  hidden, count_of(state.number("time_features"), "time_features", 1024)});
  DriftNetwork forward(frame, Direction::forward), backward(frame, Direction::backward);
  const Index count = forward.network().parameter_count();
  if (state.arrays.contains("forward_weights")) {
    forward.set_weights(weights_of(state, "forward_weights", count));
  }
  if (state.arrays.contains("backward_weights")) {
    backward.set_weights(weights_of(state, "backward_weights", count));
  }
  return std::make_unique<const DriftPlan>(
      problem, frame, std::move(forward), std::move(backward),
      count_of(state.number("map_samples"), "map_samples", 1e6));
}

}  // namespace otbridge
