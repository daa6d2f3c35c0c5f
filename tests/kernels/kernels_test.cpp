// Every kernel of every instruction set of this machine against plain loops in long double.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include "kernels/kernel_set.hpp"
#include "otbridge/core/random.hpp"

using namespace otbridge;
using kernels::Size;

namespace {

// A cloud of n rows and m columns, potentials such that weights range over many magnitudes.
template <class T>
struct Case {
  Size n, m, d, padded;
  std::vector<T> rows, shifts, columns, levels, reduced, values;

  Case(Size n_, Size m_, Size d_, double spread) : n(n_), m(m_), d(d_) {
    const RandomStream stream(7);
    padded = (m + kernels::kPadding - 1) / kernels::kPadding * kernels::kPadding;
    rows.resize(n * d);
    shifts.resize(n);
    columns.assign(padded * d, T(0));
    values.assign(padded * d, T(0));
    levels.assign(padded, static_cast<T>(kernels::kPaddedLevel));
    reduced = levels;
    const double unit = spread / std::sqrt(static_cast<double>(d));
    const auto draw = [&](Size i, Index step, Size k) {
      return static_cast<T>(stream.normal(static_cast<Index>(i), step, static_cast<Index>(k)));
    };
    for (Size i = 0; i < n; ++i) {
      shifts[i] = draw(i, 0, 0);
      for (Size k = 0; k < d; ++k) rows[i * d + k] = static_cast<T>(unit) * draw(i, 1, k);
    }
    for (Size j = 0; j < m; ++j) {
      levels[j] = T(-3) + draw(j, 2, 0);
      T square = 0;
      for (Size k = 0; k < d; ++k) {
        const T y = static_cast<T>(unit) * draw(j, 3, k);
        columns[k * padded + j] = y;
        values[k * padded + j] = draw(j, 4, k);
        square += y * y;
      }
      reduced[j] = levels[j] - square;
    }
  }

  kernels::Columns<T> sweep() const {
    return {columns.data(), levels.data(), reduced.data(), padded, d};
  }
  kernels::Rows<T> all_rows() const { return {rows.data(), shifts.data(), n}; }

  long double distance(Size i, Size j) const {
    long double total = 0;
    for (Size k = 0; k < d; ++k) {
      const long double step = static_cast<long double>(rows[i * d + k]) - columns[k * padded + j];
      total += step * step;
    }
    return total;
  }
  long double exponent(Size i, Size j) const {
    return static_cast<long double>(shifts[i]) + levels[j] - distance(i, j);
  }
};

template <class T>
void compare(const kernels::KernelSet& set, const Case<T>& c) {
  const auto& kernel = kernels::table<T>(set);
  // Rounding of exponents of size up to about 60, and of sums of m terms: 2e-5 and 4e-14.
  const double tolerance = sizeof(T) == 4 ? 3e-5 : 1e-13;
  std::vector<double> sums(c.n), maxima(c.n), sums2(c.n), costs(c.n), sums3(c.n), means(c.n * c.d);
  std::vector<double> weights(c.n * c.m);
  kernel.row_sums(c.sweep(), c.all_rows(), sums.data());
  kernel.row_maxima(c.sweep(), c.all_rows(), maxima.data());
  kernel.row_costs(c.sweep(), c.all_rows(), sums2.data(), costs.data());
  kernel.row_means(c.sweep(), c.all_rows(), c.values.data(), c.d, sums3.data(), means.data());
  kernel.row_weights(c.sweep(), c.all_rows(), c.m, weights.data());
  double worst = 0.0;
  const auto note = [&](double got, long double want, long double scale) {
    const double error = static_cast<double>(std::abs(got - want) / scale);
    worst = std::isfinite(got) && error < 1e30 ? std::max(worst, error) : 1e30;
  };
  for (Size i = 0; i < c.n; ++i) {
    long double sum = 0, cost = 0, largest = -1e300L;
    std::vector<long double> mean(c.d, 0), scale(c.d, 0);
    for (Size j = 0; j < c.m; ++j) {
      const long double w = std::exp2(c.exponent(i, j));
      sum += w;
      cost += w * c.distance(i, j);
      largest = std::max(largest, c.exponent(i, j));
      note(weights[i * c.m + j], w, std::max(w, 1e-30L));
      for (Size k = 0; k < c.d; ++k) {
        mean[k] += w * c.values[k * c.padded + j];
        scale[k] += w * std::abs(static_cast<long double>(c.values[k * c.padded + j]));
      }
    }
    note(sums[i], sum, sum);
    note(sums2[i], sum, sum);
    note(sums3[i], sum, sum);
    note(costs[i], cost, cost);
    note(maxima[i], largest, 60.0L);
    for (Size k = 0; k < c.d; ++k) note(means[i * c.d + k], mean[k], scale[k]);
  }
  CHECK(worst < tolerance);
}

}  // namespace

TEST_CASE("kernels agree with plain loops, for every set, precision and dimension") {
  for (Size k = 0; const auto* set = kernels::available_kernel_set(k); ++k) {
    CAPTURE(std::string(set->name));
    for (const Size d : {1, 2, 3, 4, 5, 17, 256}) {
      CAPTURE(d);
      compare<float>(*set, Case<float>(7, 101, d, 1.5));
      compare<double>(*set, Case<double>(7, 101, d, 1.5));
      compare<double>(*set, Case<double>(3, 1031, d, 1.5));
      compare<float>(*set, Case<float>(1, 1, d, 1.0));
      compare<double>(*set, Case<double>(1, 1, d, 1.0));
    }
  }
}

TEST_CASE("exponents beyond the range of the type give clamped weights, never NaN or infinity") {
  for (Size k = 0; const auto* set = kernels::available_kernel_set(k); ++k) {
    for (const double shift : {-1e30, -1e5, -2000.0, -1021.5, -140.0, 127.0, 1023.5, 1e5, 1e30}) {
      CAPTURE(shift);
      Case<float> single(4, 70, 2, 1.0);
      Case<double> full(4, 70, 2, 1.0);
      for (auto& s : single.shifts) s = static_cast<float>(shift);
      for (auto& s : full.shifts) s = shift;
      std::vector<double> a(4), b(4);
      set->f32.row_sums(single.sweep(), single.all_rows(), a.data());
      set->f64.row_sums(full.sweep(), full.all_rows(), b.data());
      for (Size i = 0; i < 4; ++i) {
        // A saturated single-precision sum may be infinite; the safe range rejects it either way.
        CHECK(!std::isnan(a[i]));
        CHECK(!std::isnan(b[i]));
        if (shift <= -140.0) CHECK(a[i] < 0x1p-60);
        if (shift <= -1021.5) CHECK(b[i] < 0x1p-60);
        if (shift >= 127.0) CHECK(a[i] > 0x1p60);
        if (shift >= 1023.5) CHECK(b[i] > 0x1p60);
      }
    }
  }
}

TEST_CASE("the environment picks the kernel set, and only one that is there") {
  ::setenv("OTBRIDGE_KERNELS", "baseline", 1);
  CHECK(std::string(kernels::select_kernel_set().name) == "baseline");
  ::setenv("OTBRIDGE_KERNELS", "no such set", 1);
  CHECK(kernels::select_kernel_set().name == kernels::available_kernel_set(0)->name);
  ::unsetenv("OTBRIDGE_KERNELS");
  CHECK(kernels::select_kernel_set().name == kernels::available_kernel_set(0)->name);
}
