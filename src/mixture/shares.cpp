#include "mixture/shares.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <span>
#include <string>

#include "core/decompositions.hpp"
#include "mixture/terms.hpp"
#include "otbridge/core/machine.hpp"
#include "otbridge/core/parallel.hpp"

namespace otbridge {
namespace {

constexpr Index kSmallestShard = 2048, kShards = 16;  // rows of a partial sum
constexpr double kNothing = 1e-10;                    // a share of a row that is none

Index shard_of(Index rows) { return std::max(kSmallestShard, (rows + kShards - 1) / kShards); }

// With the mass of the prior added.
Matrix drawn(const ShareMoments& share, double prior, double variance) {
  if (!(prior > 0.0)) return share.covariance;
  const double all = share.mass + prior;
  Matrix covariance = share.mass / all * share.covariance;
  if (covariance.cols() == 1) {
    covariance.array() += prior / all * variance;
  } else {
    covariance.diagonal().array() += prior / all * variance;
  }
  return covariance;
}

ShareMoments moments_of_rows(const Points& x, const Vector& weights, const Matrix& shares, Index k,
                             Index begin, Index end, bool full) {
  const Index d = x.cols();
  ShareMoments part;
  part.mean = Vector::Zero(d);
  part.covariance = Matrix::Zero(d, full ? d : 1);
  std::vector<Index> rows;
  rows.reserve(to_size(end - begin));
  for (Index i = begin; i < end; ++i) {
    if (shares(i, k) > kNothing) rows.push_back(i);
  }
  const auto count = static_cast<Index>(rows.size());
  Vector masses(count);
  for (Index r = 0; r < count; ++r) {
    const Index i = rows[to_size(r)];
    masses[r] = weights[i] * shares(i, k);
    part.mean += masses[r] * x.row(i).transpose();
  }
  part.mass = masses.sum();
  if (!(part.mass > 0.0)) return part;
  part.mean /= part.mass;
  // Second moments about the mean of the part's own share: offsets cost no digits.
  Points apart(count, d);
  for (Index r = 0; r < count; ++r) {
    const double root = std::sqrt(masses[r]);
    const double* from = &x(rows[to_size(r)], 0);
    double* to = &apart(r, 0);
    for (Index j = 0; j < d; ++j) to[j] = root * (from[j] - part.mean[j]);
  }
  if (full) {
    part.covariance = outer_products(apart);
  } else {
    part.covariance = apart.colwise().squaredNorm().transpose();
  }
  return part;
}

// By the pivots, of which the least is no less than the least eigenvalue, and seldom much more.
bool well_conditioned(const Eigen::LLT<Matrix>& cholesky, const Matrix& covariance) {
  constexpr double kLeastPivot = 1e-6;  // over the largest variance
  if (cholesky.info() != Eigen::Success) return false;
  const double pivot = cholesky.matrixLLT().diagonal().array().square().minCoeff();
  return pivot > kLeastPivot * covariance.diagonal().maxCoeff();
}

}  // namespace

std::vector<ShareMoments> moments_of_shares(const Points& x, const Vector& weights,
                                            const Matrix& shares, bool full) {
  const Index n = x.rows(), d = x.cols(), count = shares.cols();
  const Index shard = shard_of(n);
  const Index shards = chunk_count(n, shard);
  std::vector<ShareMoments> partial(to_size(count * shards));
  parallel_for(count * shards, 1, [&](Index task, Index, Index) {
    const Index begin = task % shards * shard;
    partial[to_size(task)] =
        moments_of_rows(x, weights, shares, task / shards, begin, std::min(n, begin + shard), full);
  });
  std::vector<ShareMoments> all(to_size(count));
  for (Index k = 0; k < count; ++k) {
    ShareMoments& sum = all[to_size(k)];
    sum.mean = Vector::Zero(d);
    sum.covariance = Matrix::Zero(d, full ? d : 1);
    const auto part = std::span(partial).subspan(to_size(k * shards), to_size(shards));
    for (const ShareMoments& p : part) sum.mass += p.mass;
    if (!(sum.mass > 0.0)) continue;
    for (const ShareMoments& p : part) sum.mean += p.mass / sum.mass * p.mean;
    for (const ShareMoments& p : part) {
      const Vector apart = p.mean - sum.mean;
      sum.covariance += p.covariance / sum.mass;
      if (full) {
        sum.covariance += p.mass / sum.mass * apart * apart.transpose();
      } else {
        sum.covariance += p.mass / sum.mass * apart.cwiseAbs2();
      }
    }
  }
  return all;
}

void check_covariances(Index d) {
  // Of either side, the shape's two, and what their decompositions take.
  constexpr double kMatrices = 12.0;
  check_bytes("a mixture of full covariances in dimension " + std::to_string(d) +
                  " (covariance=diagonal is less)",
              kMatrices * sizeof(double) * static_cast<double>(d) * static_cast<double>(d));
}

Matrix shared_masses(const Matrix& shares, const Vector& weights) {
  const Index n = shares.rows(), shard = shard_of(n);
  std::vector<Matrix> partial(to_size(chunk_count(n, shard)));
  parallel_for(n, shard, [&](Index begin, Index end, Index s) {
    const auto rows = shares.middleRows(begin, end - begin);
    partial[to_size(s)] =
        rows.transpose() * (weights.segment(begin, end - begin).asDiagonal() * rows);
  });
  Matrix sum = Matrix::Zero(shares.cols(), shares.cols());
  for (const Matrix& part : partial) sum += part;
  return sum;
}

// The covariance between the two means is a part of that of the union.
ShareMoments mixed(const ShareMoments& a, const ShareMoments& b, double part) {
  ShareMoments all;
  all.mass = (1.0 - part) * a.mass + part * b.mass;
  if (!(all.mass > 0.0)) return a;
  const double share = part * b.mass / all.mass;
  const Vector apart = b.mean - a.mean;
  all.mean = a.mean + share * apart;
  all.covariance = a.covariance + share * (b.covariance - a.covariance);
  const double between = share * (1.0 - share);
  if (a.covariance.cols() == 1) {
    all.covariance += between * apart.cwiseAbs2();
  } else {
    all.covariance += between * apart * apart.transpose();
  }
  return all;
}

double mean_variance(const std::vector<ShareMoments>& shares) {
  double variance = 0.0, mass = 0.0;
  for (const ShareMoments& share : shares) {
    const Matrix& covariance = share.covariance;
    const double sum = covariance.cols() == 1 ? covariance.sum() : covariance.trace();
    variance += share.mass * sum / static_cast<double>(covariance.rows());
    mass += share.mass;
  }
  return mass > 0.0 ? variance / mass : 0.0;
}

// With Q = 1/P, the inverse of the covariance of y given x, Q Sy Q - Q = Sx. For any root
// Sy = A A^T, Q = A^-T W A^-1 solves it where W^2 - W = A^T Sx A; the means are met by eta.
PotentialShape gaussian_share(const ShareMoments& near, const ShareMoments& far,
                              const SharePrior& prior, double narrowest) {
  const Matrix near_covariance = drawn(near, prior.mass, prior.near);
  const Matrix far_covariance = drawn(far, prior.mass, prior.far);
  PotentialShape shape{0.0, {}, {}};
  if (far_covariance.cols() == 1) {
    const Eigen::ArrayXd sy = far_covariance.col(0).array().max(narrowest);
    const Eigen::ArrayXd sx = near_covariance.col(0).array();
    shape.precision = (1.0 + (1.0 + 4.0 * sy * sx).sqrt()) / (2.0 * sy);
    shape.linear = shape.precision.col(0).cwiseProduct(far.mean) - near.mean;
    return shape;
  }
  Matrix root, transposed_inverse;  // A and A^-T
  if (const auto cholesky = far_covariance.llt(); well_conditioned(cholesky, far_covariance)) {
    root = cholesky.matrixL();
    transposed_inverse = cholesky.matrixU().solve(Matrix::Identity(root.rows(), root.cols()));
  } else {
    const SymmetricEigen sy = symmetric_eigen(far_covariance);
    const Vector roots = sy.values.cwiseMax(narrowest).cwiseSqrt();
    root = sy.vectors * roots.asDiagonal();
    transposed_inverse = sy.vectors * roots.cwiseInverse().asDiagonal();
  }
  const SymmetricEigen inner = symmetric_eigen(4.0 * root.transpose() * near_covariance * root);
  const Vector halves = 0.5 * (1.0 + (1.0 + inner.values.array().max(0.0)).sqrt());
  const Matrix turned = transposed_inverse * inner.vectors;
  shape.precision = turned * halves.asDiagonal() * turned.transpose();
  shape.linear = shape.precision * far.mean - near.mean;
  return shape;
}

// The loss of a Gaussian bridge with the moments about their means is, with M = 1/P,
// (-log det M + tr(M^-1 Sx) + tr(M Sy)) / 2.
double prior_loss(const PotentialShape& shape, const SharePrior& prior) {
  const Matrix& m = shape.precision;
  if (m.cols() == 1) {
    return 0.5 * prior.mass *
           (-m.array().log() + prior.near / m.array() + prior.far * m.array()).sum();
  }
  const PrecisionSums sums = precision_sums(m);
  return 0.5 * prior.mass *
         (-sums.log_determinant + prior.near * sums.inverse_trace + prior.far * m.trace());
}

}  // namespace otbridge
