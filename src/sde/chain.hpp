// Chains: integrates dX = b(t, X) dt + sqrt(epsilon) dW over a step grid, either way.
//
// Forward, step k, of one draw Z, K = sqrt(epsilon h_k) Z, by Euler-Maruyama or by Heun:
//   Euler  P = X_k + h_k b(t_k, X_k) + K,
//   Heun   X_{k+1} = P + h_k g(u) D,   D = b(t_{k+1}, P) - b(t_k, X_k),
//          u = -h_k |D|^2 / (D . K) within 0 and h_k / (1 - t_{k+1}),
//          g(u) = (1 - 1 / sqrt(1 + u)) / u.
// Backward the mirror image, from t_{k+1} to t_k, with b per unit of reversed time (the convention
// of the Drift face). With g(0) = 1/2, as where nothing pulls back and without noise, it is Heun's
// method. Drifts of bridges end as a pull towards the target, as steep as 1 / (1 - t) over narrow
// laws; where steps are not short beside the way left, that method makes their chains far too
// narrow. The drift -x / (1 + v - t) of a bridge onto variance epsilon v changes along K by -u K /
// h, u = h / (1 + v - t - h), and of K that is left at the end of the step which has the variance
// epsilon h / (1 + u): with g(u) steps of any length have its law. The last step is Euler's, as in
// Karras et al. 2022 (algorithm 1): at the far end that drift has no bound, while the drift before
// leads there in one step. The noise is additive: weak order 1 and 2, strong order 1 either way
// (Kloeden and Platen 1992, sections 10.2 and 15.1; u is of the order of h); with epsilon = 0 the
// methods of Euler and Heun for ordinary equations, which draw nothing.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "otbridge/core/points.hpp"
#include "otbridge/core/random.hpp"
#include "sde/step_grid.hpp"

namespace otbridge {

// Row i of the result is the drift at (t, row i of x). Must not depend on how rows are batched.
using BatchDrift = std::function<Points(double t, ConstPoints x)>;

struct ChainNoise {
  double epsilon;
  RandomStream stream;  // row i of x uses the draws of (row(i), step j)
  Index first_row = 0;
  std::span<const Index> rows = {};  // where given, row(i) = rows[i], else first_row + i
  double sign = 1.0;                 // -1: the antithetic chain

  Index row(Index i) const { return rows.empty() ? first_row + i : rows[to_size(i)]; }
  // That of `count` rows of x from `first` on alone.
  ChainNoise part(Index first, Index count) const {
    const auto some = rows.empty() ? rows : rows.subspan(to_size(first), to_size(count));
    return {epsilon, stream, first_row + first, some, sign};
  }
};

// mean + sqrt(variance) Z, Z the noise's draw of each row at step j. O(n d).
Points arrive(ConstPoints mean, double variance, Index j, const ChainNoise& noise);

// One step as the chain takes it, each array n x d: from the states at node `from`, by the drift to
// their conditional means, by the noise to the states at node `to`.
struct ChainStep {
  Index number;    // j-th of the chain, 0 <= j < N: the step of its random draws
  Index from, to;  // nodes of the grid, neighbours; to < from going backward
  double length;   // h > 0 in either direction
  const Points &departure, &mean, &arrival;
};
// Sees every step in the order of the chain. The arrays live as long as the call.
using ChainVisitor = std::function<void(const ChainStep& step)>;

enum class Stepper { euler, heun };
// "euler" or "heun"; throws InvalidInput for another name.
Stepper named_stepper(const std::string& name);

// How steps are taken, beyond where they lead.
struct ChainMethod {
  Stepper stepper = Stepper::euler;
  bool denoise_last = false;  // the last step arrives at its mean, without noise
  // The state at time t after the j-th step, in place of where that step arrived, under the noise
  // of the chain: a corrector. Not asked after the last step. Empty: none.
  std::function<Points(double t, ConstPoints x, Index j, const ChainNoise& noise)> correct = {};
};

// The one loop over a chain. Returns the state at the far end. visit may be empty; where there is a
// corrector, arrivals are what it made of them. O(N n (d + drift)), of Heun two drifts a step;
// memory O(n d).
Points simulate_chain(const StepGrid& grid, const BatchDrift& drift, ConstPoints start,
                      Direction direction, const ChainNoise& noise, const ChainVisitor& visit = {},
                      const ChainMethod& method = {});

}  // namespace otbridge
