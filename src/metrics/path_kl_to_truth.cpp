#include <memory>

#include "otbridge/core/error.hpp"
#include "otbridge/known/known_answer.hpp"
#include "otbridge/metrics/bridge_score.hpp"

namespace otbridge {
namespace {

constexpr Index kTruePaths = 1000;

struct Truth {
  std::unique_ptr<const TransportPlan> plan;
  WeightedPoints start;
};

}  // namespace

DistanceToTruth path_kl_to_truth(const TransportProblem& problem, std::uint64_t seed) {
  if (!is_known(problem)) return {};
  // Apart from the streams of rounds, which count from 0.
  const RandomStream stream = RandomStream(seed, Purpose::metrics).fork(std::uint64_t{1} << 40U);
  const auto truth = std::make_shared<std::optional<Truth>>();
  return [=](const TransportPlan& plan) -> std::optional<double> {
    if (!*truth) {
      auto answer = known_answer(problem);
      if (!answer) return std::nullopt;
      *truth = Truth{std::move(answer->plan),
                     WeightedPoints(problem.source()->sample(kTruePaths, stream.fork(0)))};
    }
    try {
      return path_kl(*(*truth)->plan, plan, (*truth)->start, stream.fork(1));
    } catch (const InvalidInput&) {
      return std::nullopt;  // one of the two refuses a path that strays
    }
  };
}

}  // namespace otbridge
