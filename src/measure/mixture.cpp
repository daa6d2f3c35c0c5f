#include "otbridge/measure/mixture.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"

namespace otbridge {

Mixture::Mixture(Vector weights, std::vector<Measure> components)
    : weights_(std::move(weights)), components_(std::move(components)) {
  if (components_.empty()) throw InvalidInput("/components", "a mixture needs at least one");
  if (weights_.size() != static_cast<Index>(components_.size())) {
    throw InvalidInput("/weights", "there are " + std::to_string(weights_.size()) + " for " +
                                       std::to_string(components_.size()) + " components");
  }
  for (Index k = 0; k < weights_.size(); ++k) {
    if (std::isfinite(weights_[k]) && weights_[k] >= 0.0) continue;
    throw InvalidInput("/weights/" + std::to_string(k) + " = " + number_text(weights_[k]),
                       "must be finite and >= 0");
  }
  const double largest = weights_.maxCoeff();
  if (!(largest > 0.0)) throw InvalidInput("/weights", "are all zero; at least one must be > 0");
  // Those that sum to 1 already stay as they are, so that writing and reading them changes no bit.
  if (!(std::abs(weights_.sum() - 1.0) <= 1e-13)) {
    // Twice, since the sum of weights near the end of the doubles is infinite.
    weights_ /= largest;
    weights_ /= weights_.sum();
  }
  for (std::size_t k = 1; k < components_.size(); ++k) {
    if (components_[k]->dimension() == components_[0]->dimension()) continue;
    throw InvalidInput("/components/" + std::to_string(k),
                       "has dimension " + std::to_string(components_[k]->dimension()) +
                           ", the first component has " +
                           std::to_string(components_[0]->dimension()));
  }
}

Points Mixture::do_sample(Index n, const RandomStream& stream) const {
  const RandomStream choice = stream.fork(0);
  Points x(n, dimension());
  std::vector<std::size_t> chosen(to_size(n));
  for (Index i = 0; i < n; ++i) {
    double level = choice.uniform(i, 0, 0);
    std::size_t k = 0;
    // Inversion of the distribution function, subtracting: components are few.
    while (k + 1 < components_.size() && level >= weights_[static_cast<Index>(k)]) {
      level -= weights_[static_cast<Index>(k++)];
    }
    // Rounding can step past the last component of positive weight.
    while (weights_[static_cast<Index>(k)] == 0.0) --k;
    chosen[to_size(i)] = k;
  }
  for (std::size_t k = 0; k < components_.size(); ++k) {
    const auto last = std::find(chosen.rbegin(), chosen.rend(), k);
    const Index rows = static_cast<Index>(chosen.rend() - last);
    if (rows == 0) continue;
    // Row i of a component's sample is a function of i alone, so drawing all rows and keeping some
    // makes a longer sample begin with a shorter one.
    const Points drawn = components_[k]->sample(rows, stream.fork(k + 1));
    for (Index i = 0; i < rows; ++i) {
      if (chosen[to_size(i)] == k) x.row(i) = drawn.row(i);
    }
  }
  return x;
}

std::optional<Vector> Mixture::do_mean() const {
  Vector mean = Vector::Zero(dimension());
  for (std::size_t k = 0; k < components_.size(); ++k) {
    const auto part = components_[k]->mean();
    if (!part) return std::nullopt;
    mean += weights_[static_cast<Index>(k)] * *part;
  }
  return mean;
}

std::optional<Matrix> Mixture::do_covariance() const {
  const auto centre = mean();
  if (!centre) return std::nullopt;
  Matrix covariance = Matrix::Zero(dimension(), dimension());
  for (std::size_t k = 0; k < components_.size(); ++k) {
    const auto part = components_[k]->covariance();
    if (!part) return std::nullopt;
    // The law of total covariance: S = sum_k w_k (S_k + (m_k - m)(m_k - m)^T).
    const Vector offset = *components_[k]->mean() - *centre;
    covariance += weights_[static_cast<Index>(k)] * (*part + offset * offset.transpose());
  }
  return covariance;
}

bool Mixture::has_density() const {
  return std::ranges::all_of(components_, [](const Measure& c) { return c->has_density(); });
}

Vector Mixture::do_log_density(ConstPoints x) const {
  if (!has_density()) return Law::do_log_density(x);
  constexpr double kNone = -std::numeric_limits<double>::infinity();
  Matrix terms(x.rows(), static_cast<Index>(components_.size()));
  for (Index k = 0; k < terms.cols(); ++k) {
    if (weights_[k] > 0.0) {
      terms.col(k) = components_[to_size(k)]->log_density(x).array() + std::log(weights_[k]);
    } else {
      // log 0; -inf plus a density of +inf would be NaN.
      terms.col(k).setConstant(kNone);
    }
  }
  Vector result(x.rows());
  for (Index i = 0; i < x.rows(); ++i) {
    // log sum exp about the largest term, which is then 1: far out every term underflows on its
    // own.
    const double most = terms.row(i).maxCoeff();
    result[i] =
        std::isinf(most) ? most : most + std::log((terms.row(i).array() - most).exp().sum());
  }
  return result;
}

}  // namespace otbridge
