// The Gaussian plan against regression in the joint law, against quadrature of the conditional that
// its potentials define, and against the time reversal formula.
#include <doctest/doctest.h>

#include <cmath>

#include "../../dense.hpp"
#include "../../relative.hpp"
#include "gaussian_laws.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/measure/gaussian.hpp"
#include "otbridge/measure/weighted_points.hpp"
#include "otbridge/solvers/gaussian.hpp"

using namespace otbridge;
using namespace otbridge::testing;

namespace {

constexpr Direction kBoth[] = {Direction::forward, Direction::backward};

struct GaussianFixture {
  GaussianFixture(Index d, Index rank_source, Index rank_target, double theta, double eps = 0.6)
      : reference(eps, theta),
        source(random_vector(d, 1), random_covariance(d, rank_source, 11)),
        target(random_vector(d, 2), random_covariance(d, rank_target, 12, 2.0)),
        problem(source, target, reference),
        solution(solve_gaussian(problem)),
        joint(gaussian_coupling(source.center(), source.spread(), target.center(), target.spread(),
                                reference)) {}

  const TransportPlan& plan() const { return *solution.plan; }

  ReferenceProcess reference;
  Gaussian source, target;
  TransportProblem problem;
  Solution solution;
  GaussianCoupling joint;
};

// The linear part of an affine map of rows, as a matrix acting on columns.
template <class RowMap>
Matrix linear_part(RowMap&& row_map, Index d) {
  const Points at_zero = row_map(Points(Points::Zero(1, d)));
  const Points at_axes = row_map(Points(Points::Identity(d, d)));
  return (at_axes.rowwise() - at_zero.row(0)).transpose();
}

// A law on a line in the plane by its nodes: m + r u with u standard normal, trapezoid weights.
struct Line {
  Points points;
  Vector weights;
};

Line line_of(const Gaussian& law) {
  constexpr Index kNodes = 4001;
  Line line{Points(kNodes, law.dimension()), Vector(kNodes)};
  Index widest = 0;
  law.spread().diagonal().maxCoeff(&widest);
  const Vector root = law.spread().col(widest) / std::sqrt(law.spread()(widest, widest));
  for (Index k = 0; k < kNodes; ++k) {
    const double u = 12.0 * (2.0 * double(k) / double(kNodes - 1) - 1.0);
    line.points.row(k) = law.center() + u * root;
    line.weights[k] = std::exp(-0.5 * u * u);
  }
  line.weights /= line.weights.sum();
  return line;
}

}  // namespace

TEST_CASE("map and sample are the regression in the joint law") {
  for (const double theta : {0.0, 0.8}) {
    const GaussianFixture fixture(4, 4, 4, theta);
    const GaussianCoupling& joint = fixture.joint;
    const Matrix forward = dense_solve(joint.cov_source, joint.cross).transpose();
    const Matrix backward = dense_solve(joint.cov_target, joint.cross.transpose()).transpose();
    const auto slope = [&](Direction direction) {
      return linear_part([&](const Points& x) { return fixture.plan().map(x, direction); }, 4);
    };
    CHECK(relative_error(slope(Direction::forward), forward) < 1e-11);
    CHECK(relative_error(slope(Direction::backward), backward) < 1e-11);
    const Points means = fixture.plan().map(joint.mean_source.transpose(), Direction::forward);
    CHECK((means.row(0).transpose() - joint.mean_target).norm() < 1e-13);

    // Conditional covariance from 40000 draws; entries have a standard error below s / 200, so a
    // band of 6 of them alarms falsely about once in 10^7 runs.
    constexpr Index kDraws = 40000;
    const Matrix expected = joint.cov_target - forward * joint.cross;
    const Points x = Points::Constant(kDraws, 4, 0.4);
    const Points drawn = fixture.plan().sample(x, Direction::forward, RandomStream(5));
    const Points centred = drawn - fixture.plan().map(x, Direction::forward);
    const Matrix found = centred.transpose() * centred / double(kDraws);
    const double largest = expected.diagonal().maxCoeff();
    CHECK((found - expected).cwiseAbs().maxCoeff() < 6.0 * std::sqrt(2.0 / kDraws) * largest);
  }
}

TEST_CASE("rank-deficient laws: any point has the conditional its potentials define") {
  // Target on a line in the plane, source on another; the points are off both.
  for (const double theta : {0.0, 0.8}) {
    const GaussianFixture fixture(2, 1, 1, theta);
    const double a = fixture.reference.endpoint_decay();
    const double s2 = fixture.reference.endpoint_variance();
    const Potentials& potentials = *fixture.plan().potentials();
    const Points x = normal_points(6, 2, RandomStream(3));
    for (const auto direction : kBoth) {
      const bool forward = direction == Direction::forward;
      const Line far = line_of(forward ? fixture.target : fixture.source);
      const Vector potential = forward ? potentials.g(far.points) : potentials.f(far.points);
      const Points mapped = fixture.plan().map(x, direction);
      const Vector own = forward ? potentials.f(x) : potentials.g(x);
      for (Index i = 0; i < x.rows(); ++i) {
        Vector weights(far.points.rows());
        for (Index k = 0; k < weights.size(); ++k) {
          const double cost = forward ? 0.5 * (far.points.row(k) - a * x.row(i)).squaredNorm()
                                      : 0.5 * (x.row(i) - a * far.points.row(k)).squaredNorm();
          weights[k] = far.weights[k] * std::exp((potential[k] - cost) / s2);
        }
        const Vector mean = far.points.transpose() * weights / weights.sum();
        CHECK((mapped.row(i).transpose() - mean).norm() < 1e-9);
        CHECK(own[i] == relative(-s2 * std::log(weights.sum()), 1e-9));
      }
    }
    const Line source = line_of(fixture.source);
    CHECK(std::abs(potentials.f(source.points).dot(source.weights)) < 1e-9);
    // Draws stay on the line of the target.
    const Points drawn = fixture.plan().sample(x, Direction::forward, RandomStream(1));
    const Matrix off =
        Matrix::Identity(2, 2) - fixture.target.spread() / fixture.target.spread().trace();
    const Points residual = (drawn.rowwise() - fixture.target.center().transpose()) * off;
    CHECK(residual.cwiseAbs().maxCoeff() < 1e-12);
  }
}

TEST_CASE("the drift is the conditional expectation of the far end") {
  for (const double theta : {0.0, 0.8}) {
    const GaussianFixture fixture(3, 3, 3, theta);
    const ReferenceProcess& reference = fixture.reference;
    const GaussianCoupling& joint = fixture.joint;
    const Points x = normal_points(5, 3, RandomStream(8));
    for (const double t : {0.1, 0.5, 0.9}) {
      const auto [c0, c1, unused] = reference.bridge(0.0, t, 1.0);
      const GaussianMarginal now = gaussian_marginal(joint, reference, t);
      const auto expectation = [&](const Vector& mean, const Matrix& cross) -> Points {
        const Points centred = x.rowwise() - now.mean.transpose();
        const Points moved = centred * dense_solve(now.covariance, cross);
        return moved.rowwise() + mean.transpose();
      };
      const Points far = expectation(joint.mean_target, c0 * joint.cross + c1 * joint.cov_target);
      const double ahead = reference.decay(1.0 - t);
      const Points forward =
          reference.epsilon() * ahead / reference.variance(1.0 - t) * (far - ahead * x) - theta * x;
      CHECK((fixture.plan().drift()->at(t, x, Direction::forward) - forward).norm() < 1e-11);
      const Points near =
          expectation(joint.mean_source, c0 * joint.cov_source + c1 * joint.cross.transpose());
      const double behind = reference.decay(t);
      const Points backward =
          reference.epsilon() / reference.variance(t) * (behind * near - x) + theta * x;
      CHECK((fixture.plan().drift()->at(t, x, Direction::backward) - backward).norm() < 1e-11);
    }
  }
}

TEST_CASE("forward and backward drift sum to eps grad log p_t, at any rank and time") {
  for (const double theta : {0.0, 0.8}) {
    for (const Index rank : {0, 1, 3}) {
      const GaussianFixture fixture(3, rank, 3 - rank / 2, theta);
      const Points x = normal_points(4, 3, RandomStream(8));
      for (const double t : {0.001, 0.3, 0.99}) {
        const GaussianMarginal now = gaussian_marginal(fixture.joint, fixture.reference, t);
        const Matrix score = -fixture.reference.epsilon() * dense_inverse(now.covariance);
        const Points expected = (x.rowwise() - now.mean.transpose()) * score;
        const Points sum = fixture.plan().drift()->at(t, x, Direction::forward) +
                           fixture.plan().drift()->at(t, x, Direction::backward);
        CHECK(relative_error(sum, expected) < 1e-9);
      }
    }
  }
}

TEST_CASE("the drift reaches the ends of time where the limit exists, and refuses elsewhere") {
  const Points x = normal_points(3, 2, RandomStream(2));
  const GaussianFixture full(2, 2, 2, 0.8);
  const Drift& drift = *full.plan().drift();
  CHECK(relative_error(drift.at(1.0 - 1e-9, x, Direction::forward),
                       drift.at(1.0, x, Direction::forward)) < 1e-6);
  CHECK(relative_error(drift.at(1e-9, x, Direction::backward),
                       drift.at(0.0, x, Direction::backward)) < 1e-6);
  const GaussianFixture flat(2, 1, 1, 0.0);
  CHECK(flat.plan().drift()->at(0.0, x, Direction::forward).allFinite());
  CHECK(flat.plan().drift()->at(1.0, x, Direction::backward).allFinite());
  CHECK_THROWS_AS(flat.plan().drift()->at(1.0, x, Direction::forward), InvalidInput);
  CHECK_THROWS_AS(flat.plan().drift()->at(0.0, x, Direction::backward), InvalidInput);
  CHECK_THROWS_AS(drift.at(1.5, x, Direction::forward), InvalidInput);
  CHECK_THROWS_AS(drift.at(0.5, Points::Zero(1, 3), Direction::forward), InvalidInput);
}

TEST_CASE("the potentials give the density of the coupling") {
  for (const double theta : {0.0, 0.8}) {
    const GaussianFixture fixture(3, 3, 3, theta);
    const GaussianCoupling& joint = fixture.joint;
    Vector mean(6);
    mean << joint.mean_source, joint.mean_target;
    Matrix covariance(6, 6);
    covariance << joint.cov_source, joint.cross, joint.cross.transpose(), joint.cov_target;
    const Gaussian coupling(mean, covariance);
    const Points x = normal_points(5, 3, RandomStream(1)), y = normal_points(5, 3, RandomStream(2));
    Points both(5, 6);
    both << x, y;
    const Vector expected =
        coupling.log_density(both) - fixture.source.log_density(x) - fixture.target.log_density(y);
    const Points gap = y - fixture.reference.endpoint_decay() * x;
    const Potentials& potentials = *fixture.plan().potentials();
    const Vector found = (potentials.f(x) + potentials.g(y) - 0.5 * gap.rowwise().squaredNorm()) /
                         fixture.reference.endpoint_variance();
    CHECK((found - expected).cwiseAbs().maxCoeff() < 1e-9);
  }
}

TEST_CASE("the report: value, divergence, dual value and marginal errors") {
  for (const Index d : {1, 5, 50}) {
    const GaussianFixture fixture(d, d, d, 0.8);
    const SolveReport& report = fixture.solution.report;
    const GaussianCoupling& joint = fixture.joint;
    const double a = fixture.reference.endpoint_decay();
    const double linear = 0.5 * ((joint.mean_target - a * joint.mean_source).squaredNorm() +
                                 joint.cov_target.trace() - 2.0 * a * joint.cross.trace() +
                                 a * a * joint.cov_source.trace());
    const Matrix inner = dense_solve(joint.cov_source, joint.cross) *
                         dense_solve(joint.cov_target, joint.cross.transpose());
    const double kl = -0.5 * std::log(dense_determinant(Matrix::Identity(d, d) - inner));
    CHECK(*report.value_linear == relative(linear, 1e-11));
    CHECK(*report.kl == relative(kl, 1e-9));
    CHECK(*report.dual_value == relative(*report.value, 1e-11));
    CHECK(*report.duality_gap <= 1e-11 * *report.value);
    CHECK(*report.marginal_error_source < 1e-10);
    CHECK(*report.marginal_error_target < 1e-10);
    CHECK(report.stop_reason == StopReason::converged);
  }
  // Between a point and itself, zero covariance: nothing to pay, nothing to learn.
  const Gaussian point(Vector::Ones(2), Matrix::Zero(2, 2));
  const Solution still = solve_gaussian({point, point, ReferenceProcess(0.1)});
  CHECK(*still.report.value == 0.0);
  CHECK(*still.report.marginal_error_target == 0.0);
  CHECK(still.plan->sample(Points::Zero(3, 2), Direction::forward, RandomStream(1)) ==
        Points::Ones(3, 2));
}

TEST_CASE("small divergences keep their digits") {
  const Gaussian one = Gaussian::isotropic(Vector::Zero(1), 1.0);
  // sigma = 1 / eps, and KL = -log(1 - rho^2) / 2 = sigma^2 / 2 to leading order.
  const Solution weak = solve_gaussian({one, one, ReferenceProcess(1e10)});
  CHECK(*weak.report.kl == relative(0.5e-20, 1e-12));
}

TEST_CASE("laws that are not Gaussian are refused by type, or matched") {
  Points corners(3, 2);
  corners << 0, 0, 2, 0, 0, 2;
  const WeightedPoints cloud(corners, Vector{{1.0, 1.0, 2.0}});
  const Gaussian target = Gaussian::isotropic(Vector::Zero(2), 1.0);
  const TransportProblem problem(cloud, target, ReferenceProcess(0.5));
  CHECK_THROWS_WITH_AS(solve_gaussian(problem),
                       "/source: is of type \"points\" and the gaussian solver takes Gaussian "
                       "laws; \"moments\": \"match\" fits its mean and covariance",
                       InvalidInput);
  GaussianSettings match;
  match.moments = "match";
  const Solution matched = solve_gaussian(problem, match);
  CHECK(matched.report.notes.size() == 1);
  const Gaussian fitted(*cloud.mean(), *cloud.covariance());
  const Solution exact = solve_gaussian({fitted, target, ReferenceProcess(0.5)});
  CHECK(matched.plan->map(corners, Direction::forward) ==
        exact.plan->map(corners, Direction::forward));

  GaussianSettings wrong;
  wrong.moments = "guess";
  CHECK_THROWS_AS(solve_gaussian(problem, wrong), InvalidInput);
}

TEST_CASE("a restored plan gives the same bytes; a wrong state is refused") {
  const GaussianFixture fixture(7, 4, 6, 0.8);
  const PlanState state = fixture.plan().state();
  const auto again = restore_gaussian(fixture.problem, state);
  const Points x = normal_points(300, 7, RandomStream(9));
  for (const auto direction : kBoth) {
    CHECK(again->sample(x, direction, RandomStream(3)) ==
          fixture.plan().sample(x, direction, RandomStream(3)));
    CHECK(again->drift()->at(0.4, x, direction) == fixture.plan().drift()->at(0.4, x, direction));
  }
  CHECK(again->potentials()->f(x) == fixture.plan().potentials()->f(x));
  PlanState wrong = state;
  wrong.arrays["cov_source"](0, 0) = -1.0;
  CHECK_THROWS_AS(restore_gaussian(fixture.problem, wrong), InvalidInput);
  wrong.arrays.erase("cov_source");
  CHECK_THROWS_AS(restore_gaussian(fixture.problem, wrong), InvalidInput);
}
