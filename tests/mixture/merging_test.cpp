// Shapes that stand for one are united, others are not: against the shapes that made the draws.
#include "mixture/merging.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "three_shapes.hpp"

using namespace otbridge;

namespace {

constexpr double kMany = 1e6;  // points of the fits that are to come

std::vector<PotentialShape> separate_shapes() {
  return testing::three_shapes({Vector{{-3.0, 0.0}}, Vector{{3.0, 0.0}}, Vector{{0.0, 3.0}}});
}

MixtureData draws_of_bridge(Index n, const RandomStream& stream) {
  return testing::draws_of(separate_shapes(), n, stream);
}

const MixtureControl kControl{.components = 0, .full = true, .iterations = 0, .tolerance = 3e-4};

}  // namespace

TEST_CASE("shapes that are all needed stay as they are") {
  const MixtureData data = draws_of_bridge(4000, RandomStream(1)),
                    aside = draws_of_bridge(4000, RandomStream(2));
  const auto left = merge_alike(data, aside, kMany, kControl, separate_shapes());
  CHECK(left.size() == 3);
  CHECK(testing::distance_of_maps(left, separate_shapes()) == 0.0);
}

TEST_CASE("a shape that is there several times comes out once, at the weight of all") {
  const MixtureData data = draws_of_bridge(4000, RandomStream(1)),
                    aside = draws_of_bridge(4000, RandomStream(2));
  // Four copies of each, of unequal weight: the same potential.
  std::vector<PotentialShape> copies;
  for (const PotentialShape& shape : separate_shapes()) {
    for (const double part : {0.1, 0.2, 0.3, 0.4}) {
      copies.push_back(shape);
      copies.back().log_weight += std::log(part);
    }
  }
  REQUIRE(testing::distance_of_maps(copies, separate_shapes()) < 1e-12);
  const auto left = merge_alike(data, aside, kMany, kControl, copies);
  CHECK(left.size() == 3);
  // The union is fitted to 4000 draws, 1300 for each: some standard errors of their means.
  CHECK(testing::distance_of_maps(left, separate_shapes()) < 0.05);
  CHECK(mixture_loss(aside, left) < mixture_loss(aside, copies) + 1e-3);
}

TEST_CASE("all united, and they are the Gaussian bridge of the clouds") {
  const MixtureData data = draws_of_bridge(4000, RandomStream(1)),
                    aside = draws_of_bridge(1000, RandomStream(2));
  MixtureControl any = kControl;
  any.tolerance = std::numeric_limits<double>::infinity();
  const auto left = merge_alike(data, aside, kMany, any, separate_shapes());
  REQUIRE(left.size() == 1);
  MixtureControl lone = kControl;
  lone.components = 1;
  lone.iterations = 3;
  CHECK(testing::distance_of_maps(left, fit_mixture(data, lone, RandomStream(5)).shapes) < 1e-8);
}

TEST_CASE("where parameters outnumber points nothing is united, whatever the losses say") {
  const MixtureData data = draws_of_bridge(17, RandomStream(1)),
                    aside = draws_of_bridge(4000, RandomStream(2));
  MixtureControl any = kControl;
  any.tolerance = std::numeric_limits<double>::infinity();
  // Six parameters for each of three shapes; with 18 points or more all would be united.
  CHECK(merge_alike(data, aside, kMany, any, separate_shapes()).size() == 3);
  CHECK(merge_alike(draws_of_bridge(18, RandomStream(1)), aside, kMany, any, separate_shapes())
            .size() == 1);
}

TEST_CASE("what a fit of many shapes splits is united, and draws kept aside are explained better") {
  const MixtureData data = draws_of_bridge(4000, RandomStream(3)),
                    aside = draws_of_bridge(4000, RandomStream(4));
  MixtureControl control = kControl;
  control.components = 6;
  control.iterations = 15;
  const auto many = fit_mixture(data, control, RandomStream(5)).shapes;
  auto left = many;
  for (int look = 0; look < 4; ++look) {
    left = fit_mixture(data, control, merge_alike(data, aside, kMany, control, std::move(left)))
               .shapes;
  }
  CHECK(left.size() == 3);
  CHECK(mixture_loss(aside, left) < mixture_loss(aside, many));
}
