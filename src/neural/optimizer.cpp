#include "neural/optimizer.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace otbridge {

template <class Scalar>
void Adam<Scalar>::step(Flat<Scalar>& parameters, const Flat<Scalar>& gradient,
                        double learning_rate) {
  constexpr double kBeta1 = 0.9, kBeta2 = 0.999, kEpsilon = 1e-8;
  ++steps_;
  const auto k = static_cast<double>(steps_);
  const auto b1 = static_cast<Scalar>(kBeta1), b2 = static_cast<Scalar>(kBeta2);
  // Both moments start at zero, hence too small; dividing by 1 - beta^k takes that off.
  first_ = b1 * first_ + (1 - b1) * gradient;
  second_ = b2 * second_ + (1 - b2) * gradient.cwiseAbs2();
  const auto rate = static_cast<Scalar>(learning_rate / (1.0 - std::pow(kBeta1, k)));
  const auto correction = static_cast<Scalar>(1.0 / (1.0 - std::pow(kBeta2, k)));
  parameters.array() -= rate * first_.array() /
                        ((correction * second_.array()).sqrt() + static_cast<Scalar>(kEpsilon));
}

template <class Scalar>
void WeightAverage<Scalar>::add(const Flat<Scalar>& parameters) {
  // Until (1 + k) / (10 + k) passes the limit (at k = 1790 for 0.995) this averages over about the
  // last ninth of the steps so far.
  const auto k = static_cast<double>(steps_++);
  const auto keep = static_cast<Scalar>(std::min(decay_, (1.0 + k) / (10.0 + k)));
  average_ += (1 - keep) * (parameters - average_);
}

template <class Scalar>
double clip_norm(Flat<Scalar>& gradient, double bound) {
  // In double: the sum of many squares of single precision numbers.
  const double norm = std::sqrt(gradient.template cast<double>().squaredNorm());
  if (bound > 0.0 && norm > bound) gradient *= static_cast<Scalar>(bound / norm);
  return norm;
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
template double clip_norm<float>(Flat<float>&, double);
template double clip_norm<double>(Flat<double>&, double);

}  // namespace otbridge
