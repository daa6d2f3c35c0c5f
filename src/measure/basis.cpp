#include "measure/basis.hpp"

#include <utility>

namespace otbridge {
namespace {

// Coordinate by coordinate, which is the same arithmetic for every row: a product of a whole batch
// by Eigen would round a row differently in different batches.
template <class Factor>
Matrix by_coordinates(const Matrix& rows, const Factor& factor) {
  Matrix product = Matrix::Zero(rows.rows(), rows.cols());
  for (Index j = 0; j < rows.cols(); ++j) {
    for (Index i = 0; i < rows.cols(); ++i) product.col(j) += factor(i, j) * rows.col(i);
  }
  return product;
}

// By the kernels, of which the same holds.
Matrix by_panels(const Matrix& rows, const Panels<double>& factor) {
  const auto& products = kernels::select_kernel_set().network_f64;
  const Index d = rows.cols(), whole = whole_blocks(rows.rows(), products.block);
  Panels<double> left(products.panel, whole, d), product(products.panel, whole, d);
  const Panels<double> nothing(products.panel, 1, d);
  for (Index j = 0; j < d; ++j) {
    for (Index i = 0; i < rows.rows(); ++i) left(i, j) = rows(i, j);
  }
  products.affine({left.data(), factor.data(), to_size(whole), to_size(d), to_size(d)},
                  nothing.data(), product.data());
  return Matrix::NullaryExpr(rows.rows(), d, [&](Index i, Index j) { return product(i, j); });
}

}  // namespace

Basis::Basis(Matrix directions) : directions_(std::move(directions)) {
  if (directions_.cols() < kWorthPanels) return;
  along_ = right_factor(directions_, false);
  back_ = right_factor(directions_, true);
}

Matrix Basis::along(const Matrix& rows) const {
  if (is_axes()) return rows;
  return along_ ? by_panels(rows, *along_) : by_coordinates(rows, directions_);
}

Matrix Basis::back(const Matrix& rows) const {
  if (is_axes()) return rows;
  return back_ ? by_panels(rows, *back_) : by_coordinates(rows, directions_.transpose());
}

}  // namespace otbridge
