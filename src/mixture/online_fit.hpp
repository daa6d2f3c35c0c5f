// A fit to fresh draws, each of which is looked at once.
//
// Stochastic expectation-maximisation: the moments of the shares of one batch after another enter
// running means, whose Gaussian bridges are the shapes of the next batch (online EM: Cappe,
// Moulines 2009, eq. 10). The answer is made of the mean over the later batches, which scatters as
// little as a fit to all their draws at once would (averaging: Polyak, Juditsky 1992).
#pragma once

#include <functional>
#include <optional>

#include "mixture/fit.hpp"

namespace otbridge {

struct OnlineControl {
  bool full;         // covariances; else diagonal
  Index batches;     // at most
  double tolerance;  // fall of L from a batch to the next, in nats, that is none
  double shrinkage;  // points with the mean variance that every share is given
  // Equally many draws for every batch, about the origins of the shapes and in units of s; nothing
  // ends the fit where it stands.
  std::function<std::optional<MixtureData>(Index batch)> draw = {};
  // Called before each batch with L on the one before; false stops.
  std::function<bool(Index batch, double loss)> proceed = {};
};

// From given shapes on. iterations: batches, or 0 where it was stopped before there were draws
// enough to move the shapes; loss: L over the later ones, or the last
// where it was stopped before these, each before it was learnt from; converged: it falls no more,
// beyond the scatter of the batches. O(K n d^2 + K d^3) for a batch of n, O(K n d) where
// covariances are diagonal. The result does not depend on the number of threads.
MixtureFit fit_online(const OnlineControl& control, std::vector<PotentialShape> shapes);

}  // namespace otbridge
