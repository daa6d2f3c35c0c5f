// A potential of three shapes in the plane, of unequal precision, and draws of the bridge of any.
#pragma once

#include <cmath>
#include <vector>

#include "measure/mixture_potential.hpp"
#include "mixture/fit.hpp"

namespace otbridge::testing {

// The kernel's variance is 1. means: of the Gaussian terms of phi, each of log_weight 0 at its
// mean.
inline std::vector<PotentialShape> three_shapes(const std::vector<Vector>& means) {
  std::vector<PotentialShape> shapes;
  for (std::size_t k = 0; k < means.size(); ++k) {
    const Matrix precision = Matrix{{2.0 + static_cast<double>(k), 0.5}, {0.5, 3.0}};
    shapes.push_back({-0.5 * means[k].dot(precision * means[k]), precision * means[k],
                      precision + Matrix::Identity(2, 2)});
  }
  return shapes;
}

// n draws of either law, from a standard normal source.
inline MixtureData draws_of(const std::vector<PotentialShape>& shapes, Index n,
                            const RandomStream& stream) {
  const Index d = shapes.front().linear.size();
  const MixturePotential potential(Eigen::RowVectorXd::Zero(d), 1.0, shapes);
  const Vector weights = Vector::Constant(n, 1.0 / static_cast<double>(n));
  return {normal_points(n, d, stream.fork(0)),
          potential.sample(normal_points(n, d, stream.fork(1)), {1.0, 1.0}, stream.fork(2), 0),
          weights, weights};
}

// Root mean square of the maps' difference: log h itself is known up to a constant.
inline double distance_of_maps(const std::vector<PotentialShape>& a,
                               const std::vector<PotentialShape>& b) {
  const Points x = normal_points(200, 2, RandomStream(9));
  const auto map = [&](const std::vector<PotentialShape>& shapes) {
    return MixturePotential(Eigen::RowVectorXd::Zero(2), 1.0, shapes).mean(x, {1.0, 1.0});
  };
  return std::sqrt((map(a) - map(b)).rowwise().squaredNorm().mean());
}

}  // namespace otbridge::testing
