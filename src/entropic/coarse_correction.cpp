#include "entropic/coarse_correction.hpp"

#include <algorithm>

#include "core/spatial_order.hpp"
#include "entropic/coarsening.hpp"
#include "entropic/dual_ascent.hpp"

namespace otbridge {
namespace {

constexpr Index kLeastGroup = 8;  // points as one, as long as a temperature cannot tell more apart
constexpr Index kFewest = 512;    // coarse points, which cost nothing
// L1 errors: of the first solution, and of the second over what it is to correct.
constexpr double kFirstError = 1e-4, kError = 0.05;
constexpr double kLeastMass = 0.1;  // of a column, over what it has: corrections are small
constexpr Accuracy kAtTarget{Precision::single, 1e-5};

Index correction_group(const DiscreteProblem& whole, double s2) {
  Index group = kLeastGroup;
  while (2 * group * kFewest <= std::min(whole.a.size(), whole.b.size()) &&
         group_variance(whole, 2 * group) <= kResolution * s2) {
    group *= 2;
  }
  return group;
}

Vector run_means(const Vector& values, const Vector& weights, Index group) {
  Points means;
  Vector masses;
  coarsen(values, weights, group, means, masses);
  return means.col(0);
}

Vector run_sums(const Vector& values, Index group) {
  Vector sums = Vector::Zero((values.size() + group - 1) / group);
  for (Index i = 0; i < values.size(); ++i) sums[i / group] += values[i];
  return sums;
}

}  // namespace

Vector coarse_correction(const DualIterate& iterate, const Vector& columns,
                         const std::function<bool()>& proceed) {
  const DiscreteProblem& whole = iterate.clouds();
  const double s2 = iterate.s2();
  const Index group = correction_group(whole, s2);
  DiscreteProblem coarse = coarsened(whole, group);
  DualPair pair{run_means(iterate.pair().f, whole.a, group),
                run_means(iterate.pair().g, whole.b, group)};
  bool stopped = false;
  const auto solve = [&](double tolerance) {
    AscentControl control;
    control.tolerance = tolerance;
    control.proceed = [&](const AscentProgress&) { return proceed(); };
    control.in_haste = [] { return true; };  // of a solve that was stopped nothing is wanted
    AscentAnswer answer = ascend({coarse, s2}, control, &pair);
    stopped = answer.outcome == AscentOutcome::stopped;
    pair = std::move(answer.potentials);
  };
  const auto at_target = [&] {
    TransformOperator op(coarse, kernels::select_kernel_set());
    op.set_temperature(s2);
    return iterate.op().transform(Side::target, op, pair.f, kAtTarget);
  };

  solve(kFirstError);
  if (stopped) return Vector::Zero(columns.size());
  const Vector before = at_target();
  const Vector missing = run_sums(whole.b - columns, group);
  Vector wanted = (coarse.b + missing).cwiseMax(kLeastMass * coarse.b);
  wanted /= wanted.sum();
  // The same plan, whose weights have the column masses as a factor.
  pair.g += s2 * (coarse.b.array() / wanted.array()).log().matrix();
  coarse.b = std::move(wanted);
  solve(kError * missing.lpNorm<1>());
  if (stopped) return Vector::Zero(columns.size());
  return at_target() - before;
}

}  // namespace otbridge
