// The density that a plan's process makes of the law at the other end: against the laws of the
// problem where the plan is exact, brute force, and the mass of the plane.
#include <doctest/doctest.h>

#include <cmath>
#include <optional>

#include "otbridge/core/error.hpp"
#include "otbridge/measure/gaussian.hpp"
#include "otbridge/measure/weighted_points.hpp"
#include "subject.hpp"

using namespace otbridge;
using namespace otbridge::conformance;

namespace {

// Empty where the plan says why it knows none.
std::optional<LogDensity> density_of(const Subject& subject, ConstPoints y, Direction direction,
                                     const DensitySettings& settings = {}) {
  const Density* density = subject.plan().density();
  if (density == nullptr) return std::nullopt;
  try {
    return density->log_at(y, direction, settings);
  } catch (const InvalidInput& refusal) {
    CHECK(std::string(refusal.what()).starts_with("log density "));
    return std::nullopt;
  }
}

Points end_points(const Subject& subject, Direction direction, Index n) {
  return start_points(subject, opposite(direction), n, 7);
}

// Midpoints of 100 x 100 cells over five deviations of the law about its mean, and the area of one.
struct Plane {
  Points points{10000, 2};
  double cell = 1.0;
};
Plane plane_about(const Points& draws) {
  Plane plane;
  const Eigen::RowVectorXd mean = draws.colwise().mean();
  for (Index axis = 0; axis < 2; ++axis) {
    const double reach = 5.0 * std::sqrt((draws.col(axis).array() - mean[axis]).square().mean());
    for (Index i = 0; i < 10000; ++i) {
      const Index k = axis == 0 ? i / 100 : i % 100;
      plane.points(i, axis) = mean[axis] + reach * (0.02 * (static_cast<double>(k) + 0.5) - 1.0);
    }
    plane.cell *= 0.02 * reach;
  }
  return plane;
}

}  // namespace

TEST_CASE("a plan that is exact gives the density of the law it leads to, and no bound") {
  int compared = 0;
  for_each(quick_subjects(), [&](const Subject& subject) {
    if (subject.bias > 0.0) return;
    for (const auto direction : kBoth) {
      const Measure& law = subject.problem().start(opposite(direction));
      const Points y = end_points(subject, direction, 30);
      const auto found = density_of(subject, y, direction);
      if (!found || !law->has_density()) continue;
      CHECK(found->bound.size() == 0);
      CHECK((found->value - law->log_density(y)).cwiseAbs().maxCoeff() < 1e-8);
      ++compared;
    }
  });
  // Three Gaussian pairs both ways, and the mixture that was blurred.
  CHECK(compared == 7);
}

TEST_CASE("from a cloud the density of a mixture plan is the sum over its conditionals") {
  int compared = 0;
  for_each(quick_subjects(), [&](const Subject& subject) {
    const auto* source = subject.problem().source().as<WeightedPoints>();
    const Points y = end_points(subject, Direction::forward, 10);
    const auto found = density_of(subject, y, Direction::forward);
    if (source == nullptr || !found) return;
    for (Index k = 0; k < y.rows(); ++k) {
      const auto given = subject.plan().conditionals()->log_density(
          source->points(), y.row(k).replicate(source->size(), 1), Direction::forward);
      REQUIRE(given);
      const double sum = given->array().exp().matrix().dot(source->weights());
      CHECK(std::abs(found->value[k] - std::log(sum)) < 1e-9);
    }
    ++compared;
  });
  CHECK(compared == 2);
}

TEST_CASE("the density of every plan in the plane has the mass 1") {
  int integrated = 0;
  for_each(quick_subjects(), [&](const Subject& subject) {
    if (subject.dimension() != 2) return;
    for (const auto direction : kBoth) {
      const Plane plane = plane_about(end_points(subject, direction, 2000));
      const auto found = density_of(subject, plane.points, direction, {.chains = 0});
      if (!found) continue;
      CHECK(found->bound.size() == 0);
      CHECK(std::abs(plane.cell * found->value.array().exp().sum() - 1.0) < 0.01);
      ++integrated;
    }
  });
  CHECK(integrated >= 10);
}

TEST_CASE("learned drifts: near the Gaussian law, above the bound, the same in any batch") {
  int learned = 0;
  for_each(quick_subjects(), [&](const Subject& subject) {
    if (subject.map_draws == 0) return;
    for (const auto direction : kBoth) {
      const Measure& law = subject.problem().start(opposite(direction));
      const Points y = end_points(subject, direction, 300);
      const auto found = density_of(subject, y, direction, {.chains = 4});
      REQUIRE(found);
      // The budget of the subject; deviations of draws of the law itself are of order 1.
      CHECK(std::abs((found->value - law->log_density(y)).mean()) < 0.1);
      CHECK((found->value - found->bound).mean() > 0.0);
      const auto some = density_of(subject, y.middleRows(101, 70), direction, {.chains = 4});
      CHECK(some->value == found->value.segment(101, 70));
      CHECK(some->bound == found->bound.segment(101, 70));
      ++learned;
    }
  });
  CHECK(learned == 4);
}

TEST_CASE("what no density can be asked for is refused by name") {
  for_each(quick_subjects(), [&](const Subject& subject) {
    const Density* density = subject.plan().density();
    if (density == nullptr) return;
    const Points y = end_points(subject, Direction::forward, 2);
    CHECK_THROWS_AS(density->log_at(y, Direction::forward, {.probes = 0}), InvalidInput);
    CHECK_THROWS_AS(density->log_at(y, Direction::forward, {.chains = -1}), InvalidInput);
    CHECK_THROWS_AS(density->log_at(Points::Zero(2, 7), Direction::forward), InvalidInput);
    CHECK_THROWS_AS(
        density->log_at(Points::Constant(1, y.cols(), std::nan("")), Direction::forward),
        InvalidInput);
  });
}
