// How far a bridge is from a reference bridge of the same problem: the true one, or one that stands
// for it.
//
// Everything is measured forward. Draws are functions of the streams alone, the same for any number
// of threads. A plan may refuse what it is asked for: InvalidInput, from the plan.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "otbridge/metrics/bures_wasserstein.hpp"
#include "otbridge/plan/transport_plan.hpp"
#include "otbridge/solve/context.hpp"

namespace otbridge {

// KL of the path laws, reference against plan, from the same start (Girsanov):
//   (1 / (2 eps)) E int_0^1 |b_reference - b_plan|^2 dt
// along paths of the reference from the points of start (at most 2000 of them, one path each), by
// the midpoint rule on `steps` >= 1 intervals. In nats; empty if either plan has no drift. Throws
// InvalidInput if the problems differ in dimension or epsilon. O(paths steps drift).
std::optional<double> path_kl(const TransportPlan& reference, const TransportPlan& plan,
                              const WeightedPoints& start, const RandomStream& stream,
                              Index steps = 50);

// The same for SolveContext::to_truth, of the true bridge or one that stands for it against plans
// of its problem: along 1000 of its paths, from draws of the source by the seed. Not from several
// threads at once. Empty in more than 256 dimensions; what it returns is where the number cannot be
// had. truth: must outlive it.
DistanceToTruth path_kl_to(const TransportPlan& truth, std::uint64_t seed);
// That of the true bridge, which is found when it is first asked for (known/known_answer.hpp);
// empty where none is known too.
DistanceToTruth path_kl_to_truth(const TransportProblem& problem, std::uint64_t seed);

// Root mean square distance of the two drifts along the same paths, over time and paths: length per
// unit time.
double drift_rmse(double path_kl, double epsilon);

// Root mean square of |map - reference map| under start. O(n d), and both maps.
double map_rmse(const TransportPlan& reference, const TransportPlan& plan,
                const WeightedPoints& start);

// cBW2-UVP (Gushchin, Kolesov, Mokrov et al. 2023): 100 times the mean, over start points x, of the
// BW2 between the moments of 1000 draws of the plan given x and those of the reference given x, in
// units of half the target's variance. At most 200 start points (1000 in the publication). The
// reference's moments are exact where it has a map and the face Conditionals, else of 1000 draws.
// Draws leave a perfect plan above 0, more in more dimensions: floor() says how far.
class ConditionalBw2Uvp {
 public:
  static constexpr Index kPoints = 200, kDraws = 1000;
  static constexpr Index kMostDimensions = 256;  // decompositions are O(d^3) for each point

  // reference: must outlive this. Memory O(points d^2).
  ConditionalBw2Uvp(const TransportPlan& reference, const WeightedPoints& start,
                    const Moments& target, const RandomStream& stream);
  ~ConditionalBw2Uvp();
  ConditionalBw2Uvp(const ConditionalBw2Uvp&) = delete;
  ConditionalBw2Uvp& operator=(const ConditionalBw2Uvp&) = delete;

  // Empty if the target has no variance, or above kMostDimensions. O(points (draws d^2 + d^3)), and
  // the draws of the plan; parallel over points.
  std::optional<double> score(const TransportPlan& plan) const;
  // The same number with other draws of the reference in place of the plan's.
  std::optional<double> floor() const;

 private:
  struct Conditional;
  std::optional<double> score(const TransportPlan& plan, const RandomStream& stream) const;

  const TransportPlan& reference_;
  WeightedPoints points_;
  double half_variance_;
  RandomStream stream_;
  std::vector<Conditional> conditionals_;  // one per point; empty where there is no score
};

}  // namespace otbridge
