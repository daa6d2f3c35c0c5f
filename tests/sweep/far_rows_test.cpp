// Clouds far out in kernel coordinates, against long double from differences.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "clouds.hpp"
#include "sweep/pair_sweep.hpp"

using namespace otbridge;

namespace {

using Real = long double;

// What a sweep gives, in long double.
struct Direct {
  Vector log2_sums;
  Matrix weights;  // over their sums

  Direct(const Points& x, const Points& y, double scale, const Vector& levels)
      : log2_sums(x.rows()), weights(x.rows(), y.rows()) {
    std::vector<Real> z(to_size(y.rows()));
    for (Index i = 0; i < x.rows(); ++i) {
      Real most = -std::numeric_limits<Real>::infinity(), sum = 0;
      for (Index j = 0; j < y.rows(); ++j) {
        Real square = 0;
        for (Index k = 0; k < x.cols(); ++k) {
          const Real difference = Real(x(i, k)) - Real(y(j, k));
          square += difference * difference;
        }
        z[to_size(j)] = Real(levels[j]) - Real(scale) * Real(scale) * square;
        most = std::max(most, z[to_size(j)]);
      }
      for (const Real v : z) sum += std::exp2(v - most);
      log2_sums[i] = static_cast<double>(most + std::log2(sum));
      for (Index j = 0; j < y.rows(); ++j) {
        weights(i, j) = static_cast<double>(std::exp2(z[to_size(j)] - most) / sum);
      }
    }
  }
};

}  // namespace

TEST_CASE_TEMPLATE("far rows keep the digits that multiplied squares lose", T, float, double) {
  for (const double out : {1e5, 1e8, 1e12}) {
    for (const bool bounded : {false, true}) {
      CAPTURE(out);
      CAPTURE(bounded);
      // Two groups, one near the centre and one far out; the sources beside the targets.
      Points x = 3.0 * normal_points(150, 2, RandomStream(1));
      Points y = 3.0 * normal_points(200, 2, RandomStream(2));
      x.bottomRows(70).col(0).array() += out;
      y.bottomRows(90).col(0).array() += out;
      x = ordered(x);
      y = ordered(y);
      const double scale = 0.3;
      const TiledCloud rows(x, scale, bounded), columns(y, scale, bounded);
      CHECK(rows.any_far());
      const Vector levels = normal_points(200, 1, RandomStream(3)).col(0);
      const PairSweep<T> sweep(kernels::select_kernel_set(), rows, columns, levels);
      const Direct direct(x, y, scale, levels);
      // Tiles near the centre are summed in T.
      const double unit = 1e3 * static_cast<double>(std::numeric_limits<T>::epsilon());

      Vector found;
      sweep.log2_sums(nullptr, 1e-12, found);
      CHECK((found - direct.log2_sums).cwiseAbs().maxCoeff() < unit);
      const Vector guess = Vector::Constant(150, -17.0);
      sweep.log2_sums(&guess, 1e-12, found);
      CHECK((found - direct.log2_sums).cwiseAbs().maxCoeff() < unit);

      Vector sums, column_sums;
      Points means;
      sweep.row_means(-direct.log2_sums, 1e-12, y, sums, means);
      CHECK((sums.array() - 1.0).abs().maxCoeff() < unit);
      const Matrix mean = direct.weights * y;
      CHECK(((means - mean).array() / (1.0 + mean.array().abs())).abs().maxCoeff() < unit);

      double cost = 0.0;
      sweep.pair_sums(-direct.log2_sums, Vector::Constant(150, -1.0), 1e-12, sums, column_sums,
                      cost);
      CHECK((sums.array() - 0.5).abs().maxCoeff() < unit);
      CHECK((column_sums - 0.5 * direct.weights.colwise().sum().transpose()).lpNorm<1>() <
            150.0 * unit);
      double squares = 0.0;
      for (Index i = 0; i < 150; ++i) {
        for (Index j = 0; j < 200; ++j) {
          squares += direct.weights(i, j) * (x.row(i) - y.row(j)).squaredNorm();
        }
      }
      CHECK(std::abs(cost / (0.5 * scale * scale * squares) - 1.0) < unit);
    }
  }
}

TEST_CASE("weights of rows whose exponents no double resolves still sum to 1") {
  const Points x = normal_points(40, 3, RandomStream(1)), y = normal_points(50, 3, RandomStream(2));
  for (const double scale : {1e8, 1e11, 1e20}) {
    const TiledCloud rows(x, scale, false), columns(y, scale, false);
    const Vector levels = Vector::Constant(50, -3.0);
    const PairSweep<double> sweep(kernels::select_kernel_set(), rows, columns, levels);
    Vector found, sums;
    Points means;
    sweep.log2_sums(nullptr, 0.0, found);
    sweep.row_means(-found, 0.0, y, sums, means);
    CHECK((sums.array() - 1.0).abs().maxCoeff() < 1e-12);
    for (Index i = 0; i < 40; ++i) {  // there is only the nearest left
      Index nearest = 0;
      (y.rowwise() - x.row(i)).rowwise().squaredNorm().minCoeff(&nearest);
      CHECK((means.row(i) - y.row(nearest)).norm() < 1e-12);
    }
  }
}
