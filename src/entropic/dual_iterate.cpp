#include "entropic/dual_iterate.hpp"

namespace otbridge {
namespace {

constexpr double kCarried = 1e-5;  // truncation of the sums that carry potentials to new clouds

}  // namespace

DualIterate::DualIterate(const Coarsening& coarsening, const DualPair* start, double truncation,
                         double single_error)
    : coarsening_(coarsening), truncation_(truncation), single_error_(single_error) {
  if (start != nullptr) pair_ = *start;
}

void DualIterate::enter(const Level& level, const PrecisionPolicy& policy) {
  if (group_ != level.group) {
    change_clouds(level, policy, Carried::both);
  } else if (s2() != level.s2) {
    change_temperature(level.s2);
  }
}

// At new points the potentials are the soft c-transforms of the old ones, at the new temperature
// (Schmitzer 2019, section 3.4): each of the potential on the far side, f of the old g and g of the
// old f.
void DualIterate::change_clouds(const Level& level, const PrecisionPolicy& policy,
                                Carried carried) {
  const bool whole = level.group == 1;
  auto coarse =
      whole ? nullptr : std::make_unique<const DiscreteProblem>(coarsening_.coarsened(level.group));
  auto op = std::make_unique<TransformOperator>(whole ? coarsening_.problem() : *coarse,
                                                kernels::select_kernel_set());
  op->set_temperature(level.s2);
  if (op_) {
    op_->set_temperature(level.s2);
    const Accuracy accuracy{policy.of_products(rounding(Precision::single)), kCarried};
    Vector f;
    if (carried == Carried::both) f = op->transform(Side::source, *op_, pair_.g, accuracy);
    pair_.g = op->transform(Side::target, *op_, pair_.f, accuracy);
    pair_.f = std::move(f);
  } else if (pair_.f.size() == 0) {
    pair_ = {Vector::Zero(op->problem().a.size()), Vector::Zero(op->problem().b.size())};
  }
  op_ = std::move(op);  // before the clouds that the old one refers to
  coarse_ = std::move(coarse);
  group_ = level.group;
  earlier_.reset();
  marginals_.reset();
}

void DualIterate::settle(const Level& level, const PrecisionPolicy& policy) {
  if (group_ != level.group) {
    if (pair_.f.isZero(0.0)) {  // nothing to carry: as before the first level
      op_.reset();
      pair_ = {};
    }
    change_clouds(level, policy, Carried::target);
  } else if (s2() != level.s2) {
    change_temperature(level.s2);
  }
  // Without a guess: one from elsewhere is likely so bad that it costs a pass instead of sparing
  // one. What rounding does is known once f is.
  const Precision first = policy.of_products(0.0);
  pair_.f = op_->transform(Side::source, *op_, pair_.g, {first, truncation_});
  marginals_.reset();
  if (op_->stores_weights()) {
    if (first == Precision::single) settle_source(policy);
  } else if (policy.of_products(rounding(first)) != first) {
    maximise(Side::source, {Precision::full, truncation_});
  }
}

// Stored weights are wanted for the certificate anyway, and good to seven digits.
void DualIterate::settle_source(const PrecisionPolicy& policy) {
  op_->forgo_kept_pairs();
  const Precision precision =
      op_->stores_weights() ? policy.of_products(StoredWeights::kRounding) : policy.of_updates();
  maximise(Side::source, {precision, truncation_});
}

// Optimal potentials are smooth in s^2: the line through the last two temperatures goes on to the
// next.
void DualIterate::change_temperature(double s2) {
  Earlier now{op_->s2(), pair_};
  if (earlier_) {
    const double step = (s2 - now.s2) / (now.s2 - earlier_->s2);
    pair_.f += step * (now.pair.f - earlier_->pair.f);
    pair_.g += step * (now.pair.g - earlier_->pair.g);
  }
  earlier_ = std::move(now);
  op_->set_temperature(s2);
  marginals_.reset();
}

void DualIterate::set(DualPair pair) {
  pair_ = std::move(pair);
  marginals_.reset();
}

void DualIterate::move(Side side, const Vector& step) {
  pair_.of(side) += step;
  marginals_.reset();
}

void DualIterate::maximise(Side side, Accuracy accuracy) {
  pair_.of(side) = op_->transform(side, pair_, accuracy);
  marginals_.reset();
}

Vector DualIterate::maximum(Side side, const std::vector<Index>& points, Accuracy accuracy) const {
  if (points.empty()) return {};
  // Of the far side the operator below is asked for nothing: any of its points will do.
  const DiscreteProblem& all = clouds();
  const std::vector<Index> one{0};
  const auto& x = side == Side::source ? points : one;
  const auto& y = side == Side::target ? points : one;
  const DiscreteProblem some{all.x(x, Eigen::all), all.y(y, Eigen::all), all.a(x), all.b(y)};
  TransformOperator op(some, kernels::select_kernel_set());
  op.set_temperature(s2());
  return op.transform(side, *op_, pair_.of(other_side(side)), accuracy);
}

double DualIterate::value() const {
  return (pair_.f.dot(clouds().a) + pair_.g.dot(clouds().b)) / s2();
}

// c_j = b_j exp((g_j - g*_j) / s^2).
Vector DualIterate::column_marginal(Accuracy accuracy) {
  Vector ratios;
  op_->transform(Side::target, pair_, accuracy, &ratios);
  return clouds().b.cwiseProduct(ratios);
}

const Marginals& DualIterate::marginals() {
  if (!marginals_) {
    const Precision precision = measures_in_single() ? Precision::single : Precision::full;
    marginals_ = op_->marginals(pair_, truncation_, precision);
  }
  return *marginals_;
}

}  // namespace otbridge
