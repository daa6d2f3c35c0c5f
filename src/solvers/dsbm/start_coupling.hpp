// The couplings that bridge matching draws its pairs from.
#pragma once

#include <optional>

#include "entropic/cloud_ascent.hpp"
#include "entropic/conditional.hpp"
#include "measure/mixture_potential.hpp"
#include "neural/bridge_pairs.hpp"
#include "neural/drift_network.hpp"
#include "otbridge/problem/problem.hpp"

namespace otbridge {

// The product of the two laws.
class IndependentEnds final : public EndpointSource {
 public:
  explicit IndependentEnds(const TransportProblem& problem) : problem_(problem) {}
  Endpoints draw(Index n, const RandomStream& stream) const override;

 private:
  const TransportProblem& problem_;
};

// The ends of a network's chain, started at draws of its law: of the reference, before any fit.
class ChainEnds final : public EndpointSource {
 public:
  ChainEnds(const TransportProblem& problem, const DriftNetwork& chain)
      : problem_(problem), chain_(chain) {}
  Endpoints draw(Index n, const RandomStream& stream) const override;

 private:
  const TransportProblem& problem_;
  const DriftNetwork& chain_;
};

// A mixture bridge: fresh draws of the source, each with one draw of its conditional. The forward
// drift's targets are then without variance, and the backward one's averaged by the potential at
// draws of the source itself. The far law is the mixture's: later iterations bring it to the
// target.
class MixtureEnds final : public EndpointSource {
 public:
  // For the drift of a direction. Problem and potential must outlive the source.
  MixtureEnds(const TransportProblem& problem, const MixturePotential& potential,
              Direction direction)
      : problem_(problem), potential_(potential), direction_(direction) {}
  Endpoints draw(Index n, const RandomStream& stream) const override;

 private:
  const TransportProblem& problem_;
  const MixturePotential& potential_;
  Direction direction_;
};

// The entropic coupling of two clouds, carried over to fresh draws of either law: a draw of the far
// end, and from the cloud of the near end one partner, by the conditional that the potential of
// that cloud defines. Far ends are thus as many as are asked for, whatever the size of the clouds.
// In few dimensions and near the far end, their mean given X_t is that over all of them.
class EntropicEnds final : public EndpointSource {
 public:
  // For the drift of a direction. All arguments must outlive the source.
  EntropicEnds(const TransportProblem& problem, const WeightedPoints& source,
               const WeightedPoints& target, const DualPair& potentials, Direction direction);
  Endpoints draw(Index n, const RandomStream& stream) const override;

 private:
  const TransportProblem& problem_;
  Direction direction_;
  EntropicConditional near_;  // of the near end given the far one
};

}  // namespace otbridge
