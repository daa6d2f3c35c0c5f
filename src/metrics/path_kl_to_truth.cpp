#include <memory>
#include <new>
#include <utility>

#include "core/fnv.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/known/known_answer.hpp"
#include "otbridge/metrics/bridge_score.hpp"

namespace otbridge {
namespace {

constexpr Index kTruePaths = 1000;
// The truth and its drift take O(d^3) and O(d^2) for each point of a path.
constexpr Index kMostTrueDimensions = 256;

// A figure that cannot be had must not cost the training that it is of.
template <class Figure>
std::optional<double> unless_it_fails(const Figure& figure) {
  try {
    return figure();
  } catch (const Error&) {
    return std::nullopt;
  } catch (const std::bad_alloc&) {
    return std::nullopt;
  }
}

// Along the same paths for every plan.
class PathKl {
 public:
  PathKl(const TransportPlan& truth, std::uint64_t seed)
      : truth_(truth),
        // Apart from the streams of rounds, which count from 0.
        stream_(RandomStream(seed, Purpose::metrics).fork(std::uint64_t{1} << 40U)) {}

  std::optional<double> operator()(const TransportPlan& plan) {
    if (!start_) start_.emplace(truth_.problem().source()->sample(kTruePaths, stream_.fork(0)));
    return path_kl(truth_, plan, *start_, stream_.fork(1));
  }

 private:
  const TransportPlan& truth_;
  RandomStream stream_;
  std::optional<WeightedPoints> start_;
};

// "truth", "sinkhorn 1234...": other arrays are other plans. Of a plan that no file could hold just
// its name.
std::string name_of_plan(const TransportPlan& plan) {
  std::string name(plan.name());
  try {
    const PlanState state = plan.state();
    Fnv hash;
    for (const auto& [key, array] : state.arrays) hash.take_numbers(array);
    if (!state.arrays.empty()) name += " " + hash.text();
  } catch (const InvalidInput&) {
  }
  return name;
}

}  // namespace

DistanceToTruth path_kl_to(const TransportPlan& truth, std::uint64_t seed) {
  if (truth.problem().dimension() > kMostTrueDimensions) return {};
  return {[distance = PathKl(truth, seed)](const TransportPlan& plan) mutable {
            return unless_it_fails([&] { return distance(plan); });
          },
          name_of_plan(truth)};
}

DistanceToTruth path_kl_to_truth(const TransportProblem& problem, std::uint64_t seed) {
  if (!is_known(problem) || problem.dimension() > kMostTrueDimensions) return {};
  return {[problem, seed, sought = false, truth = std::shared_ptr<const TransportPlan>(),
           distance = DistanceToTruth()](const TransportPlan& plan) mutable {
            return unless_it_fails([&]() -> std::optional<double> {
              if (!std::exchange(sought, true)) {  // once, even if that fails
                if (auto answer = known_answer(problem)) {
                  truth = std::move(answer->plan);
                  distance = path_kl_to(*truth, seed);
                }
              }
              return distance ? distance(plan) : std::nullopt;
            });
          },
          "truth"};
}

}  // namespace otbridge
