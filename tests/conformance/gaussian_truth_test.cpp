// On a pair of Gaussian laws every plan agrees with the closed form, within its stated band.
#include <doctest/doctest.h>

#include <Eigen/LU>
#include <cmath>

#include "otbridge/measure/gaussian.hpp"
#include "otbridge/solvers/gaussian.hpp"
#include "statistics.hpp"
#include "subject.hpp"

using namespace otbridge;
using namespace otbridge::conformance;

namespace {

// A covariance entry of n draws has a standard error below sqrt(2 / n) of the largest variance.
double covariance_band(const Subject& subject) {
  return *subject.gaussian_band + 6.0 * std::sqrt(2.0 / double(kDraws));
}

double root_mean_square(const Points& x) { return x.norm() / std::sqrt(double(x.rows())); }

struct Truth {
  explicit Truth(const Subject& subject)
      : source(*subject.problem().source().as<Gaussian>()),
        target(*subject.problem().target().as<Gaussian>()),
        joint(gaussian_coupling(source.center(), source.spread(), target.center(), target.spread(),
                                subject.problem().reference())),
        exact(solve_gaussian(subject.problem())) {}

  double size() const {
    return std::sqrt(std::max(joint.cov_source.trace(), joint.cov_target.trace()));
  }

  Gaussian source, target;
  GaussianCoupling joint;
  Solution exact;
};

void check_against_truth(const Subject& subject) {
  if (!subject.gaussian_band) return;
  const Truth truth(subject);
  const TransportPlan& plan = subject.plan();
  const double band_of_map =
      *subject.gaussian_band +
      (subject.map_draws > 0 ? 2.0 / std::sqrt(double(subject.map_draws)) : 0.0);
  for (const auto direction : kBoth) {
    const Points x = start_points(subject, direction, kDraws, 81);
    const Points few = x.topRows(500);
    CHECK(root_mean_square(plan.map(few, direction) - truth.exact.plan->map(few, direction)) <
          band_of_map * truth.size());

    // Cov(X_0, X_1) from draws; both ends, so the order of the factors is checked too.
    const Points y = plan.sample(x, direction, RandomStream(82));
    const Points x_centred = x.rowwise() - x.colwise().mean();
    const Points y_centred = y.rowwise() - y.colwise().mean();
    Matrix cross = x_centred.transpose() * y_centred / double(kDraws);
    if (direction == Direction::backward) cross.transposeInPlace();
    CHECK((cross - truth.joint.cross).cwiseAbs().maxCoeff() <
          covariance_band(subject) * truth.size() * truth.size());

    const auto now = gaussian_marginal(truth.joint, subject.problem().reference(), 0.5);
    const std::vector<double> half{0.5};
    const Points middle = plan.sample_paths(x, half, direction, RandomStream(83)).at[0];
    const Points centred = middle.rowwise() - now.mean.transpose();
    CHECK(centred.colwise().mean().norm() < covariance_band(subject) * truth.size());
    CHECK((centred.transpose() * centred / double(kDraws) - now.covariance).cwiseAbs().maxCoeff() <
          covariance_band(subject) * truth.size() * truth.size());

    if (plan.drift() == nullptr) continue;
    const Points found = plan.drift()->at(0.5, middle, direction);
    const Points expected = truth.exact.plan->drift()->at(0.5, middle, direction);
    CHECK(root_mean_square(found - expected) <
          *subject.gaussian_band * std::max(truth.size(), root_mean_square(expected)));
  }
}

}  // namespace

TEST_CASE("on Gaussian laws every plan agrees with the closed form within its band") {
  for_each(quick_subjects(), check_against_truth);
}

TEST_CASE("[full] on Gaussian laws plans of a real budget are within a tenth of the closed form") {
  for_each(full_subjects(), check_against_truth);
}
