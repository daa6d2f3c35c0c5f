// Many small problems: seconds for COUNT Sinkhorn problems of n = m points, solved as one batch.
//
//   bench_batch [COUNT 1000] [N 256] [EPSILON_RELATIVE 0.05] [TOLERANCE 1e-6] [REPEATS 5]
//
// Clouds as in clouds.py, drawn here: a standard normal law against eight modes of deviation 0.3 at
// radius 3, shifted by (1, 0). Prints the median and the largest marginal error.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <numbers>

#include "otbridge/measure/weighted_points.hpp"
#include "otbridge/solvers/sinkhorn.hpp"

using namespace otbridge;

namespace {

TransportProblem draw(Index n, double epsilon_relative, std::uint64_t k) {
  const Points x = normal_points(n, 2, RandomStream(2 * k + 1));
  Points y = 0.3 * normal_points(n, 2, RandomStream(2 * k + 2));
  for (Index i = 0; i < n; ++i) {
    const double angle = static_cast<double>(i % 8) * std::numbers::pi / 4.0;
    y(i, 0) += 3.0 * std::cos(angle) + 1.0;
    y(i, 1) += 3.0 * std::sin(angle);
  }
  // The mean of |x - y|^2 / 2 over all pairs.
  const double mean_cost =
      0.5 * (x.rowwise().squaredNorm().mean() + y.rowwise().squaredNorm().mean()) -
      x.colwise().mean().dot(y.colwise().mean());
  return {WeightedPoints(x), WeightedPoints(y), ReferenceProcess(epsilon_relative * mean_cost)};
}

}  // namespace

int main(int argc, char** argv) {
  const auto argument = [&](int k, double otherwise) {
    return argc > k ? std::strtod(argv[k], nullptr) : otherwise;
  };
  const auto count = static_cast<std::uint64_t>(argument(1, 1000));
  const auto n = static_cast<Index>(argument(2, 256));
  const int repeats = static_cast<int>(argument(5, 5));
  SinkhornSettings settings;
  settings.tolerance = argument(4, 1e-6);
  std::vector<TransportProblem> problems;
  for (std::uint64_t k = 0; k < count; ++k) problems.push_back(draw(n, argument(3, 0.05), k));

  std::vector<double> seconds;
  double worst = 0.0;
  for (int r = 0; r < repeats; ++r) {
    const auto start = std::chrono::steady_clock::now();
    const std::vector<Solution> solutions = solve_sinkhorn_batch(problems, settings);
    seconds.push_back(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    for (const Solution& s : solutions) {
      worst = std::max({worst, *s.report.marginal_error_source, *s.report.marginal_error_target});
    }
  }
  std::ranges::sort(seconds);
  const double median = seconds[seconds.size() / 2];
  std::printf("%llu problems of %lld x %lld: %.3f s (median of %d), %.3f ms each, error <= %.2g\n",
              static_cast<unsigned long long>(count), static_cast<long long>(n),
              static_cast<long long>(n), median, repeats, 1e3 * median / static_cast<double>(count),
              worst);
  return EXIT_SUCCESS;
}
