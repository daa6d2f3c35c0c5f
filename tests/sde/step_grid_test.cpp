#include "sde/step_grid.hpp"

#include <doctest/doctest.h>

#include "../relative.hpp"
#include "otbridge/core/error.hpp"

using namespace otbridge;

TEST_CASE("schedules fill [0, 1]") {
  const StepGrid uniform = StepGrid::uniform(4);
  CHECK(uniform.times() == std::vector<double>{0.0, 0.25, 0.5, 0.75, 1.0});
  // Lengths 1 2 3 2 1 over 9.
  const StepGrid triangular = StepGrid::triangular(5);
  CHECK(triangular.steps() == 5);
  CHECK(triangular.length(0) == relative(1.0 / 9.0, 1e-14));
  CHECK(triangular.length(2) == relative(3.0 / 9.0, 1e-14));
  CHECK(triangular.longest() == relative(3.0 / 9.0, 1e-14));
  CHECK(triangular.time(5) == 1.0);
  CHECK(StepGrid::named("triangular", 5).times() == triangular.times());
  CHECK_THROWS_WITH_AS(StepGrid::named("cosine", 5),
                       "/solver/schedule = \"cosine\": must be one of uniform, triangular",
                       InvalidInput);
}

TEST_CASE("refining keeps every node once") {
  const std::vector<double> asked{0.0, 0.25, 0.3, 1.0};
  CHECK(StepGrid::uniform(4).refined(asked).times() ==
        std::vector<double>{0.0, 0.25, 0.3, 0.5, 0.75, 1.0});
}

TEST_CASE("dividing keeps every node and cuts each step evenly") {
  const StepGrid grid({0.0, 0.3, 1.0});
  CHECK(grid.divided(1).times() == grid.times());
  const StepGrid thirds = grid.divided(3);
  CHECK(thirds.steps() == 6);
  CHECK(thirds.time(3) == 0.3);
  for (Index k = 0; k < 6; ++k) {
    CHECK(thirds.length(k) == relative(k < 3 ? 0.1 : 0.7 / 3.0, 1e-14));
  }
}

TEST_CASE("a grid must ascend from 0 to 1") {
  CHECK_THROWS_AS(StepGrid({0.0}), InvalidInput);
  CHECK_THROWS_AS(StepGrid({0.1, 1.0}), InvalidInput);
  CHECK_THROWS_AS(StepGrid({0.0, 0.9}), InvalidInput);
  CHECK_THROWS_AS(StepGrid({0.0, 0.5, 0.5, 1.0}), InvalidInput);
}
