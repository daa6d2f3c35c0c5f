// What lies under the iteration: the order, the bounds, the truncated sums, the Newton direction.
#include "solvers/sinkhorn_sweep.hpp"

#include <doctest/doctest.h>

#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/spatial_order.hpp"
#include "otbridge/core/parallel.hpp"
#include "otbridge/core/random.hpp"
#include "solvers/sinkhorn_certificate.hpp"
#include "solvers/sinkhorn_newton.hpp"
#include "solvers/sinkhorn_order.hpp"

using namespace otbridge;

namespace {

// Points in clusters, so that tiles are far apart in units of the temperature.
Points clustered(Index n, Index d, std::uint64_t seed, double spread) {
  Points x = normal_points(n, d, RandomStream(seed));
  const Points centres = spread * normal_points(7, d, RandomStream(seed + 1));
  for (Index i = 0; i < n; ++i) x.row(i) += centres.row(i % 7);
  return x;
}

Points ordered(const Points& x) { return x(spatial_order(x), Eigen::all); }

DiscreteProblem problem(Index n, Index m, Index d) {
  DiscreteProblem p;
  p.x = ordered(clustered(n, d, 1, 0.6) / 4.0);
  p.y = ordered(clustered(m, d, 5, 0.6) / 4.0);
  p.a = Vector::LinSpaced(n, 1.0, 3.0);
  p.b = Vector::LinSpaced(m, 2.0, 1.0);
  p.a /= p.a.sum();
  p.b /= p.b.sum();
  return p;
}

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

TEST_CASE("spatial order is a permutation whose aligned runs are compact") {
  const Points x = normal_points(1000, 2, RandomStream(1));
  std::vector<Index> order = spatial_order(x);
  const Points sorted = x(order, Eigen::all);
  const auto mean_extent = [](const Points& points) {
    double total = 0.0;
    for (Index k = 0; k + 32 <= points.rows(); k += 32) {
      const auto run = points.middleRows(k, 32);
      total += (run.colwise().maxCoeff() - run.colwise().minCoeff()).norm();
    }
    return total;
  };
  CHECK(mean_extent(sorted) < 0.4 * mean_extent(x));
  std::ranges::sort(order);
  for (Index i = 0; i < 1000; ++i) REQUIRE(order[static_cast<std::size_t>(i)] == i);
  // Many equal points must not deepen the recursion.
  CHECK(spatial_order(Points::Constant(100000, 2, 0.5)).size() == 100000);
}

TEST_CASE("coarse clouds keep mass and mean, and their variance is that within the runs") {
  const DiscreteProblem fine = problem(77, 130, 3);
  for (const Index group : {1, 4, 16}) {
    const DiscreteProblem coarse = coarsened(fine, group);
    CHECK(coarse.a.size() == (77 + group - 1) / group);
    CHECK(coarse.a.sum() == doctest::Approx(1.0).epsilon(1e-14));
    CHECK((coarse.x.transpose() * coarse.a - fine.x.transpose() * fine.a).norm() < 1e-14);
    // The law of total variance.
    const auto second = [](const Points& x, const Vector& w) {
      return x.rowwise().squaredNorm().dot(w);
    };
    const double within = std::max(second(fine.x, fine.a) - second(coarse.x, coarse.a),
                                   second(fine.y, fine.b) - second(coarse.y, coarse.b));
    CHECK(group_variance(fine, group) == doctest::Approx(within).epsilon(1e-10).scale(1e-3));
  }
}

TEST_CASE("the bound of a pair of boxes is above every exponent, and and of every super box") {
  for (const Index d : {1, 2, 3, 6}) {
    for (const double spread : {0.0, 1.0, 6.0}) {
      CAPTURE(d);
      CAPTURE(spread);
      const TiledCloud rows(ordered(clustered(200, d, 3, spread)), true);
      const TiledCloud columns(ordered(clustered(333, d, 9, spread)), true);
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
    const TiledCloud rows(ordered(clustered(400, 2, 3, 12.0)), true);
    const TiledCloud columns(ordered(clustered(600, 2, 3, 12.0)), true);
    const Vector levels = 0.2 * normal_points(600, 1, RandomStream(5)).col(0);
    // Exponents are sums of terms as large as the squares.
    const double unit = 4.0 * std::numeric_limits<T>::epsilon() *
                        std::max(rows.squares().maxCoeff(), columns.squares().maxCoeff());
    const SinkhornSweep<T> sweep(kernels::select_kernel_set(), rows, columns, levels);
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
    const double missed = sweep.pair_sums(-exact, truncation, row_sums, column_sums, cost);
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

TEST_CASE("the Newton direction solves the dense system") {
  const DiscreteProblem p = problem(90, 110, 2);
  SinkhornOperator op(p, kernels::select_kernel_set());
  const double s2 = 0.05;
  op.set_temperature(s2);
  const Vector g = 0.3 * s2 * normal_points(110, 1, RandomStream(8)).col(0);
  const Vector f = op.transform(Side::source, g, Vector::Zero(90), Precision::full, 0.0);

  Matrix pi(90, 110);
  for (Index i = 0; i < 90; ++i) {
    for (Index j = 0; j < 110; ++j) {
      const double cost = 0.5 * (p.x.row(i) - p.y.row(j)).squaredNorm();
      pi(i, j) = p.a[i] * p.b[j] * std::exp((f[i] + g[j] - cost) / s2);
    }
  }
  REQUIRE((pi.rowwise().sum() - p.a).cwiseAbs().maxCoeff() < 1e-12);
  const Vector columns = pi.colwise().sum();
  Matrix hessian = -pi.transpose() * p.a.cwiseInverse().asDiagonal() * pi;
  hessian.diagonal() += columns;
  const Vector exact = hessian.completeOrthogonalDecomposition().solve(p.b - columns);

  const NewtonDirection found =
      newton_direction(op, f, g, columns, 1e-9, 500, Precision::full, 0.0, [] { return false; });
  CHECK(found.residual_ratio <= 1e-9);
  // Up to a constant, which the system does not determine.
  const Vector difference = found.delta - exact;
  CHECK((difference.array() - difference.mean()).cwiseAbs().maxCoeff() <
        1e-6 * exact.cwiseAbs().maxCoeff());
}

TEST_CASE("sums with stored weights are right to single precision, however far the potentials go") {
  const DiscreteProblem p = problem(150, 90, 2);
  for (const double s2 : {1.0, 0.01, 1e-4}) {
    CAPTURE(s2);
    SinkhornOperator op(p, kernels::select_kernel_set());
    op.set_temperature(s2);
    Vector f = Vector::Zero(150), g = Vector::Zero(90);
    const auto largest_change = [&](const Vector& single, const Vector& full) {
      return (single - full).cwiseAbs().maxCoeff() / s2;
    };
    for (const double shift : {0.0, 3.0, -5.0, 25.0, 1e3, -1e3}) {
      CAPTURE(shift);
      g.array() += s2 * shift;
      g += s2 * normal_points(90, 1, RandomStream(8)).col(0);
      const Vector other = op.transform(Side::source, g, f, Precision::full, 0.0);
      f = op.transform(Side::source, g, f, Precision::single, 0.0);
      CHECK(largest_change(f, other) < 1e-6);
      const Vector next = op.transform(Side::target, f, g, Precision::full, 0.0);
      g = op.transform(Side::target, f, g, Precision::single, 0.0);
      CHECK(largest_change(g, next) < 1e-6);
    }
    const Vector values = normal_points(150, 1, RandomStream(9)).col(0);
    const Vector single = op.product(Side::target, f, g, values, Precision::single, 0.0);
    const Vector full = op.product(Side::target, f, g, values, Precision::full, 0.0);
    CHECK((single - full).cwiseAbs().maxCoeff() < 1e-6 * values.cwiseAbs().maxCoeff());
    CHECK(op.exponent_error(f, g, Precision::single) < 1e-6);
  }
}

TEST_CASE("weights below single precision are not lost") {
  DiscreteProblem p = problem(150, 90, 2);
  p.a[7] = p.b[3] = 1e-300;
  p.x.row(7) = p.y.row(3) = Eigen::RowVector2d(40.0, 0.0);  // each other's only neighbour
  SinkhornOperator op(p, kernels::select_kernel_set());
  op.set_temperature(0.5);
  Vector f = Vector::Zero(150), g = Vector::Zero(90);
  for (int k = 0; k < 5; ++k) {
    const Vector other = op.transform(Side::source, g, f, Precision::full, 0.0);
    f = op.transform(Side::source, g, f, Precision::single, 0.0);
    CHECK((f - other).cwiseAbs().maxCoeff() < 1e-3);  // of exponents in the hundreds
    const Vector next = op.transform(Side::target, f, g, Precision::full, 0.0);
    g = op.transform(Side::target, f, g, Precision::single, 0.0);
    CHECK((g - next).cwiseAbs().maxCoeff() < 1e-3);
  }
  const Certificate certificate = certify(op, f, g, op.marginals(f, g, 0.0), 0.0);
  CHECK(std::isfinite(certificate.gap));
  CHECK(op.product(Side::target, f, g, Vector::Zero(150), Precision::single, 0.0).allFinite());
}

TEST_CASE("in high dimension weights are kept in memory, with the same sums for any thread count") {
  CHECK(StoredKernel::pays(10000, 10000, 16));
  CHECK(!StoredKernel::pays(10000, 10000, 15));
  CHECK(!StoredKernel::pays(20000, 10000, 100));
  const DiscreteProblem p = problem(1500, 700, 20);
  const Vector values = normal_points(700, 1, RandomStream(9)).col(0);
  std::vector<Vector> found[3];
  for (const int threads : {1, 2, 3}) {
    const ThreadScope scope(threads);
    SinkhornOperator op(p, kernels::select_kernel_set());
    op.set_temperature(0.3);
    const Vector f =
        op.transform(Side::source, Vector::Zero(700), Vector::Zero(1500), Precision::single, 0.0);
    const Vector g = op.transform(Side::target, f, Vector::Zero(700), Precision::single, 0.0);
    const Vector exact = op.transform(Side::target, f, Vector::Zero(700), Precision::full, 0.0);
    CHECK((g - exact).cwiseAbs().maxCoeff() < 1e-6 * 0.3);
    const Vector product = op.product(Side::source, f, g, values, Precision::single, 0.0);
    const Vector full = op.product(Side::source, f, g, values, Precision::full, 0.0);
    CHECK((product - full).cwiseAbs().maxCoeff() < 1e-6 * values.cwiseAbs().maxCoeff());
    found[threads - 1] = {f, g, product};
  }
  CHECK(found[0] == found[1]);
  CHECK(found[0] == found[2]);
}

TEST_CASE("the marginals of a transformed pair, and their certificate, are of the true plan") {
  const DiscreteProblem p = problem(150, 90, 3);
  SinkhornOperator op(p, kernels::select_kernel_set());
  op.set_temperature(0.01);
  const Vector g = 0.01 * normal_points(90, 1, RandomStream(8)).col(0);
  for (const double truncation : {0.0, 1e-4}) {
    const Vector f = op.transform(Side::source, g, Vector::Zero(150), Precision::full, truncation);
    const auto marginals = op.marginals(f, g, truncation);
    CHECK(marginals.rows.sum() == doctest::Approx(marginals.columns.sum()).epsilon(1e-12));
    CHECK((marginals.rows - p.a).lpNorm<1>() <= 2.0 * truncation + 1e-12);
    CHECK(marginals.missed <= truncation);
    double total = 0.0;
    for (Index i = 0; i < 150; ++i) {
      for (Index j = 0; j < 90; ++j) {
        const double cost = 0.5 * (p.x.row(i) - p.y.row(j)).squaredNorm();
        total += p.a[i] * p.b[j] * std::exp((f[i] + g[j] - cost) / 0.01) * cost;
      }
    }
    CHECK(marginals.cost == doctest::Approx(total).epsilon(1e-11 + 100.0 * truncation));

    const Vector u = 1.0 - 1e-3 * normal_points(150, 1, RandomStream(9)).col(0).array().abs();
    const Vector v = 1.0 - 1e-3 * normal_points(90, 1, RandomStream(10)).col(0).array().abs();
    const auto scaled = op.scaled_marginals(f, g, marginals, u, v, truncation);
    const auto exact = op.marginals(f + 0.01 * u.array().log().matrix(),
                                    g + 0.01 * v.array().log().matrix(), truncation);
    CHECK((scaled.first - exact.rows).lpNorm<1>() < 1e-9 + 2.0 * truncation);
    CHECK((scaled.second - exact.columns).lpNorm<1>() < 1e-9 + 2.0 * truncation);
  }
}
