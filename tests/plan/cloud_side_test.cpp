#include "plan/cloud_side.hpp"

#include <doctest/doctest.h>

#include "otbridge/core/error.hpp"
#include "otbridge/measure/gaussian.hpp"
#include "otbridge/measure/weighted_points.hpp"

using namespace otbridge;

namespace {

const Points kPoints{{0.0, 0.0}, {1.0, 0.0}, {0.0, 3.0}};
const Vector kWeights{{0.5, 0.0, 0.5}};
const Gaussian kPlane = Gaussian::isotropic(Vector::Zero(2), 1.0);

PlanState state_of(const Points& points, const Vector& weights) {
  return {"sinkhorn", {}, {{"x", points}, {"a", weights}, {"f", Vector{{1.0, 2.0, 3.0}}}}};
}

}  // namespace

TEST_CASE("one side of a plan is read whole, and refused unless its weights are those of a law") {
  const PlanState state = state_of(kPoints, kWeights);
  const CloudSide side = read_cloud_side(state, kPlane, "x", "a", "f");
  CHECK(side.points == kPoints);
  CHECK(side.weights == kWeights);
  CHECK(side.potential == Vector{{1.0, 2.0, 3.0}});

  const Gaussian space = Gaussian::isotropic(Vector::Zero(3), 1.0);
  CHECK_THROWS_AS(read_cloud_side(state, space, "x", "a", "f"), InvalidInput);
  CHECK_THROWS_AS(read_cloud_side(state, kPlane, "y", "a", "f"), InvalidInput);
  const auto refused = [&](const Vector& weights) {
    CHECK_THROWS_WITH_AS(read_cloud_side(state_of(kPoints, weights), kPlane, "x", "a", "f"),
                         "plan of sinkhorn: entry \"a\" must hold weights >= 0 of sum 1",
                         InvalidInput);
  };
  refused(Vector{{-1.0, 1.0, 1.0}});
  refused(Vector::Zero(3));
  refused(Vector::Ones(3));
  refused(Vector::Constant(3, 1e308));
}

TEST_CASE("the side of a law that is a cloud is that cloud, to the rounding of its weights") {
  const WeightedPoints law(kPoints, kWeights);
  const auto read = [&](const Points& points, const Vector& weights) {
    return read_cloud_side(state_of(points, weights), law, "x", "a", "f");
  };
  CHECK(read(kPoints, kWeights).weights == kWeights);
  CHECK_NOTHROW(read(kPoints, kWeights * (1.0 + 1e-13)));
  const auto refused = [&](const Points& points, const Vector& weights) {
    CHECK_THROWS_WITH_AS(read(points, weights),
                         "plan of sinkhorn: entries \"x\" and \"a\" are not the points and weights "
                         "of the problem's cloud",
                         InvalidInput);
  };
  Points moved = kPoints;
  moved(2, 1) = 3.0000000000000004;
  refused(moved, kWeights);
  refused(kPoints, Vector{{0.4, 0.0, 0.6}});
  refused(kPoints, Vector{{0.5, 1e-15, 0.5}});
}
