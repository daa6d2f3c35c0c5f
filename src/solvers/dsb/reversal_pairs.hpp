// ReversalPairs: what the reversal of a chain should do, as pairs for the training of its drift.
//
// Mean matching (De Bortoli et al. 2021, Proposition 3), written for drifts per unit time. For the
// chain X' = F(X) + sqrt(eps h) Z with F(X) = X + h f(t, X), the fitted network at the node where
// the chain arrives has the target (X - X') / h, so that its step is E[X | X'] and the means of the
// reversed chain are exact (Tang et al. 2024). The paper's (F(X) - F(X')) / h differs by O(h) and
// moves means by about h f times the slope of f. Each pair of rows holds the two arrivals with +Z
// and -Z from the same X: both have the chain's law, so the minimiser is the same, while the part
// of the gradient noise of variance eps / h cancels between them.
#pragma once

#include <utility>

#include "neural/training.hpp"
#include "otbridge/measure/measure.hpp"
#include "sde/chain.hpp"

namespace otbridge {

class ReversalPairs final : public PairSource {
 public:
  // The chain of a drift in its direction over the steps of the design, from fresh draws of the law
  // at its start. The cache to be filled is that of a network of the opposite direction and the
  // same design. Measure and design must outlive the source.
  ReversalPairs(const Measure& start, const DriftDesign& design, Direction chain, BatchDrift drift)
      : start_(start), design_(design), chain_(chain), drift_(std::move(drift)) {}
  // The chain of a network, which must outlive the source.
  ReversalPairs(const Measure& start, const DriftNetwork& chain)
      : ReversalPairs(start, chain.design(), chain.direction(),
                      [&chain](double t, ConstPoints x) { return chain.along_chains(t, x); }) {}

  Index path_steps() const override { return design_.grid.steps(); }
  // O(paths N drift).
  void fill(const ThinnedPaths& use, const RandomStream& stream, PairCache& cache) const override;

 private:
  const Measure& start_;
  const DriftDesign& design_;
  Direction chain_;
  BatchDrift drift_;
};

}  // namespace otbridge
