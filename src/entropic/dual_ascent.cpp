#include "entropic/dual_ascent.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "entropic/answer_time.hpp"
#include "entropic/coarse_correction.hpp"
#include "entropic/dual_iterate.hpp"
#include "entropic/nearly_independent.hpp"
#include "entropic/newton_schedule.hpp"
#include "entropic/newton_step.hpp"
#include "entropic/relaxed_step.hpp"
#include "otbridge/core/error.hpp"
#include "sweep/tiled_cloud.hpp"

namespace otbridge {
namespace {

constexpr double kLargestL1 = 2.0;  // L1 distance of two laws, at most: before an error is known
constexpr Index kRecheck = 4;       // iterations between measurements that turned out too early
constexpr double kKnown = 1e-3;     // relative rounding error of a value that is one
constexpr double kLost = 1e-5;      // relative rounding error of weights not worth cooling further
constexpr Index kInVain = 30;       // iterations at the end where the tolerance is out of reach
// After the first iterations from potentials of exact transport an error of 0.02 to 0.14 was left,
// at any low temperature: a larger one after as many from above is likely that of a worse start.
constexpr Index kFirst = 5;
constexpr double kFar = 0.1;
// Newton steps in a row that were held back: whole parts of the plan are still on their way.
constexpr Index kHeldBack = 8;
// What an answer from before the last level takes, in sweeps over the whole clouds in double: two
// passes in single precision for f without a guess, marginals, and half a certificate; where
// weights are stored those are made, and in few dimensions bounds spare most of the first pass.
constexpr double kSweepsFromAfar = 3.0, kFewerSweepsFromAfar = 2.0;

// Pairs from which on, in few dimensions, a sweep takes so long that one less is worth a coarse
// problem, and single precision does for measurements where it is so far below the tolerance.
constexpr double kLong = 1 << 28, kFarBelow = 0.2;
// Of its mass, that a column has where the logarithm of a measurement tells its update: what the
// truncation leaves out may be all that a light one has. Those get sums of their own, where they
// are so few of all.
constexpr double kLeastShare = 1e-2, kMostLight = 1e-3;

bool is_long(const DiscreteProblem& clouds) {
  const auto pairs = static_cast<double>(clouds.a.size()) * static_cast<double>(clouds.b.size());
  return clouds.x.cols() <= kLargestSpatialDimension && pairs > kLong;
}

// The rounding error of measurements, whose estimate is added to what they find.
double single_error(const DiscreteProblem& clouds, const AscentControl& control) {
  const bool wanted = control.precision != PrecisionChoice::full && is_long(clouds);
  return wanted ? kFarBelow * control.tolerance : 0.0;
}

// Of what is reported, small beside the tolerance: it is added to the errors.
double certain_truncation(const DiscreteProblem& clouds, double tolerance) {
  return (is_long(clouds) ? 1e-2 : 1e-3) * std::min(tolerance, 1e-3);
}

class DualAscent {
 public:
  DualAscent(const AscentProblem& problem, const AscentControl& control, const DualPair* start)
      : problem_(problem),
        control_(control),
        coarsening_(problem.clouds),
        levels_(coarsening_, problem.s2, start == nullptr ? control.scaling : 1.0,
                control.tolerance),
        truncation_(certain_truncation(problem.clouds, control.tolerance)),
        iterate_(coarsening_, start, truncation_, single_error(problem.clouds, control)),
        time_(control.clock, problem.clouds, problem.s2),
        precision_(control.precision),
        relaxation_(control.overrelaxation),
        newton_(control.newton) {}

  AscentAnswer run();

 private:
  AscentAnswer finish();
  AscentAnswer as_it_is();
  void settle();
  bool start_afresh();
  bool climb(const Level& level);
  bool measures(const Level& level, Index k) const;
  MarginalGap measured_iteration(const Level& level, double truncation);
  MarginalGap relax(double truncation);
  MarginalGap newton_iteration(const Level& level, double error, double truncation);
  void review_precision(double aim);
  bool converged();
  bool lost_in_rounding(const Level& level, double error, Index k);
  bool far_off(Index k, double error);
  void try_other_start(double truncation);
  bool may_go_on(const Level& level, std::optional<MarginalGap> errors = {}, int steps = 1);
  double sweeps_to_answer(const Level& level) const;

  // What a row sum may leave out beside errors of the present size.
  double truncation_for(double error) const {
    return std::min(1e-5, 1e-2 * std::max(control_.tolerance, std::min(error, 1.0)));
  }

  const AscentProblem& problem_;
  const AscentControl& control_;
  Coarsening coarsening_;
  LevelSequence levels_;
  double truncation_;  // of what is reported
  DualIterate iterate_;
  AnswerTime time_;
  PrecisionPolicy precision_;
  Relaxation relaxation_;
  NewtonSchedule newton_;
  std::optional<CoarseCorrection> correction_;  // of the last level
  Index iteration_ = 0;                         // done, all levels
  Index next_check_ = 0;                        // before which convergence is not measured again
  Index held_back_ = 0;                         // the last Newton steps that were
  bool at_end_ = false;                         // an iteration of the last level has been made
  bool converged_ = false, stopped_ = false, lost_ = false;
  bool tried_other_ = false, took_other_ = false;
};

AscentAnswer DualAscent::run() {
  std::optional<Level> before;
  while (const std::optional<Level> level = levels_.next()) {
    if (before) {
      time_.leave(*before, *level, iterate_, truncation_);
      if (!may_go_on(*before)) break;
    }
    iterate_.enter(*level, precision_);
    if (!climb(*level)) break;
    before = level;
  }
  AscentAnswer answer = finish();
  if (lost_ && may_go_on(levels_.last()) && start_afresh()) {
    climb(levels_.last());
    AscentAnswer second = finish();
    if (second.certified && second.certificate.gap <= answer.certificate.gap) {
      answer = std::move(second);
    }
    answer.iterations = iteration_;
    if (stopped_) answer.outcome = AscentOutcome::stopped;
  }
  return answer;
}

// Points far from all others keep potentials of the temperature at which they parted, whose
// rounding may hide everything else, though their plan would do with small ones. Whether those of
// the last level, from zero, are small enough to go on from.
bool DualAscent::start_afresh() {
  const Accuracy accuracy{Precision::full, truncation_};
  lost_ = false;
  iterate_.set({Vector::Zero(iterate_.pair().f.size()), Vector::Zero(iterate_.pair().g.size())});
  iterate_.maximise(Side::source, accuracy);
  iterate_.maximise(Side::target, accuracy);
  return iterate_.rounding(Precision::full) <= control_.tolerance;
}

// An exact update of each side gives the plan mass 1, however far from the optimum it is; the
// source last, whose rows sum to 1 even where nothing else is left of the weights.
void DualAscent::settle() {
  const Level last = levels_.last();
  if (stopped_) {
    // The caller waits: the source alone does for that.
    return at_end_ ? iterate_.settle_source(precision_) : iterate_.settle(last, precision_);
  }
  const Accuracy accuracy{Precision::full, truncation_};
  iterate_.enter(last, precision_);  // from wherever it was cut short
  iterate_.maximise(Side::target, accuracy);
  iterate_.maximise(Side::source, accuracy);
}

// Of the potentials where they stand, at new points by sums over a coarse cloud.
AscentAnswer DualAscent::as_it_is() {
  iterate_.enter(levels_.last(), precision_);
  AscentAnswer answer;
  answer.potentials = iterate_.pair();
  answer.certified = false;
  answer.iterations = iteration_;
  answer.took_other_start = took_other_;
  answer.outcome = AscentOutcome::stopped;
  return answer;
}

// The answer where the ascent stands.
AscentAnswer DualAscent::finish() {
  if (stopped_ && !converged_ && control_.in_haste && control_.in_haste()) return as_it_is();
  if (!converged_) settle();
  AscentAnswer answer;
  answer.certificate = certify(iterate_.op(), iterate_.pair(), iterate_.marginals(), truncation_,
                               stopped_ && !converged_);
  answer.rounding = iterate_.rounding(Precision::full);
  answer.potentials = iterate_.pair();
  answer.iterations = iteration_;
  answer.took_other_start = took_other_;
  // Potentials lost beside the temperature, as where a few far points of next to no weight forbid
  // the closed form.
  const bool known = problem_.s2 * answer.rounding <= kKnown * answer.certificate.value;
  if (converged_) answer.outcome = AscentOutcome::converged;
  if (lost_ || (converged_ && !known)) answer.outcome = AscentOutcome::rounding_limit;
  if (stopped_) answer.outcome = AscentOutcome::stopped;
  return answer;
}

// Iterations at one level, until its errors are small. False when the whole ascent must end.
bool DualAscent::climb(const Level& level) {
  relaxation_.restart();
  precision_.restart();
  newton_.restart(level.s2 == problem_.s2);
  correction_.reset();
  held_back_ = 0;
  double error = kLargestL1;
  review_precision(error);
  time_.enter(level, iterate_, truncation_);
  for (Index k = 1;; ++k) {
    if (iteration_ >= control_.iterations || !may_go_on(level)) return false;
    // Each sum is exact enough for the error that the last iteration left.
    const double truncation = truncation_for(error);
    const MarginalGap errors = newton_.due()        ? newton_iteration(level, error, truncation)
                               : measures(level, k) ? measured_iteration(level, truncation)
                                                    : relax(truncation);
    error = errors.larger();
    at_end_ = level.last;
    precision_.observe(error);
    if (!may_go_on(level, errors)) return false;

    if (error <= level.tolerance) {
      if (!level.last) return true;
      if (iteration_ >= next_check_ && converged()) return false;
    }
    if (lost_in_rounding(level, error, k)) return false;
    if (k >= level.iterations) return true;  // the next level will do better
    if (level.last && far_off(k, error)) try_other_start(truncation);
    review_precision(error);
    newton_.observe(error, level.tolerance, iteration_, control_.iterations - iteration_);
  }
}

// In iterations of the last level of a long problem, where a measurement takes no longer than an
// update. They are not over-relaxed, so that after the first Newton steps are to follow.
bool DualAscent::measures(const Level& level, Index k) const {
  return level.last && is_long(problem_.clouds) && iterate_.measures_in_single() &&
         (k == 1 || control_.newton);
}

// f's update, a measurement, and unless that is the end g's update, which the columns measured
// tell, with what a coarse problem adds: most of an error that is left here changes slowly from
// point to point. The errors are those measured.
MarginalGap DualAscent::measured_iteration(const Level& level, double truncation) {
  ++iteration_;
  const Accuracy accuracy{precision_.of_updates(), truncation};
  iterate_.maximise(Side::source, accuracy);
  const MarginalGap errors = iterate_.measured();
  if (errors.larger() <= control_.tolerance) return errors;
  const Vector columns = iterate_.marginals().columns;
  const Eigen::ArrayXd shares = columns.array() / iterate_.clouds().b.array();
  std::vector<Index> light;
  for (Index j = 0; j < shares.size(); ++j) {
    if (!(shares[j] > kLeastShare)) light.push_back(j);
  }
  if (static_cast<double>(light.size()) > kMostLight * static_cast<double>(shares.size())) {
    iterate_.maximise(Side::target, accuracy);
    return errors;
  }
  Vector step = -iterate_.s2() * shares.log();
  step(light) = iterate_.maximum(Side::target, light, accuracy) - iterate_.pair().g(light);
  if (control_.newton) {
    const auto proceed = [&] { return may_go_on(level); };
    if (!correction_) correction_.emplace(iterate_, proceed);
    step += (*correction_)(columns, proceed);
  }
  iterate_.move(Side::target, step);
  return errors;
}

MarginalGap DualAscent::relax(double truncation) {
  ++iteration_;
  return relaxed_iteration(iterate_, relaxation_, {precision_.of_updates(), truncation});
}

// After iteration k of the last level: whether potentials are likely further from the optimum than
// those of exact transport.
bool DualAscent::far_off(Index k, double error) {
  return iterate_.op().keeps_pairs() && ((k == kFirst && error > kFar) || held_back_ >= kHeldBack);
}

// Goes on from the other start if its dual is larger, once f is exact for g.
void DualAscent::try_other_start(double truncation) {
  if (!control_.other_start || tried_other_) return;
  tried_other_ = true;
  std::optional<DualPair> other = control_.other_start();
  time_.skip();
  if (!other) return;
  const Accuracy accuracy{precision_.of_updates(), truncation};
  iterate_.maximise(Side::source, accuracy);
  const double value = iterate_.value();
  DualPair present = iterate_.pair();
  iterate_.set(std::move(*other));
  iterate_.maximise(Side::source, accuracy);
  took_other_ = iterate_.value() > value;
  if (!took_other_) return iterate_.set(std::move(present));
  relaxation_.restart();
  precision_.restart();
  newton_.restart(true);
}

// An update of each side, which evens out what the last step left, then the step.
MarginalGap DualAscent::newton_iteration(const Level& level, double error, double truncation) {
  const MarginalGap relaxed = relax(truncation);
  if (!may_go_on(level)) return relaxed;
  // The precision must do for where the step leads.
  review_precision(newton_forcing(error, level.tolerance) * error);
  const NewtonStep step =
      newton_step(iterate_, precision_,
                  {.tolerance = level.tolerance,
                   .accuracy = {precision_.of_updates(), truncation},
                   .iterations = control_.iterations - iteration_,
                   .proceed = [&](int iterations) { return may_go_on(level, {}, iterations); }});
  iteration_ += step.iterations;
  if (step.failed) newton_.failed(iteration_);
  held_back_ = step.held_back ? held_back_ + 1 : 0;
  return step.errors;
}

void DualAscent::review_precision(double aim) {
  // The errors that the factor was to be learnt from were partly those of rounding.
  if (precision_.review(aim, iterate_.rounding(Precision::single))) relaxation_.restart();
}

// The errors seen so far belong to potentials of two different moments, and to rounded sums; only
// the two marginals of the final pair, in double precision, count.
bool DualAscent::converged() {
  converged_ = iterate_.measured().larger() <= control_.tolerance;
  if (!converged_) {
    next_check_ = iteration_ + kRecheck;
    precision_.distrust_updates();
  }
  return converged_;
}

// After iteration k of a level: whether further ones, here and at lower temperatures, would chase
// rounding errors.
bool DualAscent::lost_in_rounding(const Level& level, double error, Index k) {
  const double rounding = iterate_.rounding(Precision::full);
  if (rounding <= control_.tolerance) return false;
  lost_ = level.last ? error <= rounding || k >= kInVain : rounding > kLost;
  return lost_;
}

// If it were stopped now.
double DualAscent::sweeps_to_answer(const Level& level) const {
  if (at_end_) return iterate_.op().sweeps_to_certify();
  const double carried = level.group > 1 ? 1.0 / static_cast<double>(level.group) : 0.0;
  const bool spatial = problem_.clouds.x.cols() <= kLargestSpatialDimension;
  return carried + (spatial ? kFewerSweepsFromAfar : kSweepsFromAfar);
}

// Tells the caller where the ascent stands and whether it may go on; once it may not, it never may.
bool DualAscent::may_go_on(const Level& level, std::optional<MarginalGap> errors, int steps) {
  if (control_.proceed && !stopped_) {
    time_.next_step();
    stopped_ = !control_.proceed({iteration_, level.group, level.s2 / problem_.s2, level.last,
                                  errors, time_.estimate(0.0, steps),
                                  time_.estimate(sweeps_to_answer(level), steps)});
  }
  return !stopped_;
}

// Reported as one iteration: without any, a record of the errors would be missing.
AscentAnswer closed_form(IndependentAnswer known, const AscentControl& control) {
  AscentAnswer answer;
  answer.potentials = std::move(known.potentials);
  answer.certificate = known.certificate;
  answer.rounding = known.certificate.marginals.larger();
  answer.iterations = 1;
  const bool tight = answer.certificate.marginals.larger() <= control.tolerance;
  answer.outcome = tight ? AscentOutcome::converged : AscentOutcome::rounding_limit;
  if (control.proceed) control.proceed({1, 1, 1.0, true, answer.certificate.marginals, 0.0, 0.0});
  return answer;
}

}  // namespace

void check_start(const DualPair* start, Index n, Index m) {
  if (start == nullptr || (start->f.size() == n && start->g.size() == m)) return;
  throw InvalidInput(
      "start of " + std::to_string(start->f.size()) + " and " + std::to_string(start->g.size()) +
          " potentials",
      "the clouds have " + std::to_string(n) + " and " + std::to_string(m) + " points");
}

AscentAnswer ascend(const AscentProblem& problem, const AscentControl& control,
                    const DualPair* start) {
  check_start(start, problem.clouds.a.size(), problem.clouds.b.size());
  if (auto known = nearly_independent(problem.clouds, problem.s2)) {
    return closed_form(std::move(*known), control);
  }
  return DualAscent(problem, control, start).run();
}

}  // namespace otbridge
