// Ranks that work together, as threads here, have the bytes of one process: plans, and what they
// move.
#include <doctest/doctest.h>

#include "../thread_ranks.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/parallel.hpp"
#include "otbridge/io/plan_file.hpp"
#include "otbridge/measure/toy.hpp"
#include "otbridge/solvers/registry.hpp"

using namespace otbridge;

namespace {

struct Case {
  std::string solver;
  SettingAssignments settings;
  Index n, m;
};

// Of sizes at which each solver shares its loops.
std::vector<Case> cases() {
  const SettingAssignments neural{
      {"training_steps", 15LL}, {"hidden", std::vector<long long>{8}}, {"steps", 4LL}};
  SettingAssignments dsb = neural, dsbm = neural;
  dsb.push_back({"iterations", 2LL});  // so that the first chain is a mixture bridge
  dsb.push_back({"map_samples", 2LL});
  dsbm.push_back({"samples", 300LL});
  return {{"gaussian", {{"moments", std::string("match")}}, 400, 300},
          {"sinkhorn", {}, 1500, 1300},
          {"exact", {}, 700, 600},
          {"mixture", {{"components", 4LL}, {"iterations", 20LL}}, 400, 300},
          {"dsb", dsb, 400, 300},
          {"dsbm", dsbm, 400, 300}};
}

TransportProblem problem_of(const Case& c) {
  const auto cloud = [](const char* name, Index n, std::uint64_t seed) {
    return WeightedPoints(Toy(name).sample(n, RandomStream(seed)));
  };
  return {cloud("moons@torchcfm", c.n, 1), cloud("8gaussians@torchcfm", c.m, 2),
          ReferenceProcess(c.solver == "exact" || c.solver == "sinkhorn" ? 0.2 : 1.0)};
}

struct Left {
  std::string plan;
  std::vector<Points> moved;
  bool operator==(const Left&) const = default;
};

Left solve(const Case& c, const SolveContext& context) {
  const TransportProblem problem = problem_of(c);
  const Solution solution = find_solver(c.solver).solve(problem, c.settings, context);
  Left left{encode_plan(*solution.plan, &solution.report), {}};
  const Points x = problem.source()->sample(100, RandomStream(3));
  left.moved.push_back(solution.plan->map(x, Direction::forward));
  left.moved.push_back(solution.plan->sample(x, Direction::forward, RandomStream(4), 7));
  return left;
}

}  // namespace

TEST_CASE("any number of ranks has the bytes of one process, whatever the solver") {
  for (const Case& c : cases()) {
    const Left alone = solve(c, {});
    for (const int ranks : {2, 3, 5}) {
      CAPTURE(c.solver);
      CAPTURE(ranks);
      // Threads of different counts on the ranks.
      const auto all = results_on_ranks(ranks, [&] {
        SolveContext context;
        context.threads = 1 + exchange_rank() % 2;
        return solve(c, context);
      });
      for (const Left& left : all) CHECK((left == alone));
    }
  }
}

TEST_CASE("ranks stop together, where the first is asked to") {
  for (const char* solver : {"sinkhorn", "exact", "mixture", "dsb"}) {
    for (const Case& c : cases()) {
      if (c.solver != solver) continue;
      CAPTURE(c.solver);
      const auto reasons = results_on_ranks(3, [&] {
        // The others are past their deadline, or cancelled, and it does not count.
        const std::atomic<bool> cancelled{exchange_rank() == 1};
        SolveContext context;
        context.cancel = &cancelled;
        if (exchange_rank() == 0) context.stop_after(1e-9);
        if (exchange_rank() != 0) context.stop_after(1000.0);
        return find_solver(c.solver).solve(problem_of(c), c.settings, context).report.stop_reason;
      });
      CHECK(reasons == std::vector<StopReason>(3, StopReason::time_limit));
    }
  }
}
