#include "solvers/sinkhorn_operator.hpp"

#include <algorithm>
#include <cmath>

#include "otbridge/core/parallel.hpp"

namespace otbridge {

SinkhornOperator::SinkhornOperator(const DiscreteProblem& problem, const kernels::KernelSet& set)
    : problem_(problem),
      set_(set),
      log2_a_(problem.a.array().log() * kLog2E),
      log2_b_(problem.b.array().log() * kLog2E),
      largest_square_(std::max(problem.x.rowwise().squaredNorm().maxCoeff(),
                               problem.y.rowwise().squaredNorm().maxCoeff())) {}

template <class T>
SinkhornOperator::Arrays<T> SinkhornOperator::arrays(double scale) const {
  const Points x = scale * problem_.x, y = scale * problem_.y;
  return {kernel_rows<T>(x), kernel_rows<T>(y), std::make_unique<SinkhornSweep<T>>(set_, x),
          std::make_unique<SinkhornSweep<T>>(set_, y)};
}

void SinkhornOperator::set_temperature(double s2) {
  s2_ = s2;
  single_ = arrays<float>(kernel_scale(s2));
  full_ = arrays<double>(kernel_scale(s2));
}

Vector SinkhornOperator::levels(Side side, const Vector& potential) const {
  return (side == Side::source ? log2_a_ : log2_b_) + potential * (kLog2E / s2_);
}

template <class T>
Vector SinkhornOperator::transform(Arrays<T>& arrays, Side side, const Vector& other,
                                   const Vector& guess) const {
  const bool source = side == Side::source;
  SinkhornSweep<T>& sweep = source ? *arrays.target : *arrays.source;
  sweep.set_levels(levels(source ? Side::target : Side::source, other));
  const Vector shifts = guess * (kLog2E / s2_);
  Vector sums;
  sweep.log2_sums(source ? arrays.x : arrays.y, &shifts, sums);
  return sums * (-s2_ * kLn2);
}

Vector SinkhornOperator::transform(Side side, const Vector& other, const Vector& guess,
                                   Precision precision) {
  return precision == Precision::single ? transform(single_, side, other, guess)
                                        : transform(full_, side, other, guess);
}

SinkhornOperator::Marginal SinkhornOperator::marginal(Side side, const Vector& f, const Vector& g) {
  const bool source = side == Side::source;
  SinkhornSweep<double>& sweep = source ? *full_.target : *full_.source;
  sweep.set_levels(source ? levels(Side::target, g) : levels(Side::source, f));
  const Vector& weights = source ? problem_.a : problem_.b;
  const std::vector<double>& rows = source ? full_.x : full_.y;
  const Vector shifts = (source ? f : g) * (kLog2E / s2_);
  const Index n = weights.size(), d = sweep.dimension();
  Vector sums(n), costs(n);
  parallel_for(n, 64, [&](Index begin, Index end, Index) {
    sweep.kernels().row_costs(
        sweep.columns(),
        {rows.data() + begin * d, shifts.data() + begin, static_cast<std::size_t>(end - begin)},
        sums.data() + begin, costs.data() + begin);
  });
  return {weights.cwiseProduct(sums), s2_ * kLn2 * weights.dot(costs)};
}

// A weight that matters has f + g close to c, so the terms rounded in its exponent sum to about
// 2 (|f_i| + |g_j|) / s^2. Averaged over the plan that bounds the L1 error, however large the
// potentials of a few outliers are; the inner-product form adds the squared norms.
double SinkhornOperator::exponent_error(const Vector& f, const Vector& g,
                                        Precision precision) const {
  const double unit = precision == Precision::single ? 0x1p-24 : 0x1p-53;
  const bool direct = problem_.x.cols() <= static_cast<Index>(kernels::kDirect);
  const double potentials = 2.0 * (f.cwiseAbs().dot(problem_.a) + g.cwiseAbs().dot(problem_.b));
  return unit * (20.0 + (potentials + (direct ? 0.0 : 2.0 * largest_square_)) / s2_);
}

}  // namespace otbridge
