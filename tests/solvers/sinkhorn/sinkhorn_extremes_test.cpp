// The ends of the scale: no figure that rounding made up, whatever epsilon, outliers and weights.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "../../relative.hpp"
#include "fifty_digit_sinkhorn.hpp"
#include "otbridge/measure/weighted_points.hpp"
#include "otbridge/solvers/sinkhorn.hpp"

using namespace otbridge;

namespace {

// What holds whatever happens; and what converged means. Weights are normalised by WeightedPoints.
void check_against_fifty_digits(const Points& x, const Vector& a, const Points& y, const Vector& b,
                                double epsilon) {
  CAPTURE(epsilon);
  SinkhornSettings settings;
  settings.iterations = 3000;
  const WeightedPoints mu(x, a), nu(y, b);
  const auto [plan, report] = solve_sinkhorn({mu, nu, ReferenceProcess(epsilon)}, settings);
  const auto truth = testing::fifty_digit_sinkhorn(x, a, y, b, epsilon, 300);
  const double dual = *report.dual_value, gap = *report.duality_gap;
  for (const double figure : {*report.value_linear, *report.value, dual, gap,
                              *report.marginal_error_source, *report.marginal_error_target}) {
    CHECK(std::isfinite(figure));
  }
  CHECK(gap >= 0.0);
  CHECK(dual + gap >= truth.dual_value * (1.0 - 1e-12));
  for (const Direction direction : {Direction::forward, Direction::backward}) {
    CHECK(plan->map(direction == Direction::forward ? x : y, direction).allFinite());
  }
  CHECK(plan->coupling()->rows(0, x.rows()).allFinite());
  if (!truth.converged) return;
  CHECK(dual <= truth.value * (1.0 + 1e-12));
  if (report.stop_reason != StopReason::converged) return;
  CHECK(*report.value == relative(truth.value, 1e-5));
  CHECK(std::abs(*report.value_linear - truth.value_linear) <=
        1e-5 * (truth.value_linear + epsilon));
  const Points map = plan->map(x, Direction::forward);
  for (Index i = 0; i < x.rows(); ++i) {
    // The tolerance is one of mass: a point of weight w is known to a part 1 / w of it.
    if (mu.weights()[i] < 1e-2) continue;
    const double size = std::max(1.0, truth.map.row(i).cwiseAbs().maxCoeff());
    CHECK((map.row(i) - truth.map.row(i)).cwiseAbs().maxCoeff() < 1e-3 * size);
  }
}

Points with_outlier(std::initializer_list<double> near, double far) {
  Points x(static_cast<Index>(near.size()) + 1, 1);
  Index i = 0;
  for (const double v : near) x(i++, 0) = v;
  x(i, 0) = far;
  return x;
}

const Vector kThree = Vector::Ones(3);

}  // namespace

TEST_CASE("epsilon from far below what doubles resolve to far above all costs") {
  Points x(3, 2), y(3, 2);
  x << 0, 0, 1, 2, 3, 1;
  y << 4, 5, 1, 1, 2, -3;
  for (int k = -20; k <= 20; k += 2) {
    check_against_fifty_digits(x, kThree, y, kThree, 7.0 * std::pow(10.0, k));
  }
}

TEST_CASE("an outlier as far as doubles go leaves the others their digits") {
  for (int k = 1; k <= 16; ++k) {
    CAPTURE(k);
    const double far = std::pow(10.0, k);
    const Points x = with_outlier({0.0, 1.0}, far), y = with_outlier({0.0, 3.0}, far);
    check_against_fifty_digits(x, kThree, y, kThree, 1.0);
    // Decoupled: the two others are a problem of their own, solved in closed form.
    const auto [plan, report] =
        solve_sinkhorn({WeightedPoints(x), WeightedPoints(y), ReferenceProcess(1.0)});
    CHECK(report.stop_reason == StopReason::converged);
    const Points map = plan->map(x, Direction::forward);
    // Two by two with equal weights: pi_00 pi_11 / (pi_01 pi_10) = exp(<x_1 - x_0, y_1 - y_0>).
    const double r = std::exp(1.5), stay = r / (1.0 + r);
    if (k > 1) CHECK(map(0, 0) == relative(3.0 * (1.0 - stay), 1e-5));
    if (k > 1) CHECK(map(1, 0) == relative(3.0 * stay, 1e-5));
    CHECK(map(2, 0) == relative(far, k > 1 ? 1e-12 : 1e-6));
  }
}

TEST_CASE("outliers without a partner, and weights from 1e-300 to 1") {
  const Vector uneven = (Vector(3) << 1.0, 1e-300, 1e-100).finished();
  for (int k = 1; k <= 16; k += 5) {
    CAPTURE(k);
    const double far = std::pow(10.0, k);
    const Points x = with_outlier({0.0, 1.0}, far), y = with_outlier({0.5, 1.5}, -0.5);
    for (const double epsilon : {1e-3, 1.0, 1e6, 1e20}) {
      check_against_fifty_digits(x, kThree, y, kThree, epsilon);
      check_against_fifty_digits(x, uneven, y, kThree, epsilon);
      check_against_fifty_digits(x, uneven, with_outlier({0.5, 1.5}, far), uneven.reverse(),
                                 epsilon);
    }
  }
}

TEST_CASE("far above all costs the plan is the product of its marginals, in closed form") {
  Points x(3, 2), y(3, 2);
  x << 0, 0, 1, 2, 3, 1;
  y << 4, 5, 1, 1, 2, -3;
  const auto truth = testing::fifty_digit_sinkhorn(x, kThree, y, kThree, 1e7, 100);
  const auto [plan, report] =
      solve_sinkhorn({WeightedPoints(x), WeightedPoints(y), ReferenceProcess(1e7)});
  CHECK(report.stop_reason == StopReason::converged);
  CHECK(*report.value == relative(truth.value, 1e-14));
  CHECK(*report.value_linear == relative(truth.value_linear, 1e-11));
  CHECK(*report.duality_gap < 1e-11);
  CHECK(*report.dual_value <= truth.value);
  CHECK(*report.dual_value + *report.duality_gap >= truth.value);
}
