#include "entropic/transform_operator.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/at_least_zero.hpp"
#include "sweep/tiled_cloud.hpp"

namespace otbridge {
namespace {

// Below that, finding out what can be left out costs more than it saves.
constexpr Index kSmallestBounded = 512;
// Pairs are kept where they are at most this share of all: sums over them are then quicker than
// those over tiles that bounds leave out, and than those of stored weights.
constexpr double kSparse = 1.0 / 16.0;
constexpr double kMostKept = 1 << 23;
constexpr double kFewPairs = 1 << 18, kManyPairs = 1 << 28;
// What potentials may move, in units of s^2, and truncations fall before pairs are chosen anew.
constexpr double kSlack = 8.0, kMostSlack = 1024.0, kStricter = 1e-3;
constexpr Index kPlenty = 16;  // pairs per point that are kept at next to no cost
// Over the temperature at which pairs were chosen: where more than plenty are chosen anew.
constexpr double kCooler = 0.25;
// Of strong pairs: the least share of their row or column, what potentials may move before weaker
// ones would count as well, and how many may be one per point.
constexpr double kStrong = 1e-3, kStrongSlack = 3.0, kMostStrong = 64.0;
// Of the sum of one row that may be left out, where the mean is far less.
constexpr double kLargestShare = 1e-2;
// A weight of a point that single precision holds, with the factors beside it.
constexpr double kSmallestStored = 1e-30;

}  // namespace

TransformOperator::TransformOperator(const DiscreteProblem& problem, const kernels::KernelSet& set)
    : problem_(problem),
      set_(set),
      log2_a_(problem.a.array().log() * kLog2E),
      log2_b_(problem.b.array().log() * kLog2E),
      stores_weights_(StoredWeights::pays(problem.x.rows(), problem.y.rows(), problem.x.cols()) &&
                      std::min(problem.a.minCoeff(), problem.b.minCoeff()) > kSmallestStored) {}

void TransformOperator::set_temperature(double s2) {
  s2_ = s2;
  const bool bounded = problem_.x.cols() <= kLargestSpatialDimension &&
                       std::min(problem_.x.rows(), problem_.y.rows()) >= kSmallestBounded;
  // Kernel coordinates: |x - y|^2 / (2 s^2) in binary logarithms is a plain squared distance.
  const double scale = kernel_scale(s2);
  source_ = std::make_unique<const TiledCloud>(problem_.x, scale, bounded);
  target_ = std::make_unique<const TiledCloud>(problem_.y, scale, bounded);
  far_ = source_->any_far() || target_->any_far();
  stored_.reset();
  strong_.reset();
  forgoes_strong_ = false;
  // The pairs kept serve at any temperature, as long as what they leave out is bounded; at a far
  // lower one most of them matter no more.
  if (kept_ && s2 < kCooler * kept_at_ && kept_->by_row().pairs() > plenty()) kept_.reset();
  sums_over_all_ = 0;
  next_choice_ = 1;
}

Index TransformOperator::plenty() const {
  return kPlenty * (problem_.a.size() + problem_.b.size());
}

// Whether what the kept pairs leave out is at most `truncation` of all, and little of each sum.
bool TransformOperator::covers(const DualPair& pair, double truncation) const {
  if (!kept_) return false;
  const auto left_out = kept_->left_out(problem_.a, pair.f, problem_.b, pair.g, s2_);
  return left_out.mass <= truncation && left_out.share <= kLargestShare;
}

// Of the side given, if the kept pairs cover what comes out.
std::optional<Vector> TransformOperator::kept_transform(Side side, const DualPair& pair,
                                                        double truncation) {
  if (!kept_) return std::nullopt;
  const Side columns = other_side(side);
  const PairList& list = side == Side::source ? kept_->by_row() : kept_->by_column();
  const Vector h = log2_weights(columns, pair.of(columns)) * (s2_ * kLn2);
  DualPair updated = pair;
  updated.of(side) = list.soft_minimum(set_, h, s2_);
  if (!covers(updated, truncation)) return std::nullopt;
  return std::move(updated.of(side));
}

// Whether there are neither too few pairs to choose from nor too many.
bool TransformOperator::can_choose_pairs() {
  const double pairs =
      static_cast<double>(problem_.a.size()) * static_cast<double>(problem_.b.size());
  if (pairs < kFewPairs || pairs > kManyPairs) return false;
  if (!costs_) costs_ = std::make_unique<const CostSweep>(problem_.x, problem_.y);
  return true;
}

// Chooses pairs about potentials one of which is exact for the other, if few enough matter.
void TransformOperator::keep_pairs(const DualPair& pair, double truncation) {
  if (++sums_over_all_ < next_choice_) return;
  next_choice_ = 2 * sums_over_all_;
  kept_.reset();
  if (!can_choose_pairs()) return;
  const double most =
      std::min(kMostKept, kSparse * static_cast<double>(pair.f.size() * pair.g.size()));
  const auto reach = [&](double slack) { return s2_ * (slack - std::log(kStricter * truncation)); };
  const auto count = [&](double slack) {
    return KeptPairs::estimate(*costs_, pair.f, pair.g, reach(slack));
  };
  double slack = kSlack;
  if (count(slack) > most) return;
  // Where there are few even so, more make them last.
  while (slack < kMostSlack && count(2.0 * slack) < static_cast<double>(plenty())) slack *= 2.0;
  auto kept = std::make_unique<const KeptPairs>(*costs_, pair.f, pair.g, reach(slack));
  if (static_cast<double>(kept->by_row().pairs()) > most) return;
  kept_ = std::move(kept);
  kept_at_ = s2_;
  next_choice_ = sums_over_all_ + 1;  // once they do not cover a sum any more
}

std::optional<KeptPlan> TransformOperator::kept_plan(const DualPair& pair,
                                                     double truncation) const {
  if (!covers(pair, truncation)) return std::nullopt;
  return plan_on(*kept_, pair);
}

KeptPlan TransformOperator::plan_on(const KeptPairs& pairs, const DualPair& pair) const {
  const double unit = s2_ * kLn2;
  return pairs.plan(set_, log2_weights(Side::source, pair.f) * unit,
                    log2_weights(Side::target, pair.g) * unit, s2_);
}

std::optional<KeptPlan> TransformOperator::strong_plan(const DualPair& pair, bool anew) {
  if (anew && !forgoes_strong_ && can_choose_pairs()) {
    // pi_ij >= kStrong a_i or kStrong b_j where c - f - g is below that, and only there if all
    // weights of a side are the same.
    const double heaviest = std::max(problem_.a.maxCoeff(), problem_.b.maxCoeff());
    const double reach = s2_ * (std::log(heaviest / kStrong) + kStrongSlack);
    const double most = kMostStrong * static_cast<double>(pair.f.size() + pair.g.size());
    if (KeptPairs::estimate(*costs_, pair.f, pair.g, reach) <= most) {
      strong_ = std::make_unique<const KeptPairs>(*costs_, pair.f, pair.g, reach);
    } else {
      forgo_strong_pairs();
    }
  }
  return strong_ ? std::optional(plan_on(*strong_, pair)) : std::nullopt;
}

void TransformOperator::forgo_strong_pairs() {
  strong_.reset();
  forgoes_strong_ = true;
}

void TransformOperator::forgo_kept_pairs() { next_choice_ = std::numeric_limits<Index>::max(); }

// marginals() is not spared one. In few dimensions, where exponentials are most of the work, the
// others are shorter; sums over kept pairs may turn out to need all.
double TransformOperator::sweeps_to_certify() const {
  if (stored_) return 1.0;
  return kept_ || problem_.x.cols() <= kLargestSpatialDimension ? 2.0 : 2.5;
}

// At the source sum_j exp((f_i + g_j - c_ij) / s^2) v_j, from weights that are kept, and made anew
// where f and g have left theirs.
Vector TransformOperator::stored_sums(Side side, const DualPair& pair, const Vector& values) {
  const Vector rows = pair.f * (kLog2E / s2_), columns = pair.g * (kLog2E / s2_);
  if (!stored_ || !stored_->reaches(rows, columns)) {
    stored_ = std::make_unique<const StoredWeights>(set_, *source_, *target_, rows, columns);
  }
  return side == Side::source ? stored_->row_sums(rows, columns, values)
                              : stored_->column_sums(rows, columns, values);
}

// log2(weight exp(potential / s^2)) for each point of a side.
Vector TransformOperator::log2_weights(Side side, const Vector& potential) const {
  return (side == Side::source ? log2_a_ : log2_b_) + potential * (kLog2E / s2_);
}

template <class T>
PairSweep<T> TransformOperator::sweep(Side rows, const DualPair& pair) const {
  const Side columns = other_side(rows);
  return {set_, cloud(rows), cloud(columns), log2_weights(columns, pair.of(columns))};
}

Vector TransformOperator::transform(Side side, const DualPair& pair, Accuracy accuracy,
                                    Vector* ratios) {
  const Vector& guess = pair.of(side);
  if (auto result = kept_transform(side, pair, accuracy.truncation)) {
    if (ratios != nullptr) *ratios = ((guess - *result) / s2_).array().exp();
    return std::move(*result);
  }
  Vector result = transform_over_all(side, pair, accuracy, ratios);
  DualPair updated = pair;
  updated.of(side) = result;
  keep_pairs(updated, accuracy.truncation);
  return result;
}

Vector TransformOperator::transform_over_all(Side side, const DualPair& pair, Accuracy accuracy,
                                             Vector* ratios) {
  const Side columns = other_side(side);
  const Vector& guess = pair.of(side);
  if (uses_stored(accuracy)) {
    // The sums are exp((f - f*) / s^2), so that the update is what their logarithm takes off f.
    Vector sums = stored_sums(side, pair, problem_.weights(columns));
    if (StoredWeights::trusts(sums)) {
      Vector result = guess - s2_ * sums.unaryExpr([](double sum) { return std::log(sum); });
      if (ratios != nullptr) *ratios = std::move(sums);
      return result;
    }
    // Too little of some row is left in single precision: the guess was far off.
    accuracy.precision = Precision::full;
  }
  Vector result = soft_minimum(cloud(side), cloud(columns), log2_weights(columns, pair.of(columns)),
                               &guess, accuracy);
  if (ratios != nullptr) *ratios = ((guess - result) / s2_).array().exp();
  return result;
}

Vector TransformOperator::transform(Side side, const TransformOperator& of, const Vector& other,
                                    Accuracy accuracy, const Vector* guess) const {
  const Side columns = other_side(side);
  return soft_minimum(cloud(side), of.cloud(columns), of.log2_weights(columns, other), guess,
                      accuracy);
}

// -s^2 log sum_j 2^(log2_weights_j - |x_i - y_j|^2) at each row.
Vector TransformOperator::soft_minimum(const TiledCloud& rows, const TiledCloud& columns,
                                       const Vector& log2_weights, const Vector* guess,
                                       Accuracy accuracy) const {
  Vector sums, exponents;
  if (guess != nullptr) exponents = *guess * (kLog2E / s2_);
  const Vector* const shifts = guess != nullptr ? &exponents : nullptr;
  if (accuracy.precision == Precision::single) {
    PairSweep<float>(set_, rows, columns, log2_weights)
        .log2_sums(shifts, accuracy.truncation, sums);
  } else {
    PairSweep<double>(set_, rows, columns, log2_weights)
        .log2_sums(shifts, accuracy.truncation, sums);
  }
  return sums * (-s2_ * kLn2);
}

Vector TransformOperator::product(Side side, const DualPair& pair, const Vector& values,
                                  Accuracy accuracy) {
  if (const auto plan = kept_plan(pair, accuracy.truncation)) {
    const Vector sums = side == Side::source ? plan->times(values) : plan->transposed_times(values);
    return sums.cwiseQuotient(problem_.weights(side));
  }
  if (uses_stored(accuracy)) {
    // The stored weights leave out a and b: v takes those of the columns, and a_i cancels.
    return stored_sums(side, pair, values.cwiseProduct(problem_.weights(other_side(side))));
  }
  const Vector shifts = pair.of(side) * (kLog2E / s2_);
  const Points columns = values;  // one value per column
  Vector sums;
  Points means;
  if (accuracy.precision == Precision::single) {
    sweep<float>(side, pair).row_means(shifts, accuracy.truncation, columns, sums, means);
  } else {
    sweep<double>(side, pair).row_means(shifts, accuracy.truncation, columns, sums, means);
  }
  return means.col(0);
}

Marginals TransformOperator::marginals(const DualPair& pair, double truncation,
                                       Precision precision) const {
  Marginals result;
  if (!far_) result.precision = precision;
  double squares = 0.0;  // sum of pi_ij times the squared distance in kernel coordinates
  // The sweep leaves out up to its truncation in each row; together that is to be `truncation`.
  const double of_row = truncation / static_cast<double>(problem_.a.size());
  const auto sum = [&](const auto& all) {
    return all.pair_sums(pair.f * (kLog2E / s2_), log2_a_, of_row, result.rows, result.columns,
                         squares);
  };
  result.missed = result.precision == Precision::single ? sum(sweep<float>(Side::source, pair))
                                                        : sum(sweep<double>(Side::source, pair));
  result.cost = at_least_zero(s2_ * kLn2 * squares);
  return result;
}

std::pair<Vector, Vector> TransformOperator::scaled_marginals(const DualPair& pair,
                                                              const Marginals& of, const Vector& u,
                                                              const Vector& v, double truncation) {
  if (far_) {
    // Factors apart from the potentials, which may be too large to hold them.
    const double share = truncation / static_cast<double>(problem_.a.size());
    const PairSweep<double> sums = sweep<double>(Side::source, pair);
    const Vector shifts = pair.f * (kLog2E / s2_);
    Vector plain, rows, columns;
    Points means;
    sums.row_means(shifts, share, Points(v), plain, means);
    double squares = 0.0;
    sums.pair_sums(shifts, log2_a_ + u.array().log().matrix() * kLog2E, share, rows, columns,
                   squares);
    return {problem_.a.cwiseProduct(u).cwiseProduct(means.col(0)), columns.cwiseProduct(v)};
  }
  if (!stores_weights_) {
    // Factors are shifts of the potentials: log u and log v in units of s^2.
    const DualPair scaled{pair.f + s2_ * u.array().log().matrix(),
                          pair.g + s2_ * v.array().log().matrix()};
    Marginals found = marginals(scaled, truncation, of.precision);
    return {std::move(found.rows), std::move(found.columns)};
  }
  // pi v = pi 1 - pi (1 - v): the last term is small, so that single precision is enough for it.
  const auto lost = [&](Side side, const Vector& factors) -> Vector {
    const Vector less = 1.0 - factors.array();
    return problem_.weights(side).cwiseProduct(
        product(side, pair, less, {Precision::single, truncation}));
  };
  return {u.cwiseProduct(of.rows - lost(Side::source, v)),
          v.cwiseProduct(of.columns - lost(Side::target, u))};
}

double TransformOperator::exponent_error(const DualPair& pair, Precision precision) const {
  // Stored weights are rounded once, from exponents in double.
  if (!kept_ && uses_stored({precision, 0.0})) return StoredWeights::kRounding;
  const double unit = precision == Precision::single && !kept_ ? 0x1p-24 : 0x1p-53;
  const double potentials = pair.f.cwiseAbs().dot(problem_.a) + pair.g.cwiseAbs().dot(problem_.b);
  // Where squares are not multiplied out, an exponent has the cost in their place, which is as
  // large as the potentials where the plan has mass.
  const auto squares = [&](Side side) {
    const Vector& all = cloud(side).squares();
    return problem_.weights(side).dot(
        all.unaryExpr([](double q) { return q <= TiledCloud::kNear ? q : 0.0; }));
  };
  // 20 stands for the terms that do not grow as s^2 falls.
  return unit * (20.0 + (far_ ? 2.0 : 1.0) * potentials / s2_ +
                 2.0 * kLn2 * (squares(Side::source) + squares(Side::target)));
}

}  // namespace otbridge
