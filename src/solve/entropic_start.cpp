#include "solve/entropic_start.hpp"

#include <utility>

#include "otbridge/core/number_text.hpp"

namespace otbridge {

std::optional<EntropicStart> entropic_start(const TransportProblem& problem, Index samples,
                                            Run& run) {
  constexpr double kTolerance = 1e-3;
  auto ends = discrete_ends(problem, samples, run.context(), run.report());
  Progress progress;
  progress.phase = "start coupling";
  AscentAnswer answer =
      ascend_clouds(ends.source, ends.target, problem.reference(),
                    {.tolerance = kTolerance,
                     .proceed =
                         [&](const AscentProgress& state) {
                           if (state.errors) {
                             progress.marginal_error_source = state.errors->source;
                             progress.marginal_error_target = state.errors->target;
                           }
                           run.show(progress);
                           return !run.must_stop();
                         },
                     // An answer that is cut short is thrown away.
                     .in_haste = [] { return true; }});
  if (answer.outcome == AscentOutcome::stopped) return std::nullopt;
  const MarginalGap& errors = answer.certificate.marginals;
  if (errors.larger() > kTolerance) {
    run.report().notes.push_back("the start coupling has marginal errors of " +
                                 number_text(errors.larger()) +
                                 "; its bridge is learnt all the same");
  }
  return EntropicStart{std::move(ends), std::move(answer.potentials)};
}

}  // namespace otbridge
