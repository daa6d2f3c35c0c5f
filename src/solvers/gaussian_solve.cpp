#include <chrono>

#include "otbridge/core/error.hpp"
#include "otbridge/core/parallel.hpp"
#include "otbridge/measure/gaussian.hpp"
#include "otbridge/measure/weighted_points.hpp"
#include "solvers/gaussian_plan.hpp"

namespace otbridge {
namespace {

struct Moments {
  Vector mean;
  Matrix covariance;
};

Moments moments_of(const Measure& measure, const char* pointer, const GaussianSettings& settings,
                   const RandomStream& stream, std::vector<std::string>& notes) {
  if (const auto* gaussian = measure.as<Gaussian>())
    return {gaussian->center(), gaussian->spread()};
  if (settings.moments != "match") {
    throw InvalidInput(
        std::string(pointer) + " = " + std::string(measure->type()),
        "the gaussian solver takes Gaussian laws; the setting \"moments\": \"match\" "
        "replaces others by the Gaussian of their moments");
  }
  const std::string side = pointer + 1;
  const auto mean = measure->mean();
  const auto covariance = measure->covariance();
  if (mean && covariance) {
    notes.push_back("the " + side + " is replaced by the Gaussian of its moments");
    return {*mean, *covariance};
  }
  notes.push_back("the " + side + " is replaced by the Gaussian of the moments of " +
                  std::to_string(settings.samples) + " draws");
  const WeightedPoints drawn = discretize(measure, settings.samples, stream);
  return {*drawn.mean(), *drawn.covariance()};
}

double relative_difference(const Matrix& a, const Matrix& b) {
  const double size = b.norm();
  return size > 0.0 ? (a - b).norm() / size : (a - b).norm();
}

}  // namespace

std::vector<SettingField> describe(GaussianSettings& s) {
  return {{"moments",
           "exact refuses laws that are not Gaussian; match takes the Gaussian of their moments",
           &s.moments,
           {},
           {"exact", "match"}},
          {"samples",
           "draws that estimate the moments of a law whose moments are not known",
           &s.samples,
           {.low = 2, .high = 1e9}}};
}

GaussianCoupling gaussian_coupling(const Vector& mean_source, const Matrix& cov_source,
                                   const Vector& mean_target, const Matrix& cov_target,
                                   const ReferenceProcess& reference) {
  return gaussian_bridge(mean_source, cov_source, mean_target, cov_target, reference).coupling;
}

GaussianMarginal gaussian_marginal(const GaussianCoupling& c, const ReferenceProcess& reference,
                                   double t) {
  const auto bridge = reference.bridge(0.0, t, 1.0);
  const double from_start = bridge.from_start, from_end = bridge.from_end;
  const Matrix cross = from_start * from_end * (c.cross + c.cross.transpose());
  const Index d = c.mean_source.size();
  return {from_start * c.mean_source + from_end * c.mean_target,
          from_start * from_start * c.cov_source + from_end * from_end * c.cov_target + cross +
              bridge.variance * Matrix::Identity(d, d)};
}

Solution solve_gaussian(const TransportProblem& problem, const GaussianSettings& settings,
                        const SolveContext& context) {
  const ThreadScope threads(context.threads);
  const auto start = std::chrono::steady_clock::now();
  SolveReport report = start_report("gaussian", problem, context);
  const Moments source = moments_of(problem.source(), "/source", settings,
                                    RandomStream(context.seed, Purpose::source_draw), report.notes);
  const Moments target = moments_of(problem.target(), "/target", settings,
                                    RandomStream(context.seed, Purpose::target_draw), report.notes);
  GaussianBridge bridge = gaussian_bridge(source.mean, source.covariance, target.mean,
                                          target.covariance, problem.reference());

  // The two conditionals must carry each marginal onto the other: the residual is the rounding
  // made.
  const auto residual = [](const GaussianConditional& law, const Matrix& given,
                           const Matrix& wanted) {
    return relative_difference(law.gain * given * law.gain.transpose() + law.covariance, wanted);
  };
  report.marginal_error_target = residual(bridge.forward, source.covariance, target.covariance);
  report.marginal_error_source = residual(bridge.backward, target.covariance, source.covariance);
  report.value_linear = bridge.value_linear;
  report.kl = bridge.kl;
  report.value = bridge.value;
  report.dual_value = bridge.value;
  report.duality_gap = 0.0;
  auto plan = std::make_unique<GaussianPlan>(problem, std::move(bridge));
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return {std::move(plan), std::move(report)};
}

}  // namespace otbridge
