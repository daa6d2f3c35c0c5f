// A recipe of docs/recipes.md, which shows what is below this line.
#include <cstdint>
#include <iostream>

#include "otbridge/otbridge.hpp"

int main() {
  using namespace otbridge;
  const TransportProblem problem(Toy("moons@torchcfm"), Toy("8gaussians@torchcfm"),
                                 ReferenceProcess(0.5));
  const auto moved = [&](std::uint64_t seed, int threads) {
    SolveContext context;
    context.seed = seed;  // of all that the solver draws: here the clouds that stand for the laws
    context.threads = threads;
    SinkhornSettings settings;
    settings.samples = 500;
    const Solution solution = solve_sinkhorn(problem, settings, context);

    // What we draw ourselves has a stream of our own, a value without state.
    const RandomStream stream(seed);
    const Points x = problem.source()->sample(100, stream.fork(1));
    return solution.plan->sample(x, Direction::forward, stream.fork(2));
  };
  const Points once = moved(1, 1);
  std::cout << std::boolalpha << "again: " << (moved(1, 1) == once) << "\n"
            << "with three threads: " << (moved(1, 3) == once) << "\n"
            << "with another seed: " << (moved(2, 1) == once) << "\n";
}
