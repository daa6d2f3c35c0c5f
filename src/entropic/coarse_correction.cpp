#include "entropic/coarse_correction.hpp"

#include <algorithm>

#include "entropic/coarsening.hpp"
#include "entropic/dual_ascent.hpp"

namespace otbridge {
namespace {

// Points as one, at least; more of them as long as their variance is below that share of s^2.
constexpr Index kLeastGroup = 8;
constexpr double kCorrected = 0.25;
constexpr Index kFewest = 512;  // coarse points, which cost nothing
// L1 errors: of the first solution, and of others over what they are to correct.
constexpr double kFirstError = 1e-4, kError = 0.05;
constexpr double kLeastMass = 0.1;  // of a column, over what it has: corrections are small
constexpr Accuracy kAtTarget{Precision::single, 1e-5};

Index correction_group(const DiscreteProblem& whole, double s2) {
  Index group = kLeastGroup;
  while (2 * group * kFewest <= std::min(whole.a.size(), whole.b.size()) &&
         group_variance(whole, 2 * group) <= kCorrected * s2) {
    group *= 2;
  }
  return group;
}

Vector run_sums(const Vector& values, Index group) {
  Vector sums = Vector::Zero((values.size() + group - 1) / group);
  for (Index i = 0; i < values.size(); ++i) sums[i / group] += values[i];
  return sums;
}

Vector run_means(const Vector& values, const Vector& weights, Index group) {
  return run_sums(values.cwiseProduct(weights), group).cwiseQuotient(run_sums(weights, group));
}

}  // namespace

CoarseCorrection::CoarseCorrection(const DualIterate& iterate)
    : iterate_(iterate),
      group_(correction_group(iterate.clouds(), iterate.s2())),
      coarse_(coarsened(iterate.clouds(), group_)),
      pair_{run_means(iterate.pair().f, iterate.clouds().a, group_),
            run_means(iterate.pair().g, iterate.clouds().b, group_)} {
  solve(kFirstError);
  present_ = at_target();
}

void CoarseCorrection::solve(double tolerance) {
  AscentControl control;
  control.tolerance = tolerance;
  pair_ = ascend({coarse_, iterate_.s2()}, control, &pair_).potentials;
}

Vector CoarseCorrection::at_target() const {
  TransformOperator coarse(coarse_, kernels::select_kernel_set());
  coarse.set_temperature(iterate_.s2());
  return iterate_.op().transform(Side::target, coarse, pair_.f, kAtTarget);
}

Vector CoarseCorrection::of_target(const Vector& columns) {
  const Vector missing = run_sums(iterate_.clouds().b - columns, group_);
  Vector wanted = (coarse_.b + missing).cwiseMax(kLeastMass * coarse_.b);
  wanted /= wanted.sum();
  // The same plan, whose weights have the column masses as a factor.
  pair_.g += iterate_.s2() * (coarse_.b.array() / wanted.array()).log().matrix();
  coarse_.b = std::move(wanted);
  solve(kError * missing.lpNorm<1>());
  const Vector before = std::move(present_);
  present_ = at_target();
  return present_ - before;
}

}  // namespace otbridge
