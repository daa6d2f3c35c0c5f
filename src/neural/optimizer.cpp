#include "neural/optimizer.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "otbridge/core/parallel.hpp"

namespace otbridge {

template <class Scalar>
kernels::AdamStep<Scalar> Adam<Scalar>::next_step(double learning_rate,
                                                  WeightAverage<Scalar>* average) {
  constexpr double kBeta1 = 0.9, kEpsilon = 1e-8;
  ++steps_;
  const auto k = static_cast<double>(steps_);
  // Both moments start at zero, hence too small; dividing by 1 - beta^k takes that off.
  return {Scalar(1),
          static_cast<Scalar>(kBeta1),
          static_cast<Scalar>(beta2_),
          static_cast<Scalar>(kEpsilon),
          static_cast<Scalar>(learning_rate / (1.0 - std::pow(kBeta1, k))),
          static_cast<Scalar>(1.0 / (1.0 - std::pow(beta2_, k))),
          average != nullptr ? average->next_forgotten() : Scalar(0)};
}

template <class Scalar>
void Adam<Scalar>::step_range(const kernels::AdamStep<Scalar>& step, Index begin, Index end,
                              const Flat<Scalar>& gradient, Flat<Scalar>& parameters,
                              WeightAverage<Scalar>* average) {
  kernels_->adam(step, to_size(end - begin), gradient.data() + begin, parameters.data() + begin,
                 first_.data() + begin, second_.data() + begin,
                 average != nullptr ? average->value().data() + begin : nullptr);
}

template <class Scalar>
void Adam<Scalar>::step(Flat<Scalar>& parameters, const Flat<Scalar>& gradient,
                        double learning_rate, WeightAverage<Scalar>* average) {
  const auto step = next_step(learning_rate, average);
  parallel_for(parameters.size(), kFlatChunk, [&](Index begin, Index end, Index) {
    step_range(step, begin, end, gradient, parameters, average);
  });
}

template <class Scalar>
Scalar WeightAverage<Scalar>::next_forgotten() {
  // Until (1 + k) / (10 + k) passes the limit (at k = 1790 for 0.995) this averages over about the
  // last ninth of the steps so far.
  const auto k = static_cast<double>(steps_++);
  return 1 - static_cast<Scalar>(std::min(decay_, (1.0 + k) / (10.0 + k)));
}

double clipping(double norm, double bound) {
  return bound > 0.0 && norm > bound ? bound / norm : 1.0;
}

double cosine_rate(double start, Index step, Index steps) {
  constexpr double kFloor = 0.01;  // not 0, so that the last steps still count
  const double progress =
      steps > 1 ? static_cast<double>(step) / static_cast<double>(steps - 1) : 0.0;
  return start * (kFloor + (1.0 - kFloor) * 0.5 * (1.0 + std::cos(std::numbers::pi * progress)));
}

template class Adam<float>;
template class Adam<double>;
template class WeightAverage<float>;
template class WeightAverage<double>;

}  // namespace otbridge
