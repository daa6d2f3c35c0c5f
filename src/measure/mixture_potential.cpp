#include "measure/mixture_potential.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "core/decompositions.hpp"
#include "core/equal_rows.hpp"
#include "kernels/kernel_set.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/parallel.hpp"

namespace otbridge {
namespace {

constexpr Index kChunk = 64, kLongChunk = 1024;  // rows

void check_known(const Vector& log_sums) {
  if (log_sums.allFinite()) return;
  throw InvalidInput("squared distances between the points and the plan's shapes", "overflow");
}

}  // namespace

// Column by column, by the exponential of the kernels, which has the same for a number wherever in
// a vector register that stands. It takes what is not a number for the least one, so that is kept
// apart.
Vector normalise_rows(Eigen::Ref<Matrix> log_terms) {
  constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
  const auto scale = kernels::select_kernel_set().stored.scale;  // values times 2^exponents
  Vector logs(log_terms.rows());
  parallel_for(log_terms.rows(), kLongChunk, [&](Index begin, Index end, Index) {
    auto terms = log_terms.middleRows(begin, end - begin);
    Eigen::ArrayXd most = terms.col(0), sums = Eigen::ArrayXd::Zero(end - begin), exponents;
    for (Index k = 1; k < terms.cols(); ++k) most = most.max(terms.col(k).array());
    for (Index k = 0; k < terms.cols(); ++k) {
      auto term = terms.col(k).array();
      exponents = std::numbers::log2e * (term - most);
      term = (exponents == exponents).select(Eigen::ArrayXd::Ones(end - begin), kUnknown);
      scale(exponents.data(), to_size(end - begin), terms.col(k).data());
      sums += term;
    }
    // By the library's, which is that of the last numbers too.
    for (Index i = 0; i < end - begin; ++i) logs[begin + i] = most[i] + std::log(sums[i]);
    sums = sums.inverse();
    for (Index k = 0; k < terms.cols(); ++k) terms.col(k).array() *= sums;
  });
  return logs;
}

MixturePotential::MixturePotential(Eigen::RowVectorXd center, double variance,
                                   const std::vector<PotentialShape>& shapes)
    : center_(std::move(center)), variance_(variance), shapes_(shapes.size()) {
  parallel_for(components(), 1, [&](Index k, Index, Index) {
    const PotentialShape& from = shapes[to_size(k)];
    Shape& shape = shapes_[to_size(k)];
    shape.log_weight = from.log_weight;
    if (from.precision.cols() == 1) {
      shape.linear = from.linear;
      shape.precision = from.precision.col(0);
    } else {
      SymmetricEigen eigen = symmetric_eigen(from.precision);
      shape.linear = eigen.vectors.transpose() * from.linear;
      shape.basis = Basis(std::move(eigen.vectors));
      shape.precision = std::move(eigen.values);
    }
  });
}

double MixturePotential::least_precision() const {
  double least = shapes_.front().precision.minCoeff();
  for (const Shape& shape : shapes_) least = std::min(least, shape.precision.minCoeff());
  return least;
}

// Rows of a x - c.
Matrix MixturePotential::centred(ConstPoints x, const GaussianKernel& kernel, Index begin,
                                 Index end) const {
  return (kernel.decay * x.middleRows(begin, end - begin)).rowwise() - center_;
}

// int exp(eta z - lambda z^2 / 2) N(z; m, v) dz in one dimension is
// (1 + lambda v)^(-1/2) exp((eta m + v eta^2 / 2 - lambda m^2 / 2) / (1 + lambda v)).
void MixturePotential::log_terms(const Matrix& rows, double variance,
                                 Eigen::Ref<Matrix> terms) const {
  for (Index k = 0; k < components(); ++k) {
    const Shape& shape = shapes_[to_size(k)];
    const Matrix m = shape.basis.along(rows);
    const Eigen::ArrayXd spread = this->spread(shape, variance);
    const Vector linear = shape.linear.array() / spread;
    const Vector quadratic = 0.5 * curvature(shape).array() / spread;
    terms.col(k).setConstant(shape.log_weight + 0.5 * variance * shape.linear.dot(linear) -
                             0.5 * spread.log().sum());
    for (Index j = 0; j < rows.cols(); ++j) {
      terms.col(k).array() += (linear[j] - quadratic[j] * m.col(j).array()) * m.col(j).array();
    }
  }
}

Vector MixturePotential::log_sum(ConstPoints x, const GaussianKernel& kernel) const {
  Matrix terms(x.rows(), components());
  parallel_for(x.rows(), kChunk, [&](Index begin, Index end, Index) {
    log_terms(centred(x, kernel, begin, end), kernel.variance,
              terms.middleRows(begin, end - begin));
  });
  Vector sums = normalise_rows(terms);
  check_known(sums);
  return sums;
}

// Of each row, those of the terms in h.
Matrix MixturePotential::shares(const Matrix& rows, double variance) const {
  Matrix shares(rows.rows(), components());
  log_terms(rows, variance, shares);
  check_known(normalise_rows(shares));
  return shares;
}

Points MixturePotential::score(ConstPoints x, const GaussianKernel& kernel) const {
  Points scores(x.rows(), x.cols());
  parallel_for(x.rows(), kChunk, [&](Index begin, Index end, Index) {
    const Matrix rows = centred(x, kernel, begin, end);
    const Matrix shares = this->shares(rows, kernel.variance);
    Matrix total = Matrix::Zero(rows.rows(), x.cols());
    for (Index k = 0; k < components(); ++k) {
      const Shape& shape = shapes_[to_size(k)];
      const Vector curvature = this->curvature(shape);
      const Eigen::ArrayXd spread = this->spread(shape, kernel.variance);
      Matrix s = shape.basis.along(rows);
      for (Index j = 0; j < x.cols(); ++j) {
        s.col(j).array() =
            shares.col(k).array() * (shape.linear[j] - curvature[j] * s.col(j).array()) / spread[j];
      }
      total += shape.basis.back(s);
    }
    scores.middleRows(begin, end - begin) = total;
  });
  return scores;
}

Points MixturePotential::mean(ConstPoints x, const GaussianKernel& kernel) const {
  return kernel.decay * x + kernel.variance * score(x, kernel);
}

// Shares below 2^-90 are nothing beside those that sum to 1.
Matrix MixturePotential::covariance(ConstPoints x, const GaussianKernel& kernel) const {
  constexpr double kNothing = 0x1p-90;
  const Matrix row = centred(x, kernel, 0, 1);
  const Eigen::RowVectorXd shares = this->shares(row, kernel.variance).row(0);
  const Index d = x.cols();
  Matrix means(d, components());  // about the center; 0 for what has no share
  means.setZero();
  Matrix total = Matrix::Zero(d, d);
  for (Index k = 0; k < components(); ++k) {
    if (shares[k] < kNothing) continue;
    const Shape& shape = shapes_[to_size(k)];
    const Eigen::ArrayXd spread = this->spread(shape, kernel.variance);
    const Vector m = shape.basis.along(row).row(0).transpose();
    const Vector y = (m + kernel.variance * shape.linear).array() / spread;
    const Vector variances = shares[k] * kernel.variance / spread;
    if (shape.basis.is_axes()) {
      means.col(k) = y;
      total.diagonal() += variances;
    } else {
      const Matrix& directions = shape.basis.directions();
      means.col(k) = directions * y;
      total += directions * variances.asDiagonal() * directions.transpose();
    }
  }
  const Vector mean = means * shares.transpose();
  for (Index k = 0; k < components(); ++k) {
    if (shares[k] < kNothing) continue;
    const Vector apart = means.col(k) - mean;
    total += shares[k] * apart * apart.transpose();
  }
  return total;
}

Vector MixturePotential::log_conditional(ConstPoints x, ConstPoints y,
                                         const GaussianKernel& kernel) const {
  const Vector squares = (y - kernel.decay * x).rowwise().squaredNorm();
  const double constant =
      -0.5 * static_cast<double>(x.cols()) * std::log(2.0 * std::numbers::pi * kernel.variance);
  // phi(y) is h over no time.
  return log_sum(y, {1.0, 0.0}) - log_sum(x, kernel) +
         (constant - 0.5 / kernel.variance * squares.array()).matrix();
}

// Along the eigenvectors z given x and the term is N((m + v eta) / (1 + lambda v), v / (1 + lambda
// v)).
Points MixturePotential::sample(ConstPoints x, const GaussianKernel& kernel,
                                const RandomStream& stream, Index first_row) const {
  Points drawn(x.rows(), x.cols());
  parallel_for(x.rows(), kChunk, [&](Index begin, Index end, Index) {
    // Shares and means are had once for equal rows that follow each other: draws given one point.
    const std::vector<Index> runs = runs_of_equal_rows(x.middleRows(begin, end - begin));
    const Matrix rows = centred(x, kernel, begin, end)(runs, Eigen::all);
    const Matrix shares = this->shares(rows, kernel.variance);
    // Rows of one term go along its eigenvectors, and back, together.
    std::vector<std::vector<Index>> rows_of(shapes_.size()), runs_of(shapes_.size());
    std::size_t run = 0;
    for (Index i = 0; i < end - begin; ++i) {
      if (run + 1 < runs.size() && runs[run + 1] == i) ++run;
      const auto at = static_cast<Index>(run);
      // Inversion: the first term whose cumulative share passes a uniform number.
      double left = stream.uniform(first_row + begin + i, 0, 0);
      Index k = 0;
      while (k + 1 < components() && (left -= shares(at, k)) > 0.0) ++k;
      rows_of[to_size(k)].push_back(begin + i);
      runs_of[to_size(k)].push_back(at);
    }
    Vector z(x.cols());
    for (Index k = 0; k < components(); ++k) {
      const auto& own = rows_of[to_size(k)];
      if (own.empty()) continue;
      const Shape& shape = shapes_[to_size(k)];
      const Vector spread = this->spread(shape, kernel.variance);
      const Vector push = kernel.variance * shape.linear;
      const Vector deviation = (kernel.variance / spread.array()).sqrt();
      Matrix y = shape.basis.along(rows(runs_of[to_size(k)], Eigen::all));
      for (Index i = 0; i < y.rows(); ++i) {
        stream.fill_normal(first_row + own[to_size(i)], 1, {z.data(), to_size(z.size())});
        y.row(i) = (y.row(i).transpose() + push).cwiseQuotient(spread) + deviation.cwiseProduct(z);
      }
      drawn(own, Eigen::all) = shape.basis.back(y).rowwise() + center_;
    }
  });
  return drawn;
}

}  // namespace otbridge
