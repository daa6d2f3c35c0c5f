#include "simplex/coarsening.hpp"

#include "core/spatial_order.hpp"

namespace otbridge {
namespace {

constexpr Index kRun = 4;  // points of one level that become one of the next

}  // namespace

SimplexProblem coarser(const SimplexProblem& problem) {
  const auto side = [](const Points& points, const std::vector<Mass>& masses, Points& means,
                       std::vector<Mass>& sums) {
    Vector weights(points.rows()), unused;
    sums.assign(to_size((points.rows() + kRun - 1) / kRun), 0);
    for (std::size_t i = 0; i < masses.size(); ++i) {
      weights[static_cast<Index>(i)] = static_cast<double>(masses[i]);
      sums[i / to_size(kRun)] += masses[i];
    }
    coarsen(points, weights, kRun, means, unused);
  };
  SimplexProblem coarse;
  coarse.ground = problem.ground;
  side(problem.x, problem.supply, coarse.x, coarse.supply);
  side(problem.y, problem.demand, coarse.y, coarse.demand);
  return coarse;
}

Duals carried_duals(const SimplexProblem& problem, const SimplexProblem& coarse, const Duals& above,
                    const Transforms& transforms, Progression& progression) {
  Vector g = CostSweep(problem.y, coarse.x, problem.ground).transform(above.f);
  if (progression.going_on()) {
    const Vector f = CostSweep(problem.x, coarse.y, problem.ground).transform(above.g);
    if (progression.going_on()) g = 0.5 * (g + transforms.by_target(f));
  }
  return tight_duals(std::move(g), transforms, progression);
}

Duals tight_duals(Vector g, const Transforms& transforms, Progression& progression) {
  if (progression.in_haste()) return {{}, std::move(g)};
  Duals duals{transforms.by_source(g), std::move(g)};
  if (progression.going_on()) duals.g = transforms.by_target(duals.f);
  return duals;
}

}  // namespace otbridge
