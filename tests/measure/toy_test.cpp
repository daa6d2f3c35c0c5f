#include "otbridge/measure/toy.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

#include "../relative.hpp"
#include "measure/toy_nodes.hpp"
#include "otbridge/core/error.hpp"

using namespace otbridge;

namespace {

struct Published {
  const char* spec;
  double mean_x, mean_y, xx, yy, xy;
};

// Moments published or derived independently of the code, to six decimals.
const Published kPublished[] = {
    {"8gaussians@ffjord", 0, 0, 4.126246, 4.126246, 0},
    {"8gaussians@torchcfm", 0, 0, 12.816228, 12.816228, 0},
    {"8gaussians@torchcfm-runner", 0, 0, 13.5, 13.5, 0},
    {"8gaussians@dsb", 0, 0, 74.25, 74.25, 0},
    {"8gaussians@sb-fbsde", 0, 0, 73, 73, 0},
    {"8gaussians@wgan-gp", 0, 0, 1.000502, 1.000502, 0},
    {"8gaussians@ott", 0, 0, 12.5625, 12.5625, 0},
    {"8gaussians@normflows", 0, 0, 2.065087, 2.065087, 0},
    {"moons@sklearn", 0.5, 0.25, 0.75, 0.244190, -0.193310},
    {"moons@ffjord", 0, 0.3, 3.04, 1.016760, -0.773240},
    {"moons@torchcfm", 0.8, 0.05, 6.78, 2.227711, -1.709789},
    {"s_curve@sklearn", 0, 0, 0.5, 1.924413, -0.106103},
    {"swiss_roll@sklearn", 2, 0.212207, 43.864321, 48.319290, 4.287976},
    {"swiss_roll@ffjord", 0.4, 0.042441, 1.794573, 1.972772, 0.171519},
    {"swiss_roll@lightsb", 0.266667, 0.028294, 0.791188, 0.870387, 0.076231},
    {"circles@ffjord", 0, 0, 2.8701, 2.8701, 0},
    {"rings@ffjord", 0, 0, 2.115775, 2.115775, 0},
    {"checkerboard@ffjord", 0, 0, 5.333333, 5.333333, 1.0},
    {"checkerboard@dsb", 0, 0, 75, 75, 14.0625},
    {"checkerboard@flow-matching", 0, 0, 6.584362, 6.584362, 1.234568},
    {"pinwheel@ffjord", 0, 0, 2.2, 2.2, 0},
    {"pinwheel@dsb", 0, 0, 30.9375, 30.9375, 0},
    {"2spirals@ffjord", 0, 0, 2.593572, 2.509435, 0.586544},
};

}  // namespace

TEST_CASE("the stated moments of the toys are the published ones") {
  for (const Published& p : kPublished) {
    CAPTURE(p.spec);
    const Toy toy(p.spec);
    const Vector mean = toy.mean().value();
    const Matrix cov = toy.covariance().value();
    CHECK(std::abs(mean[0] - p.mean_x) < 1e-6);
    CHECK(std::abs(mean[1] - p.mean_y) < 1e-6);
    CHECK(std::abs(cov(0, 0) - p.xx) < 1e-6);
    CHECK(std::abs(cov(1, 1) - p.yy) < 1e-6);
    CHECK(std::abs(cov(0, 1) - p.xy) < 1e-6);
  }
}

// Means and second moments of 100000 draws within 5 standard errors estimated from the same draws:
// a false alarm in all of them together is less likely than 1e-4.
TEST_CASE("draws have the stated moments") {
  for (const ToyPreset& preset : toy_presets()) {
    const std::string spec = preset.name + "@" + preset.preset;
    CAPTURE(spec);
    const Toy toy(spec);
    const Index n = 100000;
    const Points x = toy.sample(n, RandomStream(11));
    REQUIRE(x.allFinite());
    if (!toy.mean()) continue;
    const Points centred = x.rowwise() - toy.mean()->transpose();
    for (Index a = 0; a < 2; ++a) {
      const auto column = centred.col(a).array();
      CHECK(std::abs(column.mean()) < 5.0 * std::sqrt(column.square().mean() / n) + 1e-12);
      for (Index b = 0; b <= a; ++b) {
        const Eigen::ArrayXd product = column * centred.col(b).array();
        const double spread = std::sqrt((product - product.mean()).square().mean() / n);
        CHECK(std::abs(product.mean() - (*toy.covariance())(a, b)) < 5.0 * spread + 1e-12);
      }
    }
  }
}

TEST_CASE("a longer sample begins with a shorter one") {
  const Toy toy("2spirals");
  const Points all = toy.sample(500, RandomStream(2));
  CHECK(toy.sample(100, RandomStream(2)) == all.topRows(100));
}

TEST_CASE("a grid of moons is the even grid of scikit-learn") {
  ToyOptions options;
  options.grid = true;
  const Points x = Toy("moons@sklearn", options).sample(6, RandomStream(1));
  // make_moons(6): angles 0, pi/2, pi on each half.
  Points expected(6, 2);
  expected << 1, 0, 0, 1, -1, 0, 0, 0.5, 1, -0.5, 2, 0.5;
  CHECK((x - expected).cwiseAbs().maxCoeff() < 1e-15);
}

TEST_CASE("densities of mixtures integrate to one") {
  const Toy toy("8gaussians@normflows");
  constexpr int k = 400;
  Points grid(k * k, 2);
  for (int i = 0; i < k; ++i) {
    for (int j = 0; j < k; ++j)
      grid.row(i * k + j) << -4.0 + 8.0 * (i + 0.5) / k, -4.0 + 8.0 * (j + 0.5) / k;
  }
  CHECK(toy.log_density(grid).array().exp().sum() * 64.0 / (k * k) == relative(1.0, 1e-6));
}

TEST_CASE("unknown toys and presets are refused by name") {
  CHECK_THROWS_WITH_AS(Toy("moons@torchcfn"),
                       doctest::Contains("moons has the presets torchcfm, ffjord"), InvalidInput);
  CHECK_THROWS_WITH_AS(Toy("nothing_like_it"), doctest::Contains("known are 8gaussians"),
                       InvalidInput);
  CHECK_THROWS_WITH_AS(Toy("nothing_like_it"), doctest::Contains(", spiral"),
                       InvalidInput);  // not 2spirals
  CHECK_THROWS_WITH_AS(Toy("moonz"), doctest::Contains("did you mean \"moons\"?"), InvalidInput);
}

// A kernel sum over the nodes is the toy's expectation of the kernel, for which draws stand here:
// within 6 standard errors of 40000 at 20 points, for kernels of four spacings or a fiftieth of the
// toy.
TEST_CASE("the nodes of a toy have the moments and the kernel means of its draws") {
  for (const ToyPreset& preset : toy_presets()) {
    const std::string spec = preset.name + "@" + preset.preset;
    CAPTURE(spec);
    const Toy toy(spec);
    const auto nodes = toy_nodes(toy, 20000);
    REQUIRE(nodes);
    CHECK(nodes->points.size() < 80000);
    const Points& y = nodes->points.points();
    const Vector& weights = nodes->points.weights();
    if (toy.mean()) {
      const double size = std::sqrt(toy.covariance()->trace());
      const Vector mean = y.transpose() * weights;
      CHECK((mean - *toy.mean()).norm() < 1e-4 * size);
      const Points centred = y.rowwise() - mean.transpose();
      const Matrix covariance = centred.transpose() * weights.asDiagonal() * centred +
                                nodes->variance * Matrix::Identity(2, 2);
      CHECK((covariance - *toy.covariance()).norm() < 2e-4 * size * size);
    }
    const Index n = 40000;
    const Points draws = toy.sample(n, RandomStream(12)), at = toy.sample(20, RandomStream(13));
    const double width = std::max(0.02 * std::sqrt(draws.squaredNorm() / n), 4.0 * nodes->spacing);
    const double seen = width * width + nodes->variance;
    for (Index k = 0; k < at.rows(); ++k) {
      const auto kernel = [&](ConstPoints x, double variance) -> Eigen::ArrayXd {
        return (-0.5 / variance * (x.rowwise() - at.row(k)).rowwise().squaredNorm().array()).exp() /
               (2.0 * std::numbers::pi * variance);
      };
      const double sum = (kernel(y, seen) * weights.array()).sum();
      const Eigen::ArrayXd values = kernel(draws, width * width);
      const double spread = std::sqrt((values - values.mean()).square().mean() / n);
      CHECK(std::abs(values.mean() - sum) < 6.0 * spread);
    }
  }
}

TEST_CASE("a toy that is a law of its sample has no nodes") {
  CHECK_FALSE(toy_nodes(Toy("moons@sklearn", {.grid = true}), 1000));
  CHECK_FALSE(toy_nodes(Toy("moons@dsb", {.standardize_by_sample = true}), 1000));
}
