#include "neural/bridge_pairs.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <cmath>

#include "../thread_ranks.hpp"
#include "designs.hpp"
#include "otbridge/core/parallel.hpp"

using namespace otbridge;

namespace {

// The laws of plane_design, N(0, 1) and N(1, 4) in each coordinate, epsilon 0.7, theta 0.
constexpr double kEpsilon = 0.7;
// Covariance of the ends of their Schroedinger bridge, (sqrt(4 S0 S1 + eps^2) - eps) / 2.
const double kCoupled = 0.5 * (std::sqrt(16.0 + kEpsilon * kEpsilon) - kEpsilon);

// Gaussian ends of a covariance. far: which end is drawn first, for which levels may be given: the
// potential over epsilon, whose derivative is (far - E[near | far]) / epsilon.
class GaussianEnds final : public EndpointSource {
 public:
  GaussianEnds(double covariance, Direction direction, bool levels)
      : covariance_(covariance), direction_(direction), levels_(levels) {}

  Endpoints draw(Index n, const RandomStream& stream) const override {
    const Points z = normal_points(n, 2, stream, 0), w = normal_points(n, 2, stream, 1);
    const double c = covariance_;
    Endpoints ends;
    Points level;
    if (direction_ == Direction::forward) {
      ends.target = 1.0 + 2.0 * z.array();
      const double slope = c / 4.0;
      ends.source = slope * (ends.target.array() - 1.0) + std::sqrt(1.0 - c * slope) * w.array();
      const auto y = ends.target.array();
      level = (0.5 * y.square() - slope * (0.5 * y.square() - y)) / kEpsilon;
    } else {
      ends.source = z;
      ends.target = 1.0 + c * z.array() + std::sqrt(4.0 - c * c) * w.array();
      const auto x = ends.source.array();
      level = (0.5 * x.square() - x - 0.5 * c * x.square()) / kEpsilon;
    }
    if (levels_) ends.far_levels = level.rowwise().sum();
    ends.far_mean = [this](double, ConstPoints) {
      ++asked;
      return std::nullopt;
    };
    return ends;
  }

  mutable std::atomic<int> asked = 0;  // for means, one time each job

 private:
  double covariance_;
  Direction direction_;
  bool levels_;
};

// Ends that are points: the mean of every bridge is known.
class PointEnds final : public EndpointSource {
 public:
  Endpoints draw(Index n, const RandomStream&) const override {
    Endpoints ends;
    ends.source = Points::Constant(n, 2, -1.0);
    ends.target = Points::Constant(n, 2, 3.0);
    return ends;
  }
};

struct Regression1d {
  double intercept, slope, noise;  // of the drift on the state, both coordinates; noise: variance
};

// What the pairs of a node say, decoded from the network's units.
Regression1d regression_at(const PairCache& cache, const DriftNetwork& network, double t) {
  Rows<float> inputs(2 * cache.pairs(), 6), targets(2 * cache.pairs(), 2);
  cache.batch(0, inputs, targets);
  const auto slice = network.slice(t);
  double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0, syy = 0;
  for (Index i = 0; i < inputs.rows(); ++i) {
    if (!(inputs.row(i).tail(4) == slice.embedding.cast<float>())) continue;
    for (Index k = 0; k < 2; ++k) {
      const double x = inputs(i, k) / slice.inverse_spread[k] + slice.shift[k];
      const double y = targets(i, k) * slice.scale[k] + slice.slope[k] * x + slice.offset[k];
      n += 1, sx += x, sy += y, sxx += x * x, sxy += x * y, syy += y * y;
    }
  }
  REQUIRE(n > 1000);
  const double slope = (sxy - sx * sy / n) / (sxx - sx * sx / n);
  const double intercept = (sy - slope * sx) / n;
  return {intercept, slope, (syy - intercept * sy - slope * sxy) / n};
}

}  // namespace

// The conditional mean of a Gaussian bridge is linear: E[far | X_t] in closed form, from it the
// drift.
TEST_CASE("bridge pairs have the drift of the Markov projection as their mean") {
  constexpr Index kSteps = 5;
  const auto design = plane_design(0.0, kSteps);
  for (const auto direction : {Direction::forward, Direction::backward}) {
    const bool forward = direction == Direction::forward;
    const DriftNetwork network(design, direction);
    // Independent ends, and those of the Schroedinger bridge without and with its potential.
    struct Kind {
      double covariance;
      bool levels;
    };
    for (const Kind kind : {Kind{0.0, false}, Kind{kCoupled, false}, Kind{kCoupled, true}}) {
      double single_noise = 0.0;
      for (const Index candidates : {1, 50}) {
        PairCache cache(network);
        const GaussianEnds ends(kind.covariance, direction, kind.levels);
        const BridgePairs pairs(*design, direction, ends, candidates);
        CHECK(pairs.path_steps() == kSteps);
        pairs.fill({20000, 2}, RandomStream(5), cache);
        CHECK(cache.pairs() == 20000 * kSteps / 2);
        CHECK(cache.finite());
        cache.shuffle(RandomStream(6));
        const double t = forward ? 0.4 : 0.6, s = 1.0 - t, c = kind.covariance;
        const double variance = s * s + 4.0 * t * t + 2.0 * s * t * c + kEpsilon * t * s;
        const double far_slope = (forward ? s * c + 4.0 * t : s + t * c) / variance;
        // Forward (E[x1 | x] - x) / (1 - t), mean t at time t; backward (E[x0 | x] - x) / t.
        const double left = forward ? s : t;
        const double slope = (far_slope - 1.0) / left;
        const double intercept = ((forward ? 1.0 : 0.0) - far_slope * t) / left;
        const Regression1d found = regression_at(cache, network, t);
        CAPTURE(forward);
        CAPTURE(kind.covariance);
        CAPTURE(kind.levels);
        CAPTURE(candidates);
        // 40000 numbers a node, residual deviation below 3: six standard errors.
        CHECK(std::abs(found.slope - slope) < 0.09);
        CHECK(std::abs(found.intercept - intercept) < 0.12);
        if (candidates == 1) single_noise = found.noise;
        if (candidates > 1) CHECK(found.noise < 0.5 * single_noise);
      }
    }
  }
}

TEST_CASE("the two states of a pair are mirror images about the mean of their bridge") {
  constexpr Index kSteps = 4, kPaths = 300;
  const auto design = plane_design(0.0, kSteps);
  for (const auto direction : {Direction::forward, Direction::backward}) {
    const DriftNetwork network(design, direction);
    PairCache cache(network);
    BridgePairs(*design, direction, PointEnds(), 1).fill({kPaths, kSteps}, RandomStream(5), cache);
    REQUIRE(cache.pairs() == kPaths);
    cache.shuffle(RandomStream(6));
    Rows<float> inputs(2 * kPaths, 6), targets(2 * kPaths, 2);
    cache.batch(0, inputs, targets);
    Index found = 0;
    for (Index k = 0; k < kSteps; ++k) {
      // The times at which a chain of this direction is asked for its drift.
      const double t =
          direction == Direction::forward ? design->grid.time(k) : design->grid.time(k + 1);
      const auto slice = network.slice(t);
      const double mean = -1.0 + 4.0 * t;
      double spread = 0.0, worst = 0.0;
      Index here = 0;
      for (Index p = 0; p < kPaths; ++p) {
        if (!(inputs.row(2 * p).tail(4) == slice.embedding.cast<float>())) continue;
        const auto state = [&](Index row) -> RowVector {
          return inputs.row(row).head(2).cast<double>().cwiseQuotient(slice.inverse_spread) +
                 slice.shift;
        };
        const RowVector first = state(2 * p), second = state(2 * p + 1);
        worst = std::max(worst, (0.5 * (first + second).array() - mean).abs().maxCoeff());
        spread += (first.array() - mean).square().mean();
        ++here;
      }
      found += here;
      CHECK(worst < 1e-5);
      const double variance = kEpsilon * t * (1.0 - t);
      // 75 pairs of two coordinates: five standard errors.
      CHECK(std::abs(spread / static_cast<double>(here) - variance) < 0.6 * variance + 1e-9);
    }
    CHECK(found == kPaths);
  }
}

TEST_CASE("bridge pairs do not depend on the number of threads or ranks, which share them") {
  const auto design = plane_design(0.8, 7);
  const DriftNetwork network(design, Direction::forward);
  const auto filled = [&](const GaussianEnds& ends) {
    PairCache cache(network);
    BridgePairs(*design, Direction::forward, ends, 30).fill({100, 3}, RandomStream(5), cache);
    cache.shuffle(RandomStream(6));
    Rows<float> inputs(2 * cache.pairs(), 6), targets(2 * cache.pairs(), 2);
    cache.batch(0, inputs, targets);
    return std::pair(inputs, targets);
  };
  const GaussianEnds ends(0.5, Direction::forward, false);
  const ThreadScope one(1);
  const auto expected = filled(ends);
  for (const int threads : {2, 3}) {
    const ThreadScope scope(threads);
    CHECK(filled(ends) == expected);
  }
  // Four blocks of paths at seven nodes.
  CHECK(ends.asked.exchange(0) == 3 * 28);
  for (const auto& rank : results_on_ranks(3, [&] { return filled(ends); })) {
    CHECK(rank == expected);
  }
  CHECK(ends.asked == 28);
}
