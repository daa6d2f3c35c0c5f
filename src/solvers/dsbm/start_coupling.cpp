#include "solvers/dsbm/start_coupling.hpp"

#include "sde/chain.hpp"

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

// A Gaussian kernel in the cost |y - a x|^2 / 2 either way.
EntropicEnds::EntropicEnds(const TransportProblem& problem, const WeightedPoints& source,
                           const WeightedPoints& target, const DualPair& potentials,
                           Direction direction)
    : problem_(problem),
      direction_(direction),
      near_(direction == Direction::forward
                ? EntropicConditional(source.points(), source.weights(), potentials.f,
                                      problem.reference().endpoint_variance(),
                                      {problem.reference().endpoint_decay(), 1.0,
                                       problem.reference().endpoint_variance()})
                : EntropicConditional(target.points(), target.weights(), potentials.g,
                                      problem.reference().endpoint_variance(),
                                      {1.0, problem.reference().endpoint_decay(),
                                       problem.reference().endpoint_variance()})) {}

Endpoints EntropicEnds::draw(Index n, const RandomStream& stream) const {
  Points far = problem_.start(opposite(direction_))->sample(n, stream.fork(0));
  Points near = near_.sample(far, stream.fork(1), 0);
  // The soft c-transform of the other potential: with it every far end has one partner in all.
  Vector levels = -near_.log_normaliser(far);
  if (direction_ == Direction::forward) return {std::move(near), std::move(far), std::move(levels)};
  return {std::move(far), std::move(near), std::move(levels)};
}

}  // namespace otbridge
