#include "entropic/cloud_drift.hpp"

#include "entropic/conditional.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"

namespace otbridge {

Points cloud_drift(const ReferenceProcess& reference, std::shared_ptr<const TiltedCloud> cloud,
                   double t, ConstPoints x, Direction direction) {
  const bool forward = direction == Direction::forward;
  if (t == (forward ? 1.0 : 0.0)) {
    throw InvalidInput("t = " + number_text(t), forward ? "the forward drift needs 0 <= t < 1"
                                                        : "the backward drift needs 0 < t <= 1");
  }
  // As the endpoint kernel, over the time that is left.
  const double left = forward ? 1.0 - t : t;
  const double decay = reference.decay(left), variance = reference.variance(left);
  const double rate = reference.epsilon() / variance, theta = reference.theta();
  const ConditionalKernel kernel =
      forward ? ConditionalKernel{1.0, decay, variance} : ConditionalKernel{decay, 1.0, variance};
  const Points mean = EntropicConditional(std::move(cloud), kernel).mean(x);
  return forward ? Points(rate * decay * (mean - decay * x) - theta * x)
                 : Points(rate * (decay * mean - x) + theta * x);
}

}  // namespace otbridge
