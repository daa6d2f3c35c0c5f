#include "otbridge/solvers/registry.hpp"

#include <array>
#include <string>

#include "otbridge/core/error.hpp"
#include "otbridge/core/names.hpp"
#include "otbridge/known/known_answer.hpp"
#include "otbridge/solvers/dsb.hpp"
#include "otbridge/solvers/dsbm.hpp"
#include "otbridge/solvers/exact.hpp"
#include "otbridge/solvers/gaussian.hpp"
#include "otbridge/solvers/mixture.hpp"
#include "otbridge/solvers/sinkhorn.hpp"

namespace otbridge {
namespace {

// Deduces the settings struct from the two functions, so that an entry names it nowhere.
template <class S>
std::unique_ptr<const Solver> entry(std::string_view name, std::string_view summary,
                                    Solution (*solve)(const TransportProblem&, const S&,
                                                      const SolveContext&),
                                    typename SolverOf<S>::RestoreFunction restore,
                                    SolverTraits traits = {}) {
  return std::make_unique<const SolverOf<S>>(name, summary, solve, restore, traits);
}

}  // namespace

std::span<const std::unique_ptr<const Solver>> solvers() {
  // A new solver is one more entry; the order is the one in which users see them.
  static const std::array all{
      entry("gaussian", "closed form, exact, for Gaussian laws of any rank", solve_gaussian,
            restore_gaussian),
      entry("sinkhorn", "entropic coupling of two clouds, matrix-free, with a certificate",
            solve_sinkhorn, restore_sinkhorn, {.couples_clouds = true}),
      entry("exact", "unregularised coupling of two clouds, network simplex, with a certificate",
            solve_exact, restore_exact, {.regularised = false, .couples_clouds = true}),
      entry("mixture", "bridge of a Gaussian-mixture potential, fitted in closed form to samples",
            solve_mixture, restore_mixture),
      entry("dsb", "neural diffusion Schroedinger bridge: learns the drift from samples", solve_dsb,
            restore_dsb),
      entry("dsbm", "neural bridge matching: learns the drift from a coupling of samples",
            solve_dsbm, restore_dsbm),
      entry(kTruth, "exact bridge of a problem where it is known: Gaussian pairs, known problems",
            solve_truth, restore_truth)};
  return all;
}  // NOLINT(clang-analyzer-cplusplus.NewDeleteLeaks): the array owns them, to the end

std::vector<std::string> solver_names() {
  std::vector<std::string> names;
  for (const auto& solver : solvers()) names.emplace_back(solver->name());
  return names;
}

const Solver& find_solver(std::string_view name) {
  // A handful of entries: a search is as fast as a table would be.
  for (const auto& solver : solvers()) {
    if (solver->name() == name) return *solver;
  }
  throw InvalidInput("solver \"" + std::string(name) + "\"",
                     unknown_name("unknown", std::string(name), solver_names()));
}

}  // namespace otbridge
