// BridgeEnd: the law of X_1 where X_0 is of a source law and, given X_0 = x, X_1 has the density
// proportional to phi(y) N(y; decay x, variance I), phi a mixture of Gaussian densities.
//
// It is the far end of the Schroedinger bridge that the potential phi makes of the source, so that
// the bridge from the source to it is known (known/known_problem.hpp). Source: Gushchin, Kolesov,
// Mokrov et al. 2023, the construction of benchmark pairs.
#pragma once

#include <memory>

#include "otbridge/measure/mixture.hpp"

namespace otbridge {

class MixturePotential;

class BridgeEnd final : public Law {
 public:
  // potential: a Gaussian law of full rank, or a mixture of such. variance > 0, decay > 0: of the
  // endpoint kernel. O(K d^3). Throws InvalidInput "/potential/components/2: must be ...".
  BridgeEnd(Measure source, const Measure& potential, double variance, double decay = 1.0);

  const Measure& source() const { return source_; }
  const Mixture& potential() const { return potential_; }
  double variance() const { return variance_; }
  double decay() const { return decay_; }

  std::string_view type() const override { return "bridge_end"; }
  Index dimension() const override { return source_->dimension(); }

 private:
  // A draw of the source, then of the far end given it: O(n K d^2).
  Points do_sample(Index n, const RandomStream& stream) const override;

  Measure source_;
  Mixture potential_;
  double variance_, decay_;
  std::shared_ptr<const MixturePotential> conditional_;
};

}  // namespace otbridge
