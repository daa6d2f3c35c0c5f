// Laws that hold to the last bit, or to rounding, for every plan.
#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <set>
#include <sstream>

#include "otbridge/core/error.hpp"
#include "otbridge/core/parallel.hpp"
#include "otbridge/io/plan_file.hpp"
#include "otbridge/known/known_answer.hpp"
#include "otbridge/solvers/registry.hpp"
#include "subject.hpp"

using namespace otbridge;
using namespace otbridge::conformance;

namespace {

const std::vector<double> kTimes{0.0, 0.25, 0.6, 1.0};

// Everything a plan says about a batch, to compare two plans or two ways of asking.
struct Answers {
  std::vector<Points> parts;
  bool operator==(const Answers&) const = default;
};

Answers ask(const TransportPlan& plan, const Points& x) {
  Answers answers;
  for (const auto direction : kBoth) {
    answers.parts.push_back(plan.sample(x, direction, RandomStream(7)));
    answers.parts.push_back(plan.map(x, direction));
    for (const auto& slice : plan.sample_paths(x, kTimes, direction, RandomStream(8)).at) {
      answers.parts.push_back(slice);
    }
    if (plan.drift() != nullptr) answers.parts.push_back(plan.drift()->at(0.4, x, direction));
    if (plan.conditionals() == nullptr) continue;
    if (const auto covariance = plan.conditionals()->covariance(x.topRows(1), direction)) {
      answers.parts.emplace_back(*covariance);
    }
  }
  if (plan.potentials() != nullptr) {
    answers.parts.push_back(plan.potentials()->f(x));
    answers.parts.push_back(plan.potentials()->g(x));
  }
  if (plan.coupling() != nullptr) answers.parts.push_back(plan.coupling()->rows(0, 5));
  return answers;
}

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

struct TemporaryFile {
  explicit TemporaryFile(const std::string& name)
      : path((std::filesystem::temp_directory_path() /
              (name + std::to_string(reinterpret_cast<std::uintptr_t>(this)) + ".safetensors"))
                 .string()) {}
  ~TemporaryFile() { std::filesystem::remove(path); }
  std::string path;
};

}  // namespace

TEST_CASE("every solver of the registry is among the subjects") {
  std::set<std::string> covered;
  for (const Subject& subject : quick_subjects()) {
    CHECK(subject.plan().name() == subject.plan().state().solver);
    covered.insert(std::string(subject.plan().name()));
  }
  for (const auto& solver : solvers()) CHECK(covered.contains(std::string(solver->name())));
}

TEST_CASE("shapes: n x d in, n x d out, for n = 0 and n = 1 too") {
  for_each(quick_subjects(), [&](const Subject& subject) {
    const Index d = subject.dimension();
    for (const Index n : {0, 1, 17}) {
      const Points x = Points::Constant(n, d, 0.25);
      for (const auto direction : kBoth) {
        const Points drawn = subject.plan().sample(x, direction, RandomStream(1));
        CHECK((drawn.rows() == n && drawn.cols() == d && drawn.allFinite()));
        const Points mapped = subject.plan().map(x, direction);
        CHECK((mapped.rows() == n && mapped.cols() == d && mapped.allFinite()));
        const Paths paths = subject.plan().sample_paths(x, kTimes, direction, RandomStream(1));
        CHECK(paths.times == kTimes);
        REQUIRE(paths.at.size() == kTimes.size());
        for (const Points& slice : paths.at) {
          CHECK((slice.rows() == n && slice.cols() == d && slice.allFinite()));
        }
        if (subject.plan().drift() == nullptr) continue;
        const Points drift = subject.plan().drift()->at(0.5, x, direction);
        CHECK((drift.rows() == n && drift.cols() == d && drift.allFinite()));
      }
    }
  });
}

TEST_CASE("a batch may be split anywhere") {
  for_each(quick_subjects(), [&](const Subject& subject) {
    const TransportPlan& plan = subject.plan();
    for (const auto direction : kBoth) {
      const Points x = start_points(subject, direction, 300, 21);
      const Points drawn = plan.sample(x, direction, RandomStream(5));
      const Points mapped = plan.map(x, direction);
      for (const auto& [begin, size] :
           {std::pair<Index, Index>{0, 300}, {0, 1}, {1, 7}, {131, 169}}) {
        const Points part = x.middleRows(begin, size);
        CHECK(plan.sample(part, direction, RandomStream(5), begin) ==
              drawn.middleRows(begin, size));
        CHECK(plan.map(part, direction) == mapped.middleRows(begin, size));
      }
      const Paths paths = plan.sample_paths(x, kTimes, direction, RandomStream(5));
      const Paths rest =
          plan.sample_paths(x.bottomRows(169), kTimes, direction, RandomStream(5), 131);
      for (std::size_t k = 0; k < kTimes.size(); ++k) {
        CHECK(rest.at[k] == paths.at[k].bottomRows(169));
      }
      // At new points an unregularised plan has one far end.
      if (!subject.unregularised) CHECK(plan.sample(x, direction, RandomStream(6)) != drawn);
    }
  });
}

TEST_CASE("the number of threads changes no bit, of the answers or of the solution") {
  for_each(quick_subjects(), [&](const Subject& subject) {
    const Points x = start_points(subject, Direction::forward, 600, 22);
    const auto ask_with = [&](const TransportPlan& plan, int count) {
      const ThreadScope threads(count);
      return ask(plan, x);
    };
    const Solution alone = subject.rehearse({.threads = 1});
    const Answers expected = ask_with(*alone.plan, 1);
    for (const int count : {2, 5}) CHECK(ask_with(*alone.plan, count) == expected);
    CHECK(ask_with(*subject.rehearse({.threads = 3}).plan, 1) == expected);
  });
}

TEST_CASE("a saved and loaded plan gives the same bytes, and saves to the same file") {
  for_each(quick_subjects(), [&](const Subject& subject) {
    const TemporaryFile first("plan-a-"), second("plan-b-");
    write_plan(*subject.solution, first.path);
    const PlanFile file = read_plan_file(first.path);
    const auto& loaded = file.plan;
    const Points x = start_points(subject, Direction::forward, 60, 23);
    CHECK(ask(*loaded, x) == ask(subject.plan(), x));
    REQUIRE(file.report);
    CHECK(file.report->stop_reason == subject.solution->report.stop_reason);
    write_plan(*loaded, second.path, &*file.report);
    CHECK(bytes_of(first.path) == bytes_of(second.path));
    CHECK(loaded->problem().reference().epsilon() == subject.problem().reference().epsilon());
    CHECK(loaded->problem().source()->type() == subject.problem().source()->type());
  });
}

TEST_CASE("wrong dimensions, non-finite coordinates and bad times are refused") {
  for_each(quick_subjects(), [&](const Subject& subject) {
    const TransportPlan& plan = subject.plan();
    const Index d = subject.dimension();
    Points nan = Points::Zero(3, d), infinite = Points::Zero(3, d);
    nan(1, 0) = std::numeric_limits<double>::quiet_NaN();
    infinite(2, d - 1) = std::numeric_limits<double>::infinity();
    for (const auto direction : kBoth) {
      for (const Points& bad : {Points(Points::Zero(2, d + 1)), nan, infinite}) {
        CHECK_THROWS_AS(plan.sample(bad, direction, RandomStream(1)), InvalidInput);
        CHECK_THROWS_AS(plan.map(bad, direction), InvalidInput);
        CHECK_THROWS_AS(plan.sample_paths(bad, kTimes, direction, RandomStream(1)), InvalidInput);
      }
      const Points x = Points::Zero(2, d);
      for (const std::vector<double>& times :
           {std::vector<double>{}, {-0.1, 0.5}, {0.5, 1.1}, {0.5, 0.5}, {0.6, 0.2}}) {
        CHECK_THROWS_AS(plan.sample_paths(x, times, direction, RandomStream(1)), InvalidInput);
      }
    }
  });
}

TEST_CASE("every face refuses a wrong dimension, a number that is none, and rows beyond the end") {
  for_each(quick_subjects(), [&](const Subject& subject) {
    const Index d = subject.dimension();
    const double nan = std::numeric_limits<double>::quiet_NaN();
    Points hole = Points::Zero(3, d);
    hole(2, d - 1) = nan;
    for (const Points& bad :
         {Points(Points::Zero(2, d + 1)), Points(Points::Zero(2, d - 1)), hole}) {
      if (const Potentials* potentials = subject.plan().potentials()) {
        CHECK_THROWS_AS(potentials->f(bad), InvalidInput);
        CHECK_THROWS_AS(potentials->g(bad), InvalidInput);
      }
      if (const Drift* drift = subject.plan().drift()) {
        for (const auto direction : kBoth)
          CHECK_THROWS_AS(drift->at(0.5, bad, direction), InvalidInput);
      }
      if (const Conditionals* conditionals = subject.plan().conditionals()) {
        for (const auto direction : kBoth) {
          CHECK_THROWS_AS(conditionals->covariance(bad.bottomRows(1), direction), InvalidInput);
          CHECK_THROWS_AS(conditionals->covariance(Points::Zero(2, d), direction), InvalidInput);
          CHECK_THROWS_AS(conditionals->covariance(Points(0, d), direction), InvalidInput);
          CHECK_THROWS_AS(conditionals->log_density(bad, bad, direction), InvalidInput);
          CHECK_THROWS_AS(
              conditionals->log_density(Points::Zero(2, d), Points::Zero(3, d), direction),
              InvalidInput);
        }
      }
    }
    if (const Potentials* potentials = subject.plan().potentials()) {
      CHECK(potentials->f(Points(0, d)).size() == 0);
      CHECK(potentials->g(Points(0, d)).size() == 0);
    }
    if (const Drift* drift = subject.plan().drift()) {
      for (const double t : {-1e-9, 1.0 + 1e-9, nan}) {
        for (const auto direction : kBoth) {
          CHECK_THROWS_AS(drift->at(t, Points::Zero(2, d), direction), InvalidInput);
        }
      }
    }
    // But for the truth, which may be the plan of another solver, the registry knows it beforehand.
    if (subject.plan().name() != kTruth) {
      CHECK(find_solver(subject.plan().name()).couples_clouds() ==
            (subject.plan().coupling() != nullptr));
    }
    if (const Coupling* coupling = subject.plan().coupling()) {
      const Index n = coupling->source_weights().size(), m = coupling->target_weights().size();
      CHECK(coupling->rows(n, n).rows() == 0);
      CHECK(coupling->rows(0, 0).cols() == m);
      CHECK_THROWS_AS(coupling->rows(0, n + 1), InvalidInput);
      CHECK_THROWS_AS(coupling->rows(-1, 1), InvalidInput);
      CHECK_THROWS_AS(coupling->rows(2, 1), InvalidInput);
    }
  });
}

TEST_CASE("paths begin at the given points; asking for more times keeps the given end") {
  for_each(quick_subjects(), [&](const Subject& subject) {
    const Points x = start_points(subject, Direction::forward, 40, 24);
    const auto paths = [&](std::vector<double> times, Direction direction) {
      return subject.plan().sample_paths(x, times, direction, RandomStream(3));
    };
    CHECK(paths({0.0, 0.5, 1.0}, Direction::forward).at[0] == x);
    CHECK(paths({0.0, 0.5, 1.0}, Direction::backward).at[2] == x);
    CHECK(paths({0.0}, Direction::forward).at[0] == x);
    CHECK(paths({1.0}, Direction::backward).at[0] == x);
  });
}

// grad f = -a (E[X_1 | x] - a x) and grad g = y - a E[X_0 | y]: the first-order conditions of
// f(x) + g(y) - |y - a x|^2 / 2, by central differences.
TEST_CASE("the gradients of the potentials are the map, in and out of sample") {
  for_each(quick_subjects(), [&](const Subject& subject) {
    const Potentials* potentials = subject.plan().potentials();
    if (potentials == nullptr) return;
    const double a = subject.problem().reference().endpoint_decay();
    constexpr double kStep = 1e-4;
    for (const auto direction : kBoth) {
      const bool forward = direction == Direction::forward;
      const Points x = normal_points(8, subject.dimension(), RandomStream(25));
      const Points mapped = subject.plan().map(x, direction);
      const Points expected = forward ? Points(-a * (mapped - a * x)) : Points(x - a * mapped);
      for (Index k = 0; k < subject.dimension(); ++k) {
        Points ahead = x, behind = x;
        ahead.col(k).array() += kStep;
        behind.col(k).array() -= kStep;
        const Vector slope = (forward ? Vector(potentials->f(ahead) - potentials->f(behind))
                                      : Vector(potentials->g(ahead) - potentials->g(behind))) /
                             (2.0 * kStep);
        CHECK((slope - expected.col(k)).cwiseAbs().maxCoeff() < 1e-5);
      }
    }
  });
}

// b(0, x) = -theta x + eps (a / s^2) (E[X_1 | x] - a x), and at t = 1 its mirror image.
TEST_CASE("the drift at the start of each direction is the one of the map") {
  for_each(quick_subjects(), [&](const Subject& subject) {
    if (subject.plan().potentials() == nullptr || subject.plan().drift() == nullptr) return;
    const ReferenceProcess& reference = subject.problem().reference();
    const double a = reference.endpoint_decay();
    const double rate = reference.epsilon() / reference.endpoint_variance();
    for (const auto direction : kBoth) {
      const bool forward = direction == Direction::forward;
      const Points x = normal_points(8, subject.dimension(), RandomStream(26));
      const Points mapped = subject.plan().map(x, direction);
      const Points expected = forward ? Points(rate * a * (mapped - a * x) - reference.theta() * x)
                                      : Points(rate * (a * mapped - x) + reference.theta() * x);
      const Points found = subject.plan().drift()->at(forward ? 0.0 : 1.0, x, direction);
      CHECK((found - expected).cwiseAbs().maxCoeff() < 1e-9);
    }
  });
}

TEST_CASE("a lower bound is reported at most as large as the value that it bounds") {
  Index bounded = 0;
  for_each(quick_subjects(), [&](const Subject& subject) {
    const SolveReport& report = subject.solution->report;
    CHECK(report.regularised != subject.unregularised);
    if (!report.dual_value) return;
    ++bounded;
    REQUIRE((report.value.has_value() && report.duality_gap.has_value()));
    CHECK(*report.dual_value <= *report.value);
    CHECK(*report.duality_gap >= 0.0);
  });
  CHECK(bounded >= 6);
}

TEST_CASE("the flows of a coupling are the entries of its rows, by source and then by target") {
  for_each(quick_subjects(), [&](const Subject& subject) {
    const Coupling* coupling = subject.plan().coupling();
    if (coupling == nullptr) return;
    const Index n = coupling->source_weights().size(), m = coupling->target_weights().size();
    const Matrix pi = coupling->rows(0, n);
    for (const double least : {0.0, 1e-4}) {
      std::vector<Flow> expected;
      for (Index i = 0; i < n; ++i) {
        for (Index j = 0; j < m; ++j) {
          if (pi(i, j) > 0.0 && pi(i, j) >= least) expected.push_back({i, j, pi(i, j)});
        }
      }
      CHECK(!expected.empty());
      CHECK(coupling->flows(least) == expected);
    }
    CHECK(coupling->flows(2.0).empty());  // more than there is
    CHECK_THROWS_AS(coupling->flows(-1.0), InvalidInput);
  });
}

TEST_CASE("a coupling has the marginals asked for and is given by the potentials") {
  for_each(quick_subjects(), [&](const Subject& subject) {
    const Coupling* coupling = subject.plan().coupling();
    if (coupling == nullptr) return;
    const Index n = coupling->source_points().rows(), m = coupling->target_points().rows();
    const Matrix pi = coupling->rows(0, n);
    REQUIRE((pi.rows() == n && pi.cols() == m));
    CHECK((pi.rowwise().sum() - coupling->source_weights()).cwiseAbs().sum() < 1e-8);
    CHECK((pi.colwise().sum().transpose() - coupling->target_weights()).cwiseAbs().sum() < 1e-8);
    CHECK(coupling->rows(2, 5) == pi.middleRows(2, 3));

    const Points mapped = subject.plan().map(coupling->source_points(), Direction::forward);
    const Potentials& potentials = *subject.plan().potentials();
    const Vector f = potentials.f(coupling->source_points());
    const Vector g = potentials.g(coupling->target_points());
    CHECK(std::abs(f.dot(coupling->source_weights())) < 1e-8);
    const double a = subject.problem().reference().endpoint_decay();
    const double s2 = subject.problem().reference().endpoint_variance();
    double worst = 0.0, worst_map = 0.0;
    for (Index i = 0; i < n; ++i) {
      for (Index j = 0; j < m; ++j) {
        const double cost =
            0.5 *
            (coupling->target_points().row(j) - a * coupling->source_points().row(i)).squaredNorm();
        const double weights = coupling->source_weights()[i] * coupling->target_weights()[j];
        if (subject.unregularised) {
          if (weights == 0.0) continue;
          worst =
              std::max(worst, pi(i, j) > 0.0 ? std::abs(f[i] + g[j] - cost) : f[i] + g[j] - cost);
        } else {
          worst =
              std::max(worst, std::abs(pi(i, j) - weights * std::exp((f[i] + g[j] - cost) / s2)));
        }
      }
      if (coupling->source_weights()[i] == 0.0) continue;
      const Vector mean =
          coupling->target_points().transpose() * pi.row(i).transpose() / pi.row(i).sum();
      worst_map = std::max(worst_map, (mapped.row(i).transpose() - mean).norm());
    }
    CHECK(worst < 1e-8);
    CHECK(worst_map < 1e-8);
  });
}

TEST_CASE("the partners of a coupling are the rows of the points that the plan draws") {
  for_each(quick_subjects(), [](const Subject& subject) {
    const Coupling* coupling = subject.plan().coupling();
    if (coupling == nullptr) return;
    const Points& x = coupling->source_points();
    const RandomStream stream(17);
    const std::vector<Index> partners = coupling->partners(stream);
    const Points drawn = subject.plan().sample(x, Direction::forward, stream);
    REQUIRE(static_cast<Index>(partners.size()) == x.rows());
    for (Index i = 0; i < x.rows(); ++i) {
      const Index j = partners[static_cast<std::size_t>(i)];
      if (coupling->source_weights()[i] == 0.0) {
        CHECK(j == -1);
        continue;
      }
      REQUIRE(j >= 0);
      CHECK((coupling->target_points().row(j).array() == drawn.row(i).array()).all());
    }
  });
}
