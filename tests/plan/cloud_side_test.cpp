#include "plan/cloud_side.hpp"

#include <doctest/doctest.h>

#include "otbridge/core/error.hpp"

using namespace otbridge;

TEST_CASE("one side of a plan is read whole, and refused unless its weights are those of a law") {
  PlanState state{
      "sinkhorn", {}, {{"x", Points::Ones(3, 2)}, {"a", Points::Ones(3, 1)}, {"f", Points(3, 1)}}};
  state.arrays["f"] << 1, 2, 3;
  const CloudSide side = read_cloud_side(state, 2, "x", "a", "f");
  CHECK(side.points == state.arrays["x"]);
  CHECK(side.weights == Vector::Ones(3));
  CHECK(side.potential == Vector(Eigen::Vector3d(1, 2, 3)));

  CHECK_THROWS_AS(read_cloud_side(state, 3, "x", "a", "f"), InvalidInput);
  CHECK_THROWS_AS(read_cloud_side(state, 2, "y", "a", "f"), InvalidInput);
  const auto refused = [&](double first, double others) {
    state.arrays["a"] << first, others, others;
    CHECK_THROWS_WITH_AS(read_cloud_side(state, 2, "x", "a", "f"),
                         "plan of sinkhorn: entry \"a\" must hold weights >= 0, not all of them 0",
                         InvalidInput);
  };
  refused(-1.0, 1.0);
  refused(0.0, 0.0);
}
