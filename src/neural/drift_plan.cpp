#include "neural/drift_plan.hpp"

#include <atomic>
#include <cmath>

#include "neural/flow_density.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"
#include "otbridge/core/parallel.hpp"
#include "sde/chain_answers.hpp"

namespace otbridge {
namespace {

// BaseDrift::bridge with the fixed functions of drift_network.hpp as they are now; 1 had others.
constexpr double kBridgeBase = 2.0;

Points column(const Flat<float>& values) { return values.cast<double>(); }

constexpr Index kMostSteps = 10000;  // ranges here and below: those of the settings

// The parts of a saved state, read with the checks that keep a damaged file from being simulated.
class StateReader {
 public:
  explicit StateReader(const PlanState& state) : state_(state) {}

  Flat<float> weights(const std::string& name, Index count) const {
    const Points& stored = state_.array(name, count, 1);
    Flat<float> weights = stored.col(0).cast<float>();
    // A finite double may be beyond single precision.
    if (!weights.allFinite()) fail(name, "must be finite");
    return weights;
  }

  MeanVariances moments(const std::string& name, Index d) const {
    const Points& stored = state_.array(name, 2, d);
    if (stored.row(1).minCoeff() < 0.0) fail(name, "must hold means and variances >= 0");
    return {stored.row(0), stored.row(1)};
  }

  std::vector<Index> widths() const {
    std::vector<Index> hidden;
    const Points& stored = state_.array("hidden", -1, 1);
    for (Index l = 0; l < stored.rows(); ++l) {
      hidden.push_back(whole(stored(l, 0), "hidden", 1, 4096));
    }
    return hidden;
  }

  StepGrid grid() const {
    const Points& times = state_.array("times", -1, 1);
    if (times.rows() > kMostSteps + 1) fail("times", "must hold 10000 steps or fewer");
    return StepGrid({times.data(), times.data() + times.rows()});
  }

  Index count(const std::string& name, double least, double most) const {
    return whole(state_.number(name), name, least, most);
  }
  BaseDrift base() const {
    if (!state_.numbers.contains("bridge_base") || state_.number("bridge_base") == 0.0) {
      return BaseDrift::reversal;
    }
    if (count("bridge_base", 1, kBridgeBase) == 1) {
      fail("bridge_base = 1", "an earlier program trained it on other inputs; train it anew");
    }
    return BaseDrift::bridge;
  }
  std::string precision() const {
    return state_.numbers.contains("mixed") && count("mixed", 0, 1) == 1 ? "mixed" : "single";
  }

 private:
  [[noreturn]] void fail(const std::string& place, const std::string& rule) const {
    throw InvalidInput("plan of " + state_.solver + ", " + place, rule);
  }
  Index whole(double value, const std::string& name, double least, double most) const {
    if (!(value >= least && value <= most && std::floor(value) == value)) {
      fail(name + " = " + number_text(value),
           "must be a whole number in [" + number_text(least) + ", " + number_text(most) + "]");
    }
    return static_cast<Index>(value);
  }

  const PlanState& state_;
};

}  // namespace

DriftPlan::DriftPlan(std::string solver, TransportProblem problem, DriftNetwork forward,
                     DriftNetwork backward, Index map_samples)
    : TransportPlan(std::move(problem)),
      Drift(this->problem().dimension()),
      Density(this->problem().dimension()),
      solver_(std::move(solver)),
      forward_(std::move(forward)),
      backward_(std::move(backward)),
      map_samples_(map_samples) {}

Points DriftPlan::do_at(double t, ConstPoints x, Direction direction) const {
  return network(direction).at(t, x);
}

Points DriftPlan::do_along_chains(double t, ConstPoints x, Direction direction) const {
  return network(direction).along_chains(t, x);
}

Points DriftPlan::do_sample(ConstPoints x, Direction direction, const RandomStream& stream,
                            Index first_row) const {
  return simulate_chain(network(direction), design().grid, x,
                        {design().reference.epsilon(), stream, first_row});
}

Points DriftPlan::do_map(ConstPoints x, Direction direction) const {
  const DriftNetwork& drift = network(direction);
  const DriftMoments moments = chain_moments(drift, design().grid);
  Points means(x.rows(), x.cols());
  std::atomic<bool> stopped{false};
  const auto mean_of = [&](ConstPoints rows) {
    return chain_mean(rows, map_samples_, design().reference.epsilon(),
                      [&](const ChainNoise& noise) -> Points {
                        // Where others have failed nobody reads it.
                        if (stopped.load(std::memory_order_relaxed)) return rows;
                        return simulate_chain(drift, design().grid, moments, rows, noise);
                      });
  };
  // A thread takes all chains of some rows: one chain of few rows would keep few threads busy.
  parallel_for(x.rows(), chain_rows(x.rows()), [&](Index begin, Index end, Index) {
    try {
      means.middleRows(begin, end - begin) = mean_of(x.middleRows(begin, end - begin));
    } catch (...) {
      stopped = true;
      throw;
    }
  });
  return means;
}

Paths DriftPlan::do_sample_paths(ConstPoints x, std::span<const double> times, Direction direction,
                                 const RandomStream& stream, Index first_row) const {
  const StepGrid grid = design().grid.refined(times);
  return chain_paths(grid, times, x, direction, [&](const ChainVisitor& visit) {
    simulate_chain(network(direction), grid, x, {design().reference.epsilon(), stream, first_row},
                   visit);
  });
}

LogDensity DriftPlan::do_log_at(ConstPoints y, Direction direction,
                                const DensitySettings& settings) const {
  const Measure& near = problem().start(direction);
  if (!near->has_density()) {
    throw InvalidInput(place(direction, name()),
                       std::string("the ") +
                           (direction == Direction::forward ? "source" : "target") +
                           " has no density in closed form to start from");
  }
  if (!forward_.fitted() && !backward_.fitted()) {
    throw InvalidInput(place(direction, name()), "neither direction was trained");
  }
  const DriftPair drifts{network(direction), network(opposite(direction))};
  LogDensity found{flow_log_density(drifts, near, y, settings.probes), {}};
  if (settings.chains > 0) found.bound = path_bound(drifts, near, y, settings.chains);
  return found;
}

PlanState DriftPlan::state() const {
  const auto moments = [](const MeanVariances& m) {
    Points rows(2, m.mean.size());
    rows << m.mean, m.variance;
    return rows;
  };
  PlanState state;
  state.solver = name();
  state.numbers["map_samples"] = static_cast<double>(map_samples_);
  const NetworkSettings& network = design().network;
  state.numbers["time_features"] = static_cast<double>(network.time_features);
  // Written where it is not the first of them, like the precision.
  if (design().base == BaseDrift::bridge) state.numbers["bridge_base"] = kBridgeBase;
  if (network.precision == "mixed") state.numbers["mixed"] = 1.0;
  Points hidden(static_cast<Index>(network.hidden.size()), 1);
  for (Index l = 0; l < hidden.rows(); ++l) {
    hidden(l, 0) = static_cast<double>(network.hidden[to_size(l)]);
  }
  state.arrays["hidden"] = hidden;
  const StepGrid& grid = design().grid;
  state.arrays["times"] = Eigen::Map<const Vector>(grid.times().data(), grid.steps() + 1);
  state.arrays["source_moments"] = moments(design().source);
  state.arrays["target_moments"] = moments(design().target);
  // A direction without weights is the reference process.
  if (forward_.fitted()) state.arrays["forward_weights"] = column(forward_.weights());
  if (backward_.fitted()) state.arrays["backward_weights"] = column(backward_.weights());
  return state;
}

std::unique_ptr<const TransportPlan> restore_drift_plan(const TransportProblem& problem,
                                                        const PlanState& state) {
  state.allow_only(std::vector<std::string>{"map_samples", "time_features", "bridge_base", "mixed"},
                   std::vector<std::string>{"hidden", "times", "source_moments", "target_moments",
                                            "forward_weights", "backward_weights"});
  const Index d = problem.dimension();
  const StateReader read(state);
  const std::vector<Index> hidden = read.widths();
  const auto design = std::make_shared<const DriftDesign>(
      DriftDesign{problem.reference(),
                  read.grid(),
                  read.moments("source_moments", d),
                  read.moments("target_moments", d),
                  {hidden, read.count("time_features", 2, 1024), read.precision()},
                  read.base()});
  DriftNetwork forward(design, Direction::forward), backward(design, Direction::backward);
  const Index count = forward.network().parameter_count();
  if (state.arrays.contains("forward_weights")) {
    forward.set_weights(read.weights("forward_weights", count));
  }
  if (state.arrays.contains("backward_weights")) {
    backward.set_weights(read.weights("backward_weights", count));
  }
  return std::make_unique<const DriftPlan>(state.solver, problem, std::move(forward),
                                           std::move(backward), read.count("map_samples", 1, 1e6));
}

}  // namespace otbridge
