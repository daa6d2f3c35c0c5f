#include "mixture/terms.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "otbridge/core/parallel.hpp"
#include "sweep/panels.hpp"

namespace otbridge {
namespace {

constexpr Index kTogether = 256;  // rows of a product: its factors stay in the cache

const kernels::NetworkTable<double>& products() { return kernels::select_kernel_set().network_f64; }

// The Cholesky factor; not numbers where there is none.
Matrix lower_factor(const Matrix& precision) {
  const auto found = precision.llt();
  if (found.info() != Eigen::Success) {
    return Matrix::Constant(precision.rows(), precision.cols(),
                            std::numeric_limits<double>::quiet_NaN());
  }
  return found.matrixL();
}

// L^-1 of a lower triangular L.
Matrix inverse_of(const Matrix& lower) {
  const Index d = lower.rows();
  return lower.triangularView<Eigen::Lower>().solve(Matrix::Identity(d, d));
}

// With 1/P = Q = L L^T a term is, up to -|x|^2 / 2 (near) or +|x|^2 / 2 (far),
//   near: l - log det Q / 2 + |L^-1 x + L^-1 eta|^2 / 2,
//   far:  l + |L^-1 eta|^2 / 2 - |L^T x - L^-1 eta|^2 / 2.
struct Square {
  double constant;
  Matrix root;  // d x d, or its diagonal
  Vector shift;
};

Square square_of(const PotentialShape& shape, BridgeSide side) {
  Matrix inverse, factor;  // L^-1, L^T
  double log_determinant = 0.0;
  Vector shift;
  if (shape.precision.cols() == 1) {
    factor = shape.precision.cwiseSqrt();
    inverse = factor.cwiseInverse();
    log_determinant = shape.precision.array().log().sum();
    shift = inverse.cwiseProduct(shape.linear);
  } else {
    const Matrix lower = lower_factor(shape.precision);
    factor = lower.transpose();
    inverse = inverse_of(lower);
    log_determinant = 2.0 * lower.diagonal().array().log().sum();
    shift = inverse * shape.linear;
  }
  if (side == BridgeSide::near) {
    return {shape.log_weight - 0.5 * log_determinant, std::move(inverse), std::move(shift)};
  }
  return {shape.log_weight + 0.5 * shift.squaredNorm(), std::move(factor), -shift};
}

// A square made ready for the products of the kernels; its root is lower triangular on the near
// side, and upper on the far one.
struct PackedSquare {
  Panels<double> root, shift;
  bool lower;

  PackedSquare(const Square& square, BridgeSide side)
      : root(transposed_factor(square.root)),
        shift(products().panel, 1, square.shift.size()),
        lower(side == BridgeSide::near) {
    shift.set_top_rows(square.shift.transpose());
  }
};

// A few rows of a cloud.
class Chunk {
 public:
  Chunk(const Points& rows, bool packed) : count_(rows.rows()) {
    if (!packed) {
      rows_ = rows;
      return;
    }
    const Index whole = whole_blocks(rows.rows(), products().block);
    packed_.emplace(products().panel, whole, rows.cols());
    product_.emplace(products().panel, whole, products().panel);
    packed_->set_top_rows(rows);
  }

  // |root x + shift|^2 of every row.
  Vector squares(const Square& square) const {
    const bool diagonal = square.root.cols() == 1;
    const Index d = rows_.cols();
    Vector sum = Vector::Zero(count_), moved(count_);
    // Coordinate by coordinate: of few, a product takes longer to make ready than to do.
    for (Index j = 0; j < d; ++j) {
      moved.setConstant(square.shift[j]);
      if (diagonal) {
        moved += square.root(j, 0) * rows_.col(j);
      } else {
        for (Index k = 0; k < d; ++k) moved += square.root(j, k) * rows_.col(k);
      }
      sum += moved.cwiseAbs2();
    }
    return sum;
  }
  Vector squares(const PackedSquare& square) {
    const Index whole = packed_->rows(), d = packed_->columns();
    const auto panel = static_cast<Index>(products().panel);
    // The lanes of a row are summed at the end.
    Eigen::ArrayXXd sums = Eigen::ArrayXXd::Zero(panel, whole);
    for (Index first = 0; first < d; first += panel) {
      const Index count = std::min(panel, d - first);
      if (count < panel) product_->fill(0.0);
      // Coordinates first .. first + count of the root's image rest on those up to there, or on
      // those from there on.
      const Index begin = square.lower ? 0 : first, end = square.lower ? first + count : d;
      products().affine(
          {packed_->data() + begin * whole, square.root.data() + first * d + begin * panel,
           to_size(whole), to_size(end - begin), to_size(count)},
          square.shift.data() + first, product_->data());
      sums += Eigen::Map<const Eigen::ArrayXXd>(product_->data(), panel, whole).square();
    }
    return sums.colwise().sum().matrix().transpose().head(count_);
  }

 private:
  Index count_;
  Matrix rows_;  // unless packed
  std::optional<Panels<double>> packed_, product_;
};

}  // namespace

Matrix log_terms(const Points& x, const std::vector<PotentialShape>& shapes, BridgeSide side) {
  const auto count = static_cast<Index>(shapes.size());
  const bool packed = x.cols() >= kWorthPanels && shapes.front().precision.cols() > 1;
  std::vector<Square> squares(shapes.size());
  std::vector<std::optional<PackedSquare>> ready(shapes.size());
  parallel_for(count, 1, [&](Index k, Index, Index) {
    squares[to_size(k)] = square_of(shapes[to_size(k)], side);
    if (packed) ready[to_size(k)].emplace(squares[to_size(k)], side);
  });
  const double half = side == BridgeSide::near ? 0.5 : -0.5;
  Matrix terms(x.rows(), count);
  parallel_for(x.rows(), kTogether, [&](Index begin, Index end, Index) {
    const Points rows = x.middleRows(begin, end - begin);
    const Vector norms = rows.rowwise().squaredNorm();
    Chunk chunk(rows, packed);
    for (Index k = 0; k < count; ++k) {
      const Square& square = squares[to_size(k)];
      const Vector found = packed ? chunk.squares(*ready[to_size(k)]) : chunk.squares(square);
      terms.col(k).segment(begin, end - begin) = square.constant + half * (found - norms).array();
    }
  });
  return terms;
}

double mean_log_term(const PotentialShape& shape, const ShareMoments& near) {
  const Square square = square_of(shape, BridgeSide::near);
  if (square.root.cols() == 1) {
    const Eigen::ArrayXd moved = square.root.col(0).cwiseProduct(near.mean) + square.shift;
    return square.constant + 0.5 * (moved.square() + square.root.col(0).array().square() *
                                                         near.covariance.col(0).array())
                                       .sum();
  }
  return square.constant + 0.5 * ((square.root * near.mean + square.shift).squaredNorm() +
                                  (square.root * near.covariance).cwiseProduct(square.root).sum());
}

Matrix outer_products(const Points& x) {
  const Index n = x.rows(), d = x.cols();
  if (d < kWorthPanels) {
    const Matrix columns = x;  // each one run of memory
    return columns.transpose().lazyProduct(columns);
  }
  const auto panel = static_cast<Index>(products().panel);
  Matrix sum = Matrix::Zero(d, d);
  Rows<double> part(d, panel);
  Vector column_sums(d);
  for (Index begin = 0; begin < n; begin += kTogether) {
    const Index count = std::min(kTogether, n - begin);
    Panels<double> rows(products().panel, count, d);
    rows.set_top_rows(x.middleRows(begin, count));
    // The upper triangle, panel by panel.
    for (Index first = 0; first < d; first += panel) {
      const Index across = std::min(panel, d - first), down = first + across;
      part.resize(down, across);
      products().weight_gradient({rows.data(), rows.data() + first * count, to_size(count),
                                  to_size(count), to_size(down), to_size(across)},
                                 part.data(), column_sums.data());
      sum.block(0, first, down, across) += part;
    }
  }
  return sum.selfadjointView<Eigen::Upper>();
}

PrecisionSums precision_sums(const Matrix& precision) {
  const Matrix lower = lower_factor(precision);
  return {2.0 * lower.diagonal().array().log().sum(), inverse_of(lower).squaredNorm()};
}

}  // namespace otbridge
