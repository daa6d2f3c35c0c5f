// A recipe of docs/recipes.md, which shows what is below this line.
#include <algorithm>
#include <cstdint>
#include <iostream>
#include <vector>

#include "otbridge/otbridge.hpp"

int main() {
  using namespace otbridge;
  // A hundred minibatches of 64 points, as flow matching couples them.
  const Toy source("moons@torchcfm"), target("8gaussians@torchcfm");
  std::vector<TransportProblem> problems;
  for (std::uint64_t batch = 0; batch < 100; ++batch) {
    const WeightedPoints x(source.sample(64, RandomStream(batch, Purpose::source_draw)));
    const WeightedPoints y(target.sample(64, RandomStream(batch, Purpose::target_draw)));
    problems.emplace_back(x, y, ReferenceProcess(0.5));
  }

  // One thread to each problem; small ones are too small to share out.
  const std::vector<Solution> solutions = solve_sinkhorn_batch(problems);

  const auto converged = std::ranges::count_if(solutions, [](const Solution& solution) {
    return solution.report.stop_reason == StopReason::converged;
  });
  const Matrix together = solutions[7].plan->coupling()->rows(0, 64);
  const Matrix alone = solve_sinkhorn(problems[7]).plan->coupling()->rows(0, 64);
  std::cout << std::boolalpha << "converged: " << converged << " of " << solutions.size() << "\n"
            << "as one by one: " << (together == alone) << "\n";
}
