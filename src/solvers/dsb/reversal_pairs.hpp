// TrajectoryCache: (time, state) -> drift regression pairs from simulated chains, shuffled and used
// whole.
//
// Mean matching (De Bortoli et al. 2021, Proposition 3), written for drifts per unit time. For the
// chain X' = F(X) + sqrt(eps h) Z with F(X) = X + h f(t, X), the fitted network at the node where
// the chain arrives has the target (X - X') / h, so that its step is E[X | X'] and the means of the
// reversed chain are exact (Tang et al. 2024). The paper's (F(X) - F(X')) / h differs by O(h) and
// moves means by about h f times the slope of f. Each pair of rows holds the two arrivals with +Z
// and -Z from the same X: both have the chain's law, so the minimiser is the same, while the part
// of the gradient noise of variance eps / h cancels between them.
#pragma once

#include <vector>

#include "neural/drift_network.hpp"
#include "otbridge/core/random.hpp"
#include "sde/euler_maruyama.hpp"

namespace otbridge {

class TrajectoryCache {
 public:
  // Simulates the chain from each row of start, in `direction`, and stores what the network of the
  // opposite direction is fitted to. Path i is stored at the steps j with (i + j) % thinning == 0:
  // neighbouring states of one path say nearly the same, so at equal cost more paths, each used at
  // fewer steps, leave less noise. Memory: 8 (inputs + outputs) bytes per stored pair.
  void fill(const DriftDesign& frame, const DriftNetwork& chain, const DriftNetwork& fitted,
            Direction direction, ConstPoints start, Index thinning, const RandomStream& stream);

  Index pairs() const { return inputs_.rows() / 2; }
  bool finite() const { return inputs_.allFinite() && targets_.allFinite(); }

  // The b-th batch of the shuffled order: inputs.rows() / 2 pairs. The last batch of a pass is
  // filled up from the head of the order.
  void batch(Index b, Rows<float>& inputs, Rows<float>& targets) const;

 private:
  Rows<float> inputs_, targets_;  // rows 2p and 2p + 1 are pair p
  std::vector<Index> order_;
};

}  // namespace otbridge
