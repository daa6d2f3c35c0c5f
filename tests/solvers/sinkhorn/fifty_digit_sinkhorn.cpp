#include "fifty_digit_sinkhorn.hpp"

#include <algorithm>
#include <boost/multiprecision/cpp_bin_float.hpp>
#include <vector>

namespace otbridge::testing {
namespace {

using Real = boost::multiprecision::cpp_bin_float_50;
using Row = std::vector<Real>;

Row normalised(const Vector& weights) {
  Row result(weights.data(), weights.data() + weights.size());
  Real total = 0;
  for (const Real& w : result) total += w;
  for (Real& w : result) w /= total;
  return result;
}

}  // namespace

FiftyDigitAnswer fifty_digit_sinkhorn(const Points& x, const Vector& a, const Points& y,
                                      const Vector& b, double s2, int iterations) {
  const auto n = static_cast<std::size_t>(x.rows()), m = static_cast<std::size_t>(y.rows());
  const Row p = normalised(a), q = normalised(b);
  std::vector<Row> cost(n, Row(m));
  Real largest = 0;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < m; ++j) {
      for (Index k = 0; k < x.cols(); ++k) {
        const Real difference = Real(x(Index(i), k)) - Real(y(Index(j), k));
        cost[i][j] += difference * difference / 2;
      }
      largest = std::max(largest, cost[i][j]);
    }
  }
  // -t log sum_l w_l exp((other_l - c_l) / t), the largest term taken out.
  const auto soft = [](const Row& other, const Row& w, const Real& t, auto&& c) {
    Real most = (other[0] - c(0)) / t;
    for (std::size_t l = 1; l < w.size(); ++l) most = std::max(most, Real((other[l] - c(l)) / t));
    Real sum = 0;
    for (std::size_t l = 0; l < w.size(); ++l) sum += w[l] * exp((other[l] - c(l)) / t - most);
    return Real(-t * (most + log(sum)));
  };
  Row f(n, Real(0)), g(m, Real(0));
  Real error = 1;
  const auto iterate = [&](const Real& t) {
    for (std::size_t i = 0; i < n; ++i) {
      f[i] = soft(g, q, t, [&](std::size_t j) -> const Real& { return cost[i][j]; });
    }
    error = 0;
    for (std::size_t j = 0; j < m; ++j) {
      const Real next = soft(f, p, t, [&](std::size_t i) -> const Real& { return cost[i][j]; });
      error += q[j] * abs(exp((g[j] - next) / t) - 1);
      g[j] = next;
    }
  };
  for (Real t = largest / 8; t > s2; t /= 8) {
    for (int k = 0; k < 12; ++k) iterate(t);
  }
  for (int k = 0; k < iterations && (k == 0 || error > 1e-20); ++k) iterate(Real(s2));

  FiftyDigitAnswer answer{error < 1e-19, 0.0, 0.0, 0.0, Points(x.rows(), x.cols())};
  Real linear = 0, kl = 0, mass = 0, dual = 0;
  for (std::size_t i = 0; i < n; ++i) {
    Row mean(static_cast<std::size_t>(x.cols()), Real(0));
    Real total = 0;
    for (std::size_t j = 0; j < m; ++j) {
      const Real exponent = (f[i] + g[j] - cost[i][j]) / s2;
      const Real pi = p[i] * q[j] * exp(exponent);
      linear += pi * cost[i][j];
      kl += pi * exponent;
      total += pi;
      for (std::size_t k = 0; k < mean.size(); ++k) mean[k] += pi * Real(y(Index(j), Index(k)));
    }
    for (std::size_t k = 0; k < mean.size(); ++k) {
      answer.map(Index(i), Index(k)) = static_cast<double>(mean[k] / total);
    }
    mass += total;
    dual += p[i] * f[i];
  }
  for (std::size_t j = 0; j < m; ++j) dual += q[j] * g[j];
  answer.value_linear = static_cast<double>(linear);
  answer.value = static_cast<double>(linear + s2 * kl);
  answer.dual_value = static_cast<double>(dual - s2 * (mass - 1));
  return answer;
}

}  // namespace otbridge::testing
