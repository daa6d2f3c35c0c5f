#include <memory>
#include <new>

#include "otbridge/core/error.hpp"
#include "otbridge/known/known_answer.hpp"
#include "otbridge/metrics/bridge_score.hpp"

namespace otbridge {
namespace {

constexpr Index kTruePaths = 1000;
// The truth and its drift take O(d^3) and O(d^2) for each point of a path.
constexpr Index kMostTrueDimensions = 256;

// The true bridge with the starts of its paths, found when it is first asked for.
class Truth {
 public:
  Truth(const TransportProblem& problem, std::uint64_t seed)
      : problem_(problem),
        // Apart from the streams of rounds, which count from 0.
        stream_(RandomStream(seed, Purpose::metrics).fork(std::uint64_t{1} << 40U)) {}

  std::optional<double> path_kl_of(const TransportPlan& plan) {
    if (!sought_) find();
    if (!plan_) return std::nullopt;
    return path_kl(*plan_, plan, *start_, stream_.fork(1));
  }

 private:
  void find() {
    sought_ = true;  // once, even if that fails
    auto answer = known_answer(problem_);
    if (!answer) return;
    start_.emplace(problem_.source()->sample(kTruePaths, stream_.fork(0)));
    plan_ = std::move(answer->plan);
  }

  TransportProblem problem_;
  RandomStream stream_;
  bool sought_ = false;
  std::unique_ptr<const TransportPlan> plan_;
  std::optional<WeightedPoints> start_;
};

}  // namespace

DistanceToTruth path_kl_to_truth(const TransportProblem& problem, std::uint64_t seed) {
  if (!is_known(problem) || problem.dimension() > kMostTrueDimensions) return {};
  return [truth = std::make_shared<Truth>(problem, seed)](
             const TransportPlan& plan) -> std::optional<double> {
    // A figure that cannot be had must not cost the training that it is of.
    try {
      return truth->path_kl_of(plan);
    } catch (const Error&) {
      return std::nullopt;
    } catch (const std::bad_alloc&) {
      return std::nullopt;
    }
  };
}

}  // namespace otbridge
