// Kernels: the loops over all pairs of two clouds, compiled once per instruction set.
//
// Everything is in binary logarithms of dimensionless numbers: with coordinates scaled by
// sqrt(log2(e) / (2 s^2)), the weight of row i and column j is
//   w_ij = 2^z_ij,   z_ij = shift_i + level_j - |x_i - y_j|^2,
// so that level carries the potential and log-weight of a column and shift the potential of a row.
// Exponents are clamped to the normal range of T: an exponent below it gives the smallest normal
// weights, never a subnormal (which would cost tenfold), one above it a sum that shows it.
// Time O(rows columns d); no allocation.
#pragma once

#include <cstddef>

namespace otbridge::kernels {

using Size = std::size_t;

// Columns swept by a kernel. Arrays are padded to a multiple of kPadding columns whose level is
// kPaddedLevel, and whose coordinates are zero.
template <class T>
struct Columns {
  const T* coordinates;  // d arrays of `padded` numbers
  const T* levels;       // padded
  const T* reduced;      // level_j - |y_j|^2, for the inner-product form; unused for d <= kDirect
  Size padded;
  Size d;
};

template <class T>
struct Rows {
  const T* coordinates;  // count x d, row-major
  const T* shifts;       // count
  Size count;
};

constexpr Size kPadding = 64;
constexpr double kPaddedLevel = -1e30;
// Up to this dimension distances are sums of squared differences; beyond, row sums and maxima use
// |x|^2 + |y|^2 - 2 <x, y>, at the speed of a matrix product. Clouds should be centred then.
constexpr Size kDirect = 3;

template <class T>
struct KernelTable {
  // sums_i = sum_j w_ij. Right to the precision of T while 2^-kSafe < sum < 2^kSafe.
  void (*row_sums)(const Columns<T>&, const Rows<T>&, double* sums);
  // maxima_i = max_j z_ij, with which shift_i - max is a shift that is always safe.
  void (*row_maxima)(const Columns<T>&, const Rows<T>&, double* maxima);
  // sums as above, costs_i = sum_j w_ij |x_i - y_j|^2, always from squared differences.
  void (*row_costs)(const Columns<T>&, const Rows<T>&, double* sums, double* costs);
  // sums as above, means_ik = sum_j w_ij values_kj; values: width arrays of `padded` numbers.
  void (*row_means)(const Columns<T>&, const Rows<T>&, const T* values, Size width, double* sums,
                    double* means);
  // weights_ij = w_ij for the first `columns` columns, row-major, from squared differences.
  void (*row_weights)(const Columns<T>&, const Rows<T>&, Size columns, double* weights);
};

constexpr double kSafe = 60.0;

struct KernelSet {
  const char* name;
  KernelTable<float> f32;
  KernelTable<double> f64;
};

template <class T>
const KernelTable<T>& table(const KernelSet& set);
template <>
inline const KernelTable<float>& table<float>(const KernelSet& set) {
  return set.f32;
}
template <>
inline const KernelTable<double>& table<double>(const KernelSet& set) {
  return set.f64;
}

// The sets this processor can run, fastest first; baseline is always there. Null past the end.
const KernelSet* available_kernel_set(Size index);

// The fastest set, or the one named by the environment variable OTBRIDGE_KERNELS (baseline, avx2,
// avx512) if this processor has it.
const KernelSet& select_kernel_set();

}  // namespace otbridge::kernels
