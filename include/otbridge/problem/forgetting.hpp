// How far a mean-reverting reference forgets where it started: what score-based modelling
// (`iterations: 1` of dsb) rests on, and what further iterations of a bridge repair.
#pragma once

#include <optional>

#include "otbridge/problem/problem.hpp"

namespace otbridge {

// Of a problem with one end (the prior) N(0, v I), v = epsilon / (2 theta), the invariant law of
// its reference. Below, P is the law of the reference at the prior's end, started at the other end.
struct Forgetting {
  Direction direction;     // forward: the source is to be forgotten, the target is the prior
  double kl;               // nats; bound on KL(P | prior)
  double total_variation;  // in [0, 1]; bound on TV(P, prior): sqrt(kl / 2) at most
  // The reference runs on [0, 1]. Run `horizon` times as long (epsilon and theta times that) it
  // has TV(P, prior) of about `tolerance`; 0 if the law itself is that near.
  double tolerance, horizon;
};

// Empty where theta is 0, no end is the prior (to 1e-6 of its deviation and variance; the target is
// looked at first), or the other end does not know its moments. With X_0 of that end,
//
//   kl = (d (k - 1 - log k) + a^2 E|X_0|^2 / v) / 2,    a = exp(-theta), k = 1 - a^2,
//
// is the mean over X_0 of KL(transition from X_0 | prior), which bounds that of the mixture P by
// convexity, and Pinsker's inequality the total variation. The horizon is that of shifts alone,
//
//   T = (log(R / sqrt(v)) - log(2 q)) / theta,    R^2 = E|X_0|^2, 2 Phi(q) - 1 = tolerance,
//
// exact for a point at distance R as R / sqrt(v) grows (Bresar, Mijatovic 2024, "Non-asymptotic
// bounds for forward processes in denoising diffusions"). 0 < tolerance < 1, else InvalidInput.
std::optional<Forgetting> forgetting(const TransportProblem& problem, double tolerance = 0.01);

}  // namespace otbridge
