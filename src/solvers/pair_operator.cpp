#include "solvers/pair_operator.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "otbridge/core/parallel.hpp"

namespace otbridge {
namespace {

constexpr Index kPadding = static_cast<Index>(kernels::kPadding);
constexpr Index kRowChunk = 64;

template <class T>
const kernels::PairKernels<T>& pair_kernels();
template <>
const kernels::PairKernels<float>& pair_kernels<float>() {
  return kernels::kernel_set().single;
}
template <>
const kernels::PairKernels<double>& pair_kernels<double>() {
  return kernels::kernel_set().twofold;
}

Index padded_size(Index n) { return (n + kPadding - 1) / kPadding * kPadding; }

// Structure of arrays, times scale, padded with zeros.
template <class T>
void fill(const Points& points, double scale, Index stride, std::vector<T>& out) {
  out.assign(static_cast<std::size_t>(stride * points.cols()), T{0});
  for (Index c = 0; c < points.cols(); ++c) {
    for (Index i = 0; i < points.rows(); ++i) {
      out[static_cast<std::size_t>(c * stride + i)] = static_cast<T>(points(i, c) * scale);
    }
  }
}

template <class T>
std::vector<T> padded_copy(const Vector& values, Index stride) {
  std::vector<T> out(static_cast<std::size_t>(stride), -std::numeric_limits<T>::infinity());
  for (Index i = 0; i < values.size(); ++i) {
    out[static_cast<std::size_t>(i)] = static_cast<T>(values[i]);
  }
  return out;
}

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

}  // namespace

PairOperator::PairOperator(ConstPoints x, ConstPoints y, double temperature) {
  centre_ = 0.5 * (x.colwise().mean() + y.colwise().mean());
  x_ = x.rowwise() - centre_;
  y_ = y.rowwise() - centre_;
  x_shape_ = {x.rows(), padded_size(x.rows())};
  y_shape_ = {y.rows(), padded_size(y.rows())};
  radius_ = std::sqrt(
      std::max(x_.rowwise().squaredNorm().maxCoeff(), y_.rowwise().squaredNorm().maxCoeff()));
  set_temperature(temperature);
}

void PairOperator::set_temperature(double temperature) {
  temperature_ = temperature;
  scale_ = std::sqrt(kLog2E / 2.0) / std::sqrt(temperature);
  fill(x_, scale_, x_shape_.stride, twofold_.x);
  fill(y_, scale_, y_shape_.stride, twofold_.y);
  fill(x_, scale_, x_shape_.stride, single_.x);
  fill(y_, scale_, y_shape_.stride, single_.y);
}

double PairOperator::largest_exponent() const { return std::pow(2.0 * radius_ * scale_, 2); }

template <class T>
kernels::Cloud<T> PairOperator::cloud(Side side) const {
  const Scaled<T>* scaled;
  if constexpr (std::is_same_v<T, float>) {
    scaled = &single_;
  } else {
    scaled = &twofold_;
  }
  const Shape& s = shape(side);
  return {(side == Side::rows ? scaled->x : scaled->y).data(), at(s.stride), at(s.stride),
          at(x_.cols())};
}

void PairOperator::sums(Side side, const Vector& own, const Vector& other, Precision precision,
                        Vector& out) const {
  out.resize(own.size());
  const auto run = [&]<class T>(T) {
    const auto u = padded_copy<T>(own, shape(side).stride);
    const auto v = padded_copy<T>(other, shape(other_side(side)).stride);
    const auto from = cloud<T>(side), to = cloud<T>(other_side(side));
    parallel_for(own.size(), kRowChunk, [&](Index begin, Index end, Index) {
      T sum[kRowChunk];
      pair_kernels<T>().row_sums(from, u.data(), to, v.data(), at(begin), at(end), sum);
      for (Index i = begin; i < end; ++i) out[i] = static_cast<double>(sum[i - begin]);
    });
  };
  if (precision == Precision::single) {
    run(float{});
  } else {
    run(double{});
  }
}

Vector PairOperator::log_sums(Side side, const Vector& other,
                              const std::vector<Index>& indices) const {
  Vector out(static_cast<Index>(indices.size()));
  const auto v = padded(other_side(side), other);
  const auto from = cloud<double>(side), to = cloud<double>(other_side(side));
  parallel_for(out.size(), 8, [&](Index begin, Index end, Index) {
    for (Index k = begin; k < end; ++k) {
      const auto i = at(indices[at(k)]);
      pair_kernels<double>().row_log_sums(from, to, v.data(), i, i + 1, &out[k]);
    }
  });
  return out;
}

Vector PairOperator::log_sums(Side side, const Vector& other) const {
  std::vector<Index> every(at(shape(side).n));
  std::iota(every.begin(), every.end(), Index{0});
  return log_sums(side, other, every);
}

Vector PairOperator::costs(Side side, const Vector& own, const Vector& other) const {
  Vector out(own.size());
  const auto u = padded(side, own), v = padded(other_side(side), other);
  const auto from = cloud<double>(side), to = cloud<double>(other_side(side));
  parallel_for(own.size(), kRowChunk, [&](Index begin, Index end, Index) {
    double sum[kRowChunk], cost[kRowChunk];
    pair_kernels<double>().row_moments(from, u.data(), to, v.data(), at(begin), at(end), sum,
                                       nullptr, cost);
    for (Index i = begin; i < end; ++i) out[i] = cost[i - begin] * temperature_ / kLog2E;
  });
  return out;
}

Points PairOperator::moments(Side side, const Vector& own, const Vector& other) const {
  Points out(own.size(), x_.cols());
  const auto u = padded(side, own), v = padded(other_side(side), other);
  const auto from = cloud<double>(side), to = cloud<double>(other_side(side));
  parallel_for(own.size(), kRowChunk, [&](Index begin, Index end, Index) {
    double sum[kRowChunk];
    pair_kernels<double>().row_moments(from, u.data(), to, v.data(), at(begin), at(end), sum,
                                       out.row(begin).data(), nullptr);
    for (Index i = begin; i < end; ++i) out.row(i) = out.row(i) / scale_ + sum[i - begin] * centre_;
  });
  return out;
}

std::vector<double> PairOperator::padded(Side of, const Vector& values) const {
  return padded_copy<double>(values, shape(of).stride);
}

void PairOperator::weights(Side side, Index i, double own_i,
                           const std::vector<double>& other_padded,
                           std::vector<double>& out) const {
  out.resize(other_padded.size());
  pair_kernels<double>().row_weights(cloud<double>(side), own_i, cloud<double>(other_side(side)),
                                     other_padded.data(), at(i), out.data());
}

SoftAverage soft_average(ConstPoints x, ConstPoints y, const Vector& log2_weights,
                         double temperature) {
  const PairOperator pairs(x, y, temperature);
  SoftAverage average;
  average.log2_sum = pairs.log_sums(Side::rows, log2_weights);
  average.mean = pairs.moments(Side::rows, -average.log2_sum, log2_weights);
  return average;
}

}  // namespace otbridge
