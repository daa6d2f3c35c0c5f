#include "solve/plan_entropy.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "../relative.hpp"

using namespace otbridge;

namespace {

// 2 H(pi) / (H(a) + H(b)) - 1, from the dense plan.
double by_definition(const Matrix& pi) {
  const auto entropy = [](const auto& p) {
    double total = 0.0;
    for (Index i = 0; i < p.size(); ++i) {
      if (p(i) > 0.0) total -= p(i) * std::log(p(i));
    }
    return total;
  };
  const Vector a = pi.rowwise().sum(), b = pi.colwise().sum();
  return 2.0 * entropy(pi.reshaped()) / (entropy(a) + entropy(b)) - 1.0;
}

std::vector<Flow> flows_of(const Matrix& pi) {
  std::vector<Flow> flows;
  for (Index i = 0; i < pi.rows(); ++i) {
    for (Index j = 0; j < pi.cols(); ++j) {
      if (pi(i, j) > 0.0) flows.push_back({i, j, pi(i, j)});
    }
  }
  return flows;
}

}  // namespace

TEST_CASE("the plan entropy of a small dense plan is its definition, from flows and from KL") {
  const Matrix pi{{0.1, 0.2, 0.0, 0.05}, {0.0, 0.15, 0.1, 0.0}, {0.2, 0.0, 0.05, 0.15}};
  const Vector a = pi.rowwise().sum(), b = pi.colwise().sum();
  const double expected = by_definition(pi);
  CHECK(expected > 0.1);
  CHECK(plan_entropy(flows_of(pi), 3, 4).value() == relative(expected, 1e-13));
  double kl = 0.0;
  for (const Flow& f : flows_of(pi)) kl += f.mass * std::log(f.mass / (a[f.source] * b[f.target]));
  CHECK(plan_entropy(kl, a, b).value() == relative(expected, 1e-13));
}

TEST_CASE("the plan entropy is 0 for a permutation, of any weights, and 1 for independence") {
  const std::vector<Flow> pairs{{0, 2, 0.1}, {1, 0, 0.3}, {2, 1, 0.6}};
  CHECK(plan_entropy(pairs, 3, 3).value() == 0.0);
  const Vector a{{0.2, 0.8}}, b{{0.5, 0.3, 0.2}};
  CHECK(plan_entropy(flows_of(a * b.transpose()), 2, 3).value() == relative(1.0, 1e-14));
  CHECK(plan_entropy(0.0, a, b).value() == 1.0);
}

TEST_CASE("two points have no plan entropy, a point and a cloud are independent") {
  const Vector one{{1.0}}, even{{0.5, 0.5}};
  CHECK_FALSE(plan_entropy(0.0, one, one).has_value());
  CHECK_FALSE(plan_entropy(std::vector<Flow>{{0, 0, 1.0}}, 1, 1).has_value());
  CHECK(plan_entropy(0.0, one, even).value() == 1.0);
  CHECK(plan_entropy(std::vector<Flow>{{0, 0, 0.5}, {0, 1, 0.5}}, 1, 2).value() == 1.0);
}
