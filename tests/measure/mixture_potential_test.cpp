#include "measure/mixture_potential.hpp"

#include <doctest/doctest.h>

#include <Eigen/LU>
#include <cmath>
#include <numbers>

#include "../relative.hpp"
#include "otbridge/core/error.hpp"

using namespace otbridge;

namespace {

constexpr double kWhole = 0.75;  // s^2

// Three shapes in the plane, one of them growing outwards along an axis, the last diagonal.
MixturePotential potential() {
  // 1/P = Lambda + 1/s^2.
  const Matrix more = Matrix::Identity(2, 2) / kWhole;
  const Matrix first = Matrix{{2.0, 0.6}, {0.6, 1.0}} + more;
  const Matrix second = Matrix{{-0.3, 0.1}, {0.1, 0.8}} + more;
  const Matrix third = Matrix{{0.5}, {3.0}} + Matrix::Constant(2, 1, 1.0 / kWhole);
  return {Eigen::RowVectorXd{{0.3, -0.2}},
          kWhole,
          {{0.2, Vector{{1.0, -0.5}}, first},
           {-0.7, Vector{{-0.4, 0.3}}, second},
           {0.1, Vector{{0.2, 1.5}}, third}}};
}

// phi(y) by its definition.
double phi(const Vector& y) {
  const Vector z = y - Vector{{0.3, -0.2}};
  const Matrix first{{2.0, 0.6}, {0.6, 1.0}}, second{{-0.3, 0.1}, {0.1, 0.8}};
  const Matrix third{{0.5, 0.0}, {0.0, 3.0}};
  return std::exp(0.2 + z[0] - 0.5 * z[1] - 0.5 * z.dot(first * z)) +
         std::exp(-0.7 - 0.4 * z[0] + 0.3 * z[1] - 0.5 * z.dot(second * z)) +
         std::exp(0.1 + 0.2 * z[0] + 1.5 * z[1] - 0.5 * z.dot(third * z));
}

constexpr GaussianKernel kKernel{0.8, 0.6};

// sum of weight(y) phi(y) N(y; a x, v I) over a fine grid: the trapezium rule is exact to rounding
// for functions that vanish at its ends.
template <class Weight>
double integral(const Vector& x, Weight&& weight) {
  constexpr double kStep = 0.05, kReach = 12.0;
  double total = 0.0;
  for (double p = -kReach; p <= kReach; p += kStep) {
    for (double q = -kReach; q <= kReach; q += kStep) {
      const Vector y{{p, q}};
      total += weight(y) * phi(y) *
               std::exp(-0.5 * (y - kKernel.decay * x).squaredNorm() / kKernel.variance);
    }
  }
  return total * kStep * kStep / (2.0 * std::numbers::pi * kKernel.variance);
}

}  // namespace

TEST_CASE("a mixture potential against a kernel is what the integrals say") {
  const MixturePotential p = potential();
  const Points x{{0.4, -1.0}, {-1.5, 0.7}};
  const Vector logs = p.log_sum(x, kKernel);
  const Points means = p.mean(x, kKernel), scores = p.score(x, kKernel);
  for (Index i = 0; i < 2; ++i) {
    const Vector row = x.row(i);
    const double h = integral(row, [](const Vector&) { return 1.0; });
    CHECK(logs[i] == relative(std::log(h), 1e-12));
    for (Index c = 0; c < 2; ++c) {
      CHECK(means(i, c) ==
            relative(integral(row, [&](const Vector& y) { return y[c]; }) / h, 1e-10));
      // By finite differences in a x.
      constexpr double kSmall = 1e-5;
      Points up = x, down = x;
      up(i, c) += kSmall / kKernel.decay;
      down(i, c) -= kSmall / kKernel.decay;
      const double slope = (p.log_sum(up, kKernel)[i] - p.log_sum(down, kKernel)[i]) / (2 * kSmall);
      CHECK(scores(i, c) == relative(slope, 1e-8));
    }
  }
  // Without time left it is the potential itself.
  CHECK(p.log_sum(x, {1.0, 0.0})[1] == relative(std::log(phi(Vector(x.row(1)))), 1e-12));
  CHECK(p.least_precision() < 1.0 / kWhole - 0.3);
  CHECK_THROWS_AS(p.mean(Points::Constant(1, 2, 1e200), kKernel), InvalidInput);
}

// By determinants and inverses, in more dimensions than a panel of the kernels has columns.
TEST_CASE("a mixture potential in many dimensions is what the matrices say") {
  for (const Index d : {3, 13, 40}) {
    CAPTURE(d);
    const RandomStream stream(7);
    std::vector<PotentialShape> shapes;
    std::vector<Matrix> lambdas;
    for (Index k = 0; k < 4; ++k) {
      const Matrix root = normal_points(d, d, stream.fork(static_cast<std::uint64_t>(k)));
      const Matrix lambda = root * root.transpose() / double(d) - 0.2 * Matrix::Identity(d, d);
      lambdas.push_back(k < 3 ? lambda : Matrix(lambda.diagonal().asDiagonal()));
      const Matrix precision = lambdas.back() + Matrix::Identity(d, d) / kWhole;
      const Vector linear = normal_points(1, d, stream.fork(10), k).row(0);
      shapes.push_back({0.3 * double(k), linear, k < 3 ? precision : Matrix(precision.diagonal())});
    }
    const Eigen::RowVectorXd center = normal_points(1, d, stream.fork(11)).row(0);
    const MixturePotential p(center, kWhole, shapes);
    const Points x = normal_points(70, d, stream.fork(12));
    const Vector logs = p.log_sum(x, kKernel);
    const Points scores = p.score(x, kKernel), draws = p.sample(x, kKernel, RandomStream(6), 0);
    for (const Index i : {0, 3, 64, 69}) {
      const Vector m = (kKernel.decay * x.row(i) - center).transpose();
      double h = 0.0;
      Vector gradient = Vector::Zero(d);
      for (std::size_t k = 0; k < shapes.size(); ++k) {
        const Matrix spread = Matrix::Identity(d, d) + kKernel.variance * lambdas[k];
        const Vector slope = spread.inverse() * (shapes[k].linear - lambdas[k] * m);
        const double term = std::exp(shapes[k].log_weight - 0.5 * std::log(spread.determinant()) +
                                     shapes[k].linear.dot(m) - 0.5 * m.dot(lambdas[k] * m) +
                                     0.5 * kKernel.variance * slope.dot(spread * slope));
        h += term;
        gradient += term * slope;
      }
      CHECK(logs[i] == relative(std::log(h), 1e-11));
      CHECK((scores.row(i).transpose() - gradient / h).norm() < 1e-10 * (gradient / h).norm());
      CHECK(p.score(x.row(i), kKernel) == scores.row(i));
      CHECK(p.sample(x.row(i), kKernel, RandomStream(6), i) == draws.row(i));
    }
  }
}

TEST_CASE("draws of a mixture potential have its mean and covariance") {
  const MixturePotential p = potential();
  constexpr Index kDraws = 200000;
  const Vector x{{0.4, -1.0}};
  const Points drawn = p.sample(x.transpose().replicate(kDraws, 1), kKernel, RandomStream(3), 0);
  const double h = integral(x, [](const Vector&) { return 1.0; });
  const auto mean = [&](auto&& of) { return integral(x, of) / h; };
  const Vector exact{
      {mean([](const Vector& y) { return y[0]; }), mean([](const Vector& y) { return y[1]; })}};
  const Vector found = drawn.colwise().mean();
  const Points apart = drawn.rowwise() - found.transpose();
  const double band = 6.0 / std::sqrt(double(kDraws));
  const Matrix closed = p.covariance(x.transpose(), kKernel);
  for (Index c = 0; c < 2; ++c) {
    CHECK(std::abs(found[c] - exact[c]) < band);
    for (Index e = 0; e < 2; ++e) {
      const double covariance =
          mean([&](const Vector& y) { return (y[c] - exact[c]) * (y[e] - exact[e]); });
      CHECK(closed(c, e) == relative(covariance, 1e-9));
      CHECK(std::abs(apart.col(c).dot(apart.col(e)) / double(kDraws) - covariance) < 2.0 * band);
    }
  }
}

TEST_CASE("a row of a mixture potential has the same bytes in any batch") {
  const MixturePotential p = potential();
  const Points x = normal_points(150, 2, RandomStream(5));
  const Points all = p.mean(x, kKernel), draws = p.sample(x, kKernel, RandomStream(6), 0);
  const Vector logs = p.log_sum(x, kKernel);
  for (const Index i : {0, 63, 64, 101, 149}) {
    const Points row = x.row(i);
    CHECK(p.mean(row, kKernel) == all.row(i));
    CHECK(p.sample(row, kKernel, RandomStream(6), i) == draws.row(i));
    CHECK(p.log_sum(row, kKernel)[0] == logs[i]);
  }
}
