// A recipe of docs/recipes.md, which shows what is below this line.
#include <iostream>

#include "otbridge/otbridge.hpp"

int main() {
  using namespace otbridge;
  const TransportProblem problem(Toy("moons@torchcfm"), Toy("8gaussians@torchcfm"),
                                 ReferenceProcess(0.5));
  const Solution solution = solve_sinkhorn(problem);
  write_plan(solution, "plan.safetensors");

  // In another program, another day: the file holds the problem, the plan and its report.
  const PlanFile file = read_plan_file("plan.safetensors");
  const Points x = file.plan->problem().source()->sample(100, RandomStream(7));
  const bool same =
      file.plan->map(x, Direction::forward) == solution.plan->map(x, Direction::forward);
  std::cout << std::boolalpha << "a plan of " << file.plan->name() << ", epsilon "
            << file.plan->problem().reference().epsilon() << ", "
            << name_of(file.report->stop_reason) << "\n"
            << "the same map, to the last bit: " << same << "\n";
}
