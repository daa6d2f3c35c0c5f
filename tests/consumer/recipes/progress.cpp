// A recipe of docs/recipes.md, which shows what is below this line.
#include <iostream>

#include "otbridge/otbridge.hpp"

int main() {
  using namespace otbridge;
  const Measure source = WeightedPoints(Toy("moons@torchcfm").sample(1000, RandomStream(1)));
  const Measure target = WeightedPoints(Toy("8gaussians@torchcfm").sample(1000, RandomStream(2)));
  const TransportProblem problem(source, target, ReferenceProcess(0.05));

  double last = 0.0;
  bool ascends = true;
  SolveContext context;
  // Called by the thread that solves, between two steps: it holds the solver up while it runs.
  context.observer = [&](const Progress& progress) {
    std::cerr << static_cast<int>(100 * progress.fraction) << "%  " << progress.phase
              << "  iteration " << progress.iteration;
    if (progress.marginal_error_source) std::cerr << "  error " << *progress.marginal_error_source;
    std::cerr << "\n";
    ascends = ascends && progress.fraction >= last;
    last = progress.fraction;
  };
  const Solution solution = solve_sinkhorn(problem, {}, context);

  // The report keeps the records of the run: for a curve of the convergence, say.
  const Progress& end = solution.report.trace.back();
  std::cout << std::boolalpha << "the fraction ascends: " << ascends << "\n"
            << "last error below 1e-6: " << (end.marginal_error_source.value() <= 1e-6) << "\n";
}
