#include "otbridge/measure/bridge_end.hpp"

#include "measure/mixture_potential.hpp"
#include "measure/mixture_shapes.hpp"
#include "measure/positive.hpp"
#include "otbridge/core/error.hpp"

namespace otbridge {

namespace {

// Any other law is a mixture of itself.
Mixture as_mixture(const Measure& law) {
  const auto* mixture = law.as<Mixture>();
  return mixture != nullptr ? *mixture : Mixture(Vector::Ones(1), {law});
}

}  // namespace

BridgeEnd::BridgeEnd(Measure source, const Measure& potential, double variance, double decay)
    : source_(std::move(source)),
      potential_(as_mixture(potential)),
      variance_(variance),
      decay_(decay) {
  check_positive("/variance", variance_);
  check_positive("/decay", decay_);
  if (potential_.dimension() != source_->dimension()) {
    throw InvalidInput("/potential", "has dimension " + std::to_string(potential_.dimension()) +
                                         ", the source has " +
                                         std::to_string(source_->dimension()));
  }
  const MixtureShapes shapes = mixture_shapes(potential_, variance_);
  conditional_ = std::make_shared<const MixturePotential>(shapes.center, variance_, shapes.shapes);
}

Points BridgeEnd::do_sample(Index n, const RandomStream& stream) const {
  return conditional_->sample(source_->sample(n, stream.fork(0)), {decay_, variance_},
                              stream.fork(1), 0);
}

}  // namespace otbridge
