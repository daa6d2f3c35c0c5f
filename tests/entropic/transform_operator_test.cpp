#include "entropic/transform_operator.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "../relative.hpp"
#include "core/half_squared.hpp"
#include "entropic/certificate.hpp"
#include "otbridge/core/parallel.hpp"
#include "problems.hpp"

using namespace otbridge;

constexpr Accuracy kFull{Precision::full, 0.0}, kSingle{Precision::single, 0.0};

TEST_CASE("sums with stored weights are right to single precision, however far the potentials go") {
  const DiscreteProblem p = clustered_problem(150, 90, 2);
  for (const double s2 : {1.0, 0.01, 1e-4}) {
    CAPTURE(s2);
    TransformOperator op(p, kernels::select_kernel_set());
    op.set_temperature(s2);
    DualPair pair{Vector::Zero(150), Vector::Zero(90)};
    const auto largest_change = [&](const Vector& single, const Vector& full) {
      return (single - full).cwiseAbs().maxCoeff() / s2;
    };
    for (const double shift : {0.0, 3.0, -5.0, 25.0, 1e3, -1e3}) {
      CAPTURE(shift);
      pair.g.array() += s2 * shift;
      pair.g += s2 * normal_points(90, 1, RandomStream(8)).col(0);
      for (const Side side : {Side::source, Side::target}) {
        const Vector exact = op.transform(side, pair, kFull);
        pair.of(side) = op.transform(side, pair, kSingle);
        CHECK(largest_change(pair.of(side), exact) < 1e-6);
      }
    }
    const Vector values = normal_points(150, 1, RandomStream(9)).col(0);
    const Vector single = op.product(Side::target, pair, values, kSingle);
    const Vector full = op.product(Side::target, pair, values, kFull);
    CHECK((single - full).cwiseAbs().maxCoeff() < 1e-6 * values.cwiseAbs().maxCoeff());
    CHECK(op.exponent_error(pair, Precision::single) < 1e-6);
  }
}

TEST_CASE("weights below single precision are not lost") {
  DiscreteProblem p = clustered_problem(150, 90, 2);
  p.a[7] = p.b[3] = 1e-300;
  p.x.row(7) = p.y.row(3) = Eigen::RowVector2d(40.0, 0.0);  // each other's only neighbour
  TransformOperator op(p, kernels::select_kernel_set());
  op.set_temperature(0.5);
  DualPair pair{Vector::Zero(150), Vector::Zero(90)};
  for (int k = 0; k < 5; ++k) {
    for (const Side side : {Side::source, Side::target}) {
      const Vector exact = op.transform(side, pair, kFull);
      pair.of(side) = op.transform(side, pair, kSingle);
      CHECK((pair.of(side) - exact).cwiseAbs().maxCoeff() < 1e-3);  // of exponents in the hundreds
    }
  }
  const Certificate certificate = certify(op, pair, op.marginals(pair, 0.0), 0.0);
  CHECK(std::isfinite(certificate.gap));
  CHECK(op.product(Side::target, pair, Vector::Zero(150), kSingle).allFinite());
}

TEST_CASE("in high dimension weights are kept in memory, with the same sums for any thread count") {
  CHECK(StoredWeights::pays(10000, 10000, 7));
  CHECK(!StoredWeights::pays(10000, 10000, 6));
  CHECK(!StoredWeights::pays(20000, 10000, 100));
  const DiscreteProblem p = clustered_problem(1500, 700, 20);
  const Vector values = normal_points(700, 1, RandomStream(9)).col(0);
  std::vector<Vector> found[3];
  for (const int threads : {1, 2, 3}) {
    const ThreadScope scope(threads);
    TransformOperator op(p, kernels::select_kernel_set());
    op.set_temperature(0.3);
    DualPair pair{Vector::Zero(1500), Vector::Zero(700)};
    pair.f = op.transform(Side::source, pair, kSingle);
    const Vector exact = op.transform(Side::target, pair, kFull);
    pair.g = op.transform(Side::target, pair, kSingle);
    CHECK((pair.g - exact).cwiseAbs().maxCoeff() < 1e-6 * 0.3);
    const Vector product = op.product(Side::source, pair, values, kSingle);
    const Vector full = op.product(Side::source, pair, values, kFull);
    CHECK((product - full).cwiseAbs().maxCoeff() < 1e-6 * values.cwiseAbs().maxCoeff());
    found[threads - 1] = {pair.f, pair.g, product};
  }
  CHECK(found[0] == found[1]);
  CHECK(found[0] == found[2]);
}

TEST_CASE("what is left to sweep for a certificate depends on what is kept, and choices end") {
  const auto operator_of = [](const DiscreteProblem& p, double s2) {
    auto op = std::make_unique<TransformOperator>(p, kernels::select_kernel_set());
    op->set_temperature(s2);
    return op;
  };
  const auto transformed = [](TransformOperator& op, const DiscreteProblem& p,
                              Precision precision) {
    const DualPair zero{Vector::Zero(p.a.size()), Vector::Zero(p.b.size())};
    op.transform(Side::source, zero, {precision, 1e-6});
    return op.sweeps_to_certify();
  };
  const DiscreteProblem few = clustered_problem(60, 50, 2);
  CHECK(transformed(*operator_of(few, 0.1), few, Precision::full) == 2.0);
  const DiscreteProblem wide = clustered_problem(60, 50, 9);
  CHECK(transformed(*operator_of(wide, 0.1), wide, Precision::full) == 2.5);
  CHECK(transformed(*operator_of(few, 0.1), few, Precision::single) == 1.0);
  const DiscreteProblem sparse = clustered_problem(600, 520, 2);
  const auto keeps = operator_of(sparse, 1e-4), forgoes = operator_of(sparse, 1e-4);
  forgoes->forgo_kept_pairs();
  CHECK(transformed(*keeps, sparse, Precision::full) == 2.0);
  CHECK(keeps->keeps_pairs());
  CHECK(transformed(*forgoes, sparse, Precision::full) == 2.0);
  CHECK(!forgoes->keeps_pairs());
}

TEST_CASE("the marginals of a transformed pair, and their certificate, are of the true plan") {
  const DiscreteProblem p = clustered_problem(150, 90, 3);
  TransformOperator op(p, kernels::select_kernel_set());
  op.set_temperature(0.01);
  DualPair pair{Vector::Zero(150), 0.01 * normal_points(90, 1, RandomStream(8)).col(0)};
  for (const double truncation : {0.0, 1e-4}) {
    pair.f = op.transform(Side::source, pair, {Precision::full, truncation});
    const Marginals marginals = op.marginals(pair, truncation);
    CHECK(marginals.rows.sum() == relative(marginals.columns.sum(), 1e-12));
    CHECK((marginals.rows - p.a).lpNorm<1>() <= 2.0 * truncation + 1e-12);
    CHECK(marginals.missed <= truncation);
    double total = 0.0;
    for (Index i = 0; i < 150; ++i) {
      for (Index j = 0; j < 90; ++j) {
        const double cost = half_squared(p.x.row(i), p.y.row(j));
        total += p.a[i] * p.b[j] * std::exp((pair.f[i] + pair.g[j] - cost) / 0.01) * cost;
      }
    }
    CHECK(marginals.cost == relative(total, 1e-11 + 100.0 * truncation));

    const Vector u = 1.0 - 1e-3 * normal_points(150, 1, RandomStream(9)).col(0).array().abs();
    const Vector v = 1.0 - 1e-3 * normal_points(90, 1, RandomStream(10)).col(0).array().abs();
    const auto scaled = op.scaled_marginals(pair, marginals, u, v, truncation);
    const Marginals exact = op.marginals(
        {pair.f + 0.01 * u.array().log().matrix(), pair.g + 0.01 * v.array().log().matrix()},
        truncation);
    CHECK((scaled.first - exact.rows).lpNorm<1>() < 1e-9 + 2.0 * truncation);
    CHECK((scaled.second - exact.columns).lpNorm<1>() < 1e-9 + 2.0 * truncation);
  }
}
