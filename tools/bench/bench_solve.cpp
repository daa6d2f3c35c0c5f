// Solves between two clouds with the Sinkhorn solver and times the solve alone, for bench.py.
//
// Usage: bench_solve SOURCE.npy TARGET.npy EPSILON TOLERANCE OUTPUT [time limit, s] [KEY=VALUE ...]
// Writes the potentials to OUTPUT_f.npy and OUTPUT_g.npy and prints the report as JSON, with the
// wall-clock seconds of the call ("solve_seconds"). KEY=VALUE: settings.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include "otbridge/io/cloud.hpp"
#include "otbridge/io/json.hpp"
#include "otbridge/io/problem_json.hpp"
#include "otbridge/io/report_json.hpp"
#include "otbridge/measure/weighted_points.hpp"
#include "otbridge/solvers/sinkhorn.hpp"
#include "peak_memory.hpp"

namespace {

using namespace otbridge;
using Clock = std::chrono::steady_clock;

int run(int argc, char** argv) {
  const Measure source = WeightedPoints(read_cloud(argv[1]).points);
  const Measure target = WeightedPoints(read_cloud(argv[2]).points);
  const TransportProblem problem(source, target, ReferenceProcess(std::atof(argv[3])));
  SinkhornSettings settings;
  settings.tolerance = std::atof(argv[4]);
  for (int k = 7; k < argc; ++k) {
    const auto [key, value] = parse_assignment(argv[k]);
    assign_setting(describe(settings), key, value);
  }
  SolveContext context;
  const auto started = Clock::now();
  if (argc > 6 && std::atof(argv[6]) > 0.0) {
    const std::chrono::duration<double> limit(std::atof(argv[6]));
    context.deadline = started + std::chrono::duration_cast<Clock::duration>(limit);
  }
  const Solution solution = solve_sinkhorn(problem, settings, context);
  const double seconds = std::chrono::duration<double>(Clock::now() - started).count();
  const auto peak = peak_mib();

  const PlanState state = solution.plan->state();
  const std::string output = argv[5];
  write_cloud({state.array("f"), {}, {}, {}}, output + "_f.npy");
  write_cloud({state.array("g"), {}, {}, {}}, output + "_g.npy");
  Json report = report_to_json(solution.report);
  report["solve_seconds"] = seconds;
  report["peak_mib"] = peak ? Json(*peak) : Json();
  std::printf("%s\n", report.dump().c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 6) {
    std::fprintf(stderr, "usage: bench_solve SOURCE TARGET EPSILON TOLERANCE OUTPUT [LIMIT] ...\n");
    return 2;
  }
  try {
    return run(argc, argv);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "bench_solve: %s\n", failure.what());
    return 1;
  }
}
