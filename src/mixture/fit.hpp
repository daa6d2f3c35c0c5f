// The fit of a mixture potential to two clouds: the bridge of closed form that is nearest to
// theirs.
//
// Minimises L = E_mu log h(x) - E_nu log phi(y) = KL(pi* | pi_phi) + constant (Korotin, Gushchin,
// Burnaev 2024, eq. 8), over the whole clouds, by an expectation-maximisation of its own: every
// shape is made the Gaussian Schroedinger bridge, in closed form, between its shares of the two
// clouds; the weights of the shapes then solve a concave dual in K unknowns (the semi-discrete
// problem of the shapes) by Newton. With the shares held this minimises a convex bound that touches
// L, so that a step along it, halved where it must be, lowers L.
#pragma once

#include <functional>
#include <vector>

#include "measure/mixture_potential.hpp"

namespace otbridge {

// The near cloud as the reference carries it (a x), and the far one, both about their means and in
// units of s; weights > 0 of sum 1. A shift of one cloud by delta only tilts phi by exp(<z,
// delta>).
struct MixtureData {
  Points near, far;
  Vector near_weights, far_weights;
};

struct MixtureControl {
  Index components;
  bool full;         // covariances; else diagonal
  Index iterations;  // at most
  double tolerance;  // fall of L, in nats, that is none
  // Called before each iteration; false stops.
  std::function<bool(Index iteration, double loss)> proceed = {};
  // Asked within one too, where it may take long; true ends the fit where it stands.
  std::function<bool()> stopped = {};
  // Mass, beside the 1 of a cloud, with which the covariances of every share are drawn towards
  // the mean variance within shares (mixture/shares.hpp).
  double shrinkage = 0.0;
};

struct MixtureFit {
  std::vector<PotentialShape> shapes;  // about the origin of the data
  double loss = 0.0;
  Index iterations = 0;
  bool converged = false;  // the loss falls no more, and the plan gives every shape its mass
};

// O(K (n + m) d^2) per iteration, O(K (n + m) d) with diagonal covariances, and O(n K^2 + K^3) for
// each Newton step of the weights, of which an iteration has a few. The result does not depend on
// the number of threads.
MixtureFit fit_mixture(const MixtureData& data, const MixtureControl& control,
                       const RandomStream& stream);

// The same from given shapes on.
MixtureFit fit_mixture(const MixtureData& data, const MixtureControl& control,
                       std::vector<PotentialShape> shapes);

// Below this variance, in units of s^2, no share of the far cloud is. O(m d).
double narrowest_share(const MixtureData& data);

// L of given shapes on other data; infinite or not a number where it is beyond the doubles.
double mixture_loss(const MixtureData& data, const std::vector<PotentialShape>& shapes);

}  // namespace otbridge
