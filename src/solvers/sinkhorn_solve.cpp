#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <limits>
#include <string>

#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"
#include "otbridge/core/parallel.hpp"
#include "otbridge/solvers/sinkhorn.hpp"
#include "solvers/sinkhorn_certificate.hpp"
#include "solvers/sinkhorn_frame.hpp"
#include "solvers/sinkhorn_plan.hpp"
#include "solvers/sinkhorn_relaxation.hpp"

namespace otbridge {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kLevelError = 0.03;  // L1 error at which a level before the last has served
constexpr Index kLevelIterations = 30;
constexpr Index kRecheck = 4;  // iterations between measurements that turned out too early

void check(const SinkhornSettings& settings) {
  SinkhornSettings copy = settings;
  for (const SettingField& field : describe(copy)) {
    const std::array one{field};
    std::visit(
        [&](auto* target) {
          using T = std::remove_pointer_t<decltype(target)>;
          if constexpr (std::is_same_v<T, Index>) {
            assign_setting(one, field.name, static_cast<long long>(*target));
          } else if constexpr (std::is_constructible_v<SettingValue, T>) {
            assign_setting(one, field.name, SettingValue(T(*target)));
          }
        },
        field.target);
  }
}

// The alternating maximisation of the dual at a falling temperature.
class Iteration {
 public:
  Iteration(const DiscreteProblem& problem, const SinkhornSettings& settings,
            const SolveContext& context, const SinkhornFrame& frame, SolveReport& report)
      : op_(problem, kernels::select_kernel_set()),
        settings_(settings),
        context_(context),
        frame_(frame),
        report_(report),
        relaxation_(settings.overrelaxation),
        f_(Vector::Zero(problem.a.size())),
        g_(Vector::Zero(problem.b.size())) {}

  void run();
  Certificate finish();
  const Vector& f() const { return f_; }
  const Vector& g() const { return g_; }

 private:
  bool run_level(bool last);
  double half_step(Side side);
  bool converged();
  void choose_precision(double error);
  std::optional<StopReason> interruption() const;
  void record(double source_error, double target_error);

  SinkhornOperator op_;
  const SinkhornSettings& settings_;
  const SolveContext& context_;
  const SinkhornFrame& frame_;
  SolveReport& report_;
  Relaxation relaxation_;
  Vector f_, g_;
  Precision precision_ = Precision::single;
  Index iteration_ = 0, next_record_ = 1, next_check_ = 0;
  double fraction_ = 0.0;
  Clock::time_point started_ = Clock::now();
};

void Iteration::run() {
  report_.stop_reason = StopReason::iteration_limit;
  const std::vector<double> levels =
      temperature_levels(op_.problem(), frame_.s2, settings_.scaling);
  for (const double s2 : levels) {
    op_.set_temperature(s2);
    if (!run_level(s2 == frame_.s2)) break;
  }
  if (op_.temperature() != frame_.s2) op_.set_temperature(frame_.s2);
}

// One temperature: f and g in turn, until the errors are small. False when the whole run must end.
bool Iteration::run_level(bool last) {
  relaxation_.restart();
  precision_ = settings_.precision == "double" ? Precision::full : Precision::single;
  for (Index k = 0;; ++k) {
    if (iteration_ >= settings_.iterations) return false;
    if (const auto reason = interruption()) {
      report_.stop_reason = *reason;
      return false;
    }
    const double source_error = half_step(Side::source);
    const double target_error = half_step(Side::target);
    const double error = std::max(source_error, target_error);
    ++iteration_;
    relaxation_.observe(source_error);
    const bool level_done = !last && (error <= kLevelError || k + 1 >= kLevelIterations);
    if (level_done || iteration_ >= next_record_) record(source_error, target_error);
    if (level_done) return true;
    if (last && error <= settings_.tolerance && iteration_ >= next_check_ && converged()) {
      report_.stop_reason = StopReason::converged;
      return false;
    }
    choose_precision(error);
  }
}

// Moves one potential to, or beyond, its exact maximiser; returns the L1 error of that marginal
// before the move, which costs nothing: the row sums are a_i exp((f_i - f*_i) / s^2).
double Iteration::half_step(Side side) {
  const bool source = side == Side::source;
  Vector& mine = source ? f_ : g_;
  const Vector& weights = source ? op_.problem().a : op_.problem().b;
  const double s2 = op_.temperature();
  const Vector delta = op_.transform(side, source ? g_ : f_, mine, precision_) - mine;

  // The dual gains a_i (omega delta_i - s^2 (exp((omega - 1) delta_i / s^2) - exp(-delta_i / s^2)))
  // from row i; over-relaxation is kept only if the sum is a gain (Thibault et al. 2021, section
  // 3).
  double omega = relaxation_.omega();
  const Eigen::ArrayXd z = delta.array() / s2;
  const double gain =
      (weights.array() * (omega * z - ((omega - 1.0) * z).exp() + (-z).exp())).sum();
  if (!(gain >= 0.0 && std::isfinite(gain))) omega = 1.0;
  mine += omega * delta;
  return (weights.array() * (1.0 - (-z).exp()).abs()).sum();
}

// The errors seen so far belong to potentials of two different moments, and to rounded sums; only
// the two marginals of the final pair, in double precision, count.
bool Iteration::converged() {
  const MarginalGap gap = marginal_gap(op_, f_, g_);
  const bool done = std::max(gap.source, gap.target) <= settings_.tolerance;
  if (!done) next_check_ = iteration_ + kRecheck;
  if (!done && settings_.precision == "auto") precision_ = Precision::full;
  return done;
}

// Single precision serves while the error is well above what rounding alone can cause.
void Iteration::choose_precision(double error) {
  constexpr double kMargin = 4.0;
  if (settings_.precision != "auto" || precision_ == Precision::full) return;
  const double rounding = op_.exponent_error(f_, g_, Precision::single);
  if (error < kMargin * rounding || rounding > 0.01) {
    precision_ = Precision::full;
    relaxation_.restart();
  }
}

std::optional<StopReason> Iteration::interruption() const {
  if (context_.cancelled()) return StopReason::interrupted;
  if (context_.past_deadline()) return StopReason::time_limit;
  return std::nullopt;
}

void Iteration::record(double source_error, double target_error) {
  next_record_ = iteration_ + std::max<Index>(1, iteration_ / 10);
  const double epsilon = report_.epsilon * (op_.temperature() / frame_.s2);
  Progress progress;
  progress.phase = "epsilon " + number_text(epsilon);
  progress.iteration = iteration_;
  progress.iteration_limit = settings_.iterations;
  progress.seconds = std::chrono::duration<double>(Clock::now() - started_).count();
  progress.epsilon = epsilon;
  progress.marginal_error_source = source_error;
  progress.marginal_error_target = target_error;
  // The logarithm of the error falls about linearly at the last level; the levels before are quick.
  if (op_.temperature() == frame_.s2) {
    const double error = std::clamp(std::max(source_error, target_error), settings_.tolerance, 1.0);
    const double by_error =
        settings_.tolerance < 1.0 ? std::log(error) / std::log(settings_.tolerance) : 1.0;
    const double by_count =
        static_cast<double>(iteration_) / static_cast<double>(settings_.iterations);
    fraction_ = std::max({fraction_, by_error, by_count});
  }
  progress.fraction = std::clamp(fraction_, 0.0, 1.0);
  report_.trace.push_back(progress);
  if (context_.observer) context_.observer(progress);
}

// A run that was cut short ends with one exact iteration, so that the plan has mass 1 and its
// figures are finite whatever the temperature.
Certificate Iteration::finish() {
  if (report_.stop_reason != StopReason::converged) {
    f_ = op_.transform(Side::source, g_, f_, Precision::full);
    g_ = op_.transform(Side::target, f_, g_, Precision::full);
  }
  report_.iterations = iteration_;
  const double rounding = op_.exponent_error(f_, g_, Precision::full);
  if (rounding > settings_.tolerance) {
    report_.notes.push_back("epsilon is so small that rounding alone moves the weights by " +
                            number_text(rounding) +
                            " relatively; take a larger epsilon or the "
                            "limit of exact transport");
  }
  return certify(op_, f_, g_);
}

}  // namespace

Solution solve_sinkhorn(const TransportProblem& problem, const SinkhornSettings& settings,
                        const SolveContext& context) {
  check(settings);
  const ThreadScope threads(context.threads);
  const auto started = Clock::now();
  SolveReport report = start_report("sinkhorn", problem, context);
  report.kernel_set = kernels::select_kernel_set().name;
  const auto cloud = [&](const Measure& law, Purpose purpose, const char* name) {
    if (law.as<WeightedPoints>() == nullptr) {
      report.notes.push_back(std::string("the ") + name + " stands as " +
                             std::to_string(settings.samples) + " draws");
    }
    return discretize(law, settings.samples, RandomStream(context.seed, purpose));
  };
  const WeightedPoints source = cloud(problem.source(), Purpose::source_draw, "source");
  const WeightedPoints target = cloud(problem.target(), Purpose::target_draw, "target");

  const SinkhornFrame frame = make_frame(source, target, problem.reference());
  const DiscreteProblem discrete = frame.normalised(source, target, problem.reference());
  Iteration iteration(discrete, settings, context, frame, report);
  iteration.run();
  const Certificate found = iteration.finish();

  report.value_linear = frame.cost_unit * found.value_linear;
  report.kl = found.kl;
  report.value = frame.cost_unit * found.value;
  report.dual_value = frame.cost_unit * found.dual_value;
  report.duality_gap = frame.cost_unit * found.gap;
  report.marginal_error_source = found.marginals.source;
  report.marginal_error_target = found.marginals.target;
  auto plan = std::make_unique<const SinkhornPlan>(problem, source, target,
                                                   frame.expanded(source, iteration.f()),
                                                   frame.expanded(target, iteration.g()));
  report.seconds = std::chrono::duration<double>(Clock::now() - started).count();
  return {std::move(plan), std::move(report)};
}

}  // namespace otbridge
