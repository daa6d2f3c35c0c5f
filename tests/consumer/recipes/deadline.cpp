// A recipe of docs/recipes.md, which shows what is below this line.
#include <chrono>
#include <iostream>

#include "otbridge/otbridge.hpp"

int main() {
  using namespace otbridge;
  const Measure source = WeightedPoints(Toy("moons@torchcfm").sample(20000, RandomStream(1)));
  const Measure target = WeightedPoints(Toy("8gaussians@torchcfm").sample(20000, RandomStream(2)));
  const TransportProblem problem(source, target, ReferenceProcess(0.001));

  SinkhornSettings settings;
  settings.tolerance = 1e-12;  // more than the time is enough for
  SolveContext context;
  context.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(200);
  context.to_map = 100;  // rows that we map afterwards, and want by the deadline as well
  const Solution solution = solve_sinkhorn(problem, settings, context);

  // The plan of a solver that was stopped is used as any other; its report says how exact it is.
  const SolveReport& report = solution.report;
  const Points moved =
      solution.plan->map(source.as<WeightedPoints>()->points().topRows(100), Direction::forward);
  std::cout << std::boolalpha << "stopped: " << name_of(report.stop_reason) << "\n"
            << "finite: " << moved.allFinite() << "\n";
  std::cerr << "after " << report.seconds << " s";
  if (report.marginal_error_target) {
    std::cerr << ", the target is missed by " << *report.marginal_error_target;
  }
  std::cerr << "\n";
}
