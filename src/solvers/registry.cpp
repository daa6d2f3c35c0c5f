#include "otbridge/solvers/registry.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "otbridge/core/error.hpp"
#include "otbridge/solvers/dsb.hpp"
#include "otbridge/solvers/exact.hpp"
#include "otbridge/solvers/gaussian.hpp"
#include "otbridge/solvers/sinkhorn.hpp"

namespace otbridge {
namespace {

template <class S>
std::unique_ptr<const Solver> entry(std::string_view name, std::string_view summary,
                                    Solution (*solve)(const TransportProblem&, const S&,
                                                      const SolveContext&),
                                    typename SolverOf<S>::RestoreFunction restore) {
  return std::make_unique<const SolverOf<S>>(name, summary, solve, restore);
}

}  // namespace

std::span<const std::unique_ptr<const Solver>> solvers() {
  static const std::array<std::unique_ptr<const Solver>, 4> all{
      entry("gaussian", "closed form, exact, for Gaussian laws of any rank", solve_gaussian,
            restore_gaussian),
      entry("sinkhorn", "entropic coupling of two clouds, matrix-free, with a certificate",
            solve_sinkhorn, restore_sinkhorn),
      entry("exact", "unregularised coupling of two clouds, network simplex, with a certificate",
            solve_exact, restore_exact),
      entry("dsb", "neural diffusion Schroedinger bridge: learns the drift from samples", solve_dsb,
            restore_dsb)};
  return all;
}

const Solver& find_solver(std::string_view name) {
  std::vector<std::string> names;
  for (const auto& solver : solvers()) {
    if (solver->name() == name) return *solver;
    names.emplace_back(solver->name());
  }
  const std::string near = nearest_word(std::string(name), names);
  std::string known;
  for (const auto& each : names) known += (known.empty() ? "" : ", ") + each;
  throw InvalidInput(
      "solver \"" + std::string(name) + "\"",
      near.empty() ? "unknown; known are " + known : "unknown; did you mean \"" + near + "\"?");
}

}  // namespace otbridge
