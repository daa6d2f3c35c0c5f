#include "solvers/sinkhorn_conditional.hpp"

#include <algorithm>
#include <cmath>

#include "otbridge/core/parallel.hpp"

namespace otbridge {
namespace {

constexpr Index kChunk = 32;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

std::vector<Index> positive(const Vector& weights) {
  std::vector<Index> kept;
  for (Index j = 0; j < weights.size(); ++j) {
    if (weights[j] > 0.0) kept.push_back(j);
  }
  return kept;
}

}  // namespace

SinkhornConditional::SinkhornConditional(const Points& points, const Vector& weights,
                                         const Vector& potential, double s2,
                                         const ConditionalKernel& kernel)
    : points_(points),
      kernel_(kernel),
      scale_(kernel_scale(kernel.variance)),
      kept_(positive(weights)),
      center_value_(Points(points(kept_, Eigen::all)).colwise().mean()),
      sweep_(kernels::select_kernel_set(),
             (scale_ * kernel.support) *
                 (Points(points(kept_, Eigen::all)).rowwise() - center_value_)) {
  const Vector kept_weights = weights(kept_), kept_potential = potential(kept_);
  sweep_.set_levels((kept_weights.array().log() * kLog2E).matrix() +
                    kept_potential * (kLog2E / s2));
  center_ = kernel.support * center_value_;
  const Index padded = static_cast<Index>(sweep_.columns().padded), d = points.cols();
  values_.assign(at(padded * d), 0.0);
  for (Index j = 0; j < sweep_.size(); ++j) {
    for (Index k = 0; k < d; ++k) {
      values_[at(k * padded + j)] = points(kept_[at(j)], k) - center_value_[k];
    }
  }
}

std::vector<double> SinkhornConditional::coordinates(ConstPoints x) const {
  return kernel_rows<double>(scale_ * ((kernel_.query * x).rowwise() - center_));
}

SinkhornConditional::Rows SinkhornConditional::rows(ConstPoints x) const {
  Rows rows{coordinates(x), {}};
  sweep_.log2_sums(rows.coordinates, nullptr, rows.log2_sums);
  return rows;
}

Vector SinkhornConditional::log_normaliser(ConstPoints x) const { return rows(x).log2_sums * kLn2; }

Points SinkhornConditional::mean(ConstPoints x) const {
  const Rows rows = this->rows(x);
  const Vector shifts = -rows.log2_sums;
  const Index d = x.cols();
  Points means(x.rows(), d);
  parallel_for(x.rows(), kChunk, [&](Index begin, Index end, Index) {
    Vector sums(end - begin);
    sweep_.kernels().row_means(
        sweep_.columns(),
        {rows.coordinates.data() + begin * d, shifts.data() + begin, at(end - begin)},
        values_.data(), at(d), sums.data(), means.row(begin).data());
    for (Index i = begin; i < end; ++i) {
      means.row(i) = means.row(i) / sums[i - begin] + center_value_;
    }
  });
  return means;
}

Points SinkhornConditional::sample(ConstPoints x, const RandomStream& stream,
                                   Index first_row) const {
  const Rows rows = this->rows(x);
  const Vector shifts = -rows.log2_sums;
  Points drawn(x.rows(), x.cols());
  parallel_for(x.rows(), kChunk, [&](Index begin, Index end, Index) {
    std::vector<double> cumulative(kept_.size());
    for (Index i = begin; i < end; ++i) {
      sweep_.kernels().row_weights(sweep_.columns(),
                                   {rows.coordinates.data() + i * x.cols(), &shifts[i], 1},
                                   kept_.size(), cumulative.data());
      double total = 0.0;
      for (double& weight : cumulative) weight = total += weight;
      const double level = stream.uniform(first_row + i, 0, 0) * total;
      const auto found = std::ranges::upper_bound(cumulative, level) - cumulative.begin();
      drawn.row(i) = points_.row(kept_[std::min(at(found), kept_.size() - 1)]);
    }
  });
  return drawn;
}

Matrix SinkhornConditional::weights(ConstPoints x, const Vector& shift) const {
  const std::vector<double> positions = coordinates(x);
  const Vector shifts = shift * kLog2E;
  Matrix all = Matrix::Zero(x.rows(), points_.rows());
  parallel_for(x.rows(), kChunk, [&](Index begin, Index end, Index) {
    std::vector<double> row(kept_.size());
    for (Index i = begin; i < end; ++i) {
      sweep_.kernels().row_weights(sweep_.columns(),
                                   {positions.data() + i * x.cols(), &shifts[i], 1}, row.size(),
                                   row.data());
      for (std::size_t j = 0; j < row.size(); ++j) all(i, kept_[j]) = row[j];
    }
  });
  return all;
}

}  // namespace otbridge
