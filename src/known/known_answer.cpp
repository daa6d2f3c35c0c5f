#include "otbridge/known/known_answer.hpp"

#include <cmath>
#include <string>

#include "known/blurred_plan.hpp"
#include "known/truth_plan.hpp"
#include "measure/mixture_shapes.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"
#include "otbridge/measure/blurred.hpp"
#include "otbridge/measure/bridge_end.hpp"
#include "otbridge/measure/gaussian.hpp"
#include "otbridge/solvers/gaussian.hpp"
#include "solve/run.hpp"
#include "solvers/mixture/plan.hpp"

namespace otbridge {
namespace {

constexpr Index kSourceDraws = 20000;  // that stand for the source on the way back of a potential
constexpr Index kValueDraws = 10000;
// In nats, of kl: where the draws leave it less certain no value is given.
constexpr double kCertain = 0.05;

RandomStream truth_stream() { return RandomStream(0, Purpose::metrics).fork(0x7247); }

bool same_law(const Measure& one, const Measure& other) { return &*one == &*other; }

bool same_number(double one, double other) {
  return std::abs(one - other) <= 1e-12 * std::abs(other);
}

bool is_blurred(const TransportProblem& problem) {
  const auto* blur = problem.source().as<Blurred>();
  const ReferenceProcess& reference = problem.reference();
  return blur != nullptr && same_law(blur->law(), problem.target()) &&
         same_number(blur->scale() * blur->variance(), reference.endpoint_variance()) &&
         same_number(blur->decay(), reference.endpoint_decay());
}

bool is_bridge_end(const TransportProblem& problem) {
  const auto* end = problem.target().as<BridgeEnd>();
  const ReferenceProcess& reference = problem.reference();
  return end != nullptr && same_law(end->source(), problem.source()) &&
         same_number(end->variance(), reference.endpoint_variance()) &&
         same_number(end->decay(), reference.endpoint_decay());
}

// kl_error: the standard error of kl, which rests on draws.
void set_values(SolveReport& report, double value_linear, double kl, double kl_error, double s2) {
  report.value_linear = value_linear;
  const bool certain = kl_error <= kCertain;
  report.notes.push_back(std::string("kl and value rest on draws") +
                         (certain ? "" : ", too few to give them") + ": standard error of kl " +
                         number_text(kl_error));
  if (!certain) return;
  report.kl = kl;
  report.value = value_linear + s2 * kl;
}

Solution blurred_answer(const TransportProblem& problem, Run& run) {
  auto plan = std::make_unique<const BlurredPlan>(problem);
  const BlurredPlan::Values& values = plan->values();
  SolveReport& report = run.report();
  set_values(report, values.value_linear, values.kl, values.kl_error,
             problem.reference().endpoint_variance());
  if (values.map_error) {
    report.notes.push_back(
        "the target stands as finitely many points on the way forward: standard error of the "
        "conditional mean " +
        number_text(*values.map_error));
  }
  return run.finish(std::move(plan), StopReason::converged);
}

std::unique_ptr<const TransportPlan> potential_plan(const TransportProblem& problem,
                                                    const WeightedPoints& source) {
  const auto& end = *problem.target().as<BridgeEnd>();
  MixtureShapes shapes = mixture_shapes(end.potential(), end.variance());
  return std::make_unique<const MixturePlan>(
      problem, CloudSide{source.points(), source.weights(), Vector::Zero(source.size())},
      shapes.center, std::move(shapes.shapes));
}

// Root mean square of the error of g at the rows of y that the draws standing for the source make:
// by two halves of them that know nothing of each other.
double error_of_g(const TransportProblem& problem, const WeightedPoints& draws, ConstPoints y) {
  const Index half = draws.size() / 2;
  const auto part = [&](Index begin) {
    const WeightedPoints some(Points(draws.points().middleRows(begin, half)));
    return potential_plan(problem, some)->potentials()->g(y);
  };
  return 0.5 * std::sqrt((part(0) - part(half)).squaredNorm() / static_cast<double>(y.rows()));
}

// From draws of the coupling, along which log(d pi / d(mu x nu)) is known.
void value_potential(const TransportPlan& plan, const WeightedPoints& source, SolveReport& report) {
  const TransportProblem& problem = plan.problem();
  const double s2 = problem.reference().endpoint_variance();
  const double a = problem.reference().endpoint_decay();
  const Points x = problem.source()->sample(kValueDraws, truth_stream().fork(1));
  const Points y = plan.sample(x, Direction::forward, truth_stream().fork(2));
  double g_error = 0.0;
  if (!problem.source().as<WeightedPoints>()) {
    g_error = error_of_g(problem, source, y);
    report.notes.push_back("the source stands as " + std::to_string(source.size()) +
                           " draws of itself on the way back and in the potential g, whose "
                           "standard error is " +
                           number_text(g_error));
  }
  const Vector cost = 0.5 * (y - a * x).rowwise().squaredNorm();
  const Vector log_ratio = (plan.potentials()->f(x) + plan.potentials()->g(y) - cost) / s2;
  const double kl = log_ratio.mean();
  const double scatter = std::sqrt((log_ratio.array() - kl).square().mean() / double(kValueDraws));
  set_values(report, cost.mean(), kl, std::hypot(scatter, g_error / s2), s2);
}

Solution potential_answer(const TransportProblem& problem, Run& run) {
  const WeightedPoints source = discretize(problem.source(), kSourceDraws, truth_stream().fork(0));
  auto plan = std::make_unique<const TruthPlan>(potential_plan(problem, source));
  value_potential(*plan, source, run.report());
  return run.finish(std::move(plan), StopReason::converged);
}

// The laws themselves must be Gaussian: the Gaussian of their moments would be another problem.
bool is_gaussian(const TransportProblem& problem) {
  return problem.source().as<Gaussian>() && problem.target().as<Gaussian>();
}

std::optional<Solution> gaussian_answer(const TransportProblem& problem,
                                        const SolveContext& context) {
  try {
    Solution solution = solve_gaussian(problem, {}, context);
    solution.plan = std::make_unique<const TruthPlan>(std::move(solution.plan));
    solution.report.solver = kTruth;
    return solution;
  } catch (const InvalidInput&) {
    // Covariances over s^2 beyond the doubles: the truth exists, and is not known here.
    return std::nullopt;
  }
}

}  // namespace

std::optional<Solution> known_answer(const TransportProblem& problem, const SolveContext& context) {
  if (is_gaussian(problem)) return gaussian_answer(problem, context);
  if (is_blurred(problem)) {
    Run run(kTruth, problem, context);
    run.use_kernels();
    return blurred_answer(problem, run);
  }
  if (is_bridge_end(problem)) {
    Run run(kTruth, problem, context);
    run.use_kernels();
    return potential_answer(problem, run);
  }
  return std::nullopt;
}

bool is_known(const TransportProblem& problem) {
  return is_gaussian(problem) || is_blurred(problem) || is_bridge_end(problem);
}

std::vector<SettingField> describe(TruthSettings&) { return {}; }

Solution solve_truth(const TransportProblem& problem, const TruthSettings&,
                     const SolveContext& context) {
  std::optional<Solution> answer = known_answer(problem, context);
  if (answer) return std::move(*answer);
  throw InvalidInput("solver truth",
                     "the bridge of this problem is not known exactly: it needs two Gaussian laws, "
                     "or a problem file with \"known\"");
}

std::unique_ptr<const TransportPlan> restore_truth(const TransportProblem& problem,
                                                   const PlanState& state) {
  state.allow_only({}, {});
  return solve_truth(problem).plan;
}

}  // namespace otbridge
