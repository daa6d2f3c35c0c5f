#include "entropic/transform_operator.hpp"

#include <algorithm>
#include <cmath>

namespace otbridge {
namespace {

// Below that, finding out what can be left out costs more than it saves.
constexpr Index kSmallestBounded = 512;
// A weight of a point that single precision holds, with the factors beside it.
constexpr double kSmallestStored = 1e-30;

Side other_side(Side side) { return side == Side::source ? Side::target : Side::source; }

}  // namespace

TransformOperator::TransformOperator(const DiscreteProblem& problem, const kernels::KernelSet& set)
    : problem_(problem),
      set_(set),
      log2_a_(problem.a.array().log() * kLog2E),
      log2_b_(problem.b.array().log() * kLog2E),
      mean_square_(problem.x.rowwise().squaredNorm().dot(problem.a) +
                   problem.y.rowwise().squaredNorm().dot(problem.b)),
      stores_(StoredWeights::pays(problem.x.rows(), problem.y.rows(), problem.x.cols()) &&
              std::min(problem.a.minCoeff(), problem.b.minCoeff()) > kSmallestStored) {}

void TransformOperator::set_temperature(double s2) {
  s2_ = s2;
  const bool bounded = problem_.x.cols() <= kLargestSpatialDimension &&
                       std::min(problem_.x.rows(), problem_.y.rows()) >= kSmallestBounded;
  const double scale = kernel_scale(s2);
  source_ = std::make_unique<const TiledCloud>(scale * problem_.x, bounded);
  target_ = std::make_unique<const TiledCloud>(scale * problem_.y, bounded);
  stored_.reset();
}

// At the source sum_j exp((f_i + g_j - c_ij) / s^2) v_j, from weights that are kept, and made anew
// where f and g have left theirs.
Vector TransformOperator::stored_sums(Side side, const Vector& f, const Vector& g,
                                      const Vector& values) const {
  const Vector rows = f * (kLog2E / s2_), columns = g * (kLog2E / s2_);
  if (!stored_ || !stored_->reaches(rows, columns)) {
    stored_ = std::make_unique<const StoredWeights>(set_, *source_, *target_, rows, columns);
  }
  return side == Side::source ? stored_->row_sums(rows, columns, values)
                              : stored_->column_sums(rows, columns, values);
}

Vector TransformOperator::levels(Side side, const Vector& potential) const {
  return (side == Side::source ? log2_a_ : log2_b_) + potential * (kLog2E / s2_);
}

template <class T>
PairSweep<T> TransformOperator::sweep(Side rows, const Vector& column_potential) const {
  const Side columns = other_side(rows);
  return {set_, cloud(rows), cloud(columns), levels(columns, column_potential)};
}

Vector TransformOperator::transform(Side side, const Vector& other, const Vector& guess,
                                    Precision precision, double truncation, Vector* ratios) const {
  if (stores_ && precision == Precision::single) {
    const bool source = side == Side::source;
    Vector sums = stored_sums(side, source ? guess : other, source ? other : guess,
                              source ? problem_.b : problem_.a);
    if (StoredWeights::trusts(sums)) {
      Vector result = guess - s2_ * sums.unaryExpr([](double sum) { return std::log(sum); });
      if (ratios != nullptr) *ratios = std::move(sums);
      return result;
    }
    precision = Precision::full;
  }
  const Side columns = other_side(side);
  const Vector shifts = guess * (kLog2E / s2_);
  const Vector result = soft_minimum(cloud(side), cloud(columns), levels(columns, other), &shifts,
                                     precision, truncation);
  if (ratios != nullptr) *ratios = ((guess - result) / s2_).array().exp();
  return result;
}

Vector TransformOperator::transform(Side side, const TransformOperator& of, const Vector& other,
                                    Precision precision, double truncation) const {
  const Side columns = other_side(side);
  return soft_minimum(cloud(side), of.cloud(columns), of.levels(columns, other), nullptr, precision,
                      truncation);
}

Vector TransformOperator::soft_minimum(const TiledCloud& rows, const TiledCloud& columns,
                                       const Vector& levels, const Vector* shifts,
                                       Precision precision, double truncation) const {
  Vector sums;
  if (precision == Precision::single) {
    PairSweep<float>(set_, rows, columns, levels).log2_sums(shifts, truncation, sums);
  } else {
    PairSweep<double>(set_, rows, columns, levels).log2_sums(shifts, truncation, sums);
  }
  return sums * (-s2_ * kLn2);
}

Vector TransformOperator::product(Side side, const Vector& f, const Vector& g, const Vector& values,
                                  Precision precision, double truncation) const {
  const bool source = side == Side::source;
  if (stores_ && precision == Precision::single) {
    return stored_sums(side, f, g, values.cwiseProduct(source ? problem_.b : problem_.a));
  }
  const Vector shifts = (source ? f : g) * (kLog2E / s2_);
  const Points columns = values;
  Vector sums;
  Points means;
  if (precision == Precision::single) {
    sweep<float>(side, source ? g : f).row_means(shifts, truncation, columns, sums, means);
  } else {
    sweep<double>(side, source ? g : f).row_means(shifts, truncation, columns, sums, means);
  }
  return means.col(0);
}

TransformOperator::Marginals TransformOperator::marginals(const Vector& f, const Vector& g,
                                                          double truncation) const {
  Marginals result;
  double squares = 0.0;
  result.missed =
      sweep<double>(Side::source, g)
          .pair_sums(levels(Side::source, f), truncation / static_cast<double>(problem_.a.size()),
                     result.rows, result.columns, squares);
  result.cost = std::max(0.0, s2_ * kLn2 * squares);
  return result;
}

std::pair<Vector, Vector> TransformOperator::scaled_marginals(const Vector& f, const Vector& g,
                                                              const Marginals& of, const Vector& u,
                                                              const Vector& v,
                                                              double truncation) const {
  if (!stores_) {
    Marginals scaled = marginals(f + s2_ * u.array().log().matrix(),
                                 g + s2_ * v.array().log().matrix(), truncation);
    return {std::move(scaled.rows), std::move(scaled.columns)};
  }
  const auto lost = [&](Side side, const Vector& weights, const Vector& factors) -> Vector {
    const Vector less = 1.0 - factors.array();
    return weights.cwiseProduct(product(side, f, g, less, Precision::single, truncation));
  };
  return {u.cwiseProduct(of.rows - lost(Side::source, problem_.a, v)),
          v.cwiseProduct(of.columns - lost(Side::target, problem_.b, u))};
}

double TransformOperator::exponent_error(const Vector& f, const Vector& g,
                                         Precision precision) const {
  if (stores_ && precision == Precision::single) return StoredWeights::kRounding;
  const double unit = precision == Precision::single ? 0x1p-24 : 0x1p-53;
  const double potentials = f.cwiseAbs().dot(problem_.a) + g.cwiseAbs().dot(problem_.b);
  return unit * (20.0 + (potentials + mean_square_) / s2_);
}

}  // namespace otbridge
