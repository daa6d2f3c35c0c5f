// The whole fit of a mixture bridge to a problem: how many shapes, to clouds, then to fresh draws.
#pragma once

#include <functional>
#include <vector>

#include "measure/mixture_potential.hpp"
#include "otbridge/measure/weighted_points.hpp"
#include "otbridge/problem/problem.hpp"

namespace otbridge {

// What these mean and where their defaults come from: otbridge/solvers/mixture.hpp.
struct BridgeFitSettings {
  Index components = 0;
  bool full = true;
  double tolerance = 3e-4;
  Index iterations = 400;
  Index samples = 10000;  // of each law in a batch of fresh draws
  Index refinement = 128;
};

struct BridgeFit {
  std::vector<PotentialShape> shapes;  // about the center, in the units of the points
  Eigen::RowVectorXd center;
  double loss = 0.0;       // nats
  Index began_with = 0;    // shapes; some were united or left out on the way
  Index iterations = 0;    // batches of fresh draws among them
  Index fresh_draws = 0;   // of each law, that the shapes were fitted to
  bool converged = false;  // the loss falls no more

  MixturePotential potential(const ReferenceProcess& reference) const {
    return {center, reference.endpoint_variance(), shapes};
  }
};

struct BridgeFitWatch {
  // Before each iteration, of at most `limit`; false ends the fit where it stands.
  std::function<bool(Index iteration, Index limit, double loss)> proceed;
  std::function<bool()> stopped;  // asked within one too; true ends it as well
};

// source, target: clouds that stand for the laws of the problem. Throws InvalidInput where squared
// distances over s^2 overflow. What it costs: fit_mixture() and fit_online(); the result does not
// depend on the number of threads.
BridgeFit fit_bridge(const TransportProblem& problem, const WeightedPoints& source,
                     const WeightedPoints& target, const BridgeFitSettings& settings,
                     const RandomStream& stream, const BridgeFitWatch& watch);

}  // namespace otbridge
