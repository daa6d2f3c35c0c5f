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
  const auto& products = kernels::select_kernel_set().network_f64;
  const Index d = center_.size();
  bool all_axes = true;
  for (const PotentialShape& shape : shapes) all_axes = all_axes && shape.precision.cols() == 1;
  if (!all_axes) {
    const Index rows = whole_blocks(components() * d, products.block);
    along_.emplace(products.panel, rows, d);
    back_.emplace(products.panel, whole_blocks(d, products.block), rows);
  }
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
      shape.precision = std::move(eigen.values);
      shape.directions.emplace(products.panel, back_->rows(), d);
      shape.directions->set_top_rows(eigen.vectors);
    }
    if (all_axes) return;
    for (Index j = 0; j < d; ++j) {
      for (Index i = 0; i < d; ++i) {
        const double entry = shape.directions ? (*shape.directions)(i, j) : i == j ? 1.0 : 0.0;
        (*along_)(k * d + j, i) = (*back_)(i, k * d + j) = entry;
      }
    }
  });
}

double MixturePotential::least_precision() const {
  double least = shapes_.front().precision.minCoeff();
  for (const Shape& shape : shapes_) least = std::min(least, shape.precision.minCoeff());
  return least;
}

// Points are columns of the panels, coordinates rows: four points are had at a time, and what is
// made of all coordinates of all shapes is one product.
class MixturePotential::Along {
 public:
  // Of a x - c.
  Along(const MixturePotential& potential, ConstPoints x, const GaussianKernel& kernel)
      : count_(x.rows()),
        stride_(potential.along_ ? x.cols() : 0),
        coordinates_(kernels::select_kernel_set().network_f64.panel, x.cols(), count_) {
    for (Index j = 0; j < x.cols(); ++j) {
      for (Index i = 0; i < count_; ++i) {
        coordinates_(j, i) = kernel.decay * x(i, j) - potential.center_[j];
      }
    }
    if (potential.along_) coordinates_ = multiply(*potential.along_, coordinates_);
  }

  Index rows() const { return count_; }
  Index padded() const { return whole_blocks(count_, 4); }
  double operator()(Index k, Index i, Index j) const { return coordinates_(k * stride_ + j, i); }
  // Coordinate j along shape k of four points.
  auto four(Index k, Index first, Index j) const {
    return coordinates_.four(k * stride_ + j, first);
  }

 private:
  Index count_;
  Index stride_;  // rows of one shape; 0: all have the same
  Panels<double> coordinates_;
};

// int exp(eta z - lambda z^2 / 2) N(z; m, v) dz in one dimension is
// (1 + lambda v)^(-1/2) exp((eta m + v eta^2 / 2 - lambda m^2 / 2) / (1 + lambda v)).
Matrix MixturePotential::log_terms(const Along& rows, double variance) const {
  Matrix terms(rows.padded(), components());
  for (Index k = 0; k < components(); ++k) {
    const Shape& shape = shapes_[to_size(k)];
    const Eigen::ArrayXd spread = this->spread(shape, variance);
    const Vector linear = shape.linear.array() / spread;
    const Vector quadratic = 0.5 * curvature(shape).array() / spread;
    const double constant =
        shape.log_weight + 0.5 * variance * shape.linear.dot(linear) - 0.5 * spread.log().sum();
    for (Index first = 0; first < rows.rows(); first += 4) {
      Eigen::Array4d sum = Eigen::Array4d::Constant(constant);
      for (Index j = 0; j < center_.size(); ++j) {
        const auto m = rows.four(k, first, j);
        sum += (linear[j] - quadratic[j] * m) * m;
      }
      terms.col(k).segment<4>(first) = sum;
    }
  }
  return terms;
}

Vector MixturePotential::log_sum(ConstPoints x, const GaussianKernel& kernel) const {
  Matrix terms(x.rows(), components());
  parallel_for(x.rows(), kChunk, [&](Index begin, Index end, Index) {
    const Along rows(*this, x.middleRows(begin, end - begin), kernel);
    terms.middleRows(begin, end - begin) = log_terms(rows, kernel.variance).topRows(end - begin);
  });
  Vector sums = normalise_rows(terms);
  check_known(sums);
  return sums;
}

Matrix MixturePotential::shares(const Along& rows, double variance) const {
  Matrix shares = log_terms(rows, variance);
  check_known(normalise_rows(shares.topRows(rows.rows())));
  return shares;
}

Points MixturePotential::score(ConstPoints x, const GaussianKernel& kernel) const {
  const Index d = x.cols();
  const kernels::Size panel = kernels::select_kernel_set().network_f64.panel;
  Points scores(x.rows(), d);
  parallel_for(x.rows(), kChunk, [&](Index begin, Index end, Index) {
    const Along rows(*this, x.middleRows(begin, end - begin), kernel);
    const Matrix shares = this->shares(rows, kernel.variance);
    // Along the directions of each shape, or the sum over the shapes where these are the axes.
    Panels<double> total(panel, back_ ? back_->columns() : d, end - begin);
    for (Index k = 0; k < components(); ++k) {
      const Shape& shape = shapes_[to_size(k)];
      const Eigen::ArrayXd spread = this->spread(shape, kernel.variance);
      const Vector linear = shape.linear.array() / spread;
      const Vector quadratic = curvature(shape).array() / spread;
      for (Index first = 0; first < end - begin; first += 4) {
        const Eigen::Array4d share = shares.col(k).segment<4>(first);
        for (Index j = 0; j < d; ++j) {
          total.four(back_ ? k * d + j : j, first) +=
              share * (linear[j] - quadratic[j] * rows.four(k, first, j));
        }
      }
    }
    if (back_) total = multiply(*back_, total);
    for (Index i = 0; i < end - begin; ++i) {
      for (Index j = 0; j < d; ++j) scores(begin + i, j) = total(j, i);
    }
  });
  return scores;
}

Points MixturePotential::mean(ConstPoints x, const GaussianKernel& kernel) const {
  return kernel.decay * x + kernel.variance * score(x, kernel);
}

// Shares below 2^-90 are nothing beside those that sum to 1.
Matrix MixturePotential::covariance(ConstPoints x, const GaussianKernel& kernel) const {
  constexpr double kNothing = 0x1p-90;
  const Along row(*this, x, kernel);
  const Eigen::RowVectorXd shares = this->shares(row, kernel.variance).row(0);
  const Index d = x.cols();
  Matrix means(d, components());  // about the center; 0 for what has no share
  means.setZero();
  Matrix total = Matrix::Zero(d, d);
  for (Index k = 0; k < components(); ++k) {
    if (shares[k] < kNothing) continue;
    const Shape& shape = shapes_[to_size(k)];
    const Eigen::ArrayXd spread = this->spread(shape, kernel.variance);
    const Vector m = Vector::NullaryExpr(d, [&](Index j) { return row(k, 0, j); });
    const Vector y = (m + kernel.variance * shape.linear).array() / spread;
    const Vector variances = shares[k] * kernel.variance / spread;
    if (!shape.directions) {
      means.col(k) = y;
      total.diagonal() += variances;
    } else {
      const Matrix directions = shape.directions->top_rows(d);
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
  const kernels::Size panel = kernels::select_kernel_set().network_f64.panel;
  Points drawn(x.rows(), x.cols());
  parallel_for(x.rows(), kChunk, [&](Index begin, Index end, Index) {
    // Shares and means are had once for equal rows: draws given one point.
    const EqualRows equal(x.middleRows(begin, end - begin));
    const Points distinct = x.middleRows(begin, end - begin)(equal.firsts(), Eigen::all);
    const Along rows(*this, distinct, kernel);
    const Matrix shares = this->shares(rows, kernel.variance);
    // Rows of one term go back from its directions together.
    std::vector<std::vector<Index>> rows_of(shapes_.size()), groups_of(shapes_.size());
    for (Index group = 0; group < distinct.rows(); ++group) {
      for (const Index i : equal.members(group)) {
        // Inversion: the first term whose cumulative share passes a uniform number.
        double left = stream.uniform(first_row + begin + i, 0, 0);
        Index k = 0;
        while (k + 1 < components() && (left -= shares(group, k)) > 0.0) ++k;
        rows_of[to_size(k)].push_back(first_row + begin + i);
        groups_of[to_size(k)].push_back(group);
      }
    }
    const Index d = x.cols();
    for (Index k = 0; k < components(); ++k) {
      const auto& own = rows_of[to_size(k)];  // in the numbers of the stream
      if (own.empty()) continue;
      const Shape& shape = shapes_[to_size(k)];
      const Vector spread = this->spread(shape, kernel.variance);
      const Vector push = kernel.variance * shape.linear;
      const Vector deviation = (kernel.variance / spread.array()).sqrt();
      const Points z = stream.normals(own, 1, d);
      Panels<double> y(panel, d, static_cast<Index>(own.size()));
      for (Index i = 0; i < y.columns(); ++i) {
        const Index at = groups_of[to_size(k)][to_size(i)];
        for (Index j = 0; j < d; ++j) {
          y(j, i) = (rows(k, at, j) + push[j]) / spread[j] + deviation[j] * z(i, j);
        }
      }
      if (shape.directions) y = multiply(*shape.directions, y);
      for (Index i = 0; i < y.columns(); ++i) {
        for (Index j = 0; j < d; ++j) drawn(own[to_size(i)] - first_row, j) = y(j, i) + center_[j];
      }
    }
  });
  return drawn;
}

}  // namespace otbridge
