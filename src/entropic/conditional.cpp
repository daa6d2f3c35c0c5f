#include "entropic/conditional.hpp"

#include <algorithm>
#include <cmath>

#include "core/medians.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"
#include "otbridge/core/parallel.hpp"
#include "otbridge/measure/weighted_points.hpp"

namespace otbridge {
namespace {

constexpr Index kChunk = 32;  // rows; each needs a buffer as long as the cloud
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
  const Index n = log2_sums.size(), m = values_.rows();
  Points means(n, values_.cols());
  const Vector shifts = -log2_sums;
  parallel_for(n, kChunk, [&](Index begin, Index end, Index) {
    std::vector<double> weights(to_size((end - begin) * m));
    sweep.row_weights(begin, end, shifts.data() + begin, weights.data());
    for (Index i = begin; i < end; ++i) {
      const double* const row = weights.data() + (i - begin) * m;
      Eigen::RowVectorXd total = Eigen::RowVectorXd::Zero(values_.cols());
      double sum = 0.0;
      for (Index j = 0; j < m; ++j) {
        if (row[j] < kNothing) continue;
        sum += row[j];
        total += row[j] * values_.row(j);
      }
      means.row(i) = total / sum;
    }
  });
  return means.rowwise() + center_value_;
}

Points EntropicConditional::sample(ConstPoints x, const RandomStream& stream,
                                   Index first_row) const {
  const TiledCloud rows = this->rows(x);
  const PairSweep<double> sweep(kernels::select_kernel_set(), rows, columns_, log2_weights_);
  const Vector log2_sums = known_log2_sums(sweep);
  Points drawn(x.rows(), x.cols());
  parallel_for(x.rows(), kChunk, [&](Index begin, Index end, Index) {
    std::vector<double> cumulative(kept_.size());
    for (Index i = begin; i < end; ++i) {
      const double shift = -log2_sums[i];
      sweep.row_weights(i, i + 1, &shift, cumulative.data());
      // The weights are scaled to sum to about 1; their own sum is what the level is a part of.
      double total = 0.0;
      for (double& weight : cumulative) weight = total += weight;
      // Inversion: the first j whose cumulative weight passes a uniform share of the total.
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
  parallel_for(x.rows(), kChunk, [&](Index begin, Index end, Index) {
    std::vector<double> row(kept_.size());
    for (Index i = begin; i < end; ++i) {
      const double log2_shift = shift[i] * kLog2E;
      sweep.row_weights(i, i + 1, &log2_shift, row.data());
      for (std::size_t j = 0; j < row.size(); ++j) all(i, kept_[j]) = row[j];
    }
  });
  return all;
}

}  // namespace otbridge
