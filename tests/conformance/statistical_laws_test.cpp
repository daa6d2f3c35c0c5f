// Laws in distribution, for every plan. Bands: statistics.hpp, plus the stated bias of a plan.
#include <doctest/doctest.h>

#include <Eigen/Cholesky>
#include <cmath>
#include <numbers>

#include "statistics.hpp"
#include "subject.hpp"

using namespace otbridge;
using namespace otbridge::conformance;

namespace {

Points joined(const Points& x, const Points& y) {
  Points both(x.rows(), x.cols() + y.cols());
  both << x, y;
  return both;
}

// The mean of 4000 draws from each of 6 points against the map, within 6 standard errors of their
// difference: false alarm below 2e-9 for each of the at most 18 coordinates of a subject.
void check_mean_of_sample_is_map(const Subject& subject) {
  constexpr Index kRepeats = 4000;
  for (const auto direction : kBoth) {
    const Points x = start_points(subject, direction, 6, 31);
    const Points mapped = subject.plan().map(x, direction);
    for (Index i = 0; i < x.rows(); ++i) {
      const Points drawn = subject.plan().sample(x.row(i).replicate(kRepeats, 1), direction,
                                                 RandomStream(std::uint64_t(32 + i)));
      const Eigen::RowVectorXd mean = drawn.colwise().mean();
      const Points centred = drawn.rowwise() - mean;
      for (Index k = 0; k < x.cols(); ++k) {
        const double deviation = std::sqrt(centred.col(k).squaredNorm() / double(kRepeats));
        const double map_part = subject.map_draws > 0 ? 1.0 / double(subject.map_draws) : 0.0;
        const double error = deviation * std::sqrt(1.0 / double(kRepeats) + map_part);
        CHECK(std::abs(mean[k] - mapped(i, k)) <= 6.0 * error + 1e-9);
      }
    }
  }
}

// The covariance of 4000 draws from each of 4 points against the exact one, within 6 standard
// errors by the draws' own fourth moments: false alarm below 2e-9 for each of the at most 72
// entries of a subject, where the far end has light tails.
void check_covariance_of_sample(const Subject& subject) {
  const Conditionals* conditionals = subject.plan().conditionals();
  if (conditionals == nullptr) return;
  constexpr Index kRepeats = 4000;
  for (const auto direction : kBoth) {
    const Points x = start_points(subject, direction, 4, 35);
    for (Index i = 0; i < x.rows(); ++i) {
      const std::optional<Matrix> exact = conditionals->covariance(x.row(i), direction);
      if (!exact) continue;
      REQUIRE((exact->rows() == x.cols() && exact->cols() == x.cols()));
      const Points drawn = subject.plan().sample(x.row(i).replicate(kRepeats, 1), direction,
                                                 RandomStream(std::uint64_t(36 + i)));
      const Points apart = drawn.rowwise() - drawn.colwise().mean();
      for (Index j = 0; j < x.cols(); ++j) {
        for (Index k = 0; k < x.cols(); ++k) {
          const Eigen::ArrayXd products = apart.col(j).array() * apart.col(k).array();
          const double mean = products.mean();
          const double error = std::sqrt((products - mean).square().mean() / double(kRepeats));
          CHECK(std::abs(mean - (*exact)(j, k)) <= 6.0 * error + 1e-9);
        }
      }
    }
  }
}

void check_pushforward(const Subject& subject) {
  for (const auto direction : kBoth) {
    const Points moved = subject.plan().sample(start_points(subject, direction, kDraws, 41),
                                               direction, RandomStream(42));
    const Points fresh = start_points(subject, opposite(direction), kDraws, 43);
    check_same_law(moved, fresh, subject.bias);
  }
}

// (X_0, X_1) has one law, whichever end is drawn first; so backward undoes forward.
void check_backward_of_forward(const Subject& subject) {
  const Points x = start_points(subject, Direction::forward, kDraws, 51);
  const Points y = start_points(subject, Direction::backward, kDraws, 52);
  const Points there = subject.plan().sample(x, Direction::forward, RandomStream(53));
  const Points back = subject.plan().sample(y, Direction::backward, RandomStream(54));
  check_same_law(joined(x, there), joined(back, y), 2.0 * subject.bias);
  const Points home = subject.plan().sample(there, Direction::backward, RandomStream(55));
  check_same_law(home, start_points(subject, Direction::forward, kDraws, 56), 2.0 * subject.bias);
}

// Forward from the source and backward from the target are one process: its laws at a pair of
// times agree, and each direction's paths end as its samples do.
void check_paths(const Subject& subject) {
  const std::vector<double> times{0.3, 0.7};
  const auto along = [&](Direction direction, std::uint64_t seed) {
    return subject.plan().sample_paths(start_points(subject, direction, kDraws, seed), times,
                                       direction, RandomStream(seed + 1));
  };
  const Paths there = along(Direction::forward, 61), back = along(Direction::backward, 63);
  check_same_law(joined(there.at[0], there.at[1]), joined(back.at[0], back.at[1]),
                 2.0 * subject.bias);
  for (const auto direction : kBoth) {
    const Points x = start_points(subject, direction, kDraws, 65);
    const std::vector<double> far{direction == Direction::forward ? 1.0 : 0.0};
    const Points ended = subject.plan().sample_paths(x, far, direction, RandomStream(66)).at[0];
    const Points drawn = subject.plan().sample(x, direction, RandomStream(67));
    check_same_law(joined(x, ended), joined(x, drawn), subject.bias);
  }
}

// Euler-Maruyama along the drift against the paths, at nine tenths of the way (a target of points
// has an unbounded drift beyond) where the step is 0.009: its bias in law is below 0.01. Fewer
// draws than elsewhere, for the time it takes.
void check_drift(const Subject& subject) {
  if (subject.plan().drift() == nullptr) return;
  constexpr Index kSteps = 100, kRuns = 3000;
  constexpr double kWay = 0.9, kEulerBias = 0.01;
  const double h = kWay / double(kSteps);
  const double noise = std::sqrt(h * subject.problem().reference().epsilon());
  for (const auto direction : kBoth) {
    const bool forward = direction == Direction::forward;
    const Points start = start_points(subject, direction, kRuns, 71);
    Points x = start;
    for (Index k = 0; k < kSteps; ++k) {
      const double t = forward ? h * double(k) : 1.0 - h * double(k);
      x += h * subject.plan().drift()->at(t, x, direction) +
           noise * normal_points(kRuns, x.cols(), RandomStream(72), k);
    }
    const std::vector<double> times{forward ? kWay : 1.0 - kWay};
    const Points expected =
        subject.plan().sample_paths(start, times, direction, RandomStream(73)).at[0];
    check_same_law(joined(start, x), joined(start, expected), subject.bias + kEulerBias);
  }
}

// The density given a point integrates to one, and has the map as its mean: by importance sampling
// from a Gaussian of twice the conditional covariance, within 6 standard errors.
void check_conditional_density(const Subject& subject) {
  const Conditionals* conditionals = subject.plan().conditionals();
  if (conditionals == nullptr) return;
  constexpr Index kRepeats = 5000;
  const Index d = subject.dimension();
  for (const auto direction : kBoth) {
    const Points x = start_points(subject, direction, 2, 34);
    for (Index i = 0; i < x.rows(); ++i) {
      const Points same = x.row(i).replicate(kRepeats, 1);
      const auto covariance = conditionals->covariance(x.row(i), direction);
      if (!covariance || !conditionals->log_density(x, x, direction)) continue;
      const Points mapped = subject.plan().map(x.row(i), direction);
      const Matrix root = Eigen::LLT<Matrix>(2.0 * *covariance).matrixL();
      const Points z = normal_points(kRepeats, d, RandomStream(35));
      const Points y = (z * root.transpose()).rowwise() + mapped.row(0);
      const double log_root = root.diagonal().array().log().sum();
      const Eigen::ArrayXd log_proposal = -0.5 * z.rowwise().squaredNorm().array() - log_root -
                                          0.5 * double(d) * std::log(2.0 * std::numbers::pi);
      const Eigen::ArrayXd weights =
          (conditionals->log_density(same, y, direction)->array() - log_proposal).exp();
      const auto check_mean = [&](const Eigen::ArrayXd& values, double expected) {
        const double mean = values.mean();
        const double error = std::sqrt((values - mean).square().mean() / double(kRepeats));
        CHECK(std::abs(mean - expected) <= 6.0 * error);
        CHECK(error < 0.1 * (1.0 + std::abs(expected)));  // the proposal covers it
      };
      check_mean(weights, 1.0);
      for (Index k = 0; k < d; ++k) {
        check_mean(weights * (y.col(k).array() - mapped(0, k)), 0.0);
      }
    }
  }
}

}  // namespace

TEST_CASE("the comparison itself: it sees what it should, and passes equal laws") {
  const Points x = normal_points(kDraws, 2, RandomStream(1));
  const Points y = normal_points(kDraws, 2, RandomStream(2));
  check_same_law(x, y, 0.0);
  CHECK(difference_in_law(x, x).distribution == 0.0);
  CHECK(difference_in_law(x, y.array() + 0.2).distribution > noise_band(kDraws));
  CHECK(difference_in_law(x, 1.1 * y).variance > 0.0);
  Points mixed = y;  // the same marginals, another joint law
  mixed.col(1) = y.col(0);
  CHECK(difference_in_law(x, mixed).variance > 0.0);
}

TEST_CASE("the mean of sample is the map") {
  for_each(quick_subjects(), check_mean_of_sample_is_map);
}
TEST_CASE("the density of the conditionals integrates to one, about the map") {
  for_each(quick_subjects(), check_conditional_density);
}
TEST_CASE("the covariance of sample is that of the conditionals") {
  for_each(quick_subjects(), check_covariance_of_sample);
}
TEST_CASE("the source is pushed to the target, and back") {
  for_each(quick_subjects(), check_pushforward);
}
TEST_CASE("both directions draw from one coupling") {
  for_each(quick_subjects(), check_backward_of_forward);
}
TEST_CASE("both directions draw paths of one process") { for_each(quick_subjects(), check_paths); }
TEST_CASE("the drift, integrated, gives the law of the paths") {
  for_each(quick_subjects(), check_drift);
}

TEST_CASE("[full] the same laws for plans of a real budget, within narrower bands") {
  for_each(full_subjects(), check_mean_of_sample_is_map);
  for_each(full_subjects(), check_covariance_of_sample);
  for_each(full_subjects(), check_pushforward);
  for_each(full_subjects(), check_backward_of_forward);
  for_each(full_subjects(), check_paths);
  for_each(full_subjects(), check_drift);
}
