#include "solve/alternation_state.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "kernels/kernel_set.hpp"
#include "neural/training.hpp"
#include "otbridge/core/error.hpp"

namespace otbridge {
namespace {

constexpr const char* kTruth = "path_kl_from";
constexpr Index kRecordColumns = 9;  // members of FitRecord

// A float is exact in a double.
Points column(const Flat<float>& values) { return values.cast<double>(); }

Points number(double value) { return Points::Constant(1, 1, value); }

// What the arrays of a training begin with.
constexpr std::array kPrefixes{"training.", "second_training."};

void put(const TrainingState& training, const std::string& prefix,
         std::map<std::string, Points>& arrays) {
  arrays[prefix + "weights"] = column(training.weights);
  const auto optimizer = training.optimizer.state();
  arrays[prefix + "first_moment"] = column(optimizer.first);
  arrays[prefix + "second_moment"] = column(optimizer.second);
  if (optimizer.bases.size() > 0) arrays[prefix + "bases"] = column(optimizer.bases);
  arrays[prefix + "average"] = column(training.average.value());
  // The optimiser and the average count the same steps.
  arrays[prefix + "step"] = number(static_cast<double>(training.step));
  arrays[prefix + "first_loss"] = number(training.first_loss.value_or(0.0));
  arrays[prefix + "pass_loss"] = number(training.pass_loss);
}

class Reader {
 public:
  Reader(const SolverState& state, const AlternationShape& shape) : state_(state), shape_(shape) {}

  [[noreturn]] void fail(const std::string& rule) const {
    throw InvalidInput("checkpoint of " + state_.parts.solver, rule);
  }
  bool has(const std::string& name) const { return state_.parts.arrays.contains(name); }
  // Any bits, unlike PlanState::array: a run goes on with what it had. Rows of -1 accept any
  // number.
  const Points& array(const std::string& name, Index rows, Index cols) const {
    const auto found = state_.parts.arrays.find(name);
    if (found == state_.parts.arrays.end()) fail("has no entry \"" + name + "\"");
    const Points& array = found->second;
    if ((rows >= 0 && array.rows() != rows) || array.cols() != cols) {
      fail("the shape of \"" + name + "\" does not fit the run");
    }
    return array;
  }
  Flat<float> flat(const std::string& name) const {
    return flat(name, shape_.network.parameter_count());
  }
  Flat<float> flat(const std::string& name, Index entries) const {
    if (entries == 0) return {};
    return array(name, entries, 1).col(0).cast<float>();
  }
  Flat<float> flat_if_there(const std::string& name) const {
    return has(name) ? flat(name) : Flat<float>();
  }
  double number(const std::string& name) const { return array(name, 1, 1)(0, 0); }
  Index count(const std::string& name, Index least, Index most) const {
    const double value = number(name);
    if (!(value >= static_cast<double>(least) && value <= static_cast<double>(most) &&
          std::floor(value) == value)) {
      fail("\"" + name + "\" must be a whole number from " + std::to_string(least) + " to " +
           std::to_string(most));
    }
    return static_cast<Index>(value);
  }

  bool has_training(const std::string& prefix) const { return has(prefix + "step"); }
  TrainingState training(const std::string& prefix) const {
    const Index step = count(prefix + "step", 1, shape_.training.steps);
    TrainingState training(shape_.network, flat(prefix + "weights"), shape_.training);
    training.optimizer.resume({flat(prefix + "first_moment"), flat(prefix + "second_moment"),
                               flat(prefix + "bases", training.optimizer.state_entries())},
                              step);
    training.average.resume(flat(prefix + "average"), step);
    training.step = step;
    training.first_loss = number(prefix + "first_loss");
    training.pass_loss = number(prefix + "pass_loss");
    return training;
  }

 private:
  const SolverState& state_;
  const AlternationShape& shape_;
};

}  // namespace

SolverState pack(const std::string& solver, const AlternationState& state) {
  SolverState packed;
  packed.parts.solver = solver;
  packed.texts["kernel_set"] = kernels::select_kernel_set().name;
  packed.texts[kTruth] = state.truth;
  packed.notes = state.notes;
  auto& arrays = packed.parts.arrays;
  Points records(static_cast<Index>(state.fits.size()), kRecordColumns);
  for (Index k = 0; k < records.rows(); ++k) {
    const FitRecord& r = state.fits[to_size(k)];
    records.row(k) << r.seconds, r.marginal_error_source, r.marginal_error_target, r.loss,
        r.value_linear, r.path_divergence, r.path_divergence_error, r.midpoint_variance, r.path_kl;
  }
  arrays["records"] = records;
  arrays["seconds"] = number(state.seconds);
  if (state.best) {
    arrays["best.fit"] = number(static_cast<double>(state.best->fit));
    arrays["best.forward_weights"] = column(state.best->forward);
    arrays["best.backward_weights"] = column(state.best->backward);
  }
  if (state.draws) arrays["draws"] = number(static_cast<double>(*state.draws));
  if (state.forward.size() > 0) arrays["forward_weights"] = column(state.forward);
  if (state.backward.size() > 0) arrays["backward_weights"] = column(state.backward);
  for (std::size_t k = 0; k < state.training.size(); ++k) {
    put(state.training[k], kPrefixes.at(k), arrays);
  }
  return packed;
}

AlternationState unpack(const std::string& solver, const SolverState& packed,
                        const AlternationShape& shape) {
  const Reader read(packed, shape);
  if (packed.parts.solver != solver) read.fail("cannot be resumed by " + solver);
  const auto kept = packed.texts.find("kernel_set");
  if (kept == packed.texts.end()) read.fail("names no kernel_set");
  // Another one rounds otherwise, so that the bytes would differ.
  const std::string now = kernels::select_kernel_set().name;
  if (kept->second != now) {
    read.fail("differs in kernel_set (" + kept->second + ", now " + now +
              "); OTBRIDGE_KERNELS chooses one");
  }
  AlternationState state;
  const Points& records = read.array("records", -1, kRecordColumns);
  for (Index k = 0; k < records.rows(); ++k) {
    const auto r = records.row(k);
    state.fits.push_back({r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7], r[8]});
  }
  if (const auto found = packed.texts.find(kTruth); found != packed.texts.end()) {
    state.truth = found->second;
  }
  state.seconds = read.number("seconds");
  if (!(state.seconds >= 0.0 && state.seconds < 1e9)) read.fail("\"seconds\" must be in [0, 1e9)");
  if (read.has("draws")) {
    state.draws = read.count("draws", 1, Index{1} << 53);
  }
  state.notes = packed.notes;
  state.forward = read.flat_if_there("forward_weights");
  state.backward = read.flat_if_there("backward_weights");
  for (const std::string prefix : kPrefixes) {
    if (read.has_training(prefix)) state.training.push_back(read.training(prefix));
  }
  if (read.has("best.fit")) {
    state.best = BestRound{read.count("best.fit", 0, records.rows() - 1),
                           read.flat("best.forward_weights"), read.flat("best.backward_weights")};
  }
  // One network more with each of the first two half steps, which alone may be trained together,
  // and then are at the same step; none is trained after the last.
  const Index fits = records.rows(), trained = static_cast<Index>(state.training.size()),
              fitted = (state.forward.size() > 0 ? 1 : 0) + (state.backward.size() > 0 ? 1 : 0);
  const bool apart =
      trained == 2 && (fits > 0 || state.training.front().step != state.training.back().step);
  if (fits + trained > shape.fits || fitted != std::min<Index>(fits, 2) || apart) {
    read.fail("its parts contradict each other");
  }
  return state;
}

}  // namespace otbridge
