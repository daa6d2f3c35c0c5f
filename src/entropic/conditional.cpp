#include "entropic/conditional.hpp"

#include <algorithm>
#include <cmath>
#include <span>

#include "core/equal_rows.hpp"
#include "core/medians.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"
#include "otbridge/core/parallel.hpp"
#include "otbridge/measure/weighted_points.hpp"

namespace otbridge {
namespace {

// Rows whose weights are had together, so that they share the loads of the cloud: at most so many,
// fewer where that would be more than so many weights, but no less than a block of the kernels.
constexpr Index kRows = 32, kWeights = 1 << 20, kFewestRows = 8;
// Coordinates from which on a row's weights are had once and then used for all of them: the kernel
// of means would have them anew for every few.
constexpr Index kWide = 12;
constexpr double kNothing = 0x1p-90;  // a weight that no sum of weights to 1 knows of

// Of rows so far away that squared distances overflow no weight is known: neither mean nor draw.
Vector known_log2_sums(const PairSweep<double>& sweep) {
  Vector log2_sums;
  sweep.log2_sums(nullptr, 0.0, log2_sums);
  if (!log2_sums.allFinite()) {
    throw InvalidInput("squared distances between the points and the plan's cloud", "overflow");
  }
  return log2_sums;
}

// visit(i, weights 2^(exponent + shifts_i) of row i), in parallel; it may write over them.
template <class Visit>
void for_row_weights(const PairSweep<double>& sweep, const Vector& shifts, Visit&& visit) {
  const Index m = sweep.columns();
  const Index chunk = std::clamp(kWeights / m, kFewestRows, kRows);
  parallel_for(shifts.size(), chunk, [&](Index begin, Index end, Index) {
    std::vector<double> weights(to_size((end - begin) * m));
    sweep.row_weights(begin, end, shifts.data() + begin, weights.data());
    for (Index i = begin; i < end; ++i) {
      visit(i, std::span(weights).subspan(to_size((i - begin) * m), to_size(m)));
    }
  });
}

}  // namespace

// In kernel coordinates |support y - query x|^2 / (2 variance) is a squared distance in binary
// logarithms. Both clouds are moved by the median of the kept points, so that inner products keep
// their digits wherever the cloud lies, and whatever a few outliers do.
EntropicConditional::EntropicConditional(const Points& points, const Vector& weights,
                                         const Vector& potential, double s2,
                                         const ConditionalKernel& kernel)
    : points_(points),
      kernel_(kernel),
      scale_(kernel_scale(kernel.variance)),
      kept_(support(weights)),
      values_(points(kept_, Eigen::all)),
      center_value_(coordinate_medians(values_)),
      columns_(kernel.support * (values_.rowwise() - center_value_), scale_, false, false),
      log2_weights_((weights(kept_).array().log() * kLog2E).matrix() +
                    potential(kept_) * (kLog2E / s2)) {
  // Means are taken of what is left, and the centre added: offsets of the cloud cost no digits.
  values_.rowwise() -= center_value_;
  // Of a plan that was solved for they are; one that was read may hold anything.
  if (!columns_.squares().allFinite() || !log2_weights_.allFinite()) {
    throw InvalidInput(
        "potentials and squared distances of the cloud over s^2 = " + number_text(s2), "overflow");
  }
}

// Rows are swept whole, not truncated by tiles: the result of a row may not depend on its company.
TiledCloud EntropicConditional::rows(ConstPoints x) const {
  return {(kernel_.query * x).rowwise() - kernel_.support * center_value_, scale_, false, false};
}

Vector EntropicConditional::log_normaliser(ConstPoints x) const {
  const TiledCloud rows = this->rows(x);
  Vector sums;
  PairSweep<double>(kernels::select_kernel_set(), rows, columns_, log2_weights_)
      .log2_sums(nullptr, 0.0, sums);
  return sums * kLn2;
}

// Weights over their sum overflow for no x: the logarithm of the sum is the shift.
Points EntropicConditional::mean(ConstPoints x) const {
  const TiledCloud rows = this->rows(x);
  const PairSweep<double> sweep(kernels::select_kernel_set(), rows, columns_, log2_weights_);
  const Vector log2_sums = known_log2_sums(sweep);
  if (x.cols() >= kWide) return wide_mean(sweep, log2_sums);
  Vector sums;
  Points means;
  // The sums are 1 up to rounding, which the division takes out.
  sweep.row_means(-log2_sums, 0.0, values_, sums, means);
  return (means.array().colwise() / sums.array()).matrix().rowwise() + center_value_;
}

// The same row by row, over the columns that have any weight.
Points EntropicConditional::wide_mean(const PairSweep<double>& sweep,
                                      const Vector& log2_sums) const {
  Points means(log2_sums.size(), values_.cols());
  for_row_weights(sweep, -log2_sums, [&](Index i, std::span<double> weights) {
    Eigen::RowVectorXd total = Eigen::RowVectorXd::Zero(values_.cols());
    double sum = 0.0;
    for (std::size_t j = 0; j < weights.size(); ++j) {
      if (weights[j] < kNothing) continue;
      sum += weights[j];
      total += weights[j] * values_.row(static_cast<Index>(j));
    }
    means.row(i) = total / sum;
  });
  return means.rowwise() + center_value_;
}

// About the mean itself, a block of points at a time.
Matrix EntropicConditional::covariance(ConstPoints x) const {
  constexpr Index kBlock = 256;
  const TiledCloud rows = this->rows(x);
  const PairSweep<double> sweep(kernels::select_kernel_set(), rows, columns_, log2_weights_);
  const Vector shifts = -known_log2_sums(sweep);
  Matrix total = Matrix::Zero(x.cols(), x.cols());
  for_row_weights(sweep, shifts, [&](Index, std::span<double> weights) {
    const Eigen::Map<const Vector> w(weights.data(), values_.rows());
    const double sum = w.sum();
    const Eigen::RowVectorXd mean = (w.transpose() * values_) / sum;
    for (Index begin = 0; begin < w.size(); begin += kBlock) {
      const auto part = w.segment(begin, std::min(kBlock, w.size() - begin));
      if (part.maxCoeff() < kNothing) continue;
      const Points apart = values_.middleRows(begin, part.size()).rowwise() - mean;
      total += apart.transpose() * (part / sum).asDiagonal() * apart;
    }
  });
  return total;
}

// Weights are had once for equal rows that follow each other: many draws given one point.
Points EntropicConditional::sample(ConstPoints x, const RandomStream& stream,
                                   Index first_row) const {
  const std::vector<Index> runs = runs_of_equal_rows(x);
  const TiledCloud rows = this->rows(x(runs, Eigen::all));
  const PairSweep<double> sweep(kernels::select_kernel_set(), rows, columns_, log2_weights_);
  const Vector log2_sums = known_log2_sums(sweep);
  Points drawn(x.rows(), x.cols());
  for_row_weights(sweep, -log2_sums, [&](Index k, std::span<double> cumulative) {
    // The weights are scaled to sum to about 1; their own sum is what the level is a part of.
    double total = 0.0;
    for (double& weight : cumulative) weight = total += weight;
    // Inversion: the first j whose cumulative weight passes a uniform share of the total.
    const Index end = to_size(k) + 1 < runs.size() ? runs[to_size(k) + 1] : x.rows();
    for (Index i = runs[to_size(k)]; i < end; ++i) {
      const double passed = stream.uniform(first_row + i, 0, 0) * total;
      const auto found = std::ranges::upper_bound(cumulative, passed) - cumulative.begin();
      drawn.row(i) = points_.row(kept_[std::min(to_size(found), kept_.size() - 1)]);
    }
  });
  return drawn;
}

Matrix EntropicConditional::weights(ConstPoints x, const Vector& shift) const {
  const TiledCloud rows = this->rows(x);
  const PairSweep<double> sweep(kernels::select_kernel_set(), rows, columns_, log2_weights_);
  Matrix all = Matrix::Zero(x.rows(), points_.rows());
  for_row_weights(sweep, shift * kLog2E, [&](Index i, std::span<double> row) {
    for (std::size_t j = 0; j < row.size(); ++j) all(i, kept_[j]) = row[j];
  });
  return all;
}

}  // namespace otbridge
