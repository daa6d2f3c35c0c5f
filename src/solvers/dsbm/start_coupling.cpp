#include "solvers/dsbm/start_coupling.hpp"

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
  Points end =
      simulate_chain(chain_.design().grid, [&](double t, ConstPoints x) { return chain_.at(t, x); },
                     start, direction, {problem_.reference().epsilon(), stream.fork(1)});
  if (direction == Direction::forward) return {std::move(start), std::move(end)};
  return {std::move(end), std::move(start)};
}

Endpoints MixtureEnds::draw(Index n, const RandomStream& stream) const {
  const GaussianKernel kernel = kernel_from(problem_.reference(), 0.0);
  Points source = problem_.source()->sample(n, stream.fork(0));
  Points target = potential_.sample(source, kernel, stream.fork(1), 0);
  // exp(f / s^2) = 1 / h, at ends that are draws of the source itself.
  Vector levels;
  if (direction_ == Direction::backward) levels = -potential_.log_sum(source, kernel);
  return {std::move(source), std::move(target), std::move(levels)};
}

std::optional<Points> MixtureEnds::far_mean(double t, ConstPoints x) const {
  if (direction_ == Direction::backward) return std::nullopt;
  return potential_.mean(x, kernel_from(problem_.reference(), t));
}

EntropicEnds::EntropicEnds(const TransportProblem& problem, const WeightedPoints& source,
                           const WeightedPoints& target, const DualPair& potentials,
                           Direction direction)
    : problem_(problem),
      direction_(direction),
      near_(near_end(source, target, potentials, direction, problem.reference())) {}

Endpoints EntropicEnds::draw(Index n, const RandomStream& stream) const {
  Points far = problem_.start(opposite(direction_))->sample(n, stream.fork(0));
  Points near = near_.sample(far, stream.fork(1), 0);
  // The soft c-transform of the other potential: with it every far end has one partner in all.
  Vector levels = -near_.log_normaliser(far);
  if (direction_ == Direction::forward) return {std::move(near), std::move(far), std::move(levels)};
  return {std::move(far), std::move(near), std::move(levels)};
}

}  // namespace otbridge
