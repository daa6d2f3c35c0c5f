#include <doctest/doctest.h>

#include <Eigen/LU>
#include <cmath>
#include <vector>

#include "../relative.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/measure/blurred.hpp"
#include "otbridge/measure/bridge_end.hpp"
#include "otbridge/measure/gaussian.hpp"
#include "otbridge/measure/mixture.hpp"
#include "otbridge/measure/product.hpp"
#include "otbridge/measure/pushforward.hpp"
#include "otbridge/measure/toy.hpp"
#include "otbridge/measure/uniform.hpp"
#include "otbridge/measure/weighted_points.hpp"

using namespace otbridge;

namespace {

std::vector<Measure> laws() {
  Matrix needle(2, 2);
  needle << 1, 2, 2, 4;
  Matrix turn(2, 2);
  turn << 1, 1, 0, 3;
  Points points(3, 2);
  points << 0, 0, 1, 0, 5, 5;
  const Measure gaussian = Gaussian(Vector(Eigen::Vector2d(1, -1)), needle);
  const Measure ball = UniformBall(Vector::Ones(2), 3.0);
  return {gaussian,
          WeightedPoints(points, Vector(Eigen::Vector3d(1, 2, 0))),
          Mixture(Vector(Eigen::Vector3d(1, 0, 3)), {gaussian, ball, ball}),
          UniformBox(Vector::Zero(2), Vector(Eigen::Vector2d(1, 4))),
          ball,
          Sphere(Vector::Zero(2), 2.0, 0.1),
          Product({{"gamma", {{"shape", 2.0}}}, {"student_t", {{"dof", 12.0}}}}),
          Product({{"beta", {{"alpha", 2.0}, {"beta", 5.0}}}, {"lognormal", {{"scale", 0.5}}}}),
          Product({{"laplace", {}}, {"weibull", {{"shape", 1.5}}}}),
          Pushforward(ball, turn, Vector::Ones(2)),
          Blurred(ball, 0.3, 0.5, Vector(Eigen::Vector2d(1, -1)), 0.8)};
}

}  // namespace

// 100000 draws, 5 standard errors per moment, 11 laws with 5 moments: false alarms below 1e-4.
TEST_CASE("draws have the moments that the law states") {
  for (const Measure& law : laws()) {
    CAPTURE(std::string(law->type()));
    const Index n = 100000;
    const Points x = law->sample(n, RandomStream(4));
    const Points centred = x.rowwise() - law->mean()->transpose();
    for (Index a = 0; a < 2; ++a) {
      for (Index b = 0; b <= a; ++b) {
        const Eigen::ArrayXd product = centred.col(a).array() * centred.col(b).array();
        const double error = std::sqrt((product - product.mean()).square().mean() / n);
        CHECK(std::abs(product.mean() - (*law->covariance())(a, b)) < 5.0 * error + 1e-12);
      }
      CHECK(std::abs(centred.col(a).mean()) <
            5.0 * std::sqrt(centred.col(a).array().square().mean() / n) + 1e-12);
    }
    CHECK(law->sample(100, RandomStream(4)) == x.topRows(100));
  }
}

TEST_CASE("densities integrate to one on a fine grid") {
  const Index k = 600;
  Points grid(k * k, 2);
  for (Index i = 0; i < k * k; ++i) {
    const auto row = static_cast<double>(i / k), column = static_cast<double>(i % k);
    grid.row(i) << -12.0 + 24.0 * (row + 0.5) / 600.0, -12.0 + 24.0 * (column + 0.5) / 600.0;
  }
  for (const Measure& law : laws()) {
    if (!law->has_density()) continue;
    CAPTURE(std::string(law->type()));
    // Jumps at the edge of a support cost about a cell's width.
    CHECK(law->log_density(grid).array().exp().sum() * 576.0 / (600.0 * 600.0) ==
          relative(1.0, 0.03));
  }
}

// The far end of a Gaussian source under a potential of one Gaussian is Gaussian: with
// P = (B^-1 + I / v)^-1 it is N(P (B^-1 b + a m / v), P + (a / v)^2 P S P).
TEST_CASE("the end of a bridge has the moments of the conditionals") {
  const Matrix s{{1.0, 0.3}, {0.3, 0.5}}, b{{0.4, -0.1}, {-0.1, 0.2}};
  const Vector m{{1.0, 0.0}}, center{{-1.0, 2.0}};
  const Mixture potential(Vector::Ones(1), {Gaussian(center, b)});
  const BridgeEnd law(Gaussian(m, s), potential, 0.6, 0.7);
  const Matrix p = (b.inverse() + Matrix::Identity(2, 2) / 0.6).inverse();
  const Vector mean = p * (b.inverse() * center + 0.7 / 0.6 * m);
  const Matrix covariance = p + (0.7 / 0.6) * (0.7 / 0.6) * p * s * p;
  const Index n = 100000;
  const Points x = law.sample(n, RandomStream(4));
  const Points centred = x.rowwise() - mean.transpose();
  // Six standard errors, of a mean and of a second moment of a Gaussian.
  CHECK(centred.colwise().mean().cwiseAbs().maxCoeff() <
        6.0 * std::sqrt(covariance.maxCoeff() / n));
  CHECK((centred.transpose() * centred / n - covariance).cwiseAbs().maxCoeff() <
        6.0 * covariance.maxCoeff() * std::sqrt(2.0 / n));
  CHECK(law.sample(100, RandomStream(4)) == x.topRows(100));
}

TEST_CASE("a blurred law refuses what makes no law") {
  const Measure law = Toy("moons");
  CHECK_THROWS_WITH_AS(Blurred(law, 0.0), "/variance = 0: must be finite and > 0", InvalidInput);
  CHECK_THROWS_WITH_AS(Blurred(law, 1.0, -2.0), "/scale = -2: must be finite and > 0",
                       InvalidInput);
  CHECK_THROWS_WITH_AS(Blurred(law, 1.0, 1.0, Vector::Zero(1)),
                       "/shift: has 1 entries, the law has dimension 2", InvalidInput);
  CHECK_THROWS_WITH_AS(Blurred(law, 1.0, 1.0, {}, 0.0), "/decay = 0: must be finite and > 0",
                       InvalidInput);
}

TEST_CASE("a Gaussian checks its covariance and knows its rank") {
  Matrix m(2, 2);
  m << 1, 2, 2, 1;
  CHECK_THROWS_WITH_AS(Gaussian(Vector::Zero(2), m), doctest::Contains("smallest eigenvalue is -"),
                       InvalidInput);
  m << 1, 0.5, 0, 1;
  CHECK_THROWS_WITH_AS(Gaussian(Vector::Zero(2), m), doctest::Contains("must be symmetric"),
                       InvalidInput);
  m << 1, 2, 2, 4;
  CHECK(Gaussian(Vector::Zero(2), m).rank() == 1);
  CHECK_FALSE(Gaussian(Vector::Zero(2), m).has_density());
  CHECK(Gaussian(Vector::Zero(2), Matrix::Zero(2, 2)).rank() == 0);
}

TEST_CASE("clouds refuse what is not a measure, by row") {
  Points x(2, 1);
  x << 0, std::nan("");
  CHECK_THROWS_WITH_AS(WeightedPoints{x}, "points, row 2, coordinate 0 = nan: must be finite",
                       InvalidInput);
  x << 0, 1;
  CHECK_THROWS_WITH_AS(WeightedPoints(x, Vector(Eigen::Vector2d(1, -2))),
                       "weights, row 2: weight = -2: must be finite and >= 0", InvalidInput);
  CHECK_THROWS_AS(WeightedPoints(x, Vector(Eigen::Vector2d(0, 0))), InvalidInput);
  CHECK_THROWS_AS(WeightedPoints(Points(0, 2)), InvalidInput);
}

TEST_CASE("products refuse unknown families and parameters") {
  CHECK_THROWS_WITH_AS(Product(std::vector<Marginal>{{"gama", {}}}),
                       doctest::Contains("/marginals/0/family"), InvalidInput);
  CHECK_THROWS_WITH_AS(Product(std::vector<Marginal>{{"gamma", {{"shape", -1.0}}}}),
                       "/marginals/0/shape = -1: must be > 0", InvalidInput);
  CHECK_THROWS_WITH_AS(Product(std::vector<Marginal>{{"beta", {{"alpha", 5e99}}}}),
                       "/marginals/0/alpha = 5e+99: must be <= 1e15", InvalidInput);
  CHECK_THROWS_AS(Product(std::vector<Marginal>{{"normal", {{"sigma", 1.0}}}}), InvalidInput);
  CHECK_FALSE(Product(std::vector<Marginal>{{"student_t", {{"dof", 1.0}}}}).mean().has_value());
}

TEST_CASE("a mixture's density survives weights of 0 and 1e-300") {
  const Measure near = Gaussian::isotropic(Vector::Zero(1), 1.0);
  const Measure far = Gaussian::isotropic(Vector::Constant(1, 60.0), 1.0);
  const Mixture mixture(Vector(Eigen::Vector3d(1.0, 0.0, 1e-300)), {near, near, far});
  Points x(1, 1);
  x << 60.0;
  const double expected = std::log(1e-300) - 0.5 * std::log(2.0 * 3.141592653589793);
  CHECK(mixture.log_density(x)[0] == relative(expected, 1e-12));
}

TEST_CASE("densities and moments stay numbers at the ends of the parameters") {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const Product edge(std::vector<Marginal>{{"beta", {{"alpha", 0.5}}}, {"exponential", {}}});
  Points x(2, 2);
  x << 0.0, 1.0,  // where the first density is infinite
      0.0, -1.0;  // and the second one is 0
  CHECK(edge.log_density(x) == Vector(Eigen::Vector2d(kInfinity, -kInfinity)));
  const Mixture twice(Vector::Ones(2), {edge, edge});
  CHECK(twice.log_density(x) == edge.log_density(x));
  // (x - m)^2 / s^2 = 0 / 0 in doubles.
  const Product narrow(std::vector<Marginal>{{"lognormal", {{"scale", 1e-308}}}});
  CHECK_THROWS_WITH_AS(narrow.log_density(narrow.sample(1, RandomStream(1))),
                       doctest::Contains("cannot be computed with these parameters"), InvalidInput);
  const Product sharp(std::vector<Marginal>{{"weibull", {{"shape", 9e15}}}});
  CHECK((*sharp.covariance())(0, 0) >= 0.0);
}

TEST_CASE("a law that breaks its contract is refused, not passed on") {
  class Broken : public Law {
   public:
    explicit Broken(Points drawn) : drawn_(std::move(drawn)) {}
    std::string_view type() const override { return "broken"; }
    Index dimension() const override { return 2; }

   private:
    Points do_sample(Index, const RandomStream&) const override { return drawn_; }
    std::optional<Vector> do_mean() const override { return Vector::Constant(2, HUGE_VAL); }
    Points drawn_;
  };
  const RandomStream stream(1);
  CHECK_THROWS_WITH_AS(
      Broken(Points::Zero(3, 1)).sample(3, stream),
      "law of type \"broken\": drew 3 points of dimension 1 where 3 of 2 were asked for",
      InvalidInput);
  Points infinite = Points::Zero(3, 2);
  infinite(1, 1) = -HUGE_VAL;
  CHECK_THROWS_WITH_AS(
      Broken(infinite).sample(3, stream),
      "law of type \"broken\": draw 1, coordinate 1 = -inf: its parameters lead beyond the doubles",
      InvalidInput);
  CHECK_THROWS_AS(Broken(infinite).sample(-1, stream), InvalidInput);
  CHECK_THROWS_AS(Broken(infinite).log_density(Points::Zero(1, 3)), InvalidInput);
  CHECK(!Broken(infinite).mean());
}

TEST_CASE("laws at the end of the doubles are finite or refused") {
  const RandomStream stream(3);
  const Gaussian wide(Vector::Zero(3), 1e308 * Matrix::Identity(3, 3));
  const Gaussian unit(Vector::Zero(3), Matrix::Identity(3, 3));
  const Points drawn = wide.sample(10, stream), expected = unit.sample(10, stream);
  CHECK((drawn / std::sqrt(1e308) - expected).cwiseAbs().maxCoeff() < 1e-12);
  CHECK_THROWS_AS(UniformBox(-1e308 * Vector::Ones(1), 1e308 * Vector::Ones(1)), InvalidInput);
  // Variance beyond the doubles: not known, rather than infinite.
  CHECK(!UniformBox(Vector::Zero(1), 1e300 * Vector::Ones(1)).covariance());
  const std::vector<Marginal> beyond{{"lognormal", {{"location", 1e150}}},
                                     {"gamma", {{"shape", 1e-320}}},
                                     {"gamma", {{"shape", 9007199254740993.0}}},
                                     {"beta", {{"alpha", 1e150}, {"beta", 3.0}}},
                                     {"student_t", {{"dof", 1e-8}}},
                                     {"weibull", {{"shape", 1e-300}}}};
  for (const Marginal& marginal : beyond) {
    CAPTURE(marginal.family);
    CHECK_THROWS_AS(Product({marginal}).sample(4, stream), InvalidInput);
  }
  CHECK_THROWS_AS(Gaussian(Vector::Zero(5000), Matrix()), InvalidInput);
}

TEST_CASE("a diagonal covariance is decomposed like any other") {
  // Turned by nearly nothing it is no longer diagonal, and takes the other way.
  Matrix diagonal = Vector(Eigen::Vector4d(4, 1, 0, 9)).asDiagonal(), turned = diagonal;
  turned(0, 1) = turned(1, 0) = 1e-13;
  const Gaussian one(Vector::Ones(4), diagonal), other(Vector::Ones(4), turned);
  CHECK(one.rank() == 3);
  CHECK(other.rank() == 3);
  CHECK(
      (one.sample(50, RandomStream(2)) - other.sample(50, RandomStream(2))).cwiseAbs().maxCoeff() <
      1e-11);
  const Gaussian full(Vector::Ones(2), Matrix(Vector(Eigen::Vector2d(4, 1)).asDiagonal()));
  Matrix near = full.spread();
  near(0, 1) = near(1, 0) = 1e-13;
  const Points x = full.sample(5, RandomStream(1));
  CHECK(
      (full.log_density(x) - Gaussian(Vector::Ones(2), near).log_density(x)).cwiseAbs().maxCoeff() <
      1e-11);
}
