#include "measure/basis.hpp"

#include <utility>

namespace otbridge {
namespace {

using kernels::Size;

constexpr Index kWide = 12;  // coordinates from which on the kernels' products are faster

const kernels::NetworkTable<double>& products() { return kernels::select_kernel_set().network_f64; }

// A square right factor, or its transpose.
Panels<double> packed(const Matrix& factor, bool transposed) {
  Panels<double> panels(products().panel, factor.rows(), factor.cols());
  const Size d = to_size(factor.rows());
  // Columns lie one after the other.
  products().pack(factor.data(), d, d, transposed ? d : 1, transposed ? 1 : d, panels.data());
  return panels;
}

Matrix times(const Matrix& rows, const Panels<double>& factor) {
  const Index d = rows.cols(), whole = whole_blocks(rows.rows(), products().block);
  Panels<double> left(products().panel, whole, d), product(products().panel, whole, d);
  const Panels<double> nothing(products().panel, 1, d);
  for (Index j = 0; j < d; ++j) {
    for (Index i = 0; i < rows.rows(); ++i) left(i, j) = rows(i, j);
  }
  products().affine({left.data(), factor.data(), to_size(whole), to_size(d), to_size(d)},
                    nothing.data(), product.data());
  return Matrix::NullaryExpr(rows.rows(), d, [&](Index i, Index j) { return product(i, j); });
}

}  // namespace

Basis::Basis(Matrix directions) : directions_(std::move(directions)) {
  if (directions_.cols() < kWide) return;
  along_ = packed(directions_, false);
  back_ = packed(directions_, true);
}

// Coordinate by coordinate where there are few, which is the same arithmetic for every row: a
// product of a whole batch would round a row differently in different batches.
Matrix Basis::along(const Matrix& rows) const {
  if (is_axes()) return rows;
  if (along_) return times(rows, *along_);
  Matrix turned = Matrix::Zero(rows.rows(), rows.cols());
  for (Index j = 0; j < rows.cols(); ++j) {
    for (Index i = 0; i < rows.cols(); ++i) turned.col(j) += directions_(i, j) * rows.col(i);
  }
  return turned;
}

Matrix Basis::back(const Matrix& rows) const {
  if (is_axes()) return rows;
  if (back_) return times(rows, *back_);
  Matrix turned = Matrix::Zero(rows.rows(), rows.cols());
  for (Index j = 0; j < rows.cols(); ++j) {
    for (Index i = 0; i < rows.cols(); ++i) turned.col(i) += directions_(i, j) * rows.col(j);
  }
  return turned;
}

}  // namespace otbridge
