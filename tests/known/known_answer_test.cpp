#include "otbridge/known/known_answer.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "../relative.hpp"
#include "otbridge/measure/gaussian.hpp"
#include "otbridge/measure/toy.hpp"

using namespace otbridge;

namespace {

Gaussian on_the_line(double mean, double variance) {
  return {Vector::Constant(1, mean), Matrix::Constant(1, 1, variance)};
}

}  // namespace

TEST_CASE("the answer between Gaussian laws on the line is the textbook one") {
  // Brownian reference, variances p and q: the covariance c of the two ends solves
  // c^2 + epsilon c = p q, and E[X_1 given x] = m1 + c (x - m0) / p. (Set the derivative of
  // (p + q - 2 c) / 2 - epsilon log(1 - c^2 / (p q)) / 2 to zero.)
  const double p = 4.0, q = 0.25, epsilon = 0.3;
  const TransportProblem problem(on_the_line(1.0, p), on_the_line(-2.0, q),
                                 ReferenceProcess(epsilon));
  const auto answer = known_answer(problem);
  REQUIRE(answer.has_value());
  CHECK(answer->plan->name() == "truth");
  CHECK(answer->report.solver == "truth");
  const double c = 0.5 * (std::sqrt(epsilon * epsilon + 4.0 * p * q) - epsilon);
  const Points x = Points::Constant(1, 1, 3.5);
  CHECK(answer->plan->map(x, Direction::forward)(0, 0) ==
        relative(-2.0 + c * (3.5 - 1.0) / p, 1e-13));
  const double cost = 0.5 * (9.0 + p + q - 2.0 * c);
  const double kl = -0.5 * std::log(1.0 - c * c / (p * q));
  CHECK(answer->report.value_linear.value() == relative(cost, 1e-13));
  CHECK(answer->report.value.value() == relative(cost + epsilon * kl, 1e-13));
}

TEST_CASE("no answer is claimed where none is known") {
  const Gaussian normal(Vector::Zero(2), Matrix::Identity(2, 2));
  CHECK_FALSE(known_answer({Toy("moons"), normal, ReferenceProcess(1.0)}).has_value());
  CHECK_FALSE(known_answer({normal, Toy("8gaussians"), ReferenceProcess(1.0)}).has_value());
  // 1e200 / 1e-200 is beyond the doubles.
  const Gaussian wide(Vector::Zero(2), 1e200 * Matrix::Identity(2, 2));
  CHECK_FALSE(known_answer({wide, wide, ReferenceProcess(1e-200)}).has_value());
}
