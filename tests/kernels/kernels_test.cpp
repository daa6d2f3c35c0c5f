// Every kernel of every instruction set of this machine against plain loops in long double.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "../relative.hpp"
#include "kernels/kernel_set.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/random.hpp"

using namespace otbridge;
using kernels::kTile;
using kernels::Size;
using kernels::Tile;

namespace {

// A cloud of n rows and m columns, potentials such that weights range over many magnitudes.
template <class T>
struct Case {
  Size n, m, d, tiles;
  std::vector<T> rows, shifts;
  std::vector<Tile<T>> columns, levels, values;

  Case(Size n_, Size m_, Size d_, double spread) : n(n_), m(m_), d(d_) {
    const RandomStream stream(7);
    tiles = (m + kTile - 1) / kTile;
    rows.resize(n * d);
    shifts.resize(n);
    columns.assign(tiles * d, Tile<T>{});
    values.assign(tiles * d, Tile<T>{});
    levels.assign(tiles, Tile<T>{});
    for (auto& tile : levels) {
      for (T& level : tile.values) level = kernels::kPaddedLevel<T>;
    }
    const double unit = spread / std::sqrt(static_cast<double>(d));
    const auto draw = [&](Size i, Index step, Size k) {
      return static_cast<T>(stream.normal(static_cast<Index>(i), step, static_cast<Index>(k)));
    };
    for (Size i = 0; i < n; ++i) {
      shifts[i] = draw(i, 0, 0);
      for (Size k = 0; k < d; ++k) {
        rows[i * d + k] = static_cast<T>(unit) * draw(i, 1, k);
        shifts[i] -= rows[i * d + k] * rows[i * d + k];
      }
    }
    for (Size j = 0; j < m; ++j) {
      T& level = levels[j / kTile].values[j % kTile];
      level = T(-3) + draw(j, 2, 0);
      for (Size k = 0; k < d; ++k) {
        const T y = static_cast<T>(unit) * draw(j, 3, k);
        columns[j / kTile * d + k].values[j % kTile] = y;
        values[j / kTile * d + k].values[j % kTile] = draw(j, 4, k);
        level -= y * y;
      }
    }
  }

  kernels::Columns<T> sweep() const { return {columns.data(), levels.data(), d}; }
  kernels::Rows<T> all_rows() const { return {rows.data(), shifts.data(), n}; }

  long double x(Size i, Size k) const { return rows[i * d + k]; }
  long double y(Size j, Size k) const { return columns[j / kTile * d + k].values[j % kTile]; }
  long double value(Size j, Size k) const { return values[j / kTile * d + k].values[j % kTile]; }
  long double inner(Size i, Size j) const {
    long double total = 0;
    for (Size k = 0; k < d; ++k) total += 2 * x(i, k) * y(j, k);
    return total;
  }
  long double exponent(Size i, Size j) const {
    return shifts[i] + static_cast<long double>(levels[j / kTile].values[j % kTile]) + inner(i, j);
  }
};

// The weights that kernels give against long double, over the tiles of the ranges.
template <class T>
void compare(const kernels::KernelSet& set, const Case<T>& c,
             const std::vector<kernels::TileRange>& chosen) {
  const auto& kernel = kernels::table<T>(set);
  const kernels::TileRanges ranges{chosen.data(), chosen.size()};
  // Rounding of exponents of size up to about 60, and of sums of m terms: 2e-5 and 4e-14.
  const double tolerance = sizeof(T) == 4 ? 3e-5 : 1e-13;
  std::vector<double> sums(c.n), maxima(c.n), pairs(c.n), inner(c.n), sums2(c.n);
  std::vector<double> means(c.n * c.d), weights(c.n * c.m);
  std::vector<Tile<T>> column_sums(c.tiles, Tile<T>{});
  kernel.row_sums(c.sweep(), ranges, c.all_rows(), sums.data());
  kernel.row_maxima(c.sweep(), ranges, c.all_rows(), maxima.data());
  kernel.pair_sums(c.sweep(), ranges, c.all_rows(), pairs.data(), inner.data(), column_sums.data());
  kernel.row_means(c.sweep(), ranges, c.all_rows(), c.values.data(), c.d, sums2.data(),
                   means.data());
  kernel.row_weights(c.sweep(), c.all_rows(), c.m, weights.data());
  std::vector<kernels::Hits> hits(c.n * c.tiles);
  kernel.row_hits(c.sweep(), c.tiles, c.all_rows(), hits.data());
  double worst = 0.0;
  const auto note = [&](double got, long double want, long double scale) {
    const double error = static_cast<double>(std::abs(got - want) / scale);
    worst = std::isfinite(got) && error < 1e30 ? std::max(worst, error) : 1e30;
  };
  const auto is_chosen = [&](Size j) {
    for (const auto& range : chosen) {
      if (j / kTile >= range.begin && j / kTile < range.end) return true;
    }
    return false;
  };
  std::vector<long double> columns(c.m, 0);
  for (Size i = 0; i < c.n; ++i) {
    long double sum = 0, product = 0, size = 0, largest = -1e300L;
    std::vector<long double> mean(c.d, 0), scale(c.d, 0);
    for (Size j = 0; j < c.m; ++j) {
      const long double w = std::exp2(c.exponent(i, j));
      note(weights[i * c.m + j], w, std::max(w, 1e-30L));
      const bool hit = (hits[i * c.tiles + j / kTile] >> (j % kTile) & 1U) != 0;
      if (std::abs(c.exponent(i, j)) > 60.0L * tolerance) CHECK(hit == (c.exponent(i, j) > 0));
      if (!is_chosen(j)) continue;
      sum += w;
      columns[j] += w;
      product += w * c.inner(i, j);
      size += w * std::max(1.0L, std::abs(c.inner(i, j)));
      largest = std::max(largest, c.exponent(i, j));
      for (Size k = 0; k < c.d; ++k) {
        mean[k] += w * c.value(j, k);
        scale[k] += w * std::abs(c.value(j, k));
      }
    }
    note(sums[i], sum, sum);
    note(pairs[i], sum, sum);
    note(sums2[i], sum, sum);
    note(inner[i], product, size);
    note(maxima[i], largest, 60.0L);
    for (Size k = 0; k < c.d; ++k) note(means[i * c.d + k], mean[k], scale[k]);
  }
  for (Size i = 0; i < c.n; ++i) {  // padding is never hit
    const Size tail = c.m % kTile;
    if (tail > 0) CHECK((hits[(i + 1) * c.tiles - 1] >> tail) == 0);
  }
  for (Size j = 0; j < c.m; ++j) {
    if (is_chosen(j)) {
      note(static_cast<double>(column_sums[j / kTile].values[j % kTile]), columns[j], columns[j]);
    } else {
      CHECK(column_sums[j / kTile].values[j % kTile] == T(0));
    }
  }
  CHECK(worst < tolerance);
}

template <class T>
void compare(const kernels::KernelSet& set, const Case<T>& c) {
  compare(set, c, {{0, c.tiles}});
}

}  // namespace

TEST_CASE("kernels agree with plain loops, for every set, precision and dimension") {
  for (Size k = 0; const auto* set = kernels::available_kernel_set(k); ++k) {
    CAPTURE(std::string(set->name));
    for (const Size d : {1u, 2u, 3u, 4u, 5u, 17u, 256u}) {
      CAPTURE(d);
      compare<float>(*set, Case<float>(7, 101, d, 1.5));
      compare<double>(*set, Case<double>(7, 101, d, 1.5));
      compare<double>(*set, Case<double>(3, 1031, d, 1.5));
      compare<float>(*set, Case<float>(1, 1, d, 1.0));
      compare<double>(*set, Case<double>(1, 1, d, 1.0));
    }
  }
}

TEST_CASE("kernels go through the tiles they are given, and no others") {
  const std::vector<kernels::TileRange> some{{0, 1}, {3, 20}, {22, 23}};
  for (Size k = 0; const auto* set = kernels::available_kernel_set(k); ++k) {
    CAPTURE(std::string(set->name));
    for (const Size d : {1u, 2u, 3u, 9u}) {
      CAPTURE(d);
      compare<float>(*set, Case<float>(13, 800, d, 1.5), some);
      compare<double>(*set, Case<double>(13, 800, d, 1.5), some);
    }
  }
}

TEST_CASE("stored weights are the weights rounded once, and their sums are right") {
  for (Size k = 0; const auto* set = kernels::available_kernel_set(k); ++k) {
    CAPTURE(std::string(set->name));
    for (const auto& sizes : {std::pair<Size, Size>{1, 1}, {7, 101}, {130, 300}, {66, 520}}) {
      const Size n = sizes.first, m = sizes.second;
      CAPTURE(n);
      CAPTURE(m);
      const Case<double> c(n, m, 2, 6.0);
      std::vector<Tile<float>> weights(n * c.tiles), row_values(c.tiles, Tile<float>{});
      set->stored.store_weights(c.sweep(), c.tiles, c.all_rows(), weights.data());

      const RandomStream stream(11);
      const auto draw = [&](Size i, Index step) {
        return static_cast<float>(stream.normal(static_cast<Index>(i), step, 0));
      };
      std::vector<float> column_values(n);
      for (Size i = 0; i < n; ++i) column_values[i] = draw(i, 0);
      for (Size j = 0; j < m; ++j) row_values[j / kTile].values[j % kTile] = draw(j, 1);
      std::vector<double> row_sums(n), column_sums(c.tiles * kTile);
      set->stored.row_sums(weights.data(), n, c.tiles, row_values.data(), row_sums.data());
      set->stored.column_sums(weights.data(), n, c.tiles, column_values.data(), column_sums.data());

      long double worst_weight = 0, worst_sum = 0;
      std::vector<long double> columns(m, 0), scales(m, 0);
      for (Size i = 0; i < n; ++i) {
        long double sum = 0, scale = 0;
        for (Size j = 0; j < m; ++j) {
          const float stored = weights[i * c.tiles + j / kTile].values[j % kTile];
          const long double w = std::exp2(std::max<long double>(c.exponent(i, j), -70));
          worst_weight = std::max(worst_weight, std::abs(stored / w - 1));
          sum += w * draw(j, 1);
          scale += w * std::abs(draw(j, 1));
          columns[j] += w * column_values[i];
          scales[j] += w * std::abs(column_values[i]);
        }
        worst_sum = std::max(worst_sum, std::abs(row_sums[i] - sum) / scale);
      }
      for (Size j = 0; j < m; ++j) {
        worst_sum = std::max(worst_sum, std::abs(column_sums[j] - columns[j]) / scales[j]);
      }
      CHECK(worst_weight < 6.1e-8L);  // 2^-24, and the exponents' own 1e-13
      CHECK(worst_sum < 4e-7L);
    }
    for (const Size count : {1u, 3u, 8u, 21u}) {
      std::vector<double> exponents(count), values(count + 1, 1.5);
      for (Size i = 0; i < count; ++i) exponents[i] = 7.3 * static_cast<double>(i) - 40.1;
      set->stored.scale(exponents.data(), count, values.data());
      for (Size i = 0; i < count; ++i) {
        CHECK(values[i] == relative(1.5 * std::exp2(exponents[i]), 1e-14));
      }
      CHECK(values[count] == 1.5);
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
      const kernels::TileRange all{0, 3};
      set->f32.row_sums(single.sweep(), {&all, 1}, single.all_rows(), a.data());
      set->f64.row_sums(full.sweep(), {&all, 1}, full.all_rows(), b.data());
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
  CHECK_THROWS_AS(kernels::select_kernel_set(), InvalidInput);
  ::setenv("OTBRIDGE_KERNELS", "", 1);
  CHECK(kernels::select_kernel_set().name == kernels::available_kernel_set(0)->name);
  ::unsetenv("OTBRIDGE_KERNELS");
  CHECK(kernels::select_kernel_set().name == kernels::available_kernel_set(0)->name);
}
