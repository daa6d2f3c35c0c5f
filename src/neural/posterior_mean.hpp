// The mean of a few values under the posterior weights that a Gaussian kernel gives them.
//
//   mean_i = sum_j w_ij v_j,   w_ij proportional to exp(level_j - |x_i - z_j|^2 / (2 variance)).
#pragma once

#include "otbridge/core/points.hpp"

namespace otbridge {

struct Candidates {
  Points support;  // z: m x d
  Vector levels;   // m, natural logarithms; empty: all 0
  Points values;   // v: m x width
};

// Rows x: n x d; the result n x width. Each row by itself, in double precision, or in single
// where that leaves weights right to `accuracy` of themselves. variance > 0. O(n m (d + width)),
// one thread.
Points posterior_means(const Candidates& candidates, double variance, ConstPoints x,
                       double accuracy = 0.0);

}  // namespace otbridge
