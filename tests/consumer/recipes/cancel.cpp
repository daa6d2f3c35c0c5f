// A recipe of docs/recipes.md, which shows what is below this line.
#include <atomic>
#include <chrono>
#include <future>
#include <iostream>
#include <thread>

#include "otbridge/otbridge.hpp"

int main() {
  using namespace otbridge;
  const TransportProblem problem(Toy("moons@torchcfm"), Toy("8gaussians@torchcfm"),
                                 ReferenceProcess(1.0));

  std::atomic<bool> stop = false;
  auto answer = std::async(std::launch::async, [&] {  // trains for long, unless it is told to stop
    SolveContext context;
    context.cancel = &stop;
    return solve_dsb(problem, {}, context);
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(300));  // here the user changes their mind
  stop = true;
  // Soon: solvers look at it between small steps. What the solver throws is thrown here.
  const Solution solution = answer.get();

  const Points x = problem.source()->sample(100, RandomStream(1));
  const Points moved = solution.plan->sample(x, Direction::forward, RandomStream(2));
  std::cout << std::boolalpha << "stopped: " << name_of(solution.report.stop_reason) << "\n"
            << "finite: " << moved.allFinite() << "\n";
}
