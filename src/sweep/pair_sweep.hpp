// PairSweep: sums over all pairs of two clouds, leaving out tiles that provably do not matter.
//
// A tile of rows meets a tile of columns only if the bound on its exponents (sweep/tiled_cloud.hpp)
// leaves its weights any influence; what is left out is bounded and returned. Clouds that are not
// `bounded` are swept whole. Rows that are far out, or may meet columns that are, are summed in
// double from differences of coordinates (sweep/row_exponents.hpp), whatever T. Results do not
// depend on the number of threads.
#pragma once

#include <optional>

#include "otbridge/core/exchange.hpp"
#include "sweep/row_exponents.hpp"
#include "sweep/tile_selection.hpp"
#include "sweep/tiled_cloud.hpp"

namespace otbridge {

template <class T>
class PairSweep {
 public:
  // log2_weights: l_j, one per column: the binary log of its weight times exp(potential / s^2).
  PairSweep(const kernels::KernelSet& set, const TiledCloud& rows, const TiledCloud& columns,
            const Vector& log2_weights);

  Index columns() const { return columns_.size(); }

  // out_i = log2 sum_j 2^(l_j - |x_i - y_j|^2), each sum short by at most the fraction
  // `truncation`. guess: an estimate of -out that spares passes where it is good; null takes none.
  void log2_sums(const Vector* guess, double truncation, Vector& out) const;

  // With w_ij = 2^(shift_i + l_j - |x_i - y_j|^2), of which each row leaves out `truncation` at
  // most (not of its sum, but by itself). The value of each is a bound on the sum of all that were
  // left out.
  double row_means(const Vector& shifts, double truncation, const Points& values, Vector& sums,
                   Points& means) const;
  // Both marginals and cost = sum_ij w_ij |x_i - y_j|^2 of w_ij 2^(log2_row_weights_i). Apart from
  // the shifts, which are only known to the rounding of what they make up for.
  double pair_sums(const Vector& shifts, const Vector& log2_row_weights, double truncation,
                   Vector& sums, Vector& column_sums, double& cost) const;
  // Of rows [begin, end) over all columns, row-major; shifts: one for each of them. A row has the
  // same numbers in any company.
  void row_weights(Index begin, Index end, const double* shifts, double* weights) const;

 private:
  TileSelection selection() const;
  kernels::Columns<T> kernel_columns() const;
  template <class Near, class Far>
  double for_row_tiles(const Vector& shifts, double truncation, Index rows_per_chunk,
                       std::vector<SharedArray> filled, Near&& near, Far&& far) const;
  Index chunk_rows() const;
  void log2_sums(Index tile, const Vector* guess, double truncation, double* out,
                 TileSelection& selection) const;
  void careful_log2_sums(Index tile, const Vector* guess, double truncation, double* out,
                         TileSelection& selection, RowExponents& exponents) const;
  void careful_row_weights(Index row, double shift, double* weights) const;
  RowExponents& careful_exponents(std::optional<RowExponents>& exponents) const;
  double bound_error(Index tile) const;
  // Whether rows of a tile are to be summed from differences.
  bool careful(Index tile) const { return large_weights_ || rows_.far(tile); }

  const kernels::KernelSet& set_;
  const kernels::KernelTable<T>& kernels_;
  const TiledCloud &rows_, &columns_;
  std::vector<kernels::Tile<T>> levels_;
  std::optional<ColumnBounds> bounds_;  // none: swept whole
  bool large_weights_ = false;
  // For rows that take care: l_j in double, and a bound on the terms of an exponent.
  RowExponents::Tiles full_log2_weights_;
  double largest_term_ = 0.0;
};

extern template class PairSweep<float>;
extern template class PairSweep<double>;

}  // namespace otbridge
