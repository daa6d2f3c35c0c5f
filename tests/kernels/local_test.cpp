// The kernels of local_table.hpp, of every instruction set of this machine, against plain loops in
// long double.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "kernels/kernel_set.hpp"
#include "otbridge/core/random.hpp"

using namespace otbridge;
using kernels::kLocalTiles;
using kernels::kTile;
using kernels::Size;
using kernels::Tile;

namespace {

constexpr Size kPiece = kLocalTiles * kTile;  // columns

// Works on every set that this machine has.
template <class Work>
void for_each_set(const Work& work) {
  for (Size k = 0; const auto* set = kernels::available_kernel_set(k); ++k) {
    CAPTURE(std::string(set->name));
    work(*set);
  }
}

// Numbers that are a function of their place.
struct Draws {
  RandomStream stream;
  explicit Draws(std::uint64_t seed) : stream(seed) {}
  double operator()(Size i, Index step, Size k) const {
    return stream.normal(static_cast<Index>(i), step, static_cast<Index>(k));
  }
};

// A row of m columns in pieces, the last of them padded, all with terms of their own: the exponents
// of a piece are near its own, from 0 down to -`range`.
template <class T>
struct LocalCase {
  Size m, d, pieces;
  std::vector<Tile<T>> offsets, residuals;
  std::vector<T> terms;  // of every piece
  std::vector<Size> numbers;

  LocalCase(Size m_, Size d_, double range) : m(m_), d(d_), pieces((m + kPiece - 1) / kPiece) {
    const Draws draw(5);
    const Size tiles = pieces * kLocalTiles;
    offsets.assign(tiles * d, Tile<T>{});
    residuals.assign(tiles, Tile<T>{});
    for (Size j = 0; j < tiles * kTile; ++j) {
      const Size tile = j / kTile, lane = j % kTile;
      const bool there = j < m;
      residuals[tile].values[lane] =
          there ? static_cast<T>(-std::abs(draw(j, 0, 0))) : kernels::kPaddedLevel<T>;
      for (Size k = 0; k < d && there; ++k)
        offsets[tile * d + k].values[lane] = static_cast<T>(0.25 * draw(j, 1, k));
    }
    for (Size p = 0; p < pieces; ++p) {
      numbers.push_back(p);
      const double share =
          pieces > 1 ? static_cast<double>(p) / static_cast<double>(pieces - 1) : 0;
      terms.push_back(static_cast<T>(-range * share));
      for (Size k = 0; k < d; ++k) terms.push_back(static_cast<T>(draw(p, 2, k)));
      for (Size k = 0; k < d; ++k) terms.push_back(static_cast<T>(2.0 * draw(p, 3, k)));
    }
  }

  // Every other piece from the last one on, say: pieces in the order in which they are met, with
  // their terms.
  void meet(const std::vector<Size>& some) {
    const Size width = 1 + 2 * d;
    std::vector<T> chosen;
    for (const Size p : some) {
      const auto begin = terms.begin() + static_cast<std::ptrdiff_t>(p * width);
      chosen.insert(chosen.end(), begin, begin + static_cast<std::ptrdiff_t>(width));
    }
    numbers = some;
    terms = chosen;
  }

  kernels::LocalColumns<T> columns() const { return {offsets.data(), residuals.data(), d}; }
  kernels::LocalRow<T> row() const { return {numbers.data(), terms.data(), numbers.size()}; }

  Size width() const { return 1 + 2 * d; }
  long double v(Size j, Size k) const { return offsets[j / kTile * d + k].values[j % kTile]; }
  // Of column j, which is of the q-th piece met.
  long double exponent(Size q, Size j) const {
    const T* const of = terms.data() + q * width();
    long double z = of[0] + static_cast<long double>(residuals[j / kTile].values[j % kTile]);
    for (Size k = 0; k < d; ++k) z += of[1 + k] * v(j, k);
    return z;
  }
  long double weight(Size q, Size j) const {
    return std::exp2(std::max<long double>(exponent(q, j), kernels::kLeastLocal));
  }
  long double place(Size q, Size j, Size k) const {
    return terms[q * width() + 1 + d + k] + v(j, k);
  }
};

// Sums, moments, sums of pieces, weights and the largest exponent.
template <class T>
void compare(const kernels::KernelSet& set, const LocalCase<T>& c) {
  CAPTURE(c.d);
  CAPTURE(c.m);
  const auto& kernel = kernels::local_table<T>(set);
  // Rounding of exponents of size up to about 100 on 2^z, and of sums of 256 terms in T.
  const long double tolerance = sizeof(T) == 4 ? 2e-5L : 5e-14L;
  const Size met = c.numbers.size();
  double sum = -1.0;
  std::vector<double> moments(c.d, -1.0), sums(met + 1, -1.0);
  std::vector<Tile<double>> weights(met * kLocalTiles);
  kernel.sums(c.columns(), c.row(), &sum, moments.data());
  kernel.piece_sums(c.columns(), c.row(), sums.data());
  kernel.weights(c.columns(), c.row(), weights.data());
  const double most = kernel.maximum(c.columns(), c.row());

  long double total = 0, largest = -3e38L, worst = 0;
  std::vector<long double> moment(c.d, 0), size(c.d, 0);
  for (Size q = 0; q < met; ++q) {
    long double of_piece = 0;
    for (Size lane = 0; lane < kPiece; ++lane) {
      const Size j = c.numbers[q] * kPiece + lane;
      const long double w = c.weight(q, j);
      of_piece += w;
      largest = std::max(largest, c.exponent(q, j));
      const Size at = q * kPiece + lane;
      worst = std::max(worst, std::abs(weights[at / kTile].values[at % kTile] / w - 1));
      for (Size k = 0; k < c.d; ++k) {
        moment[k] += w * c.place(q, j, k);
        size[k] += w * (std::abs(c.terms[q * c.width() + 1 + c.d + k]) + std::abs(c.v(j, k)));
      }
    }
    worst = std::max(worst, std::abs(sums[q] / of_piece - 1));
    total += of_piece;
  }
  CHECK(sums[met] == -1.0);  // and no further
  if (met > 0) {
    worst = std::max(worst, std::abs(sum / total - 1));
    for (Size k = 0; k < c.d; ++k)
      worst = std::max(worst, std::abs(moments[k] - moment[k]) / size[k]);
    CHECK(std::abs(most - largest) < 100 * tolerance);
  } else {
    CHECK(sum == 0.0);
    for (const double one : moments) CHECK(one == 0.0);
    CHECK(most < -1e38);
  }
  CHECK(worst < tolerance);
}

template <class T>
void compare_sizes(const kernels::KernelSet& set, Size d) {
  // One column, a piece less one, whole pieces, and more tiles than are summed in T.
  for (const Size m : {Size{1}, kPiece - 1, kPiece, kPiece + 1, Size{1031}})
    compare(set, LocalCase<T>(m, d, 30.0));
  LocalCase<T> some(1031, d, 30.0);
  some.meet({16, 3, 4, 0});
  compare(set, some);
  some.meet({});
  compare(set, some);
}

}  // namespace

TEST_CASE("local kernels agree with plain loops, for every set, precision and dimension") {
  for_each_set([](const kernels::KernelSet& set) {
    for (const Size d : {Size{1}, Size{2}, Size{3}, Size{4}, Size{7}, kernels::kMostLocal}) {
      compare_sizes<float>(set, d);
      compare_sizes<double>(set, d);
    }
  });
}

TEST_CASE("weights of far columns are raised to the least one, and padding has no more") {
  for_each_set([](const kernels::KernelSet& set) {
    // Beyond kLeastLocal = -80, and beyond the range of single precision.
    for (const double range : {100.0, 1e4}) {
      compare(set, LocalCase<float>(kPiece * 3 + 1, 2, range));
      compare(set, LocalCase<double>(kPiece * 3 + 1, 2, range));
    }
  });
}

TEST_CASE("sums of many tiles keep the digits of single precision") {
  for_each_set([](const kernels::KernelSet& set) {
    LocalCase<float> c(kPiece * 2000, 1, 0.0);
    for (auto* tiles : {&c.offsets, &c.residuals}) {
      for (auto& tile : *tiles) std::ranges::fill(tile.values, 0.0F);
    }
    // Every weight is 2^-0.3 and every place 0.7: rounding errors of equal terms add up.
    for (Size p = 0; p < c.pieces; ++p) {
      c.terms[3 * p] = -0.3F;
      c.terms[3 * p + 1] = 0.0F;
      c.terms[3 * p + 2] = 0.7F;
    }
    double sum = 0.0, moment = 0.0;
    set.local_f32.sums(c.columns(), c.row(), &sum, &moment);
    CHECK(std::abs(sum / (static_cast<double>(c.m) * std::exp2(-0.3)) - 1.0) < 1e-6);
    CHECK(std::abs(moment / sum - 0.7) < 1e-6);
  });
}

TEST_CASE("local terms are those of exponents about the centres of their pieces") {
  for_each_set([](const kernels::KernelSet& set) {
    for (const Size d : {Size{1}, Size{2}, Size{3}, Size{5}, kernels::kMostLocal}) {
      CAPTURE(d);
      const Draws draw(3);
      constexpr Size kPieces = 4, kMet = 3;
      std::vector<double> x(d), about(d), centres, slopes;
      for (Size k = 0; k < d; ++k) x[k] = draw(0, 0, k), about[k] = draw(0, 1, k);
      for (Size at = 0; at < kPieces * d; ++at) {
        centres.push_back(draw(at, 2, 0));
        slopes.push_back(draw(at, 3, 0));
      }
      const Size met[kMet] = {2, 0, 3};
      const double exponents[kMet] = {-1.5, 0.25, -700.0}, q = 1.75, shift = 3.5;
      const kernels::LocalTerms of{x.data(), centres.data(), slopes.data(), about.data(), q, shift,
                                   d};
      std::vector<double> full(kMet * (1 + 2 * d) + 1, -1.0);
      std::vector<float> single(full.size(), -1.0F);
      set.local_f64.terms(of, met, exponents, kMet, full.data());
      set.local_f32.terms(of, met, exponents, kMet, single.data());
      for (Size p = 0; p < kMet; ++p) {
        const Size first = p * (1 + 2 * d);
        const auto check = [&](Size at, double expected) {
          CHECK(std::abs(full[at] - expected) <= 1e-15 * std::max(1.0, std::abs(expected)));
          CHECK(single[at] == static_cast<float>(full[at]));
        };
        check(first, exponents[p] + shift);
        for (Size k = 0; k < d; ++k) {
          const double c = centres[met[p] * d + k];
          check(first + 1 + k, 2.0 * q * (x[k] - c) + slopes[met[p] * d + k]);
          check(first + 1 + d + k, c - about[k]);
        }
      }
      CHECK(full.back() == -1.0);
      CHECK(single.back() == -1.0F);
    }
  });
}

TEST_CASE("bounds of boxes are above every exponent in them, and told apart from a threshold") {
  for_each_set([](const kernels::KernelSet& set) {
    for (const Size d : {Size{1}, Size{2}, Size{3}, Size{6}, kernels::kMostLocal}) {
      CAPTURE(d);
      const Draws draw(9);
      constexpr Size kGroups = 2;
      std::vector<Tile<double>> centres(kGroups * d), halves(kGroups * d), slopes(kGroups * d),
          levels(kGroups);
      for (Size g = 0; g < kGroups; ++g) {
        for (Size b = 0; b < kTile; ++b) {
          levels[g].values[b] = draw(g * kTile + b, 0, 0);
          for (Size k = 0; k < d; ++k) {
            centres[g * d + k].values[b] = draw(g * kTile + b, 1, k);
            halves[g * d + k].values[b] = 0.5 * std::abs(draw(g * kTile + b, 2, k));
            slopes[g * d + k].values[b] = draw(g * kTile + b, 3, k);
          }
        }
      }
      std::vector<double> x(d);
      for (Size k = 0; k < d; ++k) x[k] = draw(0, 4, k);
      const kernels::BoxFits fits{centres.data(), halves.data(), slopes.data(), levels.data(), d};
      constexpr double kFactor = 0.75, kThreshold = -2.0;
      Tile<double> exponents, bounds;
      const kernels::Hits above =
          set.box_bounds(fits, 1, x.data(), kFactor, kThreshold, exponents, bounds);
      for (Size b = 0; b < kTile; ++b) {
        CAPTURE(b);
        // level + <s, v> - factor |u - v|^2 without its square of v, at v = 0 and at the corner
        // where it is largest.
        long double at_centre = levels[1].values[b], at_corner = 0;
        for (Size k = 0; k < d; ++k) {
          const long double u = x[k] - centres[d + k].values[b];
          at_centre -= kFactor * u * u;
          const long double slope = 2 * kFactor * u + slopes[d + k].values[b];
          const long double half = halves[d + k].values[b];
          at_corner += std::max(slope * half, -slope * half);
        }
        at_corner += at_centre;
        CHECK(std::abs(exponents.values[b] - at_centre) < 1e-13L);
        CHECK(std::abs(bounds.values[b] - at_corner) < 1e-13L);
        CHECK(((above >> b & 1U) != 0) == (bounds.values[b] > kThreshold));
      }
      CHECK(set.box_bounds(fits, 0, x.data(), kFactor, 1e300, exponents, bounds) == 0);
      CHECK(set.box_bounds(fits, 0, x.data(), kFactor, -1e300, exponents, bounds) ==
            ~kernels::Hits{0});
    }
  });
}

TEST_CASE("weighted sums agree with plain loops, whatever rows and columns are left over") {
  for_each_set([](const kernels::KernelSet& set) {
    const Draws draw(2);
    for (const Size width : {Size{8}, Size{16}, Size{24}, Size{40}}) {
      for (const Size rows : {Size{1}, Size{3}, Size{4}, Size{9}}) {
        // More columns than stay in the cache at this width, too.
        for (const Size columns : {Size{1}, Size{2}, Size{5}, Size{4500}}) {
          CAPTURE(width);
          CAPTURE(rows);
          CAPTURE(columns);
          std::vector<double> weights(rows * columns), values(columns * width);
          for (Size at = 0; at < weights.size(); ++at) {
            // Some columns weigh nothing in any row, others in some.
            const Size i = at / columns, j = at % columns;
            weights[at] = j % 3 == 1 || (i + j) % 4 == 0 ? 0.0 : std::abs(draw(at, 0, 0));
          }
          for (Size at = 0; at < values.size(); ++at) values[at] = draw(at, 1, 0);
          std::vector<double> sums(rows * width + 1, -1.0);
          set.weighted_sums(weights.data(), rows, columns, values.data(), width, sums.data());
          long double worst = 0;
          for (Size i = 0; i < rows; ++i) {
            for (Size k = 0; k < width; ++k) {
              long double sum = 0, size = 1e-300L;
              for (Size j = 0; j < columns; ++j) {
                const long double term =
                    static_cast<long double>(weights[i * columns + j]) * values[j * width + k];
                sum += term;
                size += std::abs(term);
              }
              worst = std::max(worst, std::abs(sums[i * width + k] - sum) / size);
            }
          }
          CHECK(worst < 1e-13L);
          CHECK(sums.back() == -1.0);
        }
      }
    }
  });
}
