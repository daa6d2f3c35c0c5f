// Panels: a matrix as the network kernels read it (kernels/network_table.hpp).
#pragma once

#include <algorithm>
#include <bit>
#include <vector>

#include "kernels/kernel_set.hpp"
#include "otbridge/core/points.hpp"

namespace otbridge {

// A batch: row i is input, target or activation i. Row-major, so that a row is one run of memory.
template <class Scalar>
using Rows = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// Rows of a left factor of the kernels: a multiple of their block.
inline Index whole_blocks(Index rows, kernels::Size block) {
  const auto together = static_cast<Index>(block);
  return (rows + together - 1) / together * together;
}

// rows x columns, all zero at first. `panel` columns lie together, the last panel is padded.
template <class Scalar>
class Panels {
 public:
  Panels(kernels::Size panel, Index rows, Index columns)
      : panel_(static_cast<Index>(panel)),
        shift_(std::countr_zero(panel)),
        rows_(rows),
        columns_(columns),
        // Tiles for their alignment: as many as hold all panels.
        values_((to_size(rows) * ((to_size(columns) + panel - 1) / panel * panel) + kernels::kTile -
                 1) /
                kernels::kTile) {}

  Index rows() const { return rows_; }
  Index columns() const { return columns_; }
  Scalar* data() { return values_.front().values; }
  const Scalar* data() const { return values_.front().values; }

  Scalar& operator()(Index i, Index j) { return data()[place(i, j)]; }
  Scalar operator()(Index i, Index j) const { return data()[place(i, j)]; }

  // Four columns of row i from `first` on, a multiple of four: every panel is whole fours.
  Eigen::Map<const Eigen::Array<Scalar, 4, 1>> four(Index i, Index first) const {
    return Eigen::Map<const Eigen::Array<Scalar, 4, 1>>(data() + place(i, first));
  }
  Eigen::Map<Eigen::Array<Scalar, 4, 1>> four(Index i, Index first) {
    return Eigen::Map<Eigen::Array<Scalar, 4, 1>>(data() + place(i, first));
  }

  // Every entry, those of the padding too.
  void fill(Scalar value) {
    const Index panels = (columns_ + panel_ - 1) / panel_;
    std::fill_n(data(), panels * rows_ * panel_, value);
  }
  // Overwrites the first values.rows() rows.
  void set_top_rows(const Eigen::Ref<const Rows<Scalar>>& values) {
    for (Index first = 0; first < columns_; first += panel_) {
      const Index count = std::min(panel_, columns_ - first);
      for (Index i = 0; i < values.rows(); ++i) {
        std::copy_n(&values.coeffRef(i, first), count, data() + place(i, first));
      }
    }
  }
  Rows<Scalar> top_rows(Index count) const {
    return Rows<Scalar>::NullaryExpr(count, columns_,
                                     [&](Index i, Index j) { return (*this)(i, j); });
  }

 private:
  // Panels are a power of two wide: a division would take as long as what it is for.
  Index place(Index i, Index j) const {
    return ((j >> shift_) * rows_ + i) * panel_ + (j & (panel_ - 1));
  }

  Index panel_;
  int shift_;
  Index rows_, columns_;
  std::vector<kernels::Tile<Scalar>> values_;
};

// Coordinates from which on a product by the kernels is faster than one by loops or by Eigen.
inline constexpr Index kWorthPanels = 12;

// left right, both in double precision; O(rows inner columns). left: a multiple of the kernels'
// block of rows.
inline Panels<double> multiply(const Panels<double>& left, const Panels<double>& right) {
  const auto& products = kernels::select_kernel_set().network_f64;
  Panels<double> product(products.panel, left.rows(), right.columns());
  const Panels<double> nothing(products.panel, 1, right.columns());
  products.affine({left.data(), right.data(), to_size(left.rows()), to_size(right.rows()),
                   to_size(right.columns())},
                  nothing.data(), product.data());
  return product;
}

// The transpose of a square matrix as the right factor of a product.
inline Panels<double> transposed_factor(const Matrix& square) {
  const auto& products = kernels::select_kernel_set().network_f64;
  const kernels::Size d = to_size(square.rows());
  Panels<double> panels(products.panel, square.rows(), square.cols());
  // Columns lie one after the other.
  products.pack(square.data(), d, d, d, 1, panels.data());
  return panels;
}

}  // namespace otbridge
