// Sinkhorn against data/reference/sinkhorn_dense.csv, written by sinkhorn_dense.py (NumPy 2.4.6).
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>
#include <string>

#include "../../relative.hpp"
#include "otbridge/measure/weighted_points.hpp"
#include "otbridge/solvers/sinkhorn.hpp"

using namespace otbridge;

namespace {

// The clouds of the script: points and weights by formula.
WeightedPoints small_cloud(Index n, Index d, double phase) {
  Points points(n, d);
  Vector weights(n);
  for (Index i = 0; i < n; ++i) {
    weights[i] = static_cast<double>(1 + i % 3);
    for (Index k = 0; k < d; ++k) {
      const auto row = static_cast<double>(i + 1), column = static_cast<double>(k + 1);
      points(i, k) = std::sin(phase + 1.7 * row * column) + 0.5 * std::cos(phase * column + row);
    }
  }
  return WeightedPoints(points, weights);
}

}  // namespace

TEST_CASE("sinkhorn reproduces the values of an independent dense solve") {
  std::ifstream file(OTBRIDGE_SOURCE_DIR "/data/reference/sinkhorn_dense.csv");
  REQUIRE(file);
  std::string line;
  std::getline(file, line);
  int cases = 0;
  while (std::getline(file, line)) {
    CAPTURE(line);
    std::ranges::replace(line, ',', ' ');
    std::istringstream row(line);
    Index n = 0, m = 0, d = 0;
    double epsilon = 0, theta = 0, linear = 0, kl = 0, value = 0;
    row >> n >> m >> d >> epsilon >> theta >> linear >> kl >> value;
    REQUIRE(!row.fail());
    SinkhornSettings settings;
    settings.tolerance = 1e-12;
    const TransportProblem problem(small_cloud(n, d, 0.3), small_cloud(m, d, 1.1),
                                   ReferenceProcess(epsilon, theta));
    const auto report = solve_sinkhorn(problem, settings).report;
    CHECK(report.stop_reason == StopReason::converged);
    CHECK(*report.value_linear == relative(linear, 1e-10));
    CHECK(*report.kl == relative(kl, 1e-10));
    CHECK(*report.value == relative(value, 1e-10));
    ++cases;
  }
  CHECK(cases == 18);
}
