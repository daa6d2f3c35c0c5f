// The kept pairs against loops over all pairs.
#include "sweep/kept_pairs.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "../relative.hpp"
#include "clouds.hpp"
#include "otbridge/core/parallel.hpp"

using namespace otbridge;

namespace {

constexpr Index kRows = 130, kColumns = 90;

struct Setting {
  Points x = ordered(clustered(kRows, 3, 1, 2.0)), y = ordered(clustered(kColumns, 3, 5, 2.0));
  Vector a = Vector::LinSpaced(kRows, 1.0, 3.0), b = Vector::LinSpaced(kColumns, 2.0, 1.0);
  Vector f = Vector::Zero(kRows), g = Vector::Zero(kColumns);
  double s2 = 0.3;
  kernels::KernelSet set = kernels::select_kernel_set();

  Setting() {
    a /= a.sum();
    b /= b.sum();
    // The hard c-transform of 0: each column has a row at reduced cost 0.
    for (Index j = 0; j < kColumns; ++j) {
      g[j] = cost(0, j);
      for (Index i = 0; i < kRows; ++i) g[j] = std::min(g[j], cost(i, j));
    }
  }
  double cost(Index i, Index j) const { return 0.5 * (x.row(i) - y.row(j)).squaredNorm(); }
  double entry(Index i, Index j, const Vector& u, const Vector& v) const {
    return a[i] * b[j] * std::exp((u[i] + v[j] - cost(i, j)) / s2);
  }
};

}  // namespace

TEST_CASE("pairs within reach are kept, in both orders, and no other") {
  const Setting s;
  const double reach = 4.0;
  const KeptPairs kept(CostSweep(s.x, s.y), s.f, s.g, reach);
  Index count = 0;
  for (Index i = 0; i < kRows; ++i) {
    Index k = kept.by_row().begin[to_size(i)];
    for (Index j = 0; j < kColumns; ++j) {
      if (s.cost(i, j) - s.f[i] - s.g[j] >= reach) continue;
      ++count;
      REQUIRE(k < kept.by_row().begin[to_size(i) + 1]);
      CHECK(kept.by_row().others[to_size(k)] == j);
      CHECK(kept.by_row().costs[to_size(k)] == s.cost(i, j));
      ++k;
    }
    CHECK(k == kept.by_row().begin[to_size(i) + 1]);
  }
  CHECK(count > kRows);
  CHECK(count < kRows * kColumns / 2);
  CHECK(kept.by_column().pairs() == count);
  const double estimate = KeptPairs::estimate(CostSweep(s.x, s.y), s.f, s.g, reach);
  CHECK(estimate > 0.5 * static_cast<double>(count));
  CHECK(estimate < 2.0 * static_cast<double>(count));
}

TEST_CASE("sums over kept pairs are those over all pairs, less what is bounded") {
  const Setting s;
  const KeptPairs kept(CostSweep(s.x, s.y), s.f, s.g, 6.0);
  // Potentials that have moved since.
  const Vector u = s.f + 0.4 * s.s2 * normal_points(kRows, 1, RandomStream(3)).col(0);
  const Vector v = s.g + 0.4 * s.s2 * normal_points(kColumns, 1, RandomStream(4)).col(0);
  const KeptPairs::LeftOut bound = kept.left_out(s.a, u, s.b, v, s.s2);
  const Vector h = v + s.s2 * s.b.array().log().matrix(), e = u + s.s2 * s.a.array().log().matrix();
  const Vector soft = kept.by_row().soft_minimum(s.set, h, s.s2);
  const KeptPlan plan = kept.plan(s.set, e, h, s.s2);
  const Vector ones = Vector::Ones(kColumns), rows = plan.times(ones);
  const Vector columns = plan.transposed_times(Vector::Ones(kRows));
  double left_out = 0.0, largest_share = 0.0;
  for (Index i = 0; i < kRows; ++i) {
    double kept_sum = 0.0, lost = 0.0;
    for (Index j = 0; j < kColumns; ++j) {
      (s.cost(i, j) - s.f[i] - s.g[j] < 6.0 ? kept_sum : lost) += s.entry(i, j, u, v);
    }
    CHECK(std::abs(rows[i] - kept_sum) <= 1e-12 * kept_sum);
    if (kept_sum > 0.0)
      CHECK(soft[i] == relative(u[i] - s.s2 * std::log(kept_sum / s.a[i]), 1e-11));
    left_out += lost;
    largest_share = std::max(largest_share, lost / s.a[i]);
  }
  CHECK(left_out > 0.0);
  CHECK(left_out <= bound.mass);
  CHECK(largest_share <= bound.share);
  for (Index j = 0; j < kColumns; ++j) {
    double sum = 0.0;
    for (Index i = 0; i < kRows; ++i) {
      if (s.cost(i, j) - s.f[i] - s.g[j] < 6.0) sum += s.entry(i, j, u, v);
    }
    CHECK(std::abs(columns[j] - sum) <= 1e-12 * sum);
  }
  // A row that nothing is kept of says so.
  Vector far = s.f;
  far[7] = -1e6;
  const KeptPairs without(CostSweep(s.x, s.y), far, s.g, 6.0);
  CHECK(std::isinf(without.by_row().soft_minimum(s.set, h, s.s2)[7]));
}

TEST_CASE("sums over kept pairs are the same for any number of threads") {
  const Points x = ordered(clustered(3000, 2, 1, 2.0)), y = ordered(clustered(2000, 2, 5, 2.0));
  const Vector f = Vector::Zero(3000), g = Vector::Zero(2000);
  std::vector<Vector> found;
  for (const int threads : {1, 2, 3}) {
    const ThreadScope scope(threads);
    const KeptPairs kept(CostSweep(x, y), f, g, 1.0);
    const KeptPlan plan = kept.plan(kernels::select_kernel_set(), f, g, 0.1);
    Vector all(5000);
    all << plan.times(Vector::LinSpaced(2000, 0.0, 1.0)),
        kept.by_column().soft_minimum(kernels::select_kernel_set(), f, 0.1);
    found.push_back(all);
  }
  CHECK(found[0].head(3000).sum() > 0.0);
  CHECK(found[1] == found[0]);
  CHECK(found[2] == found[0]);
}
