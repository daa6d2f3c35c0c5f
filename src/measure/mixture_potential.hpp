// MixturePotential: phi(y) = sum_k exp(l_k + <eta_k, z> - z^T Lambda_k z / 2) with z = y - c,
// against a Gaussian kernel: the conditionals, maps and scores of the bridges it makes.
//
// Given x the far end has the law pi(dy | x) ~ phi(y) N(y; a x, s^2 I) dy, a mixture of K Gaussians
// whose weights, means and covariances P_k are known, as is h(x) = int phi(y) N(y; a x, s^2 I) dy;
// over the time that is left the same holds at every time, so that the drift is in closed form. The
// shapes are given by 1/P_k = Lambda_k + 1/s^2 > 0: where the far cloud is wider than the near one
// Lambda_k is negative, and may be -1/s^2 to rounding. Sources: Korotin, Gushchin, Burnaev 2024
// (LightSB); Gushchin, Kolesov, Mokrov et al. 2023.
#pragma once

#include <optional>
#include <vector>

#include "otbridge/core/points.hpp"
#include "otbridge/core/random.hpp"
#include "sweep/panels.hpp"

namespace otbridge {

// y given x ~ N(decay x, variance I), 0 <= variance <= s^2.
struct GaussianKernel {
  double decay, variance;
};

struct PotentialShape {
  double log_weight;
  Vector linear;     // eta, d
  Matrix precision;  // 1/P, d x d, symmetric and positive, or d x 1: its diagonal
};

// Immutable. Rows of x are n x d; O(n K d^2) per call, O(n K d) where all precisions are diagonal,
// parallel over rows; each thread takes 128 K d numbers. Row i depends on row i alone.
class MixturePotential {
 public:
  // At least one shape, all of one dimension; variance: s^2.
  MixturePotential(Eigen::RowVectorXd center, double variance,
                   const std::vector<PotentialShape>& shapes);

  Index components() const { return static_cast<Index>(shapes_.size()); }
  const Eigen::RowVectorXd& center() const { return center_; }
  double least_precision() const;  // the least eigenvalue of all 1/P_k

  // log h(x), one per row; with variance 0 log phi(decay x). These five throw InvalidInput for a
  // row so far away that no term is known.
  Vector log_sum(ConstPoints x, const GaussianKernel& kernel) const;
  // The gradient of log h by a x: (E[y | x] - a x) / v, without the difference.
  Points score(ConstPoints x, const GaussianKernel& kernel) const;
  Points mean(ConstPoints x, const GaussianKernel& kernel) const;
  // log of the density of y_i given x_i: phi(y) N(y; a x, v I) / h(x); v > 0.
  Vector log_conditional(ConstPoints x, ConstPoints y, const GaussianKernel& kernel) const;
  // Cov(y | x) of one row, 1 x d: the mean of the terms' covariances, and the covariance of their
  // means. d x d. O(K d^3), O(K d^2) where precisions are diagonal.
  Matrix covariance(ConstPoints x, const GaussianKernel& kernel) const;
  // Row i: a draw of y given x_i; the term by (first_row + i, 0, 0) uniform, the rest by the
  // normals (first_row + i, 1, .).
  Points sample(ConstPoints x, const GaussianKernel& kernel, const RandomStream& stream,
                Index first_row) const;

 private:
  struct Shape {
    double log_weight;
    // Eigenvectors of Lambda, a left factor of the kernels; none: the axes.
    std::optional<Panels<double>> directions;
    Vector linear, precision;  // eta and the eigenvalues of 1/P, along them
  };
  // Rows of x about the center, along the directions of every shape.
  class Along;

  // log of each term of h, a row for each of these, padded to whole fours.
  Matrix log_terms(const Along& rows, double variance) const;
  // Of each row, those of the terms in h, padded likewise.
  Matrix shares(const Along& rows, double variance) const;

  // Of z given x over the variance that is left, in units of it: 1 + Lambda v.
  Eigen::ArrayXd spread(const Shape& shape, double variance) const {
    return variance * shape.precision.array() + (1.0 - variance / variance_);
  }
  Vector curvature(const Shape& shape) const { return shape.precision.array() - 1.0 / variance_; }

  Eigen::RowVectorXd center_;
  double variance_;
  std::vector<Shape> shapes_;
  // The directions of all shapes as rows, one shape below the other, and as columns beside each
  // other: left factors. None where all are the axes.
  std::optional<Panels<double>> along_, back_;
};

// exp(terms) over their sum, row by row; returns the log of the sums.
Vector normalise_rows(Eigen::Ref<Matrix> log_terms);

}  // namespace otbridge
