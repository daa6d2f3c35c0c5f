#include "otbridge/metrics/marginal_kl.hpp"

#include <cmath>
#include <limits>
#include <string>

#include "core/decompositions.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/measure/gaussian.hpp"

namespace otbridge {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

const Gaussian& gaussian_end(const Measure& law, const char* side) {
  const auto* gaussian = law.as<Gaussian>();
  if (gaussian == nullptr) {
    throw InvalidInput(std::string("/") + side, "must be a Gaussian law for its moments in time");
  }
  return *gaussian;
}

}  // namespace

// (tr(S*^-1 S) - d - log det(S*^-1 S) + |m - m*|^2_{S*^-1}) / 2, in the axes where S* is 1.
GaussianKl gaussian_kl(const Moments& found, const Moments& exact) {
  const Index d = exact.mean.size();
  if (found.mean.size() != d) {
    throw InvalidInput("moments", "have dimension " + std::to_string(found.mean.size()) +
                                      ", those they are compared with " + std::to_string(d));
  }
  const Vector offset = found.mean - exact.mean;
  const Eigen::ArrayXd ratio =
      found.covariance.diagonal().array() / exact.covariance.diagonal().array();
  const Eigen::ArrayXd shift = offset.array().square() / exact.covariance.diagonal().array();
  GaussianKl kl{kInfinity, 0.5 * (ratio - 1.0 - ratio.log() + shift).sum()};
  const SymmetricEigen axes = symmetric_eigen(exact.covariance);
  if (!(axes.values.minCoeff() > 0.0)) return kl;
  const Matrix whiten =
      axes.values.cwiseSqrt().cwiseInverse().asDiagonal() * axes.vectors.transpose();
  const Eigen::ArrayXd spread =
      symmetric_eigenvalues(whiten * found.covariance * whiten.transpose()).array();
  // Of fewer draws than dimensions the least one is rounding.
  if (!(spread.minCoeff() > 1e-12 * spread.maxCoeff())) return kl;
  kl.full = 0.5 * ((spread - 1.0 - spread.log()).sum() + (whiten * offset).squaredNorm());
  return kl;
}

GaussianKl gaussian_kl_floor(Index draws, Index dimension) {
  const auto n = static_cast<double>(draws), d = static_cast<double>(dimension);
  return {(d + 0.5 * d * (d + 1.0)) / (2.0 * n), d / n};
}

// X_t is b_0 X_0 + b_1 X_1 + noise; with E[X_1 | x] = m_1 + A (x - m_0) the two ends have the
// covariance S_0 A^T.
std::vector<Moments> gaussian_marginals(const TransportPlan& truth, std::span<const double> times) {
  check_times(times);
  const Gaussian& source = gaussian_end(truth.problem().source(), "source");
  const Gaussian& target = gaussian_end(truth.problem().target(), "target");
  const Index d = source.dimension();
  const Points steps = Points::Identity(d, d).rowwise() + source.center().transpose();
  // Row i: column i of A.
  const Matrix transposed =
      truth.map(steps, Direction::forward).rowwise() - target.center().transpose();
  const Matrix joint = source.spread() * transposed;
  std::vector<Moments> marginals;
  for (const double t : times) {
    const auto bridge = truth.problem().reference().bridge(0.0, t, 1.0);
    const double b0 = bridge.from_start, b1 = bridge.from_end;
    Moments at{b0 * source.center() + b1 * target.center(),
               b0 * b0 * source.spread() + b1 * b1 * target.spread() +
                   b0 * b1 * (joint + joint.transpose())};
    at.covariance.diagonal().array() += bridge.variance;
    marginals.push_back(std::move(at));
  }
  return marginals;
}

GaussianKl mean_marginal_kl(const TransportPlan& plan, const std::vector<Moments>& exact,
                            std::span<const double> times, const WeightedPoints& start,
                            const RandomStream& stream) {
  if (exact.size() != times.size()) throw InvalidInput("times", "must be as many as moments");
  const Paths paths = plan.sample_paths(start.points(), times, Direction::forward, stream);
  GaussianKl mean{0.0, 0.0};
  for (std::size_t k = 0; k < times.size(); ++k) {
    const GaussianKl kl =
        gaussian_kl(sample_moments(WeightedPoints(paths.at[k], start.weights())), exact[k]);
    mean.full += kl.full / static_cast<double>(times.size());
    mean.diagonal += kl.diagonal / static_cast<double>(times.size());
  }
  return mean;
}

}  // namespace otbridge
