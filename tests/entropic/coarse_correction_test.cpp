// What coarse problems mend, by what is left of an error after one more iteration.
#include "entropic/coarse_correction.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "entropic/dual_ascent.hpp"
#include "problems.hpp"

using namespace otbridge;

namespace {

constexpr Accuracy kWhole{Precision::full, 0.0};

DiscreteProblem ordered_problem(Index n, Index m, Index d, std::uint64_t seed) {
  const Points x = ordered(normal_points(n, d, RandomStream(seed))),
               y = ordered(0.7 * normal_points(m, d, RandomStream(seed + 1)));
  DiscreteProblem p{x, y, Vector::Constant(n, 1.0 / static_cast<double>(n)), {}};
  p.b = Vector::LinSpaced(m, 1.0, 3.0);
  p.b /= p.b.sum();
  return p;
}

}  // namespace

TEST_CASE("a smooth error is mended, of which an update leaves nearly all") {
  for (const Index d : {2, 3}) {
    CAPTURE(d);
    const DiscreteProblem p = ordered_problem(3000, 2500, d, 7);
    const double s2 = d == 2 ? 0.05 : 0.2;  // about what runs of eight points resolve
    AscentControl control;
    control.tolerance = 1e-8;
    const DualPair optimum = ascend({p, s2}, control).potentials;
    const Coarsening clouds(p);
    DualIterate iterate(clouds, nullptr, 0.0);
    iterate.enter({.s2 = s2, .group = 1, .tolerance = 0.0}, PrecisionPolicy(PrecisionChoice::full));
    iterate.set({optimum.f, optimum.g + 0.3 * s2 * p.y.col(0).array().sin().matrix()});
    iterate.maximise(Side::source, kWhole);

    const Vector columns = iterate.column_marginal(kWhole);
    const double error = (columns - p.b).lpNorm<1>();
    const auto left_after = [&](const Vector& step) {
      const DualPair before = iterate.pair();
      iterate.move(Side::target, step);
      iterate.maximise(Side::source, kWhole);
      const double left = (iterate.column_marginal(kWhole) - p.b).lpNorm<1>();
      iterate.set(before);
      return left;
    };
    const Vector update = -s2 * (columns.array() / p.b.array()).log();
    int words = 0;
    const auto corrected_by = [&](const CoarseCorrection::Proceed& proceed) -> Vector {
      return CoarseCorrection(iterate, proceed)(columns, proceed);
    };
    const Vector correction = corrected_by([&] { return ++words > 0; });
    const double plain = left_after(update), corrected = left_after(update + correction);
    CHECK(error > 1e-3);
    CHECK(plain > 0.5 * error);
    CHECK(corrected < 0.3 * error);

    // What is left, by the same coarse problem, which was solved for where the iterate was before.
    const CoarseCorrection kept(iterate, [] { return true; });
    const DualPair begun = iterate.pair();
    iterate.move(Side::target, update + correction);
    iterate.maximise(Side::source, kWhole);
    const Vector less = iterate.column_marginal(kWhole);
    const Vector second = -s2 * (less.array() / p.b.array()).log().matrix();
    CHECK(left_after(second + kept(less, [] { return true; })) < 0.7 * left_after(second));
    iterate.set(begun);

    // Stopped at the first word, and at the last.
    for (const int most : {0, words - 1}) {
      int asked = 0;
      const Vector none = corrected_by([&] { return ++asked <= most; });
      CHECK(none.isZero(0.0));
      CHECK(asked == most + 1);
    }
  }
}

TEST_CASE("of the exact marginals nothing is to be mended") {
  const DiscreteProblem p = ordered_problem(2000, 2000, 2, 9);
  const double s2 = 0.05;
  AscentControl control;
  control.tolerance = 1e-9;
  const Coarsening clouds(p);
  DualIterate iterate(clouds, nullptr, 0.0);
  iterate.enter({.s2 = s2, .group = 1, .tolerance = 0.0}, PrecisionPolicy(PrecisionChoice::full));
  iterate.set(ascend({p, s2}, control).potentials);
  const auto proceed = [] { return true; };
  const CoarseCorrection correction(iterate, proceed);
  CHECK(correction(p.b, proceed).cwiseAbs().maxCoeff() < 2e-2 * s2);
  // Of nearly exact ones next to nothing, though the coarse problem is solved less exactly.
  const Vector nearly = p.b.array() * (1.0 + 1e-4 * p.y.col(0).array().sin());
  const double mended = correction(nearly, proceed).cwiseAbs().maxCoeff();
  CHECK(mended > 0.0);
  CHECK(mended < 2e-2 * s2);
}

TEST_CASE("at a few points an update is what it is at all") {
  const DiscreteProblem p = ordered_problem(900, 700, 3, 10);
  const Coarsening clouds(p);
  DualIterate iterate(clouds, nullptr, 0.0);
  iterate.enter({.s2 = 0.1, .group = 1, .tolerance = 0.0}, PrecisionPolicy(PrecisionChoice::full));
  iterate.set({0.2 * p.x.col(0), 0.3 * p.y.col(1)});
  const std::vector<Index> points{3, 4, 680};
  for (const Side side : {Side::source, Side::target}) {
    const Vector some = iterate.maximum(side, points, kWhole);
    const DualPair before = iterate.pair();
    iterate.maximise(side, kWhole);
    CHECK((some - iterate.pair().of(side)(points)).cwiseAbs().maxCoeff() < 1e-13);
    iterate.set(before);
  }
  CHECK(iterate.maximum(Side::target, {}, kWhole).size() == 0);
}

TEST_CASE("in single precision marginals are as wrong as their estimate says at most") {
  const DiscreteProblem p = ordered_problem(2000, 1500, 2, 11);
  TransformOperator op(p, kernels::select_kernel_set());
  for (const double s2 : {0.5, 0.01}) {
    CAPTURE(s2);
    op.set_temperature(s2);
    DualPair pair{Vector::Zero(2000), 0.2 * p.y.col(1)};
    pair.f = op.transform(Side::source, pair, kWhole);
    const Marginals full = op.marginals(pair, 0.0),
                    single = op.marginals(pair, 0.0, Precision::single);
    CHECK(single.precision == Precision::single);
    const double rounding = op.exponent_error(pair, Precision::single);
    const double difference =
        (single.rows - full.rows).lpNorm<1>() + (single.columns - full.columns).lpNorm<1>();
    CHECK(difference > 0.0);
    CHECK(difference < rounding);
    CHECK(std::abs(single.cost - full.cost) < rounding * (full.cost + s2));
  }
}

// Long enough for measurements in single precision, and for a coarse problem.
TEST_CASE("[full] what is said of a long problem holds in double precision") {
  const DiscreteProblem p = ordered_problem(20000, 18000, 2, 13);
  const double s2 = 0.02;
  AscentControl loose, tight;
  loose.tolerance = 1e-3;
  tight.tolerance = 1e-7;
  const AscentAnswer answer = ascend({p, s2}, loose), truth = ascend({p, s2}, tight);
  REQUIRE(answer.outcome == AscentOutcome::converged);
  REQUIRE(truth.outcome == AscentOutcome::converged);
  TransformOperator op(p, kernels::select_kernel_set());
  op.set_temperature(s2);
  const Marginals marginals = op.marginals(answer.potentials, 0.0);
  const Certificate& said = answer.certificate;
  const double source = (marginals.rows - p.a).lpNorm<1>();
  CHECK(source <= said.marginals.source);
  CHECK((marginals.columns - p.b).lpNorm<1>() <= said.marginals.target);
  CHECK(said.marginals.larger() <= loose.tolerance);
  CHECK(said.dual_value <= truth.certificate.value + truth.certificate.gap);
  CHECK(said.dual_value + said.gap >= truth.certificate.dual_value);
  CHECK(said.gap < 0.02 * said.value);

  // What rounding may do is added where that was in single precision, and not where it was not.
  const double rounding = op.exponent_error(answer.potentials, Precision::single);
  CHECK(said.marginals.source - source >= 0.9 * rounding);
  loose.precision = PrecisionChoice::full;
  const AscentAnswer full = ascend({p, s2}, loose);
  const Vector rows = op.marginals(full.potentials, 0.0).rows;
  CHECK(full.certificate.marginals.source - (rows - p.a).lpNorm<1>() < 0.9 * rounding);
}

// Their columns are lost in what sums leave out.
TEST_CASE("[full] points of next to no weight, far from the others, of a long problem") {
  // A few, and whole tiles of them.
  for (const Index count : {Index{8}, 2 * kTileSize}) {
    CAPTURE(count);
    DiscreteProblem p = ordered_problem(20000, 18000, 2, 13);
    for (Index j = 18000 - count; j < 18000; ++j) {
      p.y.row(j) = Eigen::RowVector2d(2.5, static_cast<double>(18000 - j) * 1e-5);
      p.b[j] = 1e-40;
    }
    p.b /= p.b.sum();
    AscentControl control;
    control.tolerance = 2e-4;
    const AscentAnswer answer = ascend({p, 0.02}, control);
    CHECK(answer.outcome == AscentOutcome::converged);
    CHECK(answer.potentials.f.allFinite());
    CHECK(answer.potentials.g.allFinite());
    CHECK(answer.certificate.gap < 0.02 * answer.certificate.value);
  }
}
