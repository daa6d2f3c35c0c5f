#include "measure/moments.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "../relative.hpp"
#include "otbridge/measure/gaussian.hpp"
#include "otbridge/measure/uniform.hpp"
#include "otbridge/measure/weighted_points.hpp"

using namespace otbridge;

namespace {

// A law that knows nothing of itself but how to be drawn.
class Unknown final : public Law {
 public:
  explicit Unknown(Measure law) : law_(std::move(law)) {}
  std::string_view type() const override { return "unknown"; }
  Index dimension() const override { return law_->dimension(); }
  Points do_sample(Index n, const RandomStream& stream) const override {
    return law_->sample(n, stream);
  }

 private:
  Measure law_;
};

Gaussian tilted() { return {Vector{{1.0, -2.0}}, Matrix{{2.0, 0.5}, {0.5, 1.0}}}; }

}  // namespace

TEST_CASE("moments that a law knows are taken as they are, without a draw") {
  const Gaussian law = tilted();
  const RandomStream stream(1);
  const MeanCovariance whole = mean_covariance(law, 0, stream);  // of 0 draws nothing is known
  CHECK(whole.known);
  CHECK(whole.mean == *law.mean());
  CHECK(whole.covariance == *law.covariance());
  CHECK(mean_variances(law, 0, stream).mean == law.mean()->transpose());
  CHECK(mean_variances(law, 0, stream).variance == Eigen::RowVector2d(2.0, 1.0));
  CHECK(mean_spread(law, 0, stream).spread == 3.0);
}

// Where the matrix would be too large: those of a cloud are sums over it, those of a ball of draws.
TEST_CASE("in very many dimensions variances are had without the covariance") {
  constexpr Index d = Gaussian::kMostDimensions + 4;
  Points x = Points::Zero(3, d);
  x.row(0).setConstant(1.0);
  x.row(2).setLinSpaced(0.0, 1.0);
  const WeightedPoints cloud(x, Vector{{0.25, 0.5, 0.25}});
  const MeanVariances each = mean_variances(cloud, 0, RandomStream(1));
  // Of 1, 0 and z with these weights.
  const Eigen::RowVectorXd z = x.row(2), mean = (1.0 + z.array()) / 4.0;
  const Eigen::RowVectorXd variance = (1.0 + z.array().square()).matrix() / 4.0 - mean.cwiseAbs2();
  CHECK((each.mean - mean).cwiseAbs().maxCoeff() < 1e-15);
  CHECK((each.variance - variance).cwiseAbs().maxCoeff() < 1e-15);
  // E |x|^2 = d / (d + 2) in the unit ball; |x|^2 scatters by 2 / d.
  const UniformBall ball(Vector::Zero(d), 1.0);
  const double spread = mean_spread(ball, 300, RandomStream(2)).spread;
  // A mean of 300 draws takes a 300th of it; six standard errors.
  CHECK(std::abs(spread / (299.0 / 300.0) - 1.0) < 1e-3);
}

TEST_CASE("unknown moments are the population moments of the draws") {
  constexpr Index kDraws = 50;
  const Unknown law{Measure(tilted())};
  const Points x = law.sample(kDraws, RandomStream(2));
  // By hand, in long double.
  long double mean[2] = {}, second[2][2] = {};
  for (Index i = 0; i < kDraws; ++i) {
    for (Index c = 0; c < 2; ++c) mean[c] += static_cast<long double>(x(i, c)) / kDraws;
  }
  for (Index i = 0; i < kDraws; ++i) {
    for (Index a = 0; a < 2; ++a) {
      for (Index b = 0; b < 2; ++b) {
        second[a][b] += (x(i, a) - mean[a]) * (x(i, b) - mean[b]) / kDraws;
      }
    }
  }
  const auto number = [](long double value) { return relative(static_cast<double>(value), 1e-13); };
  const MeanCovariance whole = mean_covariance(law, kDraws, RandomStream(2));
  const MeanVariances each = mean_variances(law, kDraws, RandomStream(2));
  const MeanSpread total = mean_spread(law, kDraws, RandomStream(2));
  CHECK_FALSE(whole.known);
  for (Index a = 0; a < 2; ++a) {
    CHECK(whole.mean[a] == number(mean[a]));
    CHECK(each.mean[a] == number(mean[a]));
    CHECK(total.mean[a] == number(mean[a]));
    CHECK(each.variance[a] == number(second[a][a]));
    for (Index b = 0; b < 2; ++b) CHECK(whole.covariance(a, b) == number(second[a][b]));
  }
  CHECK(total.spread == number(second[0][0] + second[1][1]));
}

TEST_CASE("the spread of a cloud weighs its points") {
  const WeightedPoints cloud(Points{{0.0, 0.0}, {4.0, 0.0}, {4.0, 2.0}}, Vector{{2.0, 1.0, 1.0}});
  const MeanSpread moments = mean_spread(cloud, 0, RandomStream(1));
  // Mean (2, 1/2); squares 4.25, 4.25, 6.25.
  CHECK(moments.mean == Vector{{2.0, 0.5}});
  CHECK(moments.spread == relative(0.5 * 4.25 + 0.25 * 4.25 + 0.25 * 6.25, 1e-15));
}
