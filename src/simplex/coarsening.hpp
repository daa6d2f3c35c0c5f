// From coarse to fine: a smaller problem, and what its potentials say of this one.
#pragma once

#include <functional>

#include "simplex/progression.hpp"
#include "sweep/cost_sweep.hpp"

namespace otbridge {

struct Duals {
  Vector f, g;
};

// Runs of four points in spatial order as their mean, with their mass together.
SimplexProblem coarser(const SimplexProblem& problem);

// The c-transforms of a problem: f from g, and g from f.
struct Transforms {
  std::function<Vector(const Vector&)> by_source, by_target;
};

// From the optimum of the coarser problem: each of its potentials gives one of the other side here;
// their mean, made feasible and tight in every row and column. Less of that once told to stop.
Duals carried_duals(const SimplexProblem& problem, const SimplexProblem& coarse, const Duals& above,
                    const Transforms& transforms, Progression& progression);

// The same of any g.
Duals tight_duals(Vector g, const Transforms& transforms, Progression& progression);

}  // namespace otbridge
