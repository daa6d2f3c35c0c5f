#include "solvers/sinkhorn/dual_ascent.hpp"

#include <algorithm>
#include <cmath>

#include "entropic/coarsening.hpp"
#include "entropic/newton.hpp"
#include "otbridge/core/number_text.hpp"

namespace otbridge {
namespace {

// The L1 error at which a temperature before the last has served, and its limit of iterations. On
// coarse clouds, where iterations cost next to nothing, they are strict: a few outlying points
// have little weight in the error, but potentials far away, which later levels would have to mend.
constexpr double kLevelError = 0.03, kCoarseError = 3e-4;
constexpr Index kLevelIterations = 30, kCoarseIterations = 300;
constexpr double kHottest = 0.125;    // first temperature, over the largest cost
constexpr Index kCoarse = 8;          // points in a run
constexpr double kResolution = 0.25;  // variance of a run of points, over s^2, that a stage admits
constexpr Index kSmallestCloud = 64, kSmallestSample = 1024;
constexpr double kSlowestScaling = 0.95;
constexpr Index kRecheck = 4;     // iterations between measurements that turned out too early
constexpr double kTrust = 4.0;    // largest change of a potential in a Newton step, in units of s^2
constexpr double kUseful = 0.6;   // residual ratio of a direction worth a step
constexpr double kWorse = 10.0;   // growth of the error that a Newton step may bring near the end
constexpr Index kProducts = 500;  // limit on the products of one Newton step
constexpr Index kPatience = 12;   // iterations for which over-relaxation is expected to be enough
constexpr Index kStall = 20;      // iterations without a smaller error, in single precision

}  // namespace

std::vector<AscentStage> ascent_stages(const DiscreteProblem& problem, double s2,
                                       const SinkhornSettings& settings) {
  std::vector<AscentStage> stages;
  if (settings.scaling < 1.0) {
    const Index smaller = std::min(problem.x.rows(), problem.y.rows());
    const bool spatial = problem.x.cols() <= kLargestSpatialDimension;
    const Index smallest = spatial ? kSmallestCloud : kSmallestSample;
    std::vector<double> variances{0.0};  // of runs of 2^k points
    while (smaller >> variances.size() >= smallest) {
      variances.push_back(spatial ? group_variance(problem, Index{1} << variances.size()) : 0.0);
    }
    const auto group_for = [&](double variance) {
      std::size_t k = variances.size() - 1;
      while (variances[k] > variance) --k;
      return Index{1} << k;
    };
    const Eigen::RowVectorXd low =
        problem.x.colwise().minCoeff().cwiseMin(problem.y.colwise().minCoeff());
    const Eigen::RowVectorXd high =
        problem.x.colwise().maxCoeff().cwiseMax(problem.y.colwise().maxCoeff());
    const double largest_cost = 0.5 * (high - low).squaredNorm();
    const double factor = std::min(settings.scaling, kSlowestScaling);
    for (double level = kHottest * largest_cost; level > 1.2 * s2; level *= factor) {
      const Index group = group_for(kResolution * level);
      stages.push_back({level, group, group >= kCoarse ? kCoarseError : kLevelError, false});
    }
    for (Index group = group_for(kResolution * s2); group >= kCoarse / 2; group /= kCoarse) {
      stages.push_back({s2, group, std::max(settings.tolerance, kCoarseError), false});
    }
  }
  stages.push_back({s2, 1, settings.tolerance, true});
  return stages;
}

DualAscent::DualAscent(const DiscreteProblem& problem, double s2, double epsilon,
                       const SinkhornSettings& settings, const SolveContext& context,
                       SolveReport& report)
    : problem_(problem),
      s2_(s2),
      epsilon_(epsilon),
      settings_(settings),
      context_(context),
      report_(report),
      relaxation_(settings.overrelaxation) {}

Certificate DualAscent::run() {
  report_.stop_reason = StopReason::iteration_limit;
  for (const AscentStage& stage : ascent_stages(problem_, s2_, settings_)) {
    enter(stage);
    if (!run_stage(stage)) break;
  }
  // A run that was cut short ends with one exact iteration, so that the plan has mass 1 and its
  // figures are finite whatever the temperature.
  enter({s2_, 1, settings_.tolerance, true});
  const double truncation = certain_truncation();
  if (report_.stop_reason != StopReason::converged) {
    f_ = op_->transform(Side::source, g_, f_, Precision::full, truncation);
    g_ = op_->transform(Side::target, f_, g_, Precision::full, truncation);
    marginals_.reset();
  }
  measured();
  report_.iterations = iteration_;
  const double rounding = op_->exponent_error(f_, g_, Precision::full);
  if (rounding > settings_.tolerance) {
    report_.notes.push_back("epsilon is so small that rounding alone moves the weights by " +
                            number_text(rounding) +
                            " relatively; take a larger epsilon or the "
                            "limit of exact transport");
  }
  return certify(*op_, f_, g_, *marginals_, truncation);
}

// Brings the potentials to the clouds and the temperature of a stage. At new points they are the
// soft c-transforms of the old ones; at a new temperature they are extrapolated from the last two.
void DualAscent::enter(const AscentStage& stage) {
  if (group_ != stage.group) {
    const bool whole = stage.group == 1;
    auto coarse =
        whole ? nullptr : std::make_unique<const DiscreteProblem>(coarsened(problem_, stage.group));
    auto op = std::make_unique<TransformOperator>(whole ? problem_ : *coarse,
                                                  kernels::select_kernel_set());
    op->set_temperature(stage.s2);
    if (op_) {
      op_->set_temperature(stage.s2);
      const Precision precision = product_precision();
      const Vector f = op->transform(Side::source, *op_, g_, precision, 1e-5);
      g_ = op->transform(Side::target, *op_, f_, precision, 1e-5);
      f_ = f;
    } else {
      f_ = Vector::Zero(op->problem().a.size());
      g_ = Vector::Zero(op->problem().b.size());
    }
    op_ = std::move(op);
    coarse_ = std::move(coarse);
    group_ = stage.group;
    earlier_.reset();
    marginals_.reset();
  } else if (op_->temperature() != stage.s2) {
    const State now{op_->temperature(), f_, g_};
    if (earlier_) {
      const double step = (stage.s2 - now.s2) / (now.s2 - earlier_->s2);
      f_ += step * (now.f - earlier_->f);
      g_ += step * (now.g - earlier_->g);
    }
    earlier_ = now;
    op_->set_temperature(stage.s2);
    marginals_.reset();
  }
}

// One stage, until the errors are small. False when the whole run must end.
bool DualAscent::run_stage(const AscentStage& stage) {
  relaxation_.restart();
  precision_ = settings_.precision == "double" ? Precision::full : Precision::single;
  error_ = least_error_ = 2.0;
  stalled_ = 0;
  single_products_ = true;
  choose_precision(error_);
  bool newton = false;
  for (Index k = 0;; ++k) {
    if (iteration_ >= settings_.iterations) return false;
    if (out_of_time()) return false;
    truncation_ = std::min(1e-5, 1e-2 * std::max(settings_.tolerance, std::min(error_, 1.0)));
    const double previous = error_;
    const MarginalGap errors = newton ? newton_iteration(stage) : relaxed_iteration();
    error_ = errors.larger();
    stalled_ = error_ < least_error_ ? 0 : stalled_ + 1;
    least_error_ = std::min(least_error_, error_);
    record(stage, errors);
    if (out_of_time()) return false;
    if (error_ <= stage.tolerance) {
      if (!stage.last) return true;
      if (iteration_ >= next_check_ && converged()) {
        report_.stop_reason = StopReason::converged;
        return false;
      }
    }
    const Index limit = stage.group > 1 ? kCoarseIterations : kLevelIterations;
    if (!stage.last && k + 1 >= limit) return true;
    choose_precision(error_);
    const double rate = error_ / previous;
    const bool slow = !(std::log(stage.tolerance / error_) >
                        static_cast<double>(kPatience) * std::log(std::min(rate, 1.0)));
    newton = settings_.newton && stage.s2 == s2_ && k >= 4 && error_ < 0.3 && (newton || slow) &&
             iteration_ >= next_newton_ && settings_.iterations - iteration_ > kPatience;
  }
}

MarginalGap DualAscent::relaxed_iteration() {
  const double source_error = half_step(Side::source);
  const double target_error = half_step(Side::target);
  ++iteration_;
  relaxation_.observe(source_error);
  return {source_error, target_error};
}

// Moves one potential to, or beyond, its exact maximiser; returns the L1 error of that marginal
// before the move, which costs nothing: the row sums are a_i exp((f_i - f*_i) / s^2).
double DualAscent::half_step(Side side) {
  const bool source = side == Side::source;
  Vector& mine = source ? f_ : g_;
  const Vector& weights = source ? op_->problem().a : op_->problem().b;
  const double s2 = op_->temperature();
  Vector row_sums;  // over the weights
  const Vector delta =
      op_->transform(side, source ? g_ : f_, mine, precision_, truncation_, &row_sums) - mine;

  // The dual gains a_i (omega delta_i - s^2 (exp((omega - 1) delta_i / s^2) - exp(-delta_i / s^2)))
  // from row i; over-relaxation is kept only if the sum is a gain (Thibault et al. 2021, section
  // 3).
  double omega = relaxation_.omega();
  if (omega > 1.0) {
    const Eigen::ArrayXd z = delta.array() / s2;
    const double gain =
        (weights.array() * (omega * z - ((omega - 1.0) * z).exp() + row_sums.array())).sum();
    if (!(gain >= 0.0 && std::isfinite(gain))) omega = 1.0;
  }
  mine += omega * delta;
  marginals_.reset();
  return (weights.array() * (1.0 - row_sums.array()).abs()).sum();
}

// c_j = b_j exp((g_j - g*_j) / s^2).
Vector DualAscent::column_marginal() const {
  Vector ratios;
  op_->transform(Side::target, f_, g_, precision_, truncation_, &ratios);
  return op_->problem().b.cwiseProduct(ratios);
}

// Eliminates f, steps in g, and halves the step until the dual has risen enough (Armijo) or, where
// its gain is below rounding, the error is not much larger; another step is taken back, and
// over-relaxation goes on for a while. Potentials that the quadratic model would move far are held
// back one by one: for points that get next to no mass it knows nothing.
MarginalGap DualAscent::newton_iteration(const AscentStage& stage) {
  const Vector &a = op_->problem().a, &b = op_->problem().b;
  const double s2 = op_->temperature();
  const auto forcing_at = [&](double error) {
    return std::clamp(0.3 * stage.tolerance / error, std::min(0.1, error), 0.5);
  };
  relaxed_iteration();
  choose_precision(forcing_at(error_) * error_);  // for where the step leads
  f_ = op_->transform(Side::source, g_, f_, precision_, truncation_);
  marginals_.reset();
  const Vector columns = column_marginal();
  ++iteration_;
  const double error = (columns - b).lpNorm<1>();
  if (error <= stage.tolerance) return {0.0, error};

  const double forcing = forcing_at(error);
  NewtonDirection direction{Vector(), 0, 1.0};
  for (int attempt = 0; attempt < 2 && direction.residual_ratio > kUseful; ++attempt) {
    if (attempt > 0) single_products_ = false;
    direction = newton_direction(*op_, f_, g_, columns, forcing,
                                 std::min(kProducts, settings_.iterations - iteration_ - 1),
                                 product_precision(), std::max(truncation_, 1e-6 * forcing),
                                 [this] { return out_of_time(); });
    iteration_ += direction.products;
  }
  direction.delta = direction.delta.cwiseMax(-kTrust).cwiseMin(kTrust);

  const double slope = (b - columns).dot(direction.delta);
  const double dual = (f_.dot(a) + g_.dot(b)) / s2;
  const Vector g = g_, f = f_;
  double t = 1.0;
  for (int halvings = 0; slope > 0.0 && halvings < 8; ++halvings, t *= 0.5) {
    g_ = g + t * s2 * direction.delta;
    f_ = op_->transform(Side::source, g_, f, precision_, truncation_);
    marginals_.reset();
    const double gain = (f_.dot(a) + g_.dot(b)) / s2 - dual;
    const bool lost_in_rounding = t * slope < 1e-10 * std::abs(dual);
    if (!lost_in_rounding && !(gain >= 1e-4 * t * slope)) continue;
    const MarginalGap reached = precision_ == Precision::full && forcing * error <= stage.tolerance
                                    ? measured()  // likely the end, where it is wanted anyway
                                    : MarginalGap{0.0, (column_marginal() - b).lpNorm<1>()};
    ++iteration_;
    if (!lost_in_rounding || reached.larger() <= kWorse * error) return reached;
    break;
  }
  f_ = f;
  g_ = g;
  marginals_.reset();
  next_newton_ = iteration_ + kPatience;
  return {0.0, error};
}

// Products need few digits, but some.
Precision DualAscent::product_precision() const {
  const bool some = op_->exponent_error(f_, g_, Precision::single) < 1e-3;
  return some && single_products_ && settings_.precision != "double" ? Precision::single
                                                                     : Precision::full;
}

double DualAscent::certain_truncation() const { return 1e-3 * std::min(settings_.tolerance, 1e-3); }

MarginalGap DualAscent::measured() {
  if (!marginals_) marginals_ = op_->marginals(f_, g_, certain_truncation());
  return marginal_gap(*op_, *marginals_);
}

// The errors seen so far belong to potentials of two different moments, and to rounded sums; only
// the two marginals of the final pair, in double precision, count.
bool DualAscent::converged() {
  const bool done = measured().larger() <= settings_.tolerance;
  if (!done) next_check_ = iteration_ + kRecheck;
  if (!done && settings_.precision == "auto") precision_ = Precision::full;
  return done;
}

// Single precision serves while the error falls and is above what rounding alone causes. Rounding
// errors of different pairs are independent, so that sums are several times better than the mean
// error of a term.
void DualAscent::choose_precision(double error) {
  constexpr double kMargin = 0.25;
  if (settings_.precision != "auto" || precision_ == Precision::full) return;
  const double rounding = op_->exponent_error(f_, g_, Precision::single);
  if (error < kMargin * rounding || rounding > 0.01 || stalled_ > kStall) {
    precision_ = Precision::full;
    relaxation_.restart();
  }
}

bool DualAscent::out_of_time() {
  if (context_.cancelled()) {
    report_.stop_reason = StopReason::interrupted;
  } else if (context_.past_deadline()) {
    report_.stop_reason = StopReason::time_limit;
  } else {
    return false;
  }
  return true;
}

void DualAscent::record(const AscentStage& stage, const MarginalGap& errors) {
  if (iteration_ < next_record_) return;
  next_record_ = iteration_ + std::max<Index>(1, iteration_ / 10);
  const double epsilon = epsilon_ * (stage.s2 / s2_);
  Progress progress;
  progress.phase =
      stage.group == 1 ? "all points" : "1 in " + std::to_string(stage.group) + " points";
  progress.iteration = iteration_;
  progress.iteration_limit = settings_.iterations;
  progress.seconds = std::chrono::duration<double>(Clock::now() - started_).count();
  progress.epsilon = epsilon;
  progress.marginal_error_source = errors.source;
  progress.marginal_error_target = errors.target;
  // The logarithm of the error falls about linearly on the whole clouds; the stages before are
  // quick.
  if (stage.last) {
    const double error = std::clamp(errors.larger(), settings_.tolerance, 1.0);
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

}  // namespace otbridge
