// EntropicConditional: the law on a cloud that a potential and a Gaussian kernel give to any point,
//
//   w_j(x) proportional to weight_j exp(potential_j / s^2 - |support y_j - query x|^2 / (2
//   variance)).
//
// With support, query and variance of a whole transition it is the plan's conditional; with those
// of the time that is left, the weights in the bridge's drift. Points of weight 0 are left out.
#pragma once

#include "otbridge/core/random.hpp"
#include "sweep/pair_sweep.hpp"

namespace otbridge {

struct ConditionalKernel {
  double support, query;  // factors on the cloud's points and on the rows asked for
  double variance;
};

// Immutable; O(n d) to prepare, O(rows n d) per call, parallel over rows. Double precision alone.
class EntropicConditional {
 public:
  // Keeps a reference to the points. Throws InvalidInput where their squared distances or the
  // potential, over s^2, are beyond the doubles.
  EntropicConditional(const Points& points, const Vector& weights, const Vector& potential,
                      double s2, const ConditionalKernel& kernel);

  // mean, covariance and sample throw InvalidInput for rows so far away that no weight is known.

  // log of the sum of the unnormalised weights.
  Vector log_normaliser(ConstPoints x) const;
  // sum_j w_j y_j, in the coordinates of the cloud.
  Points mean(ConstPoints x) const;
  // The same law's covariance for one row, 1 x d: d x d. O(n d^2), one thread.
  Matrix covariance(ConstPoints x) const;
  // Row i: one y_j drawn by inversion with the uniform number (first_row + i, 0, 0).
  Points sample(ConstPoints x, const RandomStream& stream, Index first_row) const;
  // shift_i w_ij unnormalised: exp(shift_i) times the weights; n x (cloud size), zeros in place.
  Matrix weights(ConstPoints x, const Vector& shift) const;

 private:
  TiledCloud rows(ConstPoints x) const;
  Points wide_mean(const PairSweep<double>& sweep, const Vector& log2_sums) const;

  const Points& points_;
  ConditionalKernel kernel_;
  double scale_;
  std::vector<Index> kept_;
  Points values_;  // the kept points less center_value_
  Eigen::RowVectorXd center_value_;
  TiledCloud columns_;
  Vector log2_weights_;  // of the kept points: log2(weight exp(potential / s^2))
};

}  // namespace otbridge
