#include "otbridge/metrics/comparison.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "../relative.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/measure/gaussian.hpp"
#include "otbridge/measure/toy.hpp"
#include "otbridge/metrics/bridge_score.hpp"
#include "otbridge/metrics/two_sample.hpp"
#include "otbridge/solvers/gaussian.hpp"
#include "otbridge/solvers/registry.hpp"

using namespace otbridge;

namespace {

TransportProblem gaussian_problem() {
  return {Gaussian(Vector::Zero(2), Matrix::Identity(2, 2)),
          Gaussian(Vector::Constant(2, 3.0), 0.5 * Matrix::Identity(2, 2)), ReferenceProcess(0.4)};
}

TransportProblem toy_problem() { return {Toy("moons"), Toy("8gaussians"), ReferenceProcess(1.0)}; }

std::vector<Contender> contenders(std::initializer_list<const char*> names) {
  std::vector<Contender> all;
  for (const char* name : names) all.push_back({&find_solver(name)});
  return all;
}

}  // namespace

TEST_CASE("rows are in the order of the contenders and measured at draws no solver has seen") {
  const TransportProblem problem = gaussian_problem();
  const ComparisonOptions options{.samples = 200, .seed = 7};
  const Comparison c = compare(problem, contenders({"sinkhorn", "gaussian"}), options);
  REQUIRE(c.rows.size() == 2);
  CHECK(c.rows[0].solver == "sinkhorn");
  CHECK(c.rows[1].solver == "gaussian");
  CHECK(c.start.size() == 200);
  CHECK(c.fresh.size() == 200);
  // The solver's own cloud has its own stream.
  const Points seen = problem.source()->sample(200, RandomStream(7, Purpose::source_draw));
  CHECK((seen - c.start.points()).cwiseAbs().maxCoeff() > 0.1);
  for (const ComparisonRow& row : c.rows) {
    REQUIRE(row.score.has_value());
    CHECK(row.moved.rows() == 200);
    CHECK(row.score->transport_cost ==
          relative(0.5 * (row.moved - c.start.points()).rowwise().squaredNorm().mean(), 1e-13));
    CHECK(row.score->energy_distance ==
          relative(energy_distance(WeightedPoints(row.moved), c.fresh), 1e-13));
    CHECK_FALSE(row.truth.has_value());  // none was given
  }
}

TEST_CASE("the observer is told of every measurement, and changes none") {
  const TransportProblem problem = gaussian_problem();
  const Solution truth = solve_gaussian(problem);
  std::vector<Progress> seen;
  ComparisonOptions options{.samples = 100, .truth = &truth};
  const Comparison unwatched = compare(problem, contenders({"sinkhorn", "exact"}), options);
  options.observer = [&](const Progress& progress) { seen.push_back(progress); };
  const Comparison watched = compare(problem, contenders({"sinkhorn", "exact"}), options);
  for (std::size_t k = 0; k < 2; ++k) {
    CHECK(watched.rows[k].moved == unwatched.rows[k].moved);
    CHECK(watched.rows[k].score->mmd_squared == unwatched.rows[k].score->mmd_squared);
  }
  std::vector<std::string> phases;
  for (const Progress& progress : seen) {
    // Of a stage, by what it has taken: from its beginning to where it is nearly done.
    const std::string of = progress.phase.substr(0, progress.phase.find(':'));
    const bool first = phases.empty() || !phases.back().starts_with(of + ":");
    CHECK(
        (first ? progress.fraction == 0.0 : progress.fraction > seen[phases.size() - 1].fraction));
    CHECK(progress.fraction < 1.0);
    phases.push_back(progress.phase);
  }
  std::vector<std::string> expected;
  for (const std::string of : {"sinkhorn", "exact", "gaussian", "exact draws"}) {
    if (of != "exact draws") expected.push_back("scores of " + of + ": moving points");
    for (const std::string part : {"W2", "W1", "sliced W2", "energy distance", "MMD"})
      expected.push_back("scores of " + of + ": " + part);
    if (of != "exact draws") expected.push_back("scores of " + of + ": path energy");
    if (of == "sinkhorn") expected.push_back("scores of sinkhorn: map");
  }
  expected.push_back("bridge of reference: conditionals");
  for (const std::string part : {"path KL", "map", "conditionals"})
    expected.push_back("bridge of sinkhorn: " + part);
  CHECK(phases == expected);
}

TEST_CASE("the truth scores those who solve with epsilon, and no one else") {
  const TransportProblem problem = gaussian_problem();
  const Solution truth = solve_gaussian(problem);
  const ComparisonOptions options{.samples = 300, .truth = &truth};
  const Comparison c = compare(problem, contenders({"gaussian", "sinkhorn", "exact"}), options);
  CHECK(c.truth_known());
  REQUIRE(c.rows[0].truth.has_value());
  CHECK(c.rows[0].truth->map_rmse == 0.0);
  CHECK(c.rows[0].truth->value_error.value() == 0.0);
  CHECK(c.rows[0].truth->value == truth.report.value);
  REQUIRE(c.rows[1].truth.has_value());
  CHECK(c.rows[1].truth->map_rmse > 1e-6);  // of 2000 draws: near, and not the same
  CHECK(c.rows[1].truth->map_rmse < 0.3);
  CHECK_FALSE(c.rows[2].regularised);
  CHECK_FALSE(c.rows[2].truth.has_value());
  CHECK(c.rows[2].score.has_value());
}

TEST_CASE("a refusal is a row, and the others go on") {
  const TransportProblem problem(Toy("moons"), Toy("8gaussians"), ReferenceProcess(1.0));
  const ComparisonOptions options{.samples = 100};
  const Comparison c = compare(problem, contenders({"gaussian", "sinkhorn"}), options);
  CHECK(c.rows[0].refused());
  CHECK(c.rows[0].refusal.find("Gaussian laws") != std::string::npos);
  CHECK_FALSE(c.rows[0].score.has_value());
  CHECK_FALSE(c.rows[1].refused());
  CHECK_FALSE(c.all_refused());
  CHECK(compare(problem, contenders({"gaussian"}), options).all_refused());
}

TEST_CASE("the caller runs the contenders, and what is no refusal ends the comparison") {
  const TransportProblem problem = gaussian_problem();
  std::vector<std::string> asked;
  ComparisonOptions options{.samples = 50};
  options.run = [&](const Contender& contender, const DistanceToTruth& to_truth) {
    CHECK_FALSE(to_truth);  // nothing stands for the true bridge yet
    asked.emplace_back(contender.solver->name());
    Solution solution = contender.solver->solve(problem, contender.settings, {});
    solution.report.notes.emplace_back("seen");
    return solution;
  };
  const Comparison c = compare(problem, {{&find_solver("sinkhorn"), {{"samples", 60LL}}}}, options);
  CHECK(asked == std::vector<std::string>{"sinkhorn"});
  CHECK(c.rows[0].report.notes.back() == "seen");
  CHECK(c.rows[0].report.notes.front().find("60 draws") != std::string::npos);

  options.run = [](const Contender&, const DistanceToTruth&) -> Solution {
    throw MemoryLimit("too large");
  };
  CHECK_THROWS_AS(compare(problem, contenders({"sinkhorn"}), options), MemoryLimit);
}

TEST_CASE("every round of a network is told how far it is from what stands for the true bridge") {
  const SettingAssignments short_training{
      {"iterations", 2LL}, {"training_steps", 30LL}, {"hidden", std::vector<long long>{8}}};
  const std::vector<Contender> both{{&find_solver("dsb"), short_training},
                                    {&find_solver("sinkhorn")}};
  const ComparisonOptions options{.samples = 200, .seed = 7};
  const Comparison unknown = compare(toy_problem(), both, options);
  REQUIRE(unknown.reference == ReferenceKind::sinkhorn);
  // Named last, solved first.
  CHECK(unknown.rows[0].solver == "dsb");
  CHECK(unknown.rows[1].solver == "sinkhorn");
  const auto& rounds = unknown.rows[0].report.rounds;
  REQUIRE(rounds.size() == 2);
  CHECK(rounds[0].path_kl.has_value());
  CHECK(rounds[1].path_kl == path_kl_to(*unknown.rows[1].plan, 7)(*unknown.rows[0].plan));
  // From other draws of the source than the score of the whole: a scatter of some percent.
  CHECK(rounds[1].path_kl.value() == relative(unknown.rows[0].bridge->path_kl.value(), 0.2));

  // Alone there is nothing to measure it by.
  const Comparison alone = compare(toy_problem(), {both.front()}, options);
  CHECK_FALSE(alone.rows[0].report.rounds[1].path_kl.has_value());
  CHECK(alone.rows[0].moved == unknown.rows[0].moved);

  // The truth goes before the bridge of sinkhorn.
  const TransportProblem problem = gaussian_problem();
  const Solution truth = solve_gaussian(problem);
  ComparisonOptions by_truth = options;
  by_truth.truth = &truth;
  const Comparison known = compare(problem, both, by_truth);
  CHECK(known.rows[0].report.rounds[1].path_kl == path_kl_to(*truth.plan, 7)(*known.rows[0].plan));
}

TEST_CASE("a plan of other laws stands for no truth, and what was told to stop keeps its rows") {
  const auto other = std::make_shared<const TransportProblem>(gaussian_problem());
  std::vector<Contender> all = contenders({"sinkhorn", "mixture", "sinkhorn"});
  all[0].plan_file = "other.safetensors";
  all[0].of_laws = false;
  ComparisonOptions options{.samples = 100, .seed = 7};
  int runs = 0;
  options.run = [&](const Contender& contender, const DistanceToTruth& to_truth) {
    ++runs;
    SettingAssignments few{{"samples", 100LL}};
    const TransportProblem problem(toy_problem().source(), toy_problem().target(),
                                   ReferenceProcess(1.0));
    const TransportProblem asked =
        contender.of_laws
            ? problem
            : TransportProblem(other->source(), other->target(), ReferenceProcess(1.0));
    CHECK(static_cast<bool>(to_truth) == (contender.solver->name() == "mixture"));
    return contender.solver->solve(asked, few, {});
  };
  const Comparison c = compare(toy_problem(), all, options);
  REQUIRE(c.rows.size() == 3);
  REQUIRE(c.reference == ReferenceKind::sinkhorn);
  CHECK(c.rows[0].bridge.has_value());        // is compared
  CHECK_FALSE(c.rows[2].bridge.has_value());  // is what the others are compared with

  runs = 0;
  options.stop = [&] { return runs > 0; };
  const Comparison cut = compare(toy_problem(), contenders({"mixture", "sinkhorn"}), options);
  CHECK(runs == 1);
  REQUIRE(cut.rows.size() == 1);
  CHECK(cut.rows[0].solver == "sinkhorn");  // which runs first
  CHECK(cut.rows[0].score.has_value());
  CHECK_FALSE(cut.floors.has_value());
  CHECK(cut.stopped);
  // What takes longer to be scored than there is time is left out.
  runs = 0;
  options.samples = 20000;
  CHECK(compare(toy_problem(), contenders({"sinkhorn"}), options).rows.empty());
}

TEST_CASE("clouds are compared as they are, without drawing") {
  // Pixels of two small pictures. By hand: 1/6 goes one pixel, 1/6 two, 1/3 one, and 1/3 stays, so
  // that W2^2 = 1/6 + 4/6 + 2/6.
  Points grid(9, 2);
  for (Index i = 0; i < 9; ++i)
    grid.row(i) << static_cast<double>(i / 3), static_cast<double>(i % 3);
  const WeightedPoints a(grid, Vector{{2, 0, 0, 2, 0, 0, 0, 0, 2}});
  const WeightedPoints b(grid, Vector{{0, 1, 1, 2, 0, 0, 0, 2, 0}});
  const ComparisonOptions options{.samples = 50};
  const auto itself = compare({a, a, ReferenceProcess(1.0)}, contenders({"exact"}), options);
  REQUIRE(itself.rows[0].score.has_value());
  CHECK(itself.rows[0].score->w2 == 0.0);
  CHECK(itself.rows[0].score->w1 == 0.0);
  CHECK(itself.rows[0].score->sliced_w2 == 0.0);
  CHECK(itself.rows[0].score->energy_distance == 0.0);
  CHECK(itself.rows[0].score->transport_cost == 0.0);

  const auto c = compare({a, b, ReferenceProcess(0.5)}, contenders({"exact", "sinkhorn"}), options);
  CHECK(c.start.points() == grid);
  CHECK(c.start.weights() == a.weights());
  REQUIRE(c.rows[0].score.has_value());
  CHECK(c.rows[0].score->w2 < 1e-7);
  CHECK(c.rows[0].score->transport_cost == relative(7.0 / 12.0, 1e-14));
  REQUIRE(c.rows[1].score.has_value());
  CHECK(c.rows[1].score->w2 < 0.01);
  CHECK(c.rows[1].score->transport_cost == relative(*c.rows[1].report.value_linear, 1e-6));

  // More points than W2 is taken of: the same ones on both sides.
  const WeightedPoints many(
      Measure(Toy("moons"))->sample(300, RandomStream(1, Purpose::source_draw)));
  const auto part = compare({many, many, ReferenceProcess(1.0)}, contenders({"exact"}),
                            {.samples = 50, .w2_samples = 40});
  CHECK(part.rows[0].score->w2_samples == 40);
  CHECK(part.rows[0].score->w2 == 0.0);
}

TEST_CASE("against the truth every regularised row has its bridge scored, and floors are given") {
  const TransportProblem problem = gaussian_problem();
  const Solution truth = solve_gaussian(problem);
  const ComparisonOptions options{.samples = 300, .truth = &truth};
  const Comparison c = compare(problem, contenders({"gaussian", "sinkhorn", "exact"}), options);
  CHECK(c.reference == ReferenceKind::truth);
  REQUIRE(c.conditional_bw2_uvp_floor.has_value());
  REQUIRE(c.rows[0].bridge.has_value());
  CHECK(c.rows[0].bridge->path_kl == 0.0);
  CHECK(c.rows[0].bridge->drift_rmse == 0.0);
  CHECK(c.rows[0].bridge->map_rmse == 0.0);
  // Other draws of the same conditionals: 200 points leave a tenth.
  CHECK(c.rows[0].bridge->conditional_bw2_uvp.value() ==
        relative(*c.conditional_bw2_uvp_floor, 0.6));
  REQUIRE(c.rows[1].bridge.has_value());
  CHECK(c.rows[1].bridge->map_rmse == c.rows[1].truth->map_rmse);
  CHECK(c.rows[1].bridge->path_kl.value() > 0.0);
  CHECK(*c.rows[1].bridge->conditional_bw2_uvp > *c.conditional_bw2_uvp_floor);
  CHECK_FALSE(c.rows[2].bridge.has_value());
  // The floors are of the size of what a perfect plan scores, from the same number of points.
  REQUIRE(c.floors.has_value());
  const PushforwardScore& perfect = *c.rows[0].score;
  CHECK(c.floors->distances.w2 > 0.3 * perfect.w2);
  CHECK(c.floors->distances.w2 < 3.0 * perfect.w2);
  CHECK(c.floors->distances.energy_distance > 0.0);
  CHECK(perfect.w1 <= perfect.w2);  // Jensen
  CHECK(c.floors->distances.w1 > 0.3 * perfect.w1);
  CHECK(c.floors->distances.w1 < 3.0 * perfect.w1);
  CHECK(c.floors->distances.mmd_squared > 0.0);
  CHECK(c.floors->bw2_uvp.value() < 10.0);
  CHECK(perfect.bw2_uvp.value() < 10.0);
}

TEST_CASE(
    "without a truth the first converged row of sinkhorn stands in, and has no score itself") {
  const TransportProblem problem(Toy("moons"), Toy("8gaussians"), ReferenceProcess(1.0));
  std::vector<Contender> two{{&find_solver("sinkhorn"), {{"samples", 150LL}, {"iterations", 1LL}}},
                             {&find_solver("sinkhorn"), {{"samples", 150LL}}},
                             {&find_solver("sinkhorn"), {{"samples", 200LL}}},
                             {&find_solver("exact"), {{"samples", 100LL}}}};
  const Comparison c = compare(problem, two, {.samples = 100});
  CHECK(c.reference == ReferenceKind::sinkhorn);
  CHECK_FALSE(c.truth_known());
  REQUIRE(c.rows[0].bridge.has_value());  // stopped at its limit: scored, and no reference
  CHECK(c.rows[0].bridge->map_rmse.value() > 0.0);
  CHECK_FALSE(c.rows[1].bridge.has_value());
  REQUIRE(c.rows[2].bridge.has_value());
  CHECK(c.rows[2].bridge->path_kl.value() > 0.0);
  CHECK_FALSE(c.rows[3].bridge.has_value());
  const Comparison none = compare(problem, {two[0], two[3]}, {.samples = 100});
  CHECK(none.reference == ReferenceKind::none);
  CHECK_FALSE(none.rows[0].bridge.has_value());
  CHECK_FALSE(none.conditional_bw2_uvp_floor.has_value());
  CHECK(none.floors.has_value());
}

TEST_CASE("clouds have no floors, and a coupling that hits its target explains all its variance") {
  const WeightedPoints a(normal_points(30, 2, RandomStream(1))),
      b(normal_points(40, 2, RandomStream(2)));
  const Comparison c =
      compare({a, b, ReferenceProcess(0.5)}, contenders({"exact"}), {.samples = 9});
  CHECK_FALSE(c.floors.has_value());
  CHECK(c.rows[0].score->bw2_uvp.value() < 1e-9);
  CHECK(c.rows[0].score->mmd_squared < 1e-14);
  CHECK(c.rows[0].plan != nullptr);
}
