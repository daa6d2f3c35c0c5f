// Kernels of one row against pieces of a cloud, tiles of neighbours with coordinates of their own.
//
// With y_j = c + v_j, c the centre of the piece, and u = x - c, an exponent l_j - q |x - y_j|^2 is
//   z_j = exponent + <slope, v_j> + residual_j,   exponent = level - q |u|^2,   slope = 2 q u + s,
// where level + <s, v> is an affine majorant of l_j - q |v_j|^2 on the piece and residual_j <= 0
// what it is above it by. All terms are of the size of the exponents that matter, whatever the
// clouds' offsets, so that single precision keeps its digits. Weights are 2^z; z is clamped as
// elsewhere (kernels/kernel_set.hpp).
#pragma once

#include "kernels/tile.hpp"

namespace otbridge::kernels {

constexpr Size kMostLocal = 12;  // coordinates
constexpr Size kLocalTiles = 2;  // to a piece of neighbouring columns, which has one centre
constexpr double kLeastLocal = -80.0;

// Coordinate k of v of tile t is offsets[t * d + k]; residuals: one tile each.
template <class T>
struct LocalColumns {
  const Tile<T>* offsets;
  const Tile<T>* residuals;
  Size d;
};

// The pieces that a row meets, and its terms for each: exponent, d slopes, d coordinates of c.
// Piece p has the tiles from p kLocalTiles on.
template <class T>
struct LocalRow {
  const Size* pieces;
  const T* terms;  // 1 + 2 d for each
  Size count;
};

// 32 boxes to a group: number k of the boxes of group g is at g * d + k; levels: one tile each.
struct BoxFits {
  const Tile<double>*centres, *halves, *slopes, *levels;
  Size d;
};

// What the terms of a row are made of: x, q and `shift`, which is added to every exponent; of piece
// p, d coordinates of its centre and of s at p * d; moments are taken about `about`.
struct LocalTerms {
  const double *x, *centres, *slopes, *about;
  double q, shift;
  Size d;
};

template <class T>
struct LocalKernelTable {
  // exponents: one for each of the pieces.
  void (*terms)(const LocalTerms&, const Size* pieces, const double* exponents, Size count,
                T* terms);
  // The sum of the weights, and for each coordinate sum_j w_j (c + v_j - about); z is clamped at
  // kLeastLocal, so that no product of a weight is a subnormal.
  void (*sums)(const LocalColumns<T>&, const LocalRow<T>&, double* sum, double* moments);
  // The sum of the weights of each piece met.
  void (*piece_sums)(const LocalColumns<T>&, const LocalRow<T>&, double* sums);
  double (*maximum)(const LocalColumns<T>&, const LocalRow<T>&);  // of z
  // The weights of the columns of the pieces met, kLocalTiles tiles for each.
  void (*weights)(const LocalColumns<T>&, const LocalRow<T>&, Tile<double>* weights);
};

// exponents: of a group's boxes at the row x; bounds: above every exponent of a box, which is
// centre
// +- half. Bit b is set where the bound is above `threshold`.
using BoxBounds = Hits (*)(const BoxFits&, Size group, const double* x, double factor,
                           double threshold, Tile<double>& exponents, Tile<double>& bounds);

// sums_ik = sum_j w_ij v_jk, all row-major: rows x columns, columns x width, rows x width; width a
// multiple of kTile / 4. Columns of weight 0 in all of a block of rows cost next to nothing.
using WeightedSums = void (*)(const double* weights, Size rows, Size columns, const double* values,
                              Size width, double* sums);

}  // namespace otbridge::kernels
