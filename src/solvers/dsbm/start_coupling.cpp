#include "solvers/dsbm/start_coupling.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <mutex>

#include "mixture/mixture_drift.hpp"
#include "sde/chain.hpp"
#include "solve/entropic_start.hpp"

namespace otbridge {

Endpoints IndependentEnds::draw(Index n, const RandomStream& stream) const {
  return {problem_.source()->sample(n, stream.fork(0)),
          problem_.target()->sample(n, stream.fork(1))};
}

Endpoints ChainEnds::draw(Index n, const RandomStream& stream) const {
  const Direction direction = chain_.direction();
  Points start = problem_.start(direction)->sample(n, stream.fork(0));
  Points end = simulate_chain(chain_, chain_.design().grid, start,
                              {problem_.reference().epsilon(), stream.fork(1)});
  if (direction == Direction::forward) return {std::move(start), std::move(end)};
  return {std::move(end), std::move(start)};
}

Endpoints MixtureEnds::draw(Index n, const RandomStream& stream) const {
  const GaussianKernel kernel = kernel_from(problem_.reference(), 0.0);
  Points source = problem_.source()->sample(n, stream.fork(0));
  Points target = potential_.sample(source, kernel, stream.fork(1), 0);
  if (direction_ == Direction::backward) {
    // exp(f / s^2) = 1 / h, at ends that are draws of the source itself.
    Vector levels = -potential_.log_sum(source, kernel);
    return {std::move(source), std::move(target), std::move(levels)};
  }
  return {std::move(source), std::move(target), {}, [this](double t, ConstPoints x) {
            return std::optional(potential_.mean(x, kernel_from(problem_.reference(), t)));
          }};
}

namespace {

// Draws of the far end with the potential there: the conditional mean given X_t, by sums over those
// within reach of the kernel, where these are few of them.
class FarPool {
 public:
  FarPool(const ReferenceProcess& reference, Direction direction, Points far, const Vector& levels)
      : reference_(reference),
        forward_(direction == Direction::forward),
        far_(std::move(far)),
        cloud_(std::make_shared<const TiltedCloud>(
            far_, Vector::Constant(far_.rows(), 1.0 / static_cast<double>(far_.rows())),
            reference.endpoint_variance() * levels, reference.endpoint_variance(),
            LocalPrecision::mixed)),
        extent_(std::sqrt(12.0 / static_cast<double>(far_.rows())) *
                (far_.rowwise() - far_.colwise().mean()).colwise().norm()) {}

  std::optional<Points> mean(double t, ConstPoints x) {
    if (const EntropicConditional* known = at(t)) return known->mean(x);
    return std::nullopt;
  }

 private:
  // Null where the kernel is wide. Forward N(x_1; a_{1-t} X_t, v_{1-t}), backward
  // N(X_t; a_t x_0, v_t).
  const EntropicConditional* at(double t) {
    constexpr double kReach = 5.0;  // deviations
    constexpr double kMost = 0.25;  // of the draws
    const double left = forward_ ? 1.0 - t : t;
    const double a = reference_.decay(left), v = reference_.variance(left);
    const ConditionalKernel kernel =
        forward_ ? ConditionalKernel{1.0, a, v} : ConditionalKernel{a, 1.0, v};
    const double reach = 2.0 * kReach * std::sqrt(v) / kernel.support;
    const double share =
        (reach * extent_.cwiseInverse().array()).min(1.0).prod();  // of a box of that extent
    if (!(share <= kMost)) return nullptr;
    const std::lock_guard lock(mutex_);
    auto& known = kernels_[t];
    if (known == nullptr) known = std::make_unique<const EntropicConditional>(cloud_, kernel);
    return known.get();
  }

  const ReferenceProcess& reference_;
  bool forward_;
  Points far_;
  std::shared_ptr<const TiltedCloud> cloud_;
  RowVector extent_;  // of a uniform law of the same variances
  std::mutex mutex_;
  std::map<double, std::unique_ptr<const EntropicConditional>> kernels_;
};

}  // namespace

EntropicEnds::EntropicEnds(const TransportProblem& problem, const WeightedPoints& source,
                           const WeightedPoints& target, const DualPair& potentials,
                           Direction direction)
    : problem_(problem),
      direction_(direction),
      near_(near_end(source, target, potentials, direction, problem.reference())) {}

Endpoints EntropicEnds::draw(Index n, const RandomStream& stream) const {
  Points far = problem_.start(opposite(direction_))->sample(n, stream.fork(0));
  // The soft c-transform of the other potential: with it every far end has one partner in all.
  Vector log_sums;
  Points near = near_.sample(far, stream.fork(1), 0, &log_sums);
  Vector levels = -log_sums;
  Endpoints ends{std::move(far), std::move(near), std::move(levels)};
  if (direction_ == Direction::forward) std::swap(ends.source, ends.target);
  constexpr Index kPoolDimensions = 3;  // in which a kernel's reach holds few of the draws
  if (problem_.dimension() <= kPoolDimensions) {
    const Points& drawn = direction_ == Direction::forward ? ends.target : ends.source;
    const auto pool =
        std::make_shared<FarPool>(problem_.reference(), direction_, drawn, ends.far_levels);
    ends.far_mean = [pool](double t, ConstPoints x) { return pool->mean(t, x); };
  }
  return ends;
}

}  // namespace otbridge
