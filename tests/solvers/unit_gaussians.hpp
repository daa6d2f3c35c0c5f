// The problem of two unit Gaussians half a unit left and right of 0, and what a plan makes of them.
#pragma once

#include "otbridge/core/random.hpp"
#include "otbridge/measure/gaussian.hpp"
#include "otbridge/problem/problem.hpp"
#include "otbridge/solve/solver.hpp"

namespace otbridge {

inline TransportProblem gaussian_pair(Index d, double theta = 0.0) {
  return {Gaussian::isotropic(Vector::Constant(d, -0.5), 1.0),
          Gaussian::isotropic(Vector::Constant(d, 0.5), 1.0), ReferenceProcess(1.0, theta)};
}

// Of the first coordinate.
struct PushedMoments {
  double mean, variance, covariance;
};

inline PushedMoments pushed(const Solution& solution, Direction direction, Index n) {
  const auto& plan = *solution.plan;
  const Points x = plan.problem().start(direction)->sample(n, RandomStream(20));
  const Points y = plan.sample(x, direction, RandomStream(21));
  const Eigen::ArrayXd a = x.col(0).array() - x.col(0).mean(),
                       b = y.col(0).array() - y.col(0).mean();
  return {y.col(0).mean(), b.square().mean(), (a * b).mean()};
}

}  // namespace otbridge
