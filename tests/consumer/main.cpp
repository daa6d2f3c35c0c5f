// The C++ example of the README.
#include <iostream>

#include "otbridge/otbridge.hpp"

int main() {
  using namespace otbridge;
  const Measure moons = Toy("moons@torchcfm");
  const Measure gaussians = Toy("8gaussians@torchcfm");
  const TransportProblem problem(moons, gaussians, ReferenceProcess(0.5));

  SinkhornSettings settings;
  settings.tolerance = 1e-6;
  const Solution solution = solve_sinkhorn(problem, settings);

  const Points x = moons->sample(5, RandomStream(1));
  std::cout << solution.plan->map(x, Direction::forward) << "\n"
            << "stopped: " << name_of(solution.report.stop_reason)
            << ", gap: " << solution.report.duality_gap.value() << "\n";
}
