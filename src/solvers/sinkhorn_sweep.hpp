// SinkhornSweep: one weighted cloud as the columns that kernels sweep, at one length scale.
//
// Numbers follow kernels/kernel_set.hpp: positions are multiplied by sqrt(log2(e) / (2 variance)),
// so that a squared distance is a negative binary logarithm of a weight. Memory O(n d).
#pragma once

#include <vector>

#include "kernels/kernel_set.hpp"
#include "otbridge/core/points.hpp"

namespace otbridge {

constexpr double kLog2E = 1.4426950408889634074;
constexpr double kLn2 = 0.69314718055994530942;

// sqrt(log2(e) / (2 variance)): the factor from lengths to kernel coordinates.
double kernel_scale(double variance);

template <class T>
std::vector<T> kernel_rows(ConstPoints scaled);

template <class T>
class SinkhornSweep {
 public:
  SinkhornSweep(const kernels::KernelSet& set, ConstPoints scaled);

  // levels: one per point, binary log of weight times potential.
  void set_levels(const Vector& levels);

  // out_i = log2 sum_j 2^(level_j - |x_i - y_j|^2) for the rows (n x d, row-major). guess_i: an
  // estimate of -out_i that spares a pass where it is within 2^+-60; null takes none.
  void log2_sums(const std::vector<T>& rows, const Vector* guess, Vector& out) const;

  kernels::Columns<T> columns() const;
  const kernels::KernelTable<T>& kernels() const { return kernels::table<T>(*set_); }
  Index size() const { return size_; }
  Index dimension() const { return d_; }

 private:
  void log2_sums(const kernels::Rows<T>& rows, T* shifts, bool guessed, double* out) const;

  const kernels::KernelSet* set_;
  Index size_, d_, padded_;
  std::vector<T> coordinates_, levels_, reduced_;
  Vector squares_;
};

extern template class SinkhornSweep<float>;
extern template class SinkhornSweep<double>;

}  // namespace otbridge
