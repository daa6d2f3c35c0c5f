#include "solve/plan_entropy.hpp"

#include <algorithm>
#include <cmath>

namespace otbridge {
namespace {

// A point of all mass has entropy 0, not -0.
double entropy(const Vector& weights) {
  double total = 0.0;
  for (const double w : weights) {
    if (w > 0.0 && w < 1.0) total -= w * std::log(w);
  }
  return total;
}

}  // namespace

std::optional<double> plan_entropy(double kl, const Vector& a, const Vector& b) {
  const double both = entropy(a) + entropy(b);
  if (!(both > 0.0)) return std::nullopt;
  return std::clamp(1.0 - 2.0 * kl / both, 0.0, 1.0);
}

// 2 H(pi) - H(a) - H(b) = sum pi_ij (log a_i / pi_ij + log b_j / pi_ij), each term at least 0.
std::optional<double> plan_entropy(std::span<const Flow> flows, Index n, Index m) {
  Vector a = Vector::Zero(n), b = Vector::Zero(m);
  for (const Flow& flow : flows) {
    a[flow.source] += flow.mass;
    b[flow.target] += flow.mass;
  }
  const double both = entropy(a) + entropy(b);
  if (!(both > 0.0)) return std::nullopt;
  double spread = 0.0;
  for (const Flow& flow : flows) {
    spread +=
        flow.mass * (std::log(a[flow.source] / flow.mass) + std::log(b[flow.target] / flow.mass));
  }
  return std::clamp(spread / both, 0.0, 1.0);
}

}  // namespace otbridge
