// Solves many small problems with the Sinkhorn solver and times the solves alone, for bench.py.
//
// Usage: bench_batch SOURCES.npy TARGETS.npy EPSILONS.npy TOLERANCE OUTPUT LIMIT batch|single
// The clouds, of one size on each side, stand one below the other; epsilons: one to a problem.
// batch: solve_sinkhorn_batch; single: solve_sinkhorn in a loop. LIMIT: seconds for all of them.
// Prints the seconds and which problems were solved as JSON; the potentials of these, a row each,
// go to OUTPUT_f.npy and OUTPUT_g.npy.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "otbridge/io/cloud.hpp"
#include "otbridge/io/json.hpp"
#include "otbridge/measure/weighted_points.hpp"
#include "otbridge/solvers/sinkhorn.hpp"

namespace {

using namespace otbridge;
using Clock = std::chrono::steady_clock;

std::vector<TransportProblem> read_problems(char** paths) {
  const Points x = read_cloud(paths[0]).points, y = read_cloud(paths[1]).points;
  const Points epsilons = read_cloud(paths[2]).points;
  const Index count = epsilons.rows(), n = x.rows() / count, m = y.rows() / count;
  std::vector<TransportProblem> problems;
  for (Index k = 0; k < count; ++k) {
    problems.emplace_back(WeightedPoints(x.middleRows(k * n, n)),
                          WeightedPoints(y.middleRows(k * m, m)), ReferenceProcess(epsilons(k, 0)));
  }
  return problems;
}

void run(char** argv) {
  const std::vector<TransportProblem> problems = read_problems(argv + 1);
  SinkhornSettings settings;
  settings.tolerance = std::atof(argv[4]);
  const bool batch = std::string_view(argv[7]) == "batch";
  SolveContext context;
  const std::chrono::duration<double> limit(std::atof(argv[6]));
  const auto started = Clock::now();
  context.deadline = started + std::chrono::duration_cast<Clock::duration>(limit);
  std::vector<Solution> solutions;
  if (batch) {
    solutions = solve_sinkhorn_batch(problems, settings, context);
  } else {
    for (const TransportProblem& problem : problems) {
      solutions.push_back(solve_sinkhorn(problem, settings, context));
    }
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - started).count();

  std::vector<std::size_t> solved;
  for (std::size_t k = 0; k < solutions.size(); ++k) {
    if (solutions[k].report.stop_reason == StopReason::converged) solved.push_back(k);
  }
  for (const std::string name : {"f", "g"}) {
    Points potentials;
    for (Index row = 0; const std::size_t k : solved) {
      const PlanState state = solutions[k].plan->state();
      const Points& potential = state.array(name);
      potentials.conservativeResize(static_cast<Index>(solved.size()), potential.size());
      potentials.row(row++) = potential.reshaped().transpose();
    }
    if (!solved.empty()) write_cloud({potentials, {}, {}, {}}, argv[5] + ("_" + name + ".npy"));
  }
  std::printf("%s\n", Json({{"seconds", seconds}, {"solved", solved}}).dump().c_str());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 8) {
    std::fprintf(stderr,
                 "usage: bench_batch SOURCES TARGETS EPSILONS TOLERANCE OUTPUT LIMIT "
                 "batch|single\n");
    return 2;
  }
  try {
    run(argv);
    return 0;
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "bench_batch: %s\n", failure.what());
    return 1;
  }
}
