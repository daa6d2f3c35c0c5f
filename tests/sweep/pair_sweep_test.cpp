#include "sweep/pair_sweep.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "clouds.hpp"
#include "sweep/stored_weights.hpp"

using namespace otbridge;

namespace {

Matrix exponents(const Points& x, const Points& y, const Vector& shifts, const Vector& levels) {
  Matrix z(x.rows(), y.rows());
  for (Index i = 0; i < x.rows(); ++i) {
    for (Index j = 0; j < y.rows(); ++j) {
      z(i, j) = shifts[i] + levels[j] - (x.row(i) - y.row(j)).squaredNorm();
    }
  }
  return z;
}

// A rough potential: smooth, with noise, and a few values far off.
Vector rough(const Points& x, std::uint64_t seed) {
  Vector v = 3.0 * x.col(0) - 0.5 * x.rowwise().squaredNorm() +
             0.3 * normal_points(x.rows(), 1, RandomStream(seed)).col(0);
  v[x.rows() / 3] -= 40.0;
  return v;
}

}  // namespace

TEST_CASE_TEMPLATE("numbers and points lie in tiles as the kernels read them", T, float, double) {
  for (const Index n : {1, 31, 32, 33, 70}) {
    CHECK(tile_count(n) == (n > 64 ? 3 : n > 32 ? 2 : 1));
    const Points points = normal_points(n, 3, RandomStream(4));
    const auto columns = points_as_tiles<T>(points);
    const auto levels = as_tiles<T>(points.col(1), -7.0);
    REQUIRE(columns.size() == to_size(3 * tile_count(n)));
    REQUIRE(levels.size() == to_size(tile_count(n)));
    for (Index i = 0; i < tile_count(n) * 32; ++i) {
      for (Index k = 0; k < 3; ++k) {
        CHECK(columns[to_size(i / 32 * 3 + k)].values[i % 32] ==
              (i < n ? static_cast<T>(points(i, k)) : T(0)));
      }
      CHECK(levels[to_size(i / 32)].values[i % 32] == (i < n ? static_cast<T>(points(i, 1)) : -7));
    }
  }
}

TEST_CASE("the bound of a pair of boxes is above every exponent, and that of every super box") {
  for (const Index d : {1, 2, 3, 6}) {
    for (const double spread : {0.0, 1.0, 6.0}) {
      CAPTURE(d);
      CAPTURE(spread);
      const TiledCloud rows(ordered(clustered(200, d, 3, spread)), 1.0, true);
      const TiledCloud columns(ordered(clustered(333, d, 9, spread)), 1.0, true);
      const Vector shifts = rough(rows.points(), 1) - rows.squares();
      const Vector levels = rough(columns.points(), 2) - columns.squares();
      const Majorants row_fits = rows.boxes().majorants(rows.points(), shifts);
      const Majorants fits = columns.boxes().majorants(columns.points(), levels);
      const Majorants super_fits = columns.super_boxes().majorants(columns.points(), levels);
      const Matrix z = (2.0 * rows.points() * columns.points().transpose()).colwise() + shifts;
      double worst = -1e300;
      for (Index i = 0; i < rows.size(); ++i) {
        for (Index j = 0; j < columns.size(); ++j) {
          const Index r = i / kTileSize, c = j / kTileSize;
          const double of_tile =
              Boxes::largest_exponent(rows.boxes(), row_fits, r, r, columns.boxes(), fits, c);
          const double of_super =
              Boxes::largest_exponent(rows.boxes(), row_fits, r, r, columns.super_boxes(),
                                      super_fits, c / TiledCloud::kSuper);
          worst = std::max(worst, z(i, j) + levels[j] - std::min(of_tile, of_super));
        }
      }
      CHECK(worst <= 1e-9);
    }
  }
}

TEST_CASE_TEMPLATE("truncated sums keep what they promise", T, float, double) {
  for (const double truncation : {1e-3, 1e-6, 0.0}) {
    CAPTURE(truncation);
    const TiledCloud rows(ordered(clustered(400, 2, 3, 12.0)), 1.0, true);
    const TiledCloud columns(ordered(clustered(600, 2, 3, 12.0)), 1.0, true);
    const Vector levels = 0.2 * normal_points(600, 1, RandomStream(5)).col(0);
    // Exponents are sums of terms as large as the squares.
    const double unit = 4.0 * std::numeric_limits<T>::epsilon() *
                        std::max(rows.squares().maxCoeff(), columns.squares().maxCoeff());
    const PairSweep<T> sweep(kernels::select_kernel_set(), rows, columns, levels);
    const Vector none = Vector::Zero(400);
    const Matrix weights =
        exponents(rows.points(), columns.points(), none, levels).unaryExpr([](double z) {
          return std::exp2(z);
        });
    const Vector sums = weights.rowwise().sum();

    // Whatever the guess says, the answer is short by the truncation at most.
    const Vector exact = sums.array().log2();
    for (const double wrong_by : {0.0, 30.0, -30.0, 1e4, -1e4}) {
      CAPTURE(wrong_by);
      const Vector guess = -exact.array() + wrong_by;
      Vector found;
      sweep.log2_sums(&guess, truncation, found);
      CHECK((found - exact).maxCoeff() < 2.0 * unit);
      CHECK((exact - found).maxCoeff() < 2.0 * (unit + truncation));
    }
    Vector found;
    sweep.log2_sums(nullptr, truncation, found);
    CHECK((found - exact).cwiseAbs().maxCoeff() < 2.0 * (unit + truncation));

    Vector row_sums, column_sums;
    double cost = 0.0;
    const double missed = sweep.pair_sums(-exact, none, truncation, row_sums, column_sums, cost);
    CHECK((truncation == 0.0 ? missed == 0.0 : missed > 0.0));  // tiles were left out
    CHECK(missed <= truncation * 400.0);
    const Matrix pi = sums.cwiseInverse().asDiagonal() * weights;
    CHECK((row_sums - pi.rowwise().sum()).lpNorm<1>() <= missed + 400.0 * unit);
    CHECK((column_sums - pi.colwise().sum().transpose()).lpNorm<1>() <= missed + 400.0 * unit);
    const Matrix squares = -exponents(rows.points(), columns.points(), none, Vector::Zero(600));
    CHECK(std::abs(cost - pi.cwiseProduct(squares).sum()) < 400.0 * 1e3 * (unit + truncation));

    const Points values = columns.points();
    Points means;
    sweep.row_means(-exact, truncation, values, row_sums, means);
    CHECK((means - pi * values).cwiseAbs().maxCoeff() < 50.0 * (unit + truncation));
  }
}
