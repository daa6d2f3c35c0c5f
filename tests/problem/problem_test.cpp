#include "otbridge/problem/problem.hpp"

#include <doctest/doctest.h>

#include "../relative.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/measure/gaussian.hpp"
#include "otbridge/measure/weighted_points.hpp"

using namespace otbridge;

TEST_CASE("a problem joins laws of one dimension") {
  const Measure line = Gaussian::isotropic(Vector::Zero(1), 1.0);
  const Measure plane = Gaussian::isotropic(Vector::Zero(2), 1.0);
  CHECK(TransportProblem(plane, plane, ReferenceProcess(1.0)).dimension() == 2);
  CHECK_THROWS_WITH_AS(TransportProblem(line, plane, ReferenceProcess(1.0)),
                       "/target: has dimension 2, the source has 1", InvalidInput);
}

TEST_CASE("a problem needs both laws, and has the one ground cost") {
  Measure law = Gaussian::isotropic(Vector::Zero(1), 1.0), gone = law;
  const Measure taken = std::move(gone);
  CHECK_THROWS_WITH_AS(TransportProblem(gone, law, ReferenceProcess(1.0)), "/source: is missing",
                       InvalidInput);
  CHECK_THROWS_WITH_AS(TransportProblem(law, gone, ReferenceProcess(1.0)), "/target: is missing",
                       InvalidInput);
  CHECK_THROWS_AS(Measure(std::shared_ptr<const Law>()), InvalidInput);
  CHECK(TransportProblem(law, law, ReferenceProcess(1.0)).cost() ==
        GroundCost::half_squared_euclidean);
  CHECK_THROWS_WITH_AS(
      TransportProblem(law, law, ReferenceProcess(1.0), static_cast<GroundCost>(7)),
      "/cost: must be half_squared_euclidean", InvalidInput);
}

TEST_CASE("a cloud knows the mass it was given and where its mass is") {
  const Vector weights{{2.0, 0.0, 8.0}};
  const WeightedPoints cloud(Points{{0.0}, {1.0}, {2.0}}, weights);
  CHECK(cloud.mass() == 10.0);
  CHECK(cloud.weights() == Vector(weights / 10.0));
  CHECK(cloud.support() == std::vector<Index>{0, 2});
  CHECK(without_weight(weights) == std::vector<Index>{1});
  CHECK(WeightedPoints(cloud.points()).mass() == 1.0);
  // A cloud that stands for itself is shared, not copied.
  const Measure law = cloud;
  CHECK(&discretize(law, 5, RandomStream(1)).points() == &cloud.points());
}

TEST_CASE("the mean cost of clouds and Gaussians is the closed form") {
  Points x(2, 1), y(3, 1);
  x << 0, 2;
  y << 1, 4, 7;
  // All six pairs: |x-y|^2 / 2 of 1, 16, 49, 1, 4, 25, halved and averaged.
  CHECK(mean_cost(WeightedPoints(x), WeightedPoints(y), 1, 0) == relative(96.0 / 12.0, 1e-14));
  const Gaussian a = Gaussian::isotropic(Vector::Zero(3), 2.0);
  const Gaussian b = Gaussian::isotropic(Vector::Ones(3), 1.0);
  CHECK(mean_cost(a, b, 1, 0) == relative(0.5 * (3.0 + 12.0 + 3.0), 1e-14));
}
