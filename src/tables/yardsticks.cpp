#include "tables/yardsticks.hpp"

#include <memory>
#include <string>

#include "otbridge/core/error.hpp"
#include "otbridge/core/parallel.hpp"
#include "otbridge/known/known_answer.hpp"
#include "otbridge/measure/weighted_points.hpp"
#include "otbridge/solvers/registry.hpp"
#include "otbridge/tables/table.hpp"
#include "sde/chain.hpp"
#include "sde/step_grid.hpp"

namespace otbridge {
namespace {

constexpr Index kSteps = 40;  // the default of the neural solvers
constexpr Index kMeanDraws = 100000;

// The chain of kSteps steps that a solver which knew the true drift would simulate. What its time
// steps do to the law is the least that a solver of this kind can be wrong by.
class EulerPlan final : public TransportPlan {
 public:
  EulerPlan(const TransportProblem& problem, std::unique_ptr<const TransportPlan> truth)
      : TransportPlan(problem), truth_(std::move(truth)), grid_(StepGrid::uniform(kSteps)) {}

  std::string_view name() const override { return kEulerName; }
  const Drift* drift() const override { return truth_->drift(); }
  PlanState state() const override { throw InvalidInput(std::string(name()), "has no file form"); }

 private:
  Points do_sample(ConstPoints x, Direction direction, const RandomStream& stream,
                   Index first_row) const override {
    return simulate(x, direction, stream, first_row);
  }
  Points do_map(ConstPoints x, Direction direction) const override {
    return truth_->map(x, direction);
  }
  // By the steps of the grid and the times asked for, which in tables are among its nodes.
  Paths do_sample_paths(ConstPoints x, std::span<const double> times, Direction direction,
                        const RandomStream& stream, Index first_row) const override {
    Paths paths{{times.begin(), times.end()}, std::vector<Points>(times.size())};
    const StepGrid grid = grid_.refined(inner(times));
    const auto keep = [&](double t, const Points& at) {
      for (std::size_t k = 0; k < times.size(); ++k) {
        if (times[k] == t) paths.at[k] = at;
      }
    };
    keep(direction == Direction::forward ? 0.0 : 1.0, x);
    simulate_chain(grid, drift_towards(direction), x, direction, noise(stream, first_row),
                   [&](const ChainStep& step) { keep(grid.time(step.to), step.arrival); });
    return paths;
  }

  static std::vector<double> inner(std::span<const double> times) {
    std::vector<double> inside;
    for (const double t : times) {
      if (t > 0.0 && t < 1.0) inside.push_back(t);
    }
    return inside;
  }
  BatchDrift drift_towards(Direction direction) const {
    return
        [this, direction](double t, ConstPoints x) { return truth_->drift()->at(t, x, direction); };
  }
  ChainNoise noise(const RandomStream& stream, Index first_row) const {
    return {problem().reference().epsilon(), stream, first_row};
  }
  Points simulate(ConstPoints x, Direction direction, const RandomStream& stream,
                  Index first_row) const {
    return simulate_chain(grid_, drift_towards(direction), x, direction, noise(stream, first_row));
  }

  std::unique_ptr<const TransportPlan> truth_;
  StepGrid grid_;
};

// X_0 and X_1 drawn independently: what is known without solving.
class IndependentPlan final : public TransportPlan {
 public:
  explicit IndependentPlan(const TransportProblem& problem)
      : TransportPlan(problem),
        mean_source_(mean_of(*problem.source(), Purpose::source_draw)),
        mean_target_(mean_of(*problem.target(), Purpose::target_draw)) {}

  std::string_view name() const override { return kIndependentName; }
  PlanState state() const override { throw InvalidInput(std::string(name()), "has no file form"); }

 private:
  static Eigen::RowVectorXd mean_of(const Law& law, Purpose purpose) {
    if (const auto known = law.mean()) return known->transpose();
    return law.sample(kMeanDraws, RandomStream(0, purpose)).colwise().mean();
  }
  const Law& far(Direction direction) const { return *problem().start(opposite(direction)); }

  Points do_sample(ConstPoints x, Direction direction, const RandomStream& stream,
                   Index first_row) const override {
    const Law& law = far(direction);
    Points drawn(x.rows(), x.cols());
    parallel_for(x.rows(), 64, [&](Index begin, Index end, Index) {
      for (Index i = begin; i < end; ++i) {
        // A stream for each row: the first rows of a long draw would be drawn for each batch anew.
        drawn.row(i) = law.sample(1, stream.fork(static_cast<std::uint64_t>(first_row + i)));
      }
    });
    return drawn;
  }
  Points do_map(ConstPoints x, Direction direction) const override {
    return (direction == Direction::forward ? mean_target_ : mean_source_).replicate(x.rows(), 1);
  }

  Eigen::RowVectorXd mean_source_, mean_target_;
};

// A solver of nothing, with no settings and no file form.
class Yardstick : public Solver {
 public:
  explicit Yardstick(std::string_view name, std::string_view summary)
      : name_(name), summary_(summary) {}
  std::string_view name() const override { return name_; }
  std::string_view summary() const override { return summary_; }
  std::vector<SettingRow> settings() const override { return {}; }
  void check(const SettingAssignments& settings) const override {
    if (!settings.empty()) throw InvalidInput("/solver/" + settings[0].first, "unknown setting");
  }
  std::unique_ptr<const TransportPlan> restore(const TransportProblem&,
                                               const PlanState&) const override {
    throw InvalidInput(std::string(name_), "has no file form");
  }
  Solution solve(const TransportProblem& problem, const SettingAssignments& settings,
                 const SolveContext& context) const override {
    check(settings);
    Solution solution{plan(problem), start_report(name_, problem, context)};
    return solution;
  }

 private:
  virtual std::unique_ptr<const TransportPlan> plan(const TransportProblem& problem) const = 0;

  std::string_view name_, summary_;
};

class EulerYardstick final : public Yardstick {
 public:
  EulerYardstick() : Yardstick(kEulerName, "the Euler chain of the true drift") {}

 private:
  std::unique_ptr<const TransportPlan> plan(const TransportProblem& problem) const override {
    return std::make_unique<const EulerPlan>(problem, solve_truth(problem).plan);
  }
};

class IndependentYardstick final : public Yardstick {
 public:
  IndependentYardstick() : Yardstick(kIndependentName, "both laws drawn independently") {}

 private:
  std::unique_ptr<const TransportPlan> plan(const TransportProblem& problem) const override {
    return std::make_unique<const IndependentPlan>(problem);
  }
};

}  // namespace

bool is_yardstick(const TransportPlan& plan) {
  return plan.name() == kTruth || plan.name() == kEulerName || plan.name() == kIndependentName;
}

std::vector<const Solver*> yardsticks(const TableProblem& problem) {
  static const EulerYardstick euler;
  static const IndependentYardstick independent;
  if (!is_known(problem.problem)) return {&independent};
  return {&find_solver(kTruth), &euler, &independent};
}

}  // namespace otbridge
