#include "otbridge/metrics/bridge_score.hpp"

#include <doctest/doctest.h>

#include <Eigen/LU>
#include <cmath>

#include "../relative.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/parallel.hpp"
#include "otbridge/measure/gaussian.hpp"
#include "otbridge/solvers/exact.hpp"
#include "otbridge/solvers/gaussian.hpp"

using namespace otbridge;

namespace {

constexpr double kEpsilon = 0.8;

Solution bridge_to(const Vector& mean, const Matrix& covariance, double epsilon = kEpsilon) {
  return solve_gaussian({Gaussian(Vector::Zero(2), Matrix{{1.0, 0.3}, {0.3, 0.6}}),
                         Gaussian(mean, covariance), ReferenceProcess(epsilon)});
}

const Matrix kSpread{{0.9, -0.2}, {-0.2, 1.4}};
const Vector kMean{{1.0, -2.0}}, kOther{{1.5, -1.0}};

Moments target_of(const Solution& solution) {
  const Law& law = *solution.plan->problem().target();
  return {*law.mean(), *law.covariance()};
}

WeightedPoints starts(Index n) { return WeightedPoints(normal_points(n, 2, RandomStream(1))); }

// A plan that samples and maps as another, and has no face.
class Bare final : public TransportPlan {
 public:
  explicit Bare(const TransportPlan& plan) : TransportPlan(plan.problem()), plan_(plan) {}
  std::string_view name() const override { return "bare"; }
  PlanState state() const override { return {}; }

 private:
  Points do_sample(ConstPoints x, Direction direction, const RandomStream& stream,
                   Index first_row) const override {
    return plan_.sample(x, direction, stream, first_row);
  }
  Points do_map(ConstPoints x, Direction direction) const override {
    return plan_.map(x, direction);
  }
  const TransportPlan& plan_;
};

// Two bridges of one reference process are mixtures of its bridges, so that from the same starts
// KL of the paths is that of the ends: the mean over x of KL(N(m(x), S) | N(m'(x), S')).
double kl_of_ends(const TransportPlan& from, const TransportPlan& to, const Points& x) {
  const Matrix s = *from.conditionals()->covariance(x.topRows(1), Direction::forward);
  const Matrix inverse = to.conditionals()->covariance(x.topRows(1), Direction::forward)->inverse();
  const Points apart = from.map(x, Direction::forward) - to.map(x, Direction::forward);
  const double squares = (apart * inverse).cwiseProduct(apart).rowwise().sum().mean();
  return 0.5 * ((inverse * s).trace() - 2.0 - std::log((inverse * s).determinant()) + squares);
}

}  // namespace

TEST_CASE("bridges to laws that differ by a shift have drifts that differ by the time alone") {
  const Solution a = bridge_to(kMean, kSpread), b = bridge_to(kOther, kSpread);
  const WeightedPoints start = starts(5);
  // Without randomness: what is left is the midpoint rule, of order steps^-2.
  const double expected = kl_of_ends(*a.plan, *b.plan, start.points());
  const auto error = [&](Index steps) {
    return std::abs(path_kl(*a.plan, *b.plan, start, RandomStream(2), steps).value() - expected);
  };
  CHECK(error(1000) < 1e-5 * expected);
  CHECK(error(50) < 2e-3 * expected);
  CHECK(drift_rmse(0.78125, kEpsilon) == relative(std::sqrt(1.25), 1e-15));
  CHECK(map_rmse(*a.plan, *b.plan, start) == relative((kMean - kOther).norm(), 1e-12));
  CHECK(path_kl(*a.plan, *a.plan, start, RandomStream(2)).value() == 0.0);
  CHECK(map_rmse(*a.plan, *a.plan, start) == 0.0);
}

TEST_CASE("the path KL of two Gaussian bridges is the KL of their ends given the starts") {
  const Solution a = bridge_to(kMean, kSpread);
  const Solution b = bridge_to(kOther, Matrix{{1.2, 0.4}, {0.4, 0.7}});
  const WeightedPoints start = starts(2000);
  constexpr int kRuns = 12;
  Vector found(kRuns);
  for (int k = 0; k < kRuns; ++k) {
    found[k] = path_kl(*a.plan, *b.plan, start, RandomStream(std::uint64_t(10 + k))).value();
  }
  const double mean = found.mean();
  const double error = std::sqrt((found.array() - mean).square().sum() / (kRuns - 1) / kRuns);
  // Eight standard errors with 11 degrees of freedom, a false alarm below 1e-5; and 0.2% for the
  // midpoint rule, whose error at 50 steps is below 1e-3 of the integrand's variation.
  const double expected = kl_of_ends(*a.plan, *b.plan, start.points());
  CHECK(std::abs(mean - expected) < 8.0 * error + 0.002 * expected);
  CHECK(8.0 * error < 0.05 * expected);  // the check can fail
}

TEST_CASE("how far a plan is from the truth is the path KL of the bridge that is known") {
  const Solution truth = bridge_to(kMean, kSpread),
                 other = bridge_to(kOther, Matrix{{1.2, 0.4}, {0.4, 0.7}});
  const TransportProblem& problem = truth.plan->problem();
  const DistanceToTruth distance = path_kl_to_truth(problem, 7);
  REQUIRE(distance);
  CHECK(distance(*truth.plan).value() == doctest::Approx(0.0));
  // From 1000 draws of the source, whose scatter is a few percent.
  const double expected =
      kl_of_ends(*truth.plan, *other.plan, problem.source()->sample(100000, RandomStream(3)));
  CHECK(distance(*other.plan).value() == relative(expected, 0.15));
  CHECK(distance(*other.plan) == path_kl_to_truth(problem, 7)(*other.plan));
  CHECK_FALSE(distance(Bare(*other.plan)).has_value());
  const WeightedPoints two(Points{{0.0, 0.0}, {1.0, 1.0}});
  CHECK_FALSE(path_kl_to_truth({two, two, ReferenceProcess(kEpsilon)}, 7));
}

TEST_CASE("what has no drift, or another noise, has no path KL") {
  const Solution a = bridge_to(kMean, kSpread);
  const Bare bare(*a.plan);
  const WeightedPoints start = starts(10);
  CHECK_FALSE(path_kl(*a.plan, bare, start, RandomStream(1)).has_value());
  CHECK_FALSE(path_kl(bare, *a.plan, start, RandomStream(1)).has_value());
  const Solution other = bridge_to(kMean, kSpread, 0.5);
  CHECK_THROWS_AS(path_kl(*a.plan, *other.plan, start, RandomStream(1)), InvalidInput);
  // The last digits of an epsilon are what it was computed by.
  const Solution near = bridge_to(kMean, kSpread, kEpsilon * (1.0 + 1e-12));
  CHECK(path_kl(*a.plan, *near.plan, start, RandomStream(1)).value() < 1e-9);
  CHECK_THROWS_AS(path_kl(*a.plan, *a.plan, start, RandomStream(1), 0), InvalidInput);
}

// With m = 1000 draws of N(mu, S) the mean is off by E|.|^2 = tr S / m and the covariance, to first
// order, by a BW2 of E tr = sum_jk s_j s_k / (4 m (s_j + s_k)) (1 + [j = k]) over eigenvalues s of
// S; in the plane with equal s: 3 s / (4 m).
TEST_CASE(
    "the floor of cBW2-UVP is the sampling error of 1000 draws, and a shift adds its square") {
  // Round laws: conditionals are s I.
  const auto round = [](double mean) {
    return solve_gaussian({Gaussian(Vector::Zero(2), Matrix::Identity(2, 2)),
                           Gaussian(Vector::Constant(2, mean), 1.5 * Matrix::Identity(2, 2)),
                           ReferenceProcess(kEpsilon)});
  };
  const Solution truth = round(0.0), shifted = round(0.1);
  const Points origin = Points::Zero(1, 2);
  const double s = (*truth.plan->conditionals()->covariance(origin, Direction::forward))(0, 0);
  const WeightedPoints start = starts(200);
  const ConditionalBw2Uvp score(*truth.plan, start, target_of(truth), RandomStream(4));
  // Half variances: 3 / 2 for the target; mean part s / m, covariance part 3 s / (4 m).
  const double unit = 100.0 / 1.5;
  const double expected = unit * s * (1.0 + 0.75) / 1000.0;
  // Each point's part has a deviation below its mean; 6 of 200 of them.
  const double noise = 6.0 * expected / std::sqrt(200.0);
  CHECK(std::abs(score.floor().value() - expected) < noise);
  CHECK(std::abs(score.score(*truth.plan).value() - expected) < noise);
  CHECK(score.score(*truth.plan) != score.floor());  // other draws
  // |shift|^2 / 2 = 0.01, crossed with the error of a mean, of deviation |shift| sqrt(s / m).
  const double cross = 6.0 * unit * std::sqrt(0.02 * s / 1000.0 / 200.0);
  CHECK(std::abs(score.score(*shifted.plan).value() - expected - unit * 0.01) < noise + cross);

  // A reference of draws is off by as much again.
  const Bare bare(*truth.plan);
  const ConditionalBw2Uvp drawn(bare, start, target_of(truth), RandomStream(4));
  CHECK(std::abs(drawn.floor().value() - 2.0 * expected) < 2.0 * noise);
}

TEST_CASE("a conditional without spread scores its missing variance exactly") {
  // The exact plan of a translate takes each point to one point: BW2 = |m - y|^2 / 2 + tr S / 2.
  const Solution truth = bridge_to(kMean, kSpread);
  const WeightedPoints start = starts(40);
  const Points moved = start.points().rowwise() + kMean.transpose();
  const Solution exact = solve_exact({start, WeightedPoints(moved), ReferenceProcess(kEpsilon)});
  const ConditionalBw2Uvp score(*truth.plan, start, target_of(truth), RandomStream(5));
  const double trace =
      truth.plan->conditionals()->covariance(moved.topRows(1), Direction::forward)->trace();
  const Points apart = truth.plan->map(start.points(), Direction::forward) - moved;
  const double expected = 100.0 * (apart.rowwise().squaredNorm().mean() + trace) / 2.3;
  CHECK(score.score(*exact.plan).value() == relative(expected, 1e-12));
}

TEST_CASE("a target of one point, and one of very many dimensions, has no cBW2-UVP") {
  const Solution truth = bridge_to(kMean, kSpread);
  const ConditionalBw2Uvp point(*truth.plan, starts(5), {kMean, Matrix::Zero(2, 2)},
                                RandomStream(1));
  CHECK_FALSE(point.floor().has_value());
  constexpr Index kMany = ConditionalBw2Uvp::kMostDimensions + 1;
  const Gaussian wide(Vector::Zero(kMany), Matrix::Identity(kMany, kMany));
  const Solution many = solve_gaussian({wide, wide, ReferenceProcess(1.0)});
  const ConditionalBw2Uvp none(*many.plan, WeightedPoints(Points(Points::Zero(1, kMany))),
                               target_of(many), RandomStream(1));
  CHECK_FALSE(none.score(*many.plan).has_value());
}

TEST_CASE("scores of bridges are the same bits for any number of threads") {
  const Solution a = bridge_to(kMean, kSpread), b = bridge_to(kOther, kSpread);
  const WeightedPoints start = starts(30);
  const auto all = [&](int threads) {
    const ThreadScope scope(threads);
    const ConditionalBw2Uvp score(*a.plan, start, target_of(a), RandomStream(6));
    return std::vector<double>{path_kl(*a.plan, *b.plan, start, RandomStream(7)).value(),
                               map_rmse(*a.plan, *b.plan, start), score.score(*b.plan).value(),
                               score.floor().value()};
  };
  const auto one = all(1);
  CHECK(all(2) == one);
  CHECK(all(5) == one);
}
