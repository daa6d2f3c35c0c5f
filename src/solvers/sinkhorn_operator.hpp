// SinkhornOperator: the soft c-transforms of one problem, without its cost matrix.
//
// The only thing the iteration knows about the cost; truncated or hierarchical sums would be
// further operators with these functions. Costs are |y - x|^2 / 2 of the points given (which the
// caller has moved by the reference's decay), weights are positive.
#pragma once

#include <memory>

#include "solvers/sinkhorn_sweep.hpp"

namespace otbridge {

enum class Side { source, target };
enum class Precision { single, full };

struct DiscreteProblem {
  Points x, y;  // n x d, m x d; centred, of order 1
  Vector a, b;  // positive, each of sum 1
};

class SinkhornOperator {
 public:
  SinkhornOperator(const DiscreteProblem& problem, const kernels::KernelSet& set);

  // O((n + m) d); before anything else, and at each change of the temperature s^2.
  void set_temperature(double s2);
  double temperature() const { return s2_; }

  // The exact update of one side given the other's potential (Schmitzer 2019, eq. 22): at the
  // source f*_i = -s^2 log sum_j b_j exp((g_j - c_ij) / s^2). guess: the present f. O(n m d).
  Vector transform(Side side, const Vector& other, const Vector& guess, Precision precision);

  // One side's marginal of pi_ij = a_i b_j exp((f_i + g_j - c_ij) / s^2), in double precision.
  struct Marginal {
    Vector mass;         // sum over the other side
    double linear_cost;  // <c, pi>
  };
  Marginal marginal(Side side, const Vector& f, const Vector& g);

  // A bound on the L1 error that rounding of the exponents alone causes, for these potentials.
  double exponent_error(const Vector& f, const Vector& g, Precision precision) const;

  const DiscreteProblem& problem() const { return problem_; }

 private:
  template <class T>
  struct Arrays {
    std::vector<T> x, y;
    std::unique_ptr<SinkhornSweep<T>> source, target;
  };
  template <class T>
  Arrays<T> arrays(double scale) const;
  template <class T>
  Vector transform(Arrays<T>& arrays, Side side, const Vector& other, const Vector& guess) const;
  Vector levels(Side side, const Vector& potential) const;

  const DiscreteProblem& problem_;
  const kernels::KernelSet& set_;
  Vector log2_a_, log2_b_;
  double s2_ = 0.0, largest_square_ = 0.0;
  Arrays<float> single_;
  Arrays<double> full_;
};

}  // namespace otbridge
