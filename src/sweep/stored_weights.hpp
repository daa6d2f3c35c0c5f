// StoredWeights: the weights of a problem, kept together with the potentials they belong to.
//
// W_ij = 2^(f0_i + g0_j - |x_i - y_j|^2) in single precision, from exponents in double. Sums for
// potentials near f0 and g0 are products with W between two diagonal scalings, as in the stabilised
// algorithm (Schmitzer 2019, section 3.1): one multiply-add per pair instead of an exponential.
// That pays while W fits in the cache of one processor, and in high dimension, where an exponent
// costs more than reading a weight from memory. Potentials are in binary logarithms. Results do not
// depend on the number of threads.
#pragma once

#include <memory>

#include "sweep/tiled_cloud.hpp"

namespace otbridge {

class StoredWeights {
 public:
  // Whether it pays: up to 2^18 weights (1 MiB), and from dimension 7 on up to 2^27 (512 MiB).
  static bool pays(Index rows, Index columns, Index dimension);

  // O(n m d).
  StoredWeights(const kernels::KernelSet& set, const TiledCloud& rows, const TiledCloud& columns,
                const Vector& f, const Vector& g);

  // Whether the sums below are right to single precision.
  bool reaches(const Vector& f, const Vector& g) const;
  static constexpr double kRounding = 0x1p-22;  // of a sum of positive terms, relatively

  // sum_j 2^(f_i + g_j - |x_i - y_j|^2) v_j, and the same over i. O(n m).
  Vector row_sums(const Vector& f, const Vector& g, const Vector& values) const;
  Vector column_sums(const Vector& f, const Vector& g, const Vector& values) const;
  // Whether sums of weights are far enough above the smallest that is kept.
  static bool trusts(const Vector& sums) { return sums.minCoeff() > 0x1p-16 && sums.allFinite(); }

 private:
  void scale(const Vector& exponents, Vector& values) const;

  const kernels::StoredKernelTable& kernels_;
  Vector f_, g_;
  kernels::Size tiles_;
  std::unique_ptr<kernels::Tile<float>[]> weights_;  // tiles_ to a row
};

}  // namespace otbridge
