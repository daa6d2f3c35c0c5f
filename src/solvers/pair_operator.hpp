// PairOperator: sums over all pairs of two clouds of 2^(u_i + v_j - |x_i - y_j|^2 / (2 T) log2 e).
//
// The cost operator of the Sinkhorn loop, which knows nothing of kernels, tiles or precision.
// Memory O((n + m) d), time O(n m d) per call, split over fixed chunks of rows so that results do
// not depend on the number of threads. Clouds are centred on construction, so a common offset costs
// no accuracy.
#pragma once

#include <vector>

#include "kernels/kernel_set.hpp"
#include "otbridge/core/points.hpp"

namespace otbridge {

enum class Precision { single, twofold };
enum class Side { rows, columns };  // which cloud the sums are indexed by: x or y

constexpr double kLog2E = 1.4426950408889634;

class PairOperator {
 public:
  // x: n x d, y: m x d, both non-empty. temperature > 0 in cost units.
  PairOperator(ConstPoints x, ConstPoints y, double temperature);

  void set_temperature(double temperature);
  double temperature() const { return temperature_; }

  // out[i] = sum_j 2^(own[i] + other[j] - D_ij): base-2 exponents. Sums that leave [2^-60, 2^60]
  // are not to be trusted; log_sums gives those.
  void sums(Side side, const Vector& own, const Vector& other, Precision precision,
            Vector& out) const;
  // log2 sum_j 2^(other[j] - D_ij) for the listed indices, safe over the whole range; in double.
  Vector log_sums(Side side, const Vector& other, const std::vector<Index>& indices) const;
  Vector log_sums(Side side, const Vector& other) const;
  // out[i] = sum_j 2^(own[i] + other[j] - D_ij) |x_i - y_j|^2 / 2, in cost units; in double.
  Vector costs(Side side, const Vector& own, const Vector& other) const;
  // Row i: sum_j 2^(own[i] + other[j] - D_ij) y_j in the given coordinates of the other cloud.
  Points moments(Side side, const Vector& own, const Vector& other) const;
  // The weights 2^(own_i + other[j] - D_ij) of one index against the whole other cloud.
  void weights(Side side, Index i, double own_i, const std::vector<double>& other_padded,
               std::vector<double>& out) const;
  std::vector<double> padded(Side of, const Vector& values) const;

  // The largest D_ij that can occur, in base-2 exponent units: bounds the rounding of an exponent.
  double largest_exponent() const;

 private:
  template <class T>
  struct Scaled {
    std::vector<T> x, y;
  };
  struct Shape {
    Index n = 0, stride = 0;
  };

  template <class T>
  kernels::Cloud<T> cloud(Side side) const;
  const Shape& shape(Side side) const { return side == Side::rows ? x_shape_ : y_shape_; }

  Points x_, y_;  // centred, in the given units
  Eigen::RowVectorXd centre_;
  Shape x_shape_, y_shape_;
  double temperature_ = 0.0, scale_ = 0.0, radius_ = 0.0;
  Scaled<float> single_;
  Scaled<double> twofold_;
};

constexpr Side other_side(Side side) { return side == Side::rows ? Side::columns : Side::rows; }

// For each row p of x: the mean of y under weights proportional to
// 2^(log2_weights[j]) exp(-|p - y_j|^2 / (2 temperature)), and log2 of their sum.
struct SoftAverage {
  Points mean;
  Vector log2_sum;
};
SoftAverage soft_average(ConstPoints x, ConstPoints y, const Vector& log2_weights,
                         double temperature);

}  // namespace otbridge
