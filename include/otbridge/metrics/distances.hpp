// All distances of two clouds at once, each with what it cost: what `otbridge distance` prints.
#pragma once

#include <functional>
#include <optional>

#include "otbridge/metrics/sinkhorn_divergence.hpp"
#include "otbridge/metrics/wasserstein.hpp"

namespace otbridge {

struct DistanceOptions {
  double epsilon = 0.0;    // of the Sinkhorn divergence, > 0
  bool exact = false;      // W2 and W1 exactly, however long it takes
  Index directions = 128;  // of the sliced distance, the same for every pair
  // Called before each: "W2", "W1", "sliced W2", "energy distance", "Sinkhorn divergence".
  std::function<void(const char*)> begins = {};
};

struct Distance {
  std::optional<double> value;  // empty where only bounds are known
  double lower = 0.0, upper = 0.0;
  double seconds = 0.0;
};

struct Distances {
  Distance w2, w1;                      // lengths; bounds beyond kMostPairs of each
  Distance sliced_w2, energy_distance;  // lengths
  Distance sinkhorn_divergence;         // cost units, within its error
  bool converged = true;                // the divergence, to the tolerance of its marginals

  // Products of the sizes up to which they are exact; on the line they always are.
  static constexpr double kMostPairsW2 = 4e8, kMostPairsW1 = 1.6e7;
};

// own_first, own_second: entropic costs of the clouds with themselves at this epsilon where the
// caller has them, else null. Lower bounds of W1 are those of projections on 32 random directions
// and on the line through both means, upper bounds those of W2 (Jensen). Throws InvalidInput as the
// functions of wasserstein.hpp, two_sample.hpp and sinkhorn_divergence.hpp do.
Distances all_distances(const WeightedPoints& mu, const WeightedPoints& nu,
                        const DistanceOptions& options, const RandomStream& stream,
                        const EntropicCost* own_first = nullptr,
                        const EntropicCost* own_second = nullptr);

}  // namespace otbridge
