// Exact transport of one cloud to another: seconds, pivots, peak memory of the process.
//
// Usage: bench_exact [points] [dimension] [repetitions] [threads] [source.npy target.npy]
//        bench_exact case [size] [repetitions] [threads]      (cases: exact_cases.hpp)
// Without files: N(0, I) to N(0.5, 0.49 I). Files hold float64, n x d, C order; weights are
// uniform.
#include <sys/resource.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <utility>
#include <vector>

#include "exact_cases.hpp"
#include "otbridge/core/parallel.hpp"
#include "otbridge/core/random.hpp"
#include "simplex/cloud_transport.hpp"

namespace {

using namespace otbridge;

// The bytes after the header, whose length the file states at offset 8.
Points read_npy(const char* path, Index d) {
  std::ifstream file(path, std::ios::binary);
  char head[10];
  file.read(head, sizeof head);
  const long start =
      10 + static_cast<unsigned char>(head[8]) + 256L * static_cast<unsigned char>(head[9]);
  file.seekg(0, std::ios::end);
  const Index n = (static_cast<long>(file.tellg()) - start) / (8 * d);
  Points points(n, d);
  file.seekg(start);
  file.read(reinterpret_cast<char*>(points.data()), 8 * n * d);
  return points;
}

}  // namespace

int main(int argc, char** argv) {
  const auto argument = [&](int k, Index fallback) {
    return argc > k ? static_cast<Index>(std::atoll(argv[k])) : fallback;
  };
  const Index repetitions = argument(3, 5);
  const ThreadScope scope(static_cast<int>(argument(4, 0)));
  const auto problem = [&]() -> std::pair<WeightedPoints, WeightedPoints> {
    const Index n = argument(1, 5000), d = argument(2, 2);
    if (argc > 1 && std::isalpha(static_cast<unsigned char>(argv[1][0])))
      return exact_case(argv[1], argument(2, 5000));
    if (argc > 6)
      return {WeightedPoints(read_npy(argv[5], d)), WeightedPoints(read_npy(argv[6], d))};
    return {WeightedPoints(normal_points(n, d, RandomStream(1))),
            WeightedPoints(Points((0.7 * normal_points(n, d, RandomStream(2))).array() + 0.5))};
  };
  const auto [source, target] = problem();
  std::vector<double> seconds;
  CloudTransport found;
  for (Index k = 0; k < repetitions; ++k) {
    const auto started = std::chrono::steady_clock::now();
    found = transport_clouds(source, target);
    seconds.push_back(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count());
  }
  std::ranges::sort(seconds);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf(
      "n %td, m %td, d %td, %d threads: median %.3f s (least %.3f), %td pivots, cost %.15g, "
      "gap %.2g, peak %.1f MB\n",
      source.size(), target.size(), source.dimension(), current_threads(),
      seconds[seconds.size() / 2], seconds.front(), found.pivots, found.cost,
      found.cost - found.dual_value, static_cast<double>(usage.ru_maxrss) / 1024.0);
}
