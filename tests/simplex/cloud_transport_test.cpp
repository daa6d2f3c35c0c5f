// The optimum, its flows and its certificate, against plain loops over all pairs and permutations.
#include "simplex/cloud_transport.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "../relative.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/parallel.hpp"
#include "otbridge/core/random.hpp"
#include "simplex/network_simplex.hpp"

using namespace otbridge;

namespace {

constexpr double kTiny = 1e-13;

double cost(const WeightedPoints& mu, const WeightedPoints& nu, Index i, Index j, double decay) {
  return 0.5 * (nu.points().row(j) - decay * mu.points().row(i)).squaredNorm();
}

// Primal and dual feasible, and of the same value: optimal, whatever the solver did.
void check_optimal(const CloudTransport& found, const WeightedPoints& mu, const WeightedPoints& nu,
                   double decay = 1.0) {
  CHECK(found.outcome == SimplexOutcome::optimal);
  Vector row = Vector::Zero(mu.size()), column = Vector::Zero(nu.size());
  double total = 0.0, largest = 0.0, worst = 0.0;
  for (const auto& flow : found.flows) {
    CHECK(flow.mass > 0.0);
    row[flow.source] += flow.mass;
    column[flow.target] += flow.mass;
    total += flow.mass * cost(mu, nu, flow.source, flow.target, decay);
  }
  for (Index i = 0; i < mu.size(); ++i) {
    for (Index j = 0; j < nu.size(); ++j) {
      const double c = cost(mu, nu, i, j, decay);
      largest = std::max(largest, c);
      worst = std::max(worst, found.f[i] + found.g[j] - c);
    }
  }
  CHECK(found.flows.size() < static_cast<std::size_t>(mu.size() + nu.size()));
  CHECK((row - mu.weights()).lpNorm<1>() < kTiny);
  CHECK((column - nu.weights()).lpNorm<1>() < kTiny);
  CHECK(worst <= kTiny * largest);
  CHECK(found.worst_violation <= kTiny * largest);
  CHECK(std::abs(found.cost - total) <= kTiny * largest);
  CHECK(std::abs(found.cost - found.dual_value) <= kTiny * largest);
  const double dual = found.f.dot(mu.weights()) + found.g.dot(nu.weights());
  CHECK(std::abs(found.dual_value - dual) <= kTiny * largest);
}

double best_permutation(const Points& x, const Points& y) {
  std::vector<Index> order(static_cast<std::size_t>(x.rows()));
  std::iota(order.begin(), order.end(), Index{0});
  double best = 1e300;
  do {
    double total = 0.0;
    for (Index i = 0; i < x.rows(); ++i) {
      total += 0.5 * (x.row(i) - y.row(order[static_cast<std::size_t>(i)])).squaredNorm();
    }
    best = std::min(best, total / static_cast<double>(x.rows()));
  } while (std::next_permutation(order.begin(), order.end()));
  return best;
}

WeightedPoints solve_and_check(const Points& x, const Points& y) {
  const WeightedPoints mu(x), nu(y);
  check_optimal(transport_clouds(mu, nu), mu, nu);
  return mu;
}

Vector random_weights(Index n, const RandomStream& stream, Index zero_every) {
  Vector weights(n);
  for (Index i = 0; i < n; ++i) {
    weights[i] = i % zero_every == 0 ? 0.0 : stream.uniform(i, 3, 0);
  }
  return weights;
}

bool equal(const CloudTransport& p, const CloudTransport& q) {
  return p.pivots == q.pivots && p.cost == q.cost && p.dual_value == q.dual_value && p.f == q.f &&
         p.g == q.g && std::ranges::equal(p.flows, q.flows, [](const auto& a, const auto& b) {
           return a.source == b.source && a.target == b.target && a.mass == b.mass;
         });
}

}  // namespace

TEST_CASE("up to 7 points: the best of all permutations") {
  for (Index n = 1; n <= 7; ++n) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      const Points x = normal_points(n, 2, RandomStream(seed)),
                   y = normal_points(n, 2, RandomStream(seed + 100));
      const WeightedPoints mu(x), nu(y);
      const CloudTransport found = transport_clouds(mu, nu);
      CHECK(found.cost == relative(best_permutation(x, y), 1e-12));
      check_optimal(found, mu, nu);
    }
  }
}

TEST_CASE("clouds of several levels, in dimensions from 1 to 20, are certified by plain loops") {
  for (const Index d : {1, 2, 3, 5, 20}) {
    const Points x = normal_points(700, d, RandomStream(1)),
                 y = 0.5 * normal_points(500, d, RandomStream(2)).array() + 1.0;
    solve_and_check(x, y);
  }
}

TEST_CASE("weights, zeros among them, unequal sizes and a decay") {
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const RandomStream stream(seed);
    const WeightedPoints mu(normal_points(260, 3, stream), random_weights(260, stream, 7)),
        nu(normal_points(390, 3, stream.fork(1)), random_weights(390, stream.fork(2), 5));
    for (const double decay : {1.0, 0.3, 0.0}) {
      check_optimal(transport_clouds(mu, nu, decay), mu, nu, decay);
    }
  }
}

TEST_CASE("weights over many magnitudes") {
  const RandomStream stream(3);
  Vector a(200), b(150);
  for (Index i = 0; i < 200; ++i) a[i] = std::exp(-40.0 * stream.uniform(i, 0, 0));
  for (Index j = 0; j < 150; ++j) b[j] = j < 20 ? 1e-30 : 1.0;
  const WeightedPoints mu(normal_points(200, 2, stream), a),
      nu(normal_points(150, 2, stream.fork(1)), b);
  check_optimal(transport_clouds(mu, nu), mu, nu);
}

TEST_CASE("one point against many, either way") {
  const Points many = normal_points(1000, 2, RandomStream(4)), one{{0.5, -1.0}};
  solve_and_check(one, many);
  solve_and_check(many, one);
  solve_and_check(one, one);
  solve_and_check(normal_points(3, 2, RandomStream(5)), many);
}

TEST_CASE("ties: lattices, duplicates, collinear and identical points") {
  Points lattice(900, 2), shifted(900, 2);
  for (Index i = 0; i < 900; ++i) lattice.row(i) << double(i % 30), double(i / 30);
  shifted = lattice.rowwise() + Eigen::RowVector2d(7.0, 3.0);
  solve_and_check(lattice, shifted);
  solve_and_check(lattice, lattice);
  solve_and_check(lattice.topRows(450), shifted);
  const Points rounded = (normal_points(600, 2, RandomStream(6)).array() * 2.0).round();
  solve_and_check(rounded, lattice);
  Points line = Points::Zero(500, 3);
  line.col(1) = normal_points(500, 1, RandomStream(7));
  solve_and_check(line, normal_points(400, 3, RandomStream(8)));
  const Points same = Points::Constant(500, 3, 0.1);
  solve_and_check(same, same);
  solve_and_check(same, normal_points(300, 3, RandomStream(9)));
  CHECK(transport_clouds(WeightedPoints(same), WeightedPoints(same)).cost == 0.0);
}

TEST_CASE("clouds that nearly coincide are matched point by point") {
  const Points x = normal_points(400, 2, RandomStream(10));
  for (const double noise : {1e-4, 1e-9}) {
    const Points y = x + noise * normal_points(400, 2, RandomStream(11));
    const double expected = 0.5 * (x - y).squaredNorm() / 400.0;
    CHECK(transport_clouds(WeightedPoints(x), WeightedPoints(y)).cost == relative(expected, 1e-9));
  }
}

TEST_CASE("sizes of 1e150 and offsets of 1e6 are no difficulty; beyond the range is refused") {
  const Points x = normal_points(300, 2, RandomStream(12)),
               y = normal_points(300, 2, RandomStream(13));
  const double plain = transport_clouds(WeightedPoints(x), WeightedPoints(y)).cost;
  const double scale = 0x1p498;  // 8e149
  const double large =
      transport_clouds(WeightedPoints(Points(scale * x)), WeightedPoints(Points(scale * y))).cost;
  CHECK(large == scale * scale * plain);
  const Points far_x = x.array() + 1e6, far_y = y.array() + 1e6;
  CHECK(transport_clouds(WeightedPoints(far_x), WeightedPoints(far_y)).cost ==
        relative(plain, 1e-8));
  CHECK_THROWS_AS(transport_clouds(WeightedPoints(Points(1e160 * x)), WeightedPoints(y)),
                  InvalidInput);
}

TEST_CASE("on the line the sorted clouds are matched") {
  const Index n = 3000;
  const Points x = normal_points(n, 1, RandomStream(14)),
               y = 2.0 * normal_points(n, 1, RandomStream(15)).array() + 3.0;
  Vector p = x.col(0), q = y.col(0);
  std::ranges::sort(p);
  std::ranges::sort(q);
  CHECK(transport_clouds(WeightedPoints(x), WeightedPoints(y)).cost ==
        relative(0.5 * (p - q).squaredNorm() / double(n), 1e-12));
}

TEST_CASE("the number of threads changes no bit") {
  for (const Index n : {900, 1400}) {  // the larger ones begin with an auction
    const WeightedPoints mu(normal_points(n, 3, RandomStream(16))),
        nu(normal_points(n - 200, 3, RandomStream(17)));
    const auto with = [&](int count) {
      const ThreadScope threads(count);
      return transport_clouds(mu, nu);
    };
    const CloudTransport alone = with(1);
    for (const int count : {2, 5}) CHECK(equal(with(count), alone));
  }
}

TEST_CASE("more than a thousand points: an auction comes first, plain loops certify") {
  const RandomStream stream(30);
  const auto modes = [&](Index n) {
    Points points = 0.1 * normal_points(n, 2, stream.fork(1));
    for (Index i = 0; i < n; ++i) points(i, i % 2) += i % 4 < 2 ? 2.0 : -2.0;
    return points;
  };
  Points square(2100, 2);
  for (Index i = 0; i < 2100; ++i)
    square.row(i) << stream.uniform(i, 0, 0), stream.uniform(i, 0, 1);
  solve_and_check(square, modes(2100));
  solve_and_check(square, modes(1300));
  solve_and_check(normal_points(1300, 10, stream), normal_points(1300, 10, stream.fork(2)));
  // Heavy points among light ones, over many magnitudes.
  Vector heavy = Vector::Ones(1500);
  for (Index i = 0; i < 1500; ++i) heavy[i] = std::exp(-30.0 * stream.uniform(i, 1, 0));
  const WeightedPoints mu(normal_points(1500, 3, stream), heavy),
      nu(normal_points(1200, 3, stream.fork(3)), random_weights(1200, stream.fork(4), 1201));
  check_optimal(transport_clouds(mu, nu), mu, nu);
  check_optimal(transport_clouds(nu, mu), nu, mu);
}

TEST_CASE("images: masses on one lattice of pixels, with many ties") {
  const RandomStream stream(31);
  const Index side = 36;
  Points pixels(side * side, 2);
  for (Index k = 0; k < pixels.rows(); ++k) pixels.row(k) << double(k % side), double(k / side);
  Vector noise(pixels.rows()), blob(pixels.rows());
  for (Index k = 0; k < pixels.rows(); ++k) {
    noise[k] = double(1 + stream.below(255, k, 0, 0));
    blob[k] =
        std::round(255.0 * std::exp(-0.01 * (pixels.row(k).array() - 12.0).square().sum())) + 1.0;
  }
  const WeightedPoints mu(pixels, noise), nu(pixels, blob), flat(pixels);
  check_optimal(transport_clouds(mu, nu), mu, nu);
  check_optimal(transport_clouds(nu, mu), nu, mu);
  check_optimal(transport_clouds(nu, flat), nu, flat);
}

TEST_CASE("as many points of equal mass, few: certified by plain loops, at every size of a tile") {
  for (const Index n : {2, 31, 32, 33, 64, 130, 257, 512}) {
    for (const Index d : {2, 3, 10}) {
      const Points x = normal_points(n, d, RandomStream(1)),
                   y = 0.5 * normal_points(n, d, RandomStream(2)).array() + 1.0;
      solve_and_check(x, y);
    }
  }
  Points lattice(400, 2);
  for (Index i = 0; i < 400; ++i) lattice.row(i) << double(i % 20), double(i / 20);
  solve_and_check(lattice, lattice);
  solve_and_check(lattice, lattice.rowwise() + Eigen::RowVector2d(7.0, 3.0));
  solve_and_check(lattice, 1e-9 * lattice);
}

TEST_CASE("of distances as costs too the two values meet, over feasible potentials") {
  for (const Index n : {200, 600}) {
    const Points x = normal_points(n, 3, RandomStream(20)),
                 y = normal_points(n, 3, RandomStream(21));
    const CloudTransport found =
        transport_clouds(WeightedPoints(x), WeightedPoints(y), 1.0, {}, Ground::distance);
    CHECK(found.outcome == SimplexOutcome::optimal);
    double worst = 0.0;
    for (Index i = 0; i < n; ++i) {
      const Vector costs = (y.rowwise() - x.row(i)).rowwise().norm();
      worst = std::max(worst, (found.f[i] + found.g.array() - costs.array()).maxCoeff());
    }
    CHECK(worst <= kTiny);
    CHECK(std::abs(found.cost - found.dual_value) <= kTiny);
  }
}

TEST_CASE("a limit or a wish to stop leaves a feasible plan and a feasible dual") {
  // Few points by augmenting paths, more by pivots, still more after an auction.
  for (const Index n : {400, 900, 1200}) {
    const WeightedPoints mu(normal_points(n, 2, RandomStream(18))),
        nu(normal_points(n, 2, RandomStream(19)));
    const CloudTransport best = transport_clouds(mu, nu);
    const auto check = [&](const CloudTransport& found, SimplexOutcome outcome) {
      CHECK(found.outcome == outcome);
      CHECK(found.marginal_error_source < kTiny);
      CHECK(found.marginal_error_target < kTiny);
      CHECK(found.cost >= best.cost * (1.0 - 1e-12));
      CHECK(found.dual_value <= best.cost * (1.0 + 1e-12));
      for (Index i = 0; i < mu.size(); ++i) {
        for (Index j = 0; j < nu.size(); ++j) {
          if (found.f[i] + found.g[j] > cost(mu, nu, i, j, 1.0) + 1e-12) FAIL("infeasible");
        }
      }
    };
    for (const Index pivots : {Index{0}, Index{1}, Index{100}, best.pivots / 2, best.pivots - 1}) {
      check(transport_clouds(mu, nu, 1.0, {.pivots = pivots}), SimplexOutcome::pivot_limit);
    }
    for (int calls_left : {0, 3, 5, n > 1024 ? 9 : 5}) {
      const auto proceed = [&](const SimplexProgress& progress) {
        CHECK((progress.fraction >= 0.0 && progress.fraction <= 1.0));
        return calls_left-- > 0;
      };
      check(transport_clouds(mu, nu, 1.0, {.proceed = proceed}), SimplexOutcome::stopped);
    }
  }
}

TEST_CASE("a stop in haste, at any moment, ships all the masses") {
  const WeightedPoints mu(normal_points(1400, 2, RandomStream(24)));
  const WeightedPoints nu(normal_points(1300, 2, RandomStream(25)).array().cube().matrix());
  int answered = 0;
  for (int calls = 0; answered == 0 && calls < 400; ++calls) {
    int left = calls;
    const CloudTransport found =
        transport_clouds(mu, nu, 1.0,
                         {.proceed = [&](const SimplexProgress&) { return left-- > 0; },
                          .in_haste = [] { return true; }});
    if (found.outcome == SimplexOutcome::optimal) ++answered;
    CHECK(found.marginal_error_source < kTiny);
    CHECK(found.marginal_error_target < kTiny);
  }
  CHECK(answered == 1);  // the moments before it are all there are
}

TEST_CASE("an assignment that is ended early is one all the same") {
  const Index n = 100;
  const SimplexProblem problem{normal_points(n, 2, RandomStream(22)),
                               normal_points(n, 2, RandomStream(23)), std::vector<Mass>(100, 1),
                               std::vector<Mass>(100, 1)};
  for (const Index pivots : {0, 1, 20}) {
    const SimplexAnswer found = solve_simplex(problem, {.pivots = pivots});
    std::set<TransportTree::Node> sources, sinks;
    for (const auto& flow : found.flows) {
      CHECK(flow.amount == 1);
      sources.insert(flow.source);
      sinks.insert(flow.sink);
    }
    CHECK(sources.size() == 100);
    CHECK(sinks.size() == 100);
  }
}

TEST_CASE("on the line the optimum is monotone, and proved by its potentials") {
  const RandomStream stream(5);
  // Ties, masses that end together, one point against many, other weights.
  Points steps(6, 1);
  steps << 0, 0, 1, 1, 2, 5;
  const WeightedPoints ties(steps), more(Points(steps.array() + 0.5), Vector{{1, 2, 3, 1, 2, 3}});
  const WeightedPoints drawn(normal_points(300, 1, stream));
  const WeightedPoints other(normal_points(200, 1, stream.fork(1)),
                             normal_points(200, 1, stream.fork(2)).cwiseAbs().col(0));
  const WeightedPoints one(Points::Constant(1, 1, 3.0));
  for (const auto& [mu, nu] : {std::pair{&ties, &more},
                               {&drawn, &other},
                               {&one, &drawn},
                               {&drawn, &drawn},
                               {&ties, &ties}}) {
    for (const double decay : {1.0, 0.3})
      check_optimal(transport_clouds(*mu, *nu, decay), *mu, *nu, decay);
  }
  // Against permutations, and in the other metric against the area between distribution functions.
  const Points x = normal_points(7, 1, stream.fork(3)), y = normal_points(7, 1, stream.fork(4));
  const CloudTransport found = transport_clouds(WeightedPoints(x), WeightedPoints(y));
  CHECK(std::abs(found.cost - best_permutation(x, y)) < kTiny);
  Vector a = x.col(0), b = y.col(0);
  std::ranges::sort(a);
  std::ranges::sort(b);
  const CloudTransport distance =
      transport_clouds(WeightedPoints(x), WeightedPoints(y), 1.0, {}, Ground::distance);
  CHECK(std::abs(distance.cost - (a - b).lpNorm<1>() / 7.0) < kTiny);
  CHECK(std::abs(distance.cost - distance.dual_value) < kTiny);
}
