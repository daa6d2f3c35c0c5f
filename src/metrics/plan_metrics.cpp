#include "otbridge/metrics/plan_metrics.hpp"

#include <algorithm>
#include <cmath>

#include "core/half_squared.hpp"
#include "measure/moments.hpp"
#include "metrics/some_rows.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/parallel.hpp"
#include "otbridge/metrics/two_sample.hpp"
#include "otbridge/metrics/wasserstein.hpp"

namespace otbridge {
namespace {

constexpr Index kDirections = 128;
constexpr Index kEnergySteps = 50;
constexpr Index kEnergyPaths = 2000;

// Calls body(begin, block) for the dense rows of pi from begin on, a few at a time.
template <class Body>
void for_each_block(const Coupling& coupling, Body&& body) {
  constexpr Index kBlock = 256;
  const Index n = coupling.source_weights().size();
  for (Index begin = 0; begin < n; begin += kBlock)
    body(begin, coupling.rows(begin, std::min(n, begin + kBlock)));
}

bool same(const Points& a, const Points& b) {
  return a.rows() == b.rows() && a.cols() == b.cols() && a == b;
}

// Where a plan takes a law, and E|x - y|^2 / 2 on the way.
struct Pushforward {
  WeightedPoints law;
  double cost;
};

// Of the coupling's own source, without drawing.
Pushforward pushforward(const Coupling& coupling) {
  const Points &x = coupling.source_points(), &y = coupling.target_points();
  Vector columns = Vector::Zero(y.rows());
  double cost = 0.0;
  for_each_block(coupling, [&](Index begin, const Matrix& block) {
    // By columns, as they lie in memory. The cost is that of differences, entry by entry: a point
    // that stays costs nothing, not even rounding.
    cost += parallel_sum(block.cols(), 64, [&](Index first, Index last) {
      double sum = 0.0;
      for (Index j = first; j < last; ++j) {
        for (Index i = 0; i < block.rows(); ++i) {
          if (block(i, j) == 0.0) continue;
          columns[j] += block(i, j);
          sum += block(i, j) * half_squared(x.row(begin + i), y.row(j));
        }
      }
      return sum;
    });
  });
  return {WeightedPoints(y, columns), cost};
}

void tell(const Begins& begins, const char* part) {
  if (begins) begins(part);
}

// W2 and W1 of the chosen rows, the others of all; of the stream: the directions.
CloudDistances distances(const WeightedPoints& law, const std::vector<Index>& from_rows,
                         const WeightedPoints& target, const std::vector<Index>& to_rows,
                         const RandomStream& stream, const Begins& begins) {
  CloudDistances found;
  found.w2_samples = static_cast<Index>(std::max(from_rows.size(), to_rows.size()));
  const WeightedPoints from = restricted(law, from_rows), to = restricted(target, to_rows);
  tell(begins, "W2");
  found.w2 = wasserstein2(from, to);
  tell(begins, "W1");
  found.w1 = wasserstein1(from, to);
  tell(begins, "sliced W2");
  found.sliced_w2 = sliced_wasserstein2(law, target, kDirections, stream);
  tell(begins, "energy distance");
  found.energy_distance = energy_distance(law, target);
  tell(begins, "MMD");
  // One bandwidth for all that is compared with the target; 1 for a target of one point.
  const double width = median_distance(target);
  found.mmd_squared = mmd_squared(law, target, MmdEstimator::biased, width > 0.0 ? width : 1.0);
  return found;
}

}  // namespace

MarginalErrors marginal_errors(const Coupling& coupling) {
  Vector rows(coupling.source_weights().size());
  Vector columns = Vector::Zero(coupling.target_weights().size());
  for_each_block(coupling, [&](Index begin, const Matrix& block) {
    rows.segment(begin, block.rows()) = block.rowwise().sum();
    columns += block.colwise().sum().transpose();
  });
  return {(rows - coupling.source_weights()).cwiseAbs().sum(),
          (columns - coupling.target_weights()).cwiseAbs().sum()};
}

double spread(const WeightedPoints& cloud) {
  // A cloud knows its moments: nothing is drawn.
  return std::sqrt(mean_spread(cloud, 0, RandomStream(0)).spread);
}

double transport_cost(const WeightedPoints& x, ConstPoints y) {
  if (x.size() != y.rows() || x.dimension() != y.cols()) {
    throw InvalidInput("transport_cost", "the two clouds must have the same shape");
  }
  return 0.5 * x.weights().dot((x.points() - y).rowwise().squaredNorm());
}

std::optional<double> path_energy(const TransportPlan& plan, const WeightedPoints& x, Index steps,
                                  const RandomStream& stream) {
  if (plan.drift() == nullptr) return std::nullopt;
  std::vector<double> midpoints;
  for (Index k = 0; k < steps; ++k) {
    midpoints.push_back((static_cast<double>(k) + 0.5) / static_cast<double>(steps));
  }
  const Paths paths = plan.sample_paths(x.points(), midpoints, Direction::forward, stream);
  double total = 0.0;
  for (std::size_t k = 0; k < midpoints.size(); ++k) {
    const Points drift = plan.drift()->at(midpoints[k], paths.at[k], Direction::forward);
    total += x.weights().dot(drift.rowwise().squaredNorm());
  }
  return total / static_cast<double>(steps);
}

CloudDistances sampling_floor(const Law& law, const WeightedPoints& start,
                              const WeightedPoints& target, Index w2_samples,
                              const RandomStream& stream, const Begins& begins) {
  const Points drawn = law.sample(start.size(), stream.fork(3));
  const WeightedPoints other(drawn, start.weights());
  return distances(other, some_rows(other, w2_samples, stream.fork(0)), target,
                   some_rows(target, w2_samples, stream.fork(1)), stream.fork(2), begins);
}

PushforwardScore score_pushforward(const TransportPlan& plan, const WeightedPoints& start,
                                   ConstPoints moved, const WeightedPoints& target,
                                   Direction direction, Index w2_samples,
                                   const RandomStream& stream, const Moments* target_moments,
                                   const Begins& begins) {
  // A coupling of the two clouds themselves says where they go; any other plan is asked by drawing.
  const Coupling* coupling = direction == Direction::forward ? plan.coupling() : nullptr;
  const bool whole = coupling != nullptr && same(coupling->source_points(), start.points()) &&
                     same(coupling->target_points(), target.points());
  const auto [law, cost] =
      whole ? pushforward(*coupling)
            : Pushforward{{Points(moved), start.weights()}, transport_cost(start, moved)};
  // Of two laws on the same points the same ones are compared.
  const auto to_rows = some_rows(target, w2_samples, stream.fork(1));
  const auto from_rows = whole ? to_rows : some_rows(law, w2_samples, stream.fork(0));
  PushforwardScore score{distances(law, from_rows, target, to_rows, stream.fork(2), begins)};
  score.samples = start.size();
  score.transport_cost = cost;
  if (direction == Direction::forward) {
    tell(begins, "path energy");
    const auto rows = some_rows(start, kEnergyPaths, stream.fork(4));
    score.path_energy = path_energy(plan, restricted(start, rows), kEnergySteps, stream.fork(3));
  }
  if (target_moments != nullptr) {
    // A law has the moments it has; draws estimate them.
    const Moments found = whole ? Moments{*law.mean(), *law.covariance()} : sample_moments(law);
    score.bw2_uvp = bw2_uvp(found, *target_moments);
  }
  return score;
}

}  // namespace otbridge
