#include "entropic/coarse_correction.hpp"

#include <algorithm>

#include "entropic/dual_ascent.hpp"

namespace otbridge {
namespace {

constexpr Index kLeastGroup = 8;  // points as one, as long as a temperature cannot tell more apart
constexpr Index kFewest = 512;    // coarse points, which cost nothing
// L1 errors: of the first solution, which need not be one; of the others, over what they are to
// correct; and the least of those, above what single precision does to sums.
constexpr double kFirstError = 3e-3, kError = 0.2, kLeastError = 1e-6;
constexpr double kLeastMass = 0.1;  // of a column, over what it has: corrections are small
constexpr Accuracy kAccuracy{Precision::single, 1e-5};

Index correction_group(const Coarsening& clouds, double s2) {
  const Index smaller = std::min(clouds.problem().a.size(), clouds.problem().b.size());
  Index group = kLeastGroup;
  while (2 * group * kFewest <= smaller && clouds.variance(2 * group) <= kResolution * s2) {
    group *= 2;
  }
  return group;
}

}  // namespace

CoarseCorrection::CoarseCorrection(const DualIterate& iterate, const Proceed& proceed)
    : CoarseCorrection(iterate, correction_group(iterate.coarsening(), iterate.s2()), proceed) {}

CoarseCorrection::CoarseCorrection(const DualIterate& iterate, Index group, const Proceed& proceed)
    : iterate_(iterate),
      columns_(iterate.coarsening().target().groups(group)),
      coarse_(iterate.coarsening().coarsened(group)),
      op_(std::make_unique<TransformOperator>(coarse_, kernels::select_kernel_set())) {
  op_->set_temperature(iterate.s2());
  const DiscreteProblem& whole = iterate.clouds();
  const Grouping rows = iterate.coarsening().source().groups(group);
  base_ = solved(coarse_,
                 {rows.means(iterate.pair().f, whole.a), columns_.means(iterate.pair().g, whole.b)},
                 kFirstError, proceed);
  if (!base_) return;
  base_->f = op_->transform(Side::source, *base_, kAccuracy);
  Vector ratios;
  op_->transform(Side::target, *base_, kAccuracy, &ratios);
  base_columns_ = coarse_.b.cwiseProduct(ratios);
  base_at_target_ = at_target(base_->f);
}

std::optional<DualPair> CoarseCorrection::solved(const DiscreteProblem& coarse, DualPair start,
                                                 double tolerance, const Proceed& proceed) const {
  AscentControl control;
  control.tolerance = tolerance;
  control.proceed = [&](const AscentProgress&) { return proceed(); };
  control.in_haste = [] { return true; };  // of a solve that was stopped nothing is wanted
  AscentAnswer answer = ascend({coarse, iterate_.s2()}, control, &start);
  if (answer.outcome == AscentOutcome::stopped) return std::nullopt;
  return std::move(answer.potentials);
}

Vector CoarseCorrection::at_target(const Vector& f) const {
  return iterate_.op().transform(Side::target, *op_, f, kAccuracy, &iterate_.pair().g);
}

Vector CoarseCorrection::operator()(const Vector& columns, const Proceed& proceed) const {
  const Vector missing = columns_.sums(iterate_.clouds().b - columns);
  const double error = kError * missing.lpNorm<1>();
  if (!base_ || error < kLeastError) return Vector::Zero(columns.size());
  DiscreteProblem wanted = coarse_;
  wanted.b = (base_columns_ + missing).cwiseMax(kLeastMass * coarse_.b);
  wanted.b /= wanted.b.sum();
  // The same plan, whose weights have the column masses as a factor.
  const Vector g = base_->g + iterate_.s2() * (coarse_.b.array() / wanted.b.array()).log().matrix();
  const auto pair = solved(wanted, {base_->f, g}, error, proceed);
  if (!pair) return Vector::Zero(columns.size());
  return at_target(pair->f) - base_at_target_;
}

}  // namespace otbridge
