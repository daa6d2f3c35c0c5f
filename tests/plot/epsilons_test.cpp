// Scores against epsilon: every value at its tick, and what has none.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "drawing.hpp"
#include "otbridge/plot/figure.hpp"
#include "plot/paint.hpp"

using namespace otbridge;
using namespace otbridge::drawing;

TEST_CASE("epsilons: values stand at their epsilon and on even ticks from 0") {
  const std::vector<EpsilonScores> solvers{{"sinkhorn", {1.0, 0.5, 0.25}},
                                           {"mixture", {std::nullopt, 0.75, 1.0}},
                                           {"exact", {0.5, 0.5, 0.5}, false}};
  const Drawing drawing =
      read(draw_epsilons(kText, {0.1, 1.0, 10.0}, {{"W2", solvers, 0.2}, {"cost", solvers}}));
  check_labels(drawing);
  for (const char* words : {"epsilon", "W2", "cost", "sinkhorn", "mixture", "exact", "floor"})
    CHECK(drawing.has(words));
  const auto& first = drawing.lines.at(colour::kSource);
  REQUIRE(first.size() == 2);  // a line in either panel
  REQUIRE(first[0].size() == 3);
  const char* epsilons[] = {"0.1", "1", "10"};
  const double zero = tick(drawing, "0", "y-ticks"), one = tick(drawing, "1", "y-ticks");
  const double values[] = {1.0, 0.5, 0.25};
  for (std::size_t k = 0; k < 3; ++k) {
    // "1" is a tick of both axes: across the figure they differ by their group.
    CHECK(std::abs(first[0][k].first - tick(drawing, epsilons[k], "x-ticks")) < 0.03);
    CHECK(std::abs(first[0][k].second - (zero + values[k] * (one - zero))) < 0.03);
  }
  CHECK(drawing.lines.at(colour::kTarget)[0].size() == 2);
  CHECK(drawing.lines.at(colour::kMoved)[0].size() == 3);
  // The floor across all, in its panel alone.
  const auto& floor = drawing.lines.at(colour::kLine);
  REQUIRE(floor.size() == 1);
  CHECK(std::abs(floor[0][0].first - first[0][0].first) < 0.01);
  CHECK(std::abs(floor[0][1].second - (zero + 0.2 * (one - zero))) < 0.03);
}

TEST_CASE("epsilons: labels that would touch are left out, panels without a number too") {
  const double infinite = std::numeric_limits<double>::infinity();
  const Drawing drawing = read(draw_epsilons(
      kText, {0.1, 0.1005, 0.101, 5.0},
      {{"W2", {{"a solver of a very long name indeed", {1.0, 100.0, 1.0, 1.0}}}},
       {"path KL", {{"mixture", {std::nullopt, infinite, std::nullopt, std::nullopt}}}}}));
  check_labels(drawing);
  CHECK(drawing.has("0.1"));
  CHECK(drawing.has("5"));
  CHECK_FALSE(drawing.has("0.101"));
  CHECK_FALSE(drawing.has("path KL"));
  // A hundred times apart: decades.
  CHECK(drawing.has("10\u00b2"));
}
