// The Gaussian closed form: the Schroedinger bridge between Gaussian laws, exactly.
//
// Any rank of either covariance, zero included; Brownian or Ornstein-Uhlenbeck reference. O(d^3)
// once, O(d^2) per point. No covariance is inverted: docs/solvers/gaussian.md has the formulas.
// Sources: Janati, Muzellec, Peyre, Cuturi 2020; Mallasto, Gerolin, Minh 2022; Bunne, Hsieh,
// Cuturi, Krause 2023 (Theorem 3).
#pragma once

#include "otbridge/solve/solver.hpp"

namespace otbridge {

struct GaussianSettings {
  // "exact" refuses laws that are not Gaussian; "match" replaces them by the Gaussian of their
  // moments.
  std::string moments = "exact";
  // Draws from which the moments of a law without known moments are estimated under "match".
  Index samples = 100000;
};
std::vector<SettingField> describe(GaussianSettings& settings);

// Throws InvalidInput if a law is not Gaussian and moments is "exact", and where the covariances
// over s^2 overflow.
Solution solve_gaussian(const TransportProblem& problem, const GaussianSettings& settings = {},
                        const SolveContext& context = {});

// Bit-identical outputs to those of the plan whose state it is.
std::unique_ptr<const TransportPlan> restore_gaussian(const TransportProblem& problem,
                                                      const PlanState& state);

// The joint law of (X_0, X_1): cross = Cov(X_0, X_1), d x d.
struct GaussianCoupling {
  Vector mean_source, mean_target;
  Matrix cov_source, cov_target, cross;
};
// Throws InvalidInput unless both covariances are symmetric positive semi-definite d x d.
GaussianCoupling gaussian_coupling(const Vector& mean_source, const Matrix& cov_source,
                                   const Vector& mean_target, const Matrix& cov_target,
                                   const ReferenceProcess& reference);

// Moments of X_t under the bridge, t in [0, 1].
struct GaussianMarginal {
  Vector mean;
  Matrix covariance;
};
GaussianMarginal gaussian_marginal(const GaussianCoupling& coupling,
                                   const ReferenceProcess& reference, double t);

}  // namespace otbridge
