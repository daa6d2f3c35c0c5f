// certify() against plans that are rounded by plain loops.
#include "entropic/certificate.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "../relative.hpp"
#include "core/half_squared.hpp"
#include "otbridge/core/random.hpp"
#include "problems.hpp"

using namespace otbridge;

namespace {

struct Dense {
  Matrix costs, plan;
};

Dense dense(const DiscreteProblem& p, const DualPair& pair, double s2) {
  Dense result{Matrix(p.a.size(), p.b.size()), Matrix(p.a.size(), p.b.size())};
  for (Index i = 0; i < p.a.size(); ++i) {
    for (Index j = 0; j < p.b.size(); ++j) {
      const double cost = half_squared(p.x.row(i), p.y.row(j));
      result.costs(i, j) = cost;
      result.plan(i, j) = p.a[i] * p.b[j] * std::exp((pair.f[i] + pair.g[j] - cost) / s2);
    }
  }
  return result;
}

// Algorithm 2 of Altschuler, Weed, Rigollet 2017, columns first, and what the result costs.
double rounded_value(const DiscreteProblem& p, const Dense& of, double s2) {
  Matrix plan = of.plan;
  for (Index j = 0; j < p.b.size(); ++j) {
    plan.col(j) *= std::min(1.0, p.b[j] / plan.col(j).sum());
  }
  for (Index i = 0; i < p.a.size(); ++i) {
    plan.row(i) *= std::min(1.0, p.a[i] / plan.row(i).sum());
  }
  // What is missing, of a full row 0 but for rounding.
  const Vector rows = (p.a - plan.rowwise().sum()).cwiseMax(0.0);
  const Vector columns = (p.b - plan.colwise().sum().transpose()).cwiseMax(0.0);
  plan += rows * columns.transpose() / rows.sum();
  double kl = 0.0;
  for (Index i = 0; i < p.a.size(); ++i) {
    for (Index j = 0; j < p.b.size(); ++j) {
      kl += plan(i, j) * std::log(plan(i, j) / (p.a[i] * p.b[j]));
    }
  }
  return plan.cwiseProduct(of.costs).sum() + s2 * kl;
}

}  // namespace

TEST_CASE("in haste or not, the gap bounds what the rounded plan costs, and not by far") {
  for (const Index d : {2, 9}) {
    for (const double noise : {0.3, 1e-3}) {
      CAPTURE(d);
      CAPTURE(noise);
      const DiscreteProblem p = clustered_problem(150, 90, d);
      const double s2 = 0.05;
      TransformOperator op(p, kernels::select_kernel_set());
      op.set_temperature(s2);
      DualPair pair{Vector::Zero(150), Vector::Zero(90)};
      for (int k = 0; k < 300; ++k) {
        pair.f = op.transform(Side::source, pair, {Precision::full, 0.0});
        pair.g = op.transform(Side::target, pair, {Precision::full, 0.0});
      }
      pair.g += noise * s2 * normal_points(90, 1, RandomStream(8)).col(0);
      pair.f = op.transform(Side::source, pair, {Precision::full, 0.0});
      const double value = rounded_value(p, dense(p, pair, s2), s2);
      const Marginals marginals = op.marginals(pair, 0.0);
      const Certificate careful = certify(op, pair, marginals, 0.0);
      const Certificate hasty = certify(op, pair, marginals, 0.0, true);
      const double error = careful.marginals.target;
      REQUIRE(error > 0.01 * noise);
      // Convexity loses the entropy of which part of the rounded plan a pair belongs to, at most.
      const double delta = 0.5 * error;
      const double lost = -delta * std::log(delta) - (1.0 - delta) * std::log1p(-delta);
      CHECK(hasty.dual_value == careful.dual_value);
      CHECK(hasty.value == careful.value);
      for (const Certificate& c : {careful, hasty}) {
        CHECK(c.dual_value + c.gap >= value - 1e-12);
        CHECK(c.dual_value + c.gap <= value + s2 * lost + 1e-7);
      }
      CHECK(hasty.gap == relative(careful.gap, 1e-3));
    }
  }
}

// A plan whose f is not exact is not taken for one.
TEST_CASE("in haste a pair with rows too large is rounded with care") {
  const DiscreteProblem p = clustered_problem(40, 30, 2);
  TransformOperator op(p, kernels::select_kernel_set());
  op.set_temperature(0.1);
  DualPair pair{Vector::Zero(40), Vector::Zero(30)};
  pair.f = op.transform(Side::source, pair, {Precision::full, 0.0});
  pair.f[7] += 0.1;
  const Marginals marginals = op.marginals(pair, 0.0);
  const Certificate careful = certify(op, pair, marginals, 0.0);
  CHECK(certify(op, pair, marginals, 0.0, true).gap == careful.gap);
}
