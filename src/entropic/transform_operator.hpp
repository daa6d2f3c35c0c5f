// TransformOperator: the soft c-transforms and marginals of one problem, without its cost matrix.
//
// The only thing the iteration knows about the cost. Costs are |y - x|^2 / 2 of the points given
// (which the caller has moved by the reference's decay), weights are positive. `truncation` is the
// share of each sum that may be left out (sweep/pair_sweep.hpp); 0 leaves out nothing. Single
// precision is a stored kernel where that fits (sweep/stored_weights.hpp), then of small error
// whatever the temperature. Not for several threads at once.
#pragma once

#include <memory>
#include <utility>

#include "sweep/pair_sweep.hpp"
#include "sweep/stored_weights.hpp"

namespace otbridge {

enum class Side { source, target };
enum class Precision { single, full };

// In more dimensions boxes of points are too large to bound sums, and runs too wide to be merged.
constexpr Index kLargestSpatialDimension = 6;

struct DiscreteProblem {
  Points x, y;  // n x d, m x d; centred, of order 1, in spatial order (core/spatial_order.hpp)
  Vector a, b;  // positive, each of sum 1
};

class TransformOperator {
 public:
  TransformOperator(const DiscreteProblem& problem, const kernels::KernelSet& set);

  // O((n + m) d^2); before anything else, and at each change of the temperature s^2.
  void set_temperature(double s2);
  double temperature() const { return s2_; }

  // The exact update of one side given the other's potential (Schmitzer 2019, eq. 22): at the
  // source f*_i = -s^2 log sum_j b_j exp((g_j - c_ij) / s^2). guess: the present f. ratios, unless
  // null: exp((guess - f*) / s^2), the row sums of pi over a. O(n m d).
  Vector transform(Side side, const Vector& other, const Vector& guess, Precision precision,
                   double truncation, Vector* ratios = nullptr) const;

  // The same at the points of this problem for the potential of another one's far side.
  Vector transform(Side side, const TransformOperator& of, const Vector& other, Precision precision,
                   double truncation) const;

  // With pi_ij = a_i b_j exp((f_i + g_j - c_ij) / s^2): at the source, sum_j pi_ij v_j / a_i. One
  // half of a product with the Hessian of the dual. O(n m d).
  Vector product(Side side, const Vector& f, const Vector& g, const Vector& values,
                 Precision precision, double truncation) const;

  // Both marginals of pi in double precision and <c, pi>, from one sweep without weights that sum
  // to `missed` at most.
  struct Marginals {
    Vector rows, columns;
    double cost, missed;
  };
  Marginals marginals(const Vector& f, const Vector& g, double truncation) const;
  // Those of diag(u) pi diag(v), 0 < u, v <= 1. of: those of pi. What the factors change is right
  // to single precision where weights are stored.
  std::pair<Vector, Vector> scaled_marginals(const Vector& f, const Vector& g, const Marginals& of,
                                             const Vector& u, const Vector& v,
                                             double truncation) const;

  // An estimate of the L1 error that rounding of the exponents alone causes, for these potentials:
  // the rounding unit times the mean size of the terms of an exponent.
  double exponent_error(const Vector& f, const Vector& g, Precision precision) const;

  const DiscreteProblem& problem() const { return problem_; }

 private:
  Vector soft_minimum(const TiledCloud& rows, const TiledCloud& columns, const Vector& levels,
                      const Vector* shifts, Precision precision, double truncation) const;
  Vector stored_sums(Side side, const Vector& f, const Vector& g, const Vector& values) const;
  template <class T>
  PairSweep<T> sweep(Side rows, const Vector& column_potential) const;
  Vector levels(Side side, const Vector& potential) const;
  const TiledCloud& cloud(Side side) const { return side == Side::source ? *source_ : *target_; }

  const DiscreteProblem& problem_;
  const kernels::KernelSet& set_;
  Vector log2_a_, log2_b_;
  double s2_ = 0.0, mean_square_ = 0.0;
  std::unique_ptr<const TiledCloud> source_, target_;
  bool stores_;
  mutable std::unique_ptr<const StoredWeights> stored_;
};

}  // namespace otbridge
