#include "solvers/sinkhorn_sweep.hpp"

#include <array>
#include <cmath>

#include "otbridge/core/parallel.hpp"

namespace otbridge {
namespace {

constexpr Index kChunk = 64;  // rows per parallel chunk

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

bool is_safe(double sum) { return sum > 0x1p-60 && sum < 0x1p60; }
static_assert(kernels::kSafe == 60.0);

}  // namespace

double kernel_scale(double variance) { return std::sqrt(0.5 * kLog2E / variance); }

template <class T>
std::vector<T> kernel_rows(ConstPoints scaled) {
  std::vector<T> rows(at(scaled.size()));
  Eigen::Map<Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(
      rows.data(), scaled.rows(), scaled.cols()) = scaled.template cast<T>();
  return rows;
}

template <class T>
SinkhornSweep<T>::SinkhornSweep(const kernels::KernelSet& set, ConstPoints scaled)
    : set_(&set), size_(scaled.rows()), d_(scaled.cols()) {
  const auto padding = static_cast<Index>(kernels::kPadding);
  padded_ = (size_ + padding - 1) / padding * padding;
  coordinates_.assign(at(padded_ * d_), T(0));
  levels_.assign(at(padded_), static_cast<T>(kernels::kPaddedLevel));
  reduced_ = levels_;
  for (Index j = 0; j < size_; ++j) {
    for (Index k = 0; k < d_; ++k) coordinates_[at(k * padded_ + j)] = static_cast<T>(scaled(j, k));
  }
  squares_ = scaled.rowwise().squaredNorm();
}

template <class T>
void SinkhornSweep<T>::set_levels(const Vector& levels) {
  for (Index j = 0; j < size_; ++j) {
    levels_[at(j)] = static_cast<T>(levels[j]);
    reduced_[at(j)] = static_cast<T>(levels[j] - squares_[j]);
  }
}

template <class T>
kernels::Columns<T> SinkhornSweep<T>::columns() const {
  return {coordinates_.data(), levels_.data(), reduced_.data(), at(padded_), at(d_)};
}

template <class T>
void SinkhornSweep<T>::log2_sums(const std::vector<T>& rows, const Vector* guess,
                                 Vector& out) const {
  const Index n = static_cast<Index>(rows.size()) / d_;
  out.resize(n);
  parallel_for(n, kChunk, [&](Index begin, Index end, Index) {
    std::array<T, kChunk> shifts{};
    if (guess != nullptr) {
      for (Index i = begin; i < end; ++i) shifts[at(i - begin)] = static_cast<T>((*guess)[i]);
    }
    const kernels::Rows<T> part{rows.data() + begin * d_, shifts.data(), at(end - begin)};
    log2_sums(part, shifts.data(), guess != nullptr, out.data() + begin);
  });
}

// The shift of each row is the guess where that keeps its sum in the safe range, and minus its
// largest exponent elsewhere; either way the shift that was used is taken out exactly.
template <class T>
void SinkhornSweep<T>::log2_sums(const kernels::Rows<T>& rows, T* shifts, bool guessed,
                                 double* out) const {
  const auto columns = this->columns();
  std::array<double, kChunk> sums{};
  if (guessed) kernels().row_sums(columns, rows, sums.data());
  for (kernels::Size i = 0; i < rows.count; ++i) {
    if (!is_safe(sums[i])) {
      const kernels::Rows<T> row{rows.coordinates + i * columns.d, shifts + i, 1};
      double largest = 0.0;
      shifts[i] = T(0);
      kernels().row_maxima(columns, row, &largest);
      shifts[i] = static_cast<T>(-largest);
      kernels().row_sums(columns, row, &sums[i]);
    }
    out[i] = std::log2(sums[i]) - static_cast<double>(shifts[i]);
  }
}

template std::vector<float> kernel_rows<float>(ConstPoints);
template std::vector<double> kernel_rows<double>(ConstPoints);
template class SinkhornSweep<float>;
template class SinkhornSweep<double>;

}  // namespace otbridge
