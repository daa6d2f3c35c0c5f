// Exponents of a block of rows against a stripe of columns, and sums of what becomes of them: the
// innermost loops of kernels.inl and stored.inl.
#include "kernels/lanes.inl"

namespace otbridge::kernels::OTBRIDGE_KERNEL_NAMESPACE {
namespace {

// A block of rows shares the loads of the columns; a stripe of some vectors of columns is held in
// registers at a time. In high dimension (D == 0) the inner products want as many accumulators as
// there are; in low, where exponentials are most of the work, AVX2 does up to a fifth more pairs
// with 8 rows of one vector than with 4 of two.
#if OTBRIDGE_VECTOR_BYTES == 64
template <Size D>
constexpr Size kStripe = 2;
template <Size D>
constexpr Size kBlock = D > 0 ? 4 : 8;
#elif OTBRIDGE_VECTOR_BYTES == 32
template <Size D>
constexpr Size kStripe = D > 0 ? 1 : 2;
template <Size D>
constexpr Size kBlock = D > 0 ? 8 : 4;
#else
template <Size D>
constexpr Size kStripe = 1;
template <Size D>
constexpr Size kBlock = 4;
#endif
constexpr Size kTilesInT = 16;  // tiles whose sum is kept in T before it is added in double

// Exponents of R rows against one stripe. D is the dimension, or 0 for any.
template <class T, Size D, Size R>
class RowBlock {
 public:
  static constexpr Size kRows = R, kWidth = kStripe<D>;
  using Stripe = Lanes<T>[R][kWidth];

  // Rows [first, first + R); beyond the last one, rows of weight 2^-125 that no sum notices.
  RowBlock(const Columns<T>& columns, const Rows<T>& rows, Size first) : columns_(columns) {
    OTBRIDGE_UNROLL
    for (Size r = 0; r < R; ++r) {
      const bool there = first + r < rows.count;
      x_[r] = rows.coordinates + (there ? first + r : first) * columns.d;
      shift_[r] = there ? rows.shifts[first + r] : kPaddedLevel<T>;
      if constexpr (D > 0) {
        OTBRIDGE_UNROLL
        // The factor 2 of z here, once per block, not once per pair.
        for (Size k = 0; k < D; ++k) twice_[r][k] = T(2) * x_[r][k];
      }
    }
  }

  // Exponents, and inner = 2 <x, y>, which costs nothing where it is not used.
  [[gnu::always_inline]] void exponents(Size tile, Size first, Stripe& z, Stripe& inner) const {
    const Tile<T>* const y = columns_.coordinates + tile * (D > 0 ? D : columns_.d);
    Lanes<T> level[kWidth];
    OTBRIDGE_UNROLL
    for (Size v = 0; v < kWidth; ++v) level[v] = at(columns_.levels[tile], first, v);
    if constexpr (D > 0) {
      OTBRIDGE_UNROLL
      for (Size r = 0; r < R; ++r) {
        OTBRIDGE_UNROLL
        for (Size v = 0; v < kWidth; ++v) {
          // Built apart: where inner is not used it is left out, and z is D fused operations.
          z[r][v] = level[v] + shift_[r];
          inner[r][v] = Lanes<T>{};
          OTBRIDGE_UNROLL
          for (Size k = 0; k < D; ++k) {
            z[r][v] += twice_[r][k] * at(y[k], first, v);
            inner[r][v] += twice_[r][k] * at(y[k], first, v);
          }
        }
      }
    } else {
      Stripe product = {};
      for (Size k = 0; k < columns_.d; ++k) {
        Lanes<T> column[kWidth];
        OTBRIDGE_UNROLL
        for (Size v = 0; v < kWidth; ++v) column[v] = at(y[k], first, v);
        OTBRIDGE_UNROLL
        for (Size r = 0; r < R; ++r) {
          OTBRIDGE_UNROLL
          for (Size v = 0; v < kWidth; ++v) product[r][v] += x_[r][k] * column[v];
        }
      }
      OTBRIDGE_UNROLL
      for (Size r = 0; r < R; ++r) {
        OTBRIDGE_UNROLL
        for (Size v = 0; v < kWidth; ++v) {
          z[r][v] = T(2) * product[r][v] + (level[v] + shift_[r]);
          inner[r][v] = T(2) * product[r][v];
        }
      }
    }
  }

  [[gnu::always_inline]] static Lanes<T> at(const Tile<T>& tile, Size first, Size v) {
    return load(tile.values + first + v * kLanes<T>);
  }

 private:
  const Columns<T>& columns_;
  const T* x_[R];
  T shift_[R];
  T twice_[R][D > 0 ? D : 1];
};

// Row sums in T over some tiles, then in double.
template <class T, Size R>
class RowSums {
 public:
  [[gnu::always_inline]] void add(Size r, Lanes<T> w) { part_[r] += w; }
  void flush() {
    OTBRIDGE_UNROLL
    for (Size r = 0; r < R; ++r) {
      sum_[r] += total<T>(part_[r]);
      part_[r] = Lanes<T>{};
    }
  }
  double operator[](Size r) const { return sum_[r]; }

 private:
  Lanes<T> part_[R] = {};
  double sum_[R] = {};
};

}  // namespace
}  // namespace otbridge::kernels::OTBRIDGE_KERNEL_NAMESPACE
