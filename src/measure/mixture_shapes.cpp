#include "measure/mixture_shapes.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "core/decompositions.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/measure/gaussian.hpp"

namespace otbridge {
namespace {

const Gaussian* full_gaussian(const Measure& component) {
  const auto* gaussian = component.as<Gaussian>();
  return gaussian != nullptr && gaussian->rank() == gaussian->dimension() ? gaussian : nullptr;
}

// B^-1 and log det B; a diagonal B stays one, d x 1.
struct Inverse {
  Matrix precision;
  double log_determinant;
};

Inverse inverse(const Matrix& b) {
  const Vector diagonal = b.diagonal();
  if (Matrix(diagonal.asDiagonal()) == b) {
    return {diagonal.cwiseInverse(), diagonal.array().log().sum()};
  }
  const SymmetricEigen eigen = symmetric_eigen(b);
  return {eigen.vectors * eigen.values.cwiseInverse().asDiagonal() * eigen.vectors.transpose(),
          eigen.values.array().log().sum()};
}

PotentialShape shape_of(const Gaussian& component, double weight, const Eigen::RowVectorXd& center,
                        double variance) {
  auto [precision, log_determinant] = inverse(component.spread());
  const Vector offset = component.center() - center.transpose();
  const bool diagonal = precision.cols() == 1;
  const Vector linear =
      diagonal ? Vector(precision.col(0).cwiseProduct(offset)) : Vector(precision * offset);
  const auto d = static_cast<double>(offset.size());
  const double log_weight = std::log(weight) - 0.5 * (linear.dot(offset) + log_determinant +
                                                      d * std::log(2.0 * std::numbers::pi));
  // 1/P = Lambda + 1/s^2.
  if (diagonal) {
    precision.array() += 1.0 / variance;
  } else {
    precision.diagonal().array() += 1.0 / variance;
  }
  return {log_weight, linear, precision};
}

}  // namespace

bool has_shapes(const Mixture& mixture) {
  return std::ranges::all_of(mixture.components(),
                             [](const Measure& c) { return full_gaussian(c) != nullptr; });
}

MixtureShapes mixture_shapes(const Mixture& mixture, double variance) {
  for (std::size_t k = 0; k < mixture.components().size(); ++k) {
    if (full_gaussian(mixture.components()[k]) != nullptr) continue;
    throw InvalidInput("/potential/components/" + std::to_string(k),
                       "must be a Gaussian law of full rank");
  }
  MixtureShapes result{mixture.mean().value().transpose(), {}};
  for (std::size_t k = 0; k < mixture.components().size(); ++k) {
    const double weight = mixture.weights()[static_cast<Index>(k)];
    if (weight == 0.0) continue;
    result.shapes.push_back(
        shape_of(*full_gaussian(mixture.components()[k]), weight, result.center, variance));
  }
  return result;
}

}  // namespace otbridge
