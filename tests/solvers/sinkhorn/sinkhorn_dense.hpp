// The oracle of the Sinkhorn tests: dense, log-domain, plain loops in double, nothing shared with
// the solver.
#pragma once

#include <cmath>
#include <vector>

#include "otbridge/measure/weighted_points.hpp"
#include "otbridge/reference/reference.hpp"

namespace otbridge {

struct DenseSinkhorn {
  Matrix cost, pi;
  Vector f, g;
  double value_linear = 0.0, kl = 0.0;

  DenseSinkhorn(const WeightedPoints& mu, const WeightedPoints& nu, const ReferenceProcess& process,
                int iterations) {
    const Index n = mu.size(), m = nu.size();
    const double s2 = process.endpoint_variance(), decay = process.endpoint_decay();
    const Vector &a = mu.weights(), &b = nu.weights();
    cost.resize(n, m);
    for (Index i = 0; i < n; ++i) {
      for (Index j = 0; j < m; ++j) {
        cost(i, j) = 0.5 * (nu.points().row(j) - decay * mu.points().row(i)).squaredNorm();
      }
    }
    f = Vector::Zero(n);
    g = Vector::Zero(m);
    // Soft minimum of cost minus potential, with the largest term taken out.
    const auto soft = [&](auto&& other, const Vector& weights, auto&& c) {
      double largest = -INFINITY, total = 0.0;
      for (Index k = 0; k < weights.size(); ++k) {
        if (weights[k] > 0.0) largest = std::max(largest, (other[k] - c(k)) / s2);
      }
      for (Index k = 0; k < weights.size(); ++k) {
        if (weights[k] > 0.0) total += weights[k] * std::exp((other[k] - c(k)) / s2 - largest);
      }
      return -s2 * (largest + std::log(total));
    };
    for (int k = 0; k < iterations; ++k) {
      for (Index i = 0; i < n; ++i) f[i] = soft(g, b, [&](Index j) { return cost(i, j); });
      for (Index j = 0; j < m; ++j) g[j] = soft(f, a, [&](Index i) { return cost(i, j); });
    }
    const double gauge = f.dot(a);
    f.array() -= gauge;
    g.array() += gauge;
    pi.resize(n, m);
    for (Index i = 0; i < n; ++i) {
      for (Index j = 0; j < m; ++j) {
        const double log_ratio = (f[i] + g[j] - cost(i, j)) / s2;
        pi(i, j) = a[i] * b[j] == 0.0 ? 0.0 : a[i] * b[j] * std::exp(log_ratio);
        value_linear += pi(i, j) * cost(i, j);
        kl += pi(i, j) * log_ratio;
      }
    }
  }
};

}  // namespace otbridge
