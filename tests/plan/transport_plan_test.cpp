#include "otbridge/plan/transport_plan.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "otbridge/core/error.hpp"
#include "otbridge/measure/gaussian.hpp"

using namespace otbridge;

namespace {

// The far end is the given end moved by one: enough to see what the base class adds.
class ShiftPlan final : public TransportPlan {
 public:
  ShiftPlan()
      : TransportPlan({Gaussian::isotropic(Vector::Zero(2), 1.0),
                       Gaussian::isotropic(Vector::Ones(2), 1.0), ReferenceProcess(0.1)}) {}
  std::string_view name() const override { return "shift"; }
  PlanState state() const override { return {}; }

 private:
  Points do_sample(ConstPoints x, Direction direction, const RandomStream&, Index) const override {
    return do_map(x, direction);
  }
  Points do_map(ConstPoints x, Direction direction) const override {
    return x.array() + (direction == Direction::forward ? 1.0 : -1.0);
  }
};

}  // namespace

TEST_CASE("paths join the given end to the drawn end in either direction") {
  const ShiftPlan plan;
  const Points x = normal_points(50, 2, RandomStream(1));
  const std::vector<double> times{0.0, 0.5, 1.0};
  const Paths forward = plan.sample_paths(x, times, Direction::forward, RandomStream(2));
  CHECK(forward.at[0] == x);
  CHECK(forward.at[2] == plan.map(x, Direction::forward));
  const Paths backward = plan.sample_paths(x, times, Direction::backward, RandomStream(2));
  CHECK(backward.at[2] == x);
  CHECK(backward.at[0] == plan.map(x, Direction::backward));
}

TEST_CASE("a plan checks its batches once for every solver") {
  const ShiftPlan plan;
  CHECK(plan.map(Points(0, 2), Direction::forward).rows() == 0);
  CHECK(
      plan.sample_paths(Points(0, 2), std::vector<double>{0.5}, Direction::forward, RandomStream(1))
          .at[0]
          .rows() == 0);
  CHECK_THROWS_WITH_AS(plan.map(Points::Zero(1, 3), Direction::forward),
                       "points of dimension 3: the plan is of dimension 2", InvalidInput);
  Points x = Points::Zero(3, 2);
  x(1, 1) = std::nan("");
  CHECK_THROWS_WITH_AS(plan.map(x, Direction::forward), "row 2, coordinate 1 = nan: must be finite",
                       InvalidInput);
  CHECK_THROWS_AS(plan.sample_paths(Points::Zero(1, 2), std::vector<double>{0.5, 1.5},
                                    Direction::forward, RandomStream(1)),
                  InvalidInput);
}

TEST_CASE("a saved state refuses what is missing or misshapen") {
  PlanState state{"sinkhorn", {{"epsilon", 0.1}}, {{"f", Points::Zero(3, 1)}}};
  CHECK(state.number("epsilon") == 0.1);
  CHECK(state.array("f", 3, 1).rows() == 3);
  CHECK_THROWS_WITH_AS(state.number("theta"), "plan of sinkhorn: has no entry \"theta\"",
                       InvalidInput);
  CHECK_THROWS_AS(state.array("f", 4, 1), InvalidInput);
}
