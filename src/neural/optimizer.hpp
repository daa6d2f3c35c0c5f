// Adam, gradient clipping, the cosine rate and the moving average of the weights.
#pragma once

#include "kernels/kernel_set.hpp"
#include "neural/arrays.hpp"

namespace otbridge {

// Exponential moving average of the weights. The decay grows as (1 + k) / (10 + k) up to its limit,
// so that a short training is averaged over its own length. Optimisers add to it as they step.
template <class Scalar>
class WeightAverage {
 public:
  WeightAverage(const Flat<Scalar>& start, double decay) : average_(start), decay_(decay) {}
  const Flat<Scalar>& value() const { return average_; }
  Flat<Scalar>& value() { return average_; }
  // Counts a step: of all that is averaged, what it forgets.
  Scalar next_forgotten();
  void add(const Flat<Scalar>& weights) { average_ += next_forgotten() * (weights - average_); }
  // As it was after so many steps, when it had this value.
  void resume(const Flat<Scalar>& value, Index steps) {
    average_ = value;
    steps_ = steps;
  }

 private:
  Flat<Scalar> average_;
  double decay_;
  Index steps_ = 0;
};

// Adam with bias correction (Kingma and Ba 2015, Algorithm 1): beta 0.9 and, unless
// told otherwise, 0.999, epsilon 1e-8.
template <class Scalar>
class Adam {
 public:
  static constexpr double kBeta2 = 0.999;
  // Throws what select_kernel_set() throws.
  explicit Adam(Index parameters, const kernels::KernelSet& kernels = kernels::select_kernel_set(),
                double beta2 = kBeta2)
      : kernels_(&kernels::network_table<Scalar>(kernels)),
        beta2_(beta2),
        first_(Flat<Scalar>::Zero(parameters)),
        second_(Flat<Scalar>::Zero(parameters)) {}
  // Adds the new parameters to the average, if there is one, in the same pass over memory.
  void step(Flat<Scalar>& parameters, const Flat<Scalar>& gradient, double learning_rate,
            WeightAverage<Scalar>* average = nullptr);
  // The same in ranges of entries: next_step() counts the step, whose ranges may then be made side
  // by side. The average may be null.
  kernels::AdamStep<Scalar> next_step(double learning_rate, WeightAverage<Scalar>* average);
  void step_range(const kernels::AdamStep<Scalar>& step, Index begin, Index end,
                  const Flat<Scalar>& gradient, Flat<Scalar>& parameters,
                  WeightAverage<Scalar>* average);

  // Running means of the gradient and of its squares, entry by entry, before the correction.
  const Flat<Scalar>& first_moment() const { return first_; }
  const Flat<Scalar>& second_moment() const { return second_; }
  Flat<Scalar>& first_moment() { return first_; }
  Flat<Scalar>& second_moment() { return second_; }
  // As it was after so many steps, when it had these moments.
  void resume(const Flat<Scalar>& first, const Flat<Scalar>& second, Index steps) {
    first_ = first;
    second_ = second;
    steps_ = steps;
  }

 private:
  const kernels::NetworkTable<Scalar>* kernels_;
  double beta2_;
  Flat<Scalar> first_, second_;
  Index steps_ = 0;
};

// What a gradient of this norm is multiplied by to be no longer than `bound`; 0 is no bound.
double clipping(double norm, double bound);

// From `start` at step 0 down to start / 100 at the last step, along half a cosine (Loshchilov and
// Hutter 2017).
double cosine_rate(double start, Index step, Index steps);

extern template class Adam<float>;
extern template class Adam<double>;
extern template class WeightAverage<float>;
extern template class WeightAverage<double>;

}  // namespace otbridge
