#include "solve/entropic_start.hpp"

#include <utility>

#include "mixture/mixture_drift.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"
#include "solve/mixture_start.hpp"

namespace otbridge {
namespace {

std::optional<EntropicStart> coupled(const TransportProblem& problem, DiscreteEnds ends, Run& run) {
  constexpr double kTolerance = 1e-3;
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

}  // namespace

std::optional<EntropicStart> entropic_start(const TransportProblem& problem, Index samples,
                                            Run& run) {
  return coupled(problem, discrete_ends(problem, samples, run.context(), run.report()), run);
}

// A Gaussian kernel in the cost |y - a x|^2 / 2 either way.
EntropicConditional near_end(const WeightedPoints& source, const WeightedPoints& target,
                             const DualPair& potentials, Direction direction,
                             const ReferenceProcess& reference) {
  const bool forward = direction == Direction::forward;
  const double a = reference.endpoint_decay(), s2 = reference.endpoint_variance();
  const WeightedPoints& near = forward ? source : target;
  return {std::make_shared<const TiltedCloud>(near.points(), near.weights(),
                                              forward ? potentials.f : potentials.g, s2,
                                              LocalPrecision::mixed),
          forward ? ConditionalKernel{a, 1.0, s2} : ConditionalKernel{1.0, a, s2}};
}

std::optional<EntropicStart> polished_start(const TransportProblem& problem, Index samples,
                                            Run& run) {
  constexpr MixtureStart kShapes{.samples = 10000, .components = 24, .refinement = 64};
  constexpr Index kTurns = 10;
  // In L1: the sums over n draws scatter by a few hundredths.
  constexpr double kExplained = 0.1;
  const ReferenceProcess& reference = problem.reference();
  const double s2 = reference.endpoint_variance();
  EntropicStart start{discrete_ends(problem, samples, run.context(), run.report()), {}};
  const auto few = [&](const Measure& law, Purpose purpose) {
    return discretize(law, kShapes.samples, RandomStream(run.context().seed, purpose));
  };
  try {
    const auto fit = fit_start(
        problem,
        {few(problem.source(), Purpose::source_draw), few(problem.target(), Purpose::target_draw)},
        kShapes, run);
    if (!fit) return std::nullopt;
    const WeightedPoints &source = start.ends.source, &target = start.ends.target;
    Vector &f = start.potentials.f, &g = start.potentials.g;
    const auto transform = [&](Direction direction, const WeightedPoints& at) -> Vector {
      return -s2 * near_end(source, target, start.potentials, direction, reference)
                       .near_log_normaliser(at.points());
    };
    f = -s2 * fit->potential(reference).log_sum(source.points(), kernel_from(reference, 0.0));
    for (Index turn = 0; turn < kTurns; ++turn) {
      g = transform(Direction::forward, target);
      const Vector next = transform(Direction::backward, source);
      const Eigen::ArrayXd masses = ((f - next) / s2).array().exp();
      const double error = source.weights().dot((masses - 1.0).abs().matrix());
      if (run.must_stop()) return std::nullopt;
      if (error <= kExplained) {
        run.report().notes.push_back("the start coupling is polished from " + words_for(*fit));
        return start;
      }
      f = next;
    }
  } catch (const InvalidInput&) {  // a point where no shape is known
  }
  run.report().notes.emplace_back("the mixture is too far from the source: samples are coupled");
  return coupled(problem, std::move(start.ends), run);
}

}  // namespace otbridge
