#include "neural/drift_network.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>

#include "../thread_ranks.hpp"
#include "designs.hpp"
#include "neural/drift_plan.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/parallel.hpp"
#include "otbridge/measure/gaussian.hpp"
#include "otbridge/plan/sampler.hpp"
#include "otbridge/reference/reference.hpp"

using namespace otbridge;

TEST_CASE("a drift without weights is the reference, and times are drawn back to trained ones") {
  const auto design = plane_design(0.9, 10);
  DriftNetwork forward(design, Direction::forward);
  const Points x = normal_points(3, 2, RandomStream(1));
  CHECK((forward.at(0.5, x) + 0.9 * x).cwiseAbs().maxCoeff() < 1e-15);
  forward.set_weights(
      normal_points(forward.network().parameter_count(), 1, RandomStream(2)).cast<float>());
  CHECK(forward.at(0.95, x) == forward.at(design->grid.time(9), x));
  CHECK(forward.at(0.4, x) != forward.at(0.5, x));
}

TEST_CASE("the drift is that of a network on encoded rows, whatever the rows around") {
  const auto design = plane_design(0.9, 10);
  DriftNetwork drift(design, Direction::backward);
  drift.set_weights(
      normal_points(drift.network().parameter_count(), 1, RandomStream(3)).cast<float>());
  const Points x = normal_points(300, 2, RandomStream(4));
  const Points all = drift.at(0.3, x);
  const auto slice = drift.slice(0.3);
  const auto& network = drift.network();
  auto weights = network.weights();
  network.pack(drift.weights(), weights);
  auto tape = network.forward_tape(1, network.inputs());
  for (const Index i : {0, 63, 64, 255, 256, 299}) {
    Eigen::RowVectorXf input(network.inputs());
    slice.encode(x.row(i), input);
    tape.input().set_top_rows(input);
    network.forward(weights, tape);
    const RowVector output = tape.output().top_rows(1).cast<double>();
    CHECK((slice.output_for(x.row(i), all.row(i)) - output).norm() < 1e-5 * output.norm());
    CHECK(drift.at(0.3, x.row(i)) == all.row(i));
  }
}

TEST_CASE("derivatives of a drift agree with central differences, fitted or not") {
  const auto design = plane_design(0.9, 10);
  for (const bool fitted : {false, true}) {
    DriftNetwork drift(design, Direction::forward);
    if (fitted) {
      drift.set_weights((0.3 * normal_points(drift.network().parameter_count(), 1, RandomStream(3)))
                            .cast<float>());
    }
    const Points x = normal_points(300, 2, RandomStream(4));
    const std::vector<Points> along{normal_points(300, 2, RandomStream(5)),
                                    normal_points(300, 2, RandomStream(6))};
    const auto jet = drift.jet(0.3, x, along);
    CHECK(jet.value == drift.at(0.3, x));
    for (std::size_t k = 0; k < 2; ++k) {
      // Single precision: a wide step, whose own error is of its square.
      constexpr double kStep = 1e-2;
      const Points difference =
          (drift.at(0.3, x + kStep * along[k]) - drift.at(0.3, x - kStep * along[k])) /
          (2.0 * kStep);
      CHECK((jet.along[k] - difference).norm() < 1e-3 * difference.norm());
    }
  }
}

TEST_CASE("a row encoded for training is the row that the network is asked about") {
  const auto design = plane_design(0.9, 10);
  for (const auto direction : {Direction::forward, Direction::backward}) {
    DriftNetwork drift(design, direction);
    drift.set_weights(drift.network().initial_parameters(RandomStream(1)));
    const Points x = normal_points(1, 2, RandomStream(2));
    // A fresh network is zero, so that its own drift must have the target zero.
    const RowVector fixed_part = drift.at(0.3, x).row(0);
    CHECK(drift.slice(0.3).output_for(x.row(0), fixed_part).cwiseAbs().maxCoeff() < 1e-15);
  }
}

// What it does not see it cannot learn: in one coordinate deviations are beyond 4 with probability
// 6e-5, as the spread is that of the widest coupling.
TEST_CASE("the network sees where the bridges of the reference lead, under mean reversion too") {
  constexpr Index kPaths = 20000;
  const RowVector one = RowVector::Ones(1);
  for (const double theta : {0.0, 1.0, 6.0}) {
    for (const auto& [m0, m1] : {std::pair(100.0, 100.0), std::pair(-30.0, 50.0)}) {
      const auto design =
          std::make_shared<const DriftDesign>(DriftDesign{ReferenceProcess(1.0, theta),
                                                          StepGrid::uniform(20),
                                                          {m0 * one, one},
                                                          {m1 * one, one},
                                                          {{8}, 4},
                                                          BaseDrift::bridge});
      const Points starts = m0 + normal_points(kPaths, 1, RandomStream(1)).array(),
                   ends = m1 + normal_points(kPaths, 1, RandomStream(2)).array();
      const std::vector<double> times{0.1, 0.5, 0.9};
      const Paths paths = sample_bridge(design->reference, starts, ends, times, RandomStream(3));
      for (std::size_t k = 0; k < times.size(); ++k) {
        const auto slice = DriftNetwork(design, Direction::forward).slice(times[k]);
        Index seen = 0;
        for (Index i = 0; i < kPaths; ++i) seen += slice.within(paths.at[k](i, 0), 0) ? 1 : 0;
        CHECK(seen > kPaths - 10);
        CHECK(std::abs(slice.deviations(paths.at[k].mean(), 0)) < 0.1);
      }
    }
  }
}

// Under a Brownian reference a law that is moved adds a constant to the drift, which the base of a
// bridge has.
TEST_CASE("how far apart two laws are makes nothing larger that a bridge fit has to learn") {
  const RowVector zero = RowVector::Zero(1), one = RowVector::Ones(1);
  for (const auto base : {BaseDrift::bridge, BaseDrift::reversal}) {
    const auto scale = [&](double apart) {
      const auto design = std::make_shared<const DriftDesign>(DriftDesign{ReferenceProcess(1.0),
                                                                          StepGrid::uniform(20),
                                                                          {zero, one},
                                                                          {apart * one, one},
                                                                          {{8}, 4},
                                                                          base});
      return DriftNetwork(design, Direction::forward).slice(0.5).scale[0];
    };
    CHECK((scale(1e4) == scale(0.0)) == (base == BaseDrift::bridge));
  }
}

// A network that answers 0 leaves the base, which for equal Gaussian laws is the drift of their
// bridge. By 20 steps Euler's variance is 2% too large (exactly, by its recursion).
TEST_CASE("the chain of a bridge fit is of second order, that of mean matching Euler's") {
  const RowVector zero = RowVector::Zero(1), one = RowVector::Ones(1);
  constexpr Index kPaths = 400000;
  const Points start = normal_points(kPaths, 1, RandomStream(1));
  for (const auto base : {BaseDrift::bridge, BaseDrift::reversal}) {
    const auto design = std::make_shared<const DriftDesign>(DriftDesign{
        ReferenceProcess(1.0), StepGrid::triangular(20), {zero, one}, {zero, one}, {{8}, 4}, base});
    DriftNetwork forward(design, Direction::forward);
    forward.set_weights(Flat<float>::Zero(forward.network().parameter_count()));
    const ChainNoise noise{1.0, RandomStream(2)};
    const Points end = simulate_chain(forward, design->grid, start, noise);
    const Points euler = simulate_chain(
        design->grid, [&](double t, ConstPoints x) { return forward.at(t, x); }, start,
        Direction::forward, noise);
    CHECK((end == euler) == (base == BaseDrift::reversal));
    if (base == BaseDrift::reversal) continue;
    const auto variance = [](const Points& x) { return x.array().square().mean(); };
    CHECK(std::abs(variance(end) - 1.0) < 4.0 * std::sqrt(2.0 / kPaths));
    CHECK(variance(euler) - 1.0 > 6.0 * std::sqrt(2.0 / kPaths));

    const Gaussian law = Gaussian::isotropic(Vector::Zero(1), 1.0);
    const DriftPlan plan("dsbm", {law, law, ReferenceProcess(1.0)}, forward,
                         DriftNetwork(design, Direction::backward), 4);
    const Points few = start.topRows(50);
    const auto drawn = [&](const char* stepper) {
      return with_sampler(plan, {.stepper = stepper, .steps = 20})
          ->sample(few, Direction::forward, RandomStream(3));
    };
    CHECK(drawn("") == drawn("heun"));
    CHECK(plan.sample(few, Direction::forward, RandomStream(3)).isApprox(drawn("heun"), 1e-12));
  }
}

// Watched, all rows take a step before any takes the next one.
TEST_CASE("a chain has the same bytes whether someone sees its steps or not") {
  for (const Index n : {1, 1500, 41000}) {  // of 41000 chunks are longer
    CAPTURE(n);
    const Points start = normal_points(n, 2, RandomStream(1));
    std::vector<Index> rows(to_size(n));
    for (Index i = 0; i < n; ++i) rows[to_size(i)] = 7 * i % 1001;
    const ChainNoise by_place{0.7, RandomStream(2), 40},
        by_rows{0.7, RandomStream(2), 0, rows, -1.0};
    for (const auto direction : {Direction::forward, Direction::backward}) {
      for (const auto base : {BaseDrift::reversal, BaseDrift::bridge}) {
        auto design = std::make_shared<DriftDesign>(*plane_design(0.9, 4));
        design->base = base;
        design->network = {{12, 12}, 4, base == BaseDrift::bridge ? "mixed" : "single"};
        DriftNetwork drift(design, direction);
        drift.set_weights(
            normal_points(drift.network().parameter_count(), 1, RandomStream(3)).cast<float>());
        for (const ChainNoise& noise : {by_place, by_rows}) {
          const auto end = [&] { return simulate_chain(drift, design->grid, start, noise); };
          const Points watched =
              simulate_chain(drift, design->grid, start, noise, [](const ChainStep&) {});
          for (const int threads : {1, 3}) {
            const ThreadScope scope(threads);
            CHECK(end() == watched);
          }
          for (const Points& of_rank : results_on_ranks(2, end)) CHECK(of_rank == watched);
        }
      }
    }
  }
}

TEST_CASE("what the host throws in the middle of chains comes out of them") {
  const auto design = plane_design(0.9, 10);
  DriftNetwork drift(design, Direction::forward);
  drift.set_weights(Flat<float>::Zero(drift.network().parameter_count()));
  drift.tables();  // these are there
  const Points start = Points::Zero(3000, 2);
  const ThreadScope one(1);  // of several the others may do it all
  int asked = 0;
  const PollScope scope([&] {
    if (++asked == 30) throw std::domain_error("enough");
  });
  CHECK_THROWS_WITH_AS(simulate_chain(drift, design->grid, start, {0.7, RandomStream(2)}), "enough",
                       std::domain_error);
}

TEST_CASE("a plan made in mixed precision answers in it, saved and read too") {
  // In space: in the plane chains go by tables, which are of single precision.
  const Points x = normal_points(300, 3, RandomStream(1));
  const auto network_of = [](const char* precision) {
    auto design = std::make_shared<DriftDesign>(*plane_design(0.9, 10));
    design->source = design->target = {RowVector::Zero(3), RowVector::Ones(3)};
    design->network = {{32, 32}, 4, precision};
    DriftNetwork forward(design, Direction::forward);
    forward.set_weights(
        (0.3 * normal_points(forward.network().parameter_count(), 1, RandomStream(3)))
            .cast<float>());
    return forward;
  };
  const auto plan_of = [](const DriftNetwork& forward) {
    const auto& design = forward.design();
    const Gaussian law = Gaussian::isotropic(Vector::Zero(3), 1.0);
    return DriftPlan("dsb", {law, law, design.reference}, forward,
                     {std::make_shared<DriftDesign>(design), Direction::backward}, 4);
  };
  const DriftNetwork drift = network_of("mixed");
  const DriftPlan single = plan_of(network_of("single")), mixed = plan_of(drift);
  const auto ends = [&](const TransportPlan& plan) {
    return plan.sample(x, Direction::forward, RandomStream(2));
  };
  // Where the processor has no such products, single precision.
  const bool has_products = kernels::select_kernel_set().network_f32.mixed != nullptr;
  CHECK((ends(mixed) != ends(single)) == has_products);
  CHECK((ends(mixed) - ends(single)).norm() < 0.01 * ends(single).norm());
  CHECK(drift.jet(0.3, x, std::vector<Points>{x}).value == drift.at(0.3, x));

  PlanState state = mixed.state();
  CHECK(ends(*restore_drift_plan(mixed.problem(), state)) == ends(mixed));
  CHECK(ends(*restore_drift_plan(single.problem(), single.state())) == ends(single));
  state.numbers["mixed"] = 2.0;
  CHECK_THROWS_WITH_AS(restore_drift_plan(mixed.problem(), state),
                       "plan of dsb, mixed = 2: must be a whole number in [0, 1]", InvalidInput);
}

TEST_CASE("far from all the network adds a constant to the base, and paths are not carried off") {
  const auto design = plane_design(0.9, 10);
  DriftNetwork drift(design, Direction::forward);
  // Large weights: beyond its data a network goes on along any slope.
  drift.set_weights(
      (3.0 * normal_points(drift.network().parameter_count(), 1, RandomStream(3))).cast<float>());
  const auto slice = drift.slice(0.4);
  const Points far = (Points(2, 2) << 30.0, -50.0, 300.0, -500.0).finished();
  const Points value = drift.at(0.4, far);
  const RowVector slope = (value.row(1) - value.row(0)).cwiseQuotient(far.row(1) - far.row(0));
  CHECK((slope - slice.slope).norm() < 1e-9 * slope.norm());
  const auto jet = drift.jet(0.4, far, std::vector<Points>{Points::Ones(2, 2)});
  for (const Index i : {0, 1}) CHECK((jet.along[0].row(i) - slice.slope).norm() < 1e-6);
  // Just inside it still turns with the state.
  const Points near = slice.shift + 3.9 * slice.inverse_spread.cwiseInverse();
  const Points inner = drift.jet(0.4, near, std::vector<Points>{Points::Ones(1, 2)}).along[0];
  CHECK((inner - slice.slope).norm() > 1e-2);
}
