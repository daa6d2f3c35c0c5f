// Kernels: the loops over pairs of two clouds, compiled once per instruction set; and those of
// networks, see network_table.hpp.
//
// Of pairs, everything is in binary logarithms of dimensionless numbers: with coordinates scaled by
// sqrt(log2(e) / (2 s^2)), the weight of row i and column j is
//   w_ij = 2^z_ij,   z_ij = shift_i + level_j + 2 <x_i, y_j>,
// where shift_i and level_j carry potential, log-weight and minus the squared norm of the point, so
// that the three terms of -|x_i - y_j|^2 are there. Clouds should be centred. Exponents are clamped
// from below to the normal range of T: a weight is never a subnormal, which would cost twentyfold.
// Time O(rows columns d); no allocation.
#pragma once

#include "kernels/assignment_table.hpp"
#include "kernels/lattice_table.hpp"
#include "kernels/local_table.hpp"
#include "kernels/network_table.hpp"

namespace otbridge::kernels {

// Columns come in tiles. The last one is padded with columns at the origin of level kPaddedLevel.
template <class T>
constexpr T kPaddedLevel = sizeof(T) == 4 ? T(-1e30) : T(-1e300);

template <class T>
struct Columns {
  const Tile<T>* coordinates;  // coordinate k of tile t is coordinates[t * d + k]
  const Tile<T>* levels;       // one per tile
  Size d;
};

// The tiles a call goes through: `count` half-open ranges in increasing order.
struct TileRange {
  Size begin, end;
};
struct TileRanges {
  const TileRange* data;
  Size count;
};

template <class T>
struct Rows {
  const T* coordinates;  // count x d, row-major
  const T* shifts;       // count
  Size count;
};

template <class T>
struct KernelTable {
  // sums_i = sum_j w_ij. Right to the precision of T while 2^-kSafe < sum < 2^kSafe.
  void (*row_sums)(const Columns<T>&, const TileRanges&, const Rows<T>&, double* sums);
  // maxima_i = max_j z_ij, with which shift_i - max is a shift that is always safe.
  void (*row_maxima)(const Columns<T>&, const TileRanges&, const Rows<T>&, double* maxima);
  // Both marginals and the cost from one exponential per pair: sums as above,
  // inner_sums_i = sum_j w_ij 2 <x_i, y_j>, and column_sums_j += sum_i w_ij.
  void (*pair_sums)(const Columns<T>&, const TileRanges&, const Rows<T>&, double* sums,
                    double* inner_sums, Tile<T>* column_sums);
  // sums as above, means_ik = sum_j w_ij v_jk; value k of tile t is values[t * width + k].
  void (*row_means)(const Columns<T>&, const TileRanges&, const Rows<T>&, const Tile<T>* values,
                    Size width, double* sums, double* means);
  // The pairs of positive exponent: bit j of hits[i * tiles + t] is set where z > 0 for column j of
  // tile t, over the first `tiles` tiles.
  void (*row_hits)(const Columns<T>&, Size tiles, const Rows<T>&, Hits* hits);
  // weights_ij = w_ij for the first `columns` columns, row-major.
  void (*row_weights)(const Columns<T>&, const Rows<T>&, Size columns, double* weights);
};

constexpr double kSafe = 60.0;

// Weights that are kept: tile t of row i is weights[i * tiles + t].
constexpr double kLeastStored = -70.0;  // exponent; so that products stay normal
struct StoredKernelTable {
  // From exponents in double: right to 2^-23 however large those are.
  void (*store_weights)(const Columns<double>&, Size tiles, const Rows<double>&,
                        Tile<float>* weights);
  // values_i *= 2^exponents_i.
  void (*scale)(const double* exponents, Size count, double* values);
  // sums_i = sum_j w_ij v_j, values padded with zeros.
  void (*row_sums)(const Tile<float>* weights, Size rows, Size tiles, const Tile<float>* values,
                   double* sums);
  // sums_j += sum_i u_i w_ij, padding included.
  void (*column_sums)(const Tile<float>* weights, Size rows, Size tiles, const float* values,
                      double* sums);
};

struct KernelSet {
  const char* name;
  KernelTable<float> f32;
  KernelTable<double> f64;
  StoredKernelTable stored;
  BoxBounds box_bounds;
  WeightedSums weighted_sums;
  LocalKernelTable<float> local_f32;
  LocalKernelTable<double> local_f64;
  NetworkTable<float> network_f32;
  NetworkTable<double> network_f64;
  Interpolate interpolate;
  AssignmentTable assignment;
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

template <class T>
const LocalKernelTable<T>& local_table(const KernelSet& set);
template <>
inline const LocalKernelTable<float>& local_table<float>(const KernelSet& set) {
  return set.local_f32;
}
template <>
inline const LocalKernelTable<double>& local_table<double>(const KernelSet& set) {
  return set.local_f64;
}

template <class T>
const NetworkTable<T>& network_table(const KernelSet& set);
template <>
inline const NetworkTable<float>& network_table<float>(const KernelSet& set) {
  return set.network_f32;
}
template <>
inline const NetworkTable<double>& network_table<double>(const KernelSet& set) {
  return set.network_f64;
}

// The sets this processor can run, fastest first; baseline is always there. Null past the end.
const KernelSet* available_kernel_set(Size index);

// The fastest set, or the one named by the environment variable OTBRIDGE_KERNELS (baseline, avx2,
// avx512, avx512_bf16) unless that is empty. Throws InvalidInput if this processor has no such set.
const KernelSet& select_kernel_set();

}  // namespace otbridge::kernels
