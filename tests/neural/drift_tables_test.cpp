#include "neural/drift_tables.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "../thread_ranks.hpp"
#include "designs.hpp"
#include "neural/drift_plan.hpp"
#include "otbridge/core/parallel.hpp"
#include "otbridge/measure/gaussian.hpp"
#include "otbridge/reference/reference.hpp"

using namespace otbridge;

namespace {

// Of two hidden layers with weights of He et al. 2015; `steepness` times those of the first.
DriftNetwork smooth_drift(Index d, double steepness, const char* precision = "single",
                          Index steps = 20) {
  const RowVector zero = RowVector::Zero(d), one = RowVector::Ones(d);
  auto design = std::make_shared<DriftDesign>(DriftDesign{ReferenceProcess(0.7),
                                                          StepGrid::triangular(steps),
                                                          {zero, one},
                                                          {one, 4.0 * one},
                                                          {{24, 24}, 4, precision}});
  DriftNetwork drift(design, Direction::forward);
  Flat<float> weights = drift.network().initial_parameters(RandomStream(3));
  const auto matrices = drift.network().matrices();
  const auto of = [&](const MatrixPlace& m) {
    return weights.segment(m.offset, m.rows * m.columns);
  };
  of(matrices.front()) *= static_cast<float>(steepness);
  of(matrices.back()) = normal_points(24 * d, 1, RandomStream(4)).cast<float>() / std::sqrt(24.0F);
  drift.set_weights(weights);
  return drift;
}

Index tabulated(const DriftMoments& moments) {
  return std::ranges::count_if(moments, [](const auto& now) { return now.lattice != nullptr; });
}

DriftPlan plan_of(const DriftNetwork& forward) {
  const auto& design = forward.design();
  const Index d = design.source.mean.size();
  return DriftPlan("dsb",
                   {Gaussian::isotropic(Vector::Zero(d), 1.0),
                    Gaussian::isotropic(Vector::Ones(d), 4.0), design.reference},
                   forward, {std::make_shared<DriftDesign>(design), Direction::backward}, 4);
}

}  // namespace

TEST_CASE("chains by tables are as close to the network's as promised, by Girsanov's theorem") {
  for (const auto& [d, steepness] : {std::pair<Index, double>{2, 1.0}, {2, 2.5}, {1, 4.0}}) {
    CAPTURE(d);
    CAPTURE(steepness);
    const DriftNetwork drift = smooth_drift(d, steepness);
    const StepGrid& grid = drift.design().grid;
    const DriftMoments plain = moments(drift, grid), tables = tabulated_moments(drift, grid);
    CHECK(tabulated(plain) == 0);
    CHECK(tabulated(tables) == grid.steps() + 1);
    // Along chains of the network from its source, which is where tables are not made to be.
    double nats = 0.0, most = 0.0;
    const Points start = normal_points(4000, d, RandomStream(5));
    const Points end = simulate_chain(
        drift, grid, plain, start, {0.7, RandomStream(6)}, [&](const ChainStep& step) {
          const auto node = to_size(step.from);
          const Points off =
              drift.at(tables[node], step.departure) - drift.at(plain[node], step.departure);
          nats += step.length * off.squaredNorm() / (2.0 * 0.7 * 4000.0);
          most = std::max(most, off.cwiseAbs().maxCoeff());
        });
    CHECK(nats <= kMostNats);
    CHECK(most > 0.0);
    const Points near = simulate_chain(drift, grid, tables, start, {0.7, RandomStream(6)});
    CHECK((near - end).norm() / std::sqrt(4000.0) < 0.01);
  }
}

TEST_CASE("where a drift is too steep, and in space, the network speaks for itself") {
  for (const DriftNetwork& drift : {smooth_drift(2, 200.0), smooth_drift(3, 1.0)}) {
    const StepGrid& grid = drift.design().grid;
    const DriftMoments tables = tabulated_moments(drift, grid);
    CHECK(tabulated(tables) == 0);
    const Points start = normal_points(100, drift.network().outputs(), RandomStream(5));
    CHECK(simulate_chain(drift, grid, tables, start, {0.7, RandomStream(6)}) ==
          simulate_chain(drift, grid, moments(drift, grid), start, {0.7, RandomStream(6)}));
  }
  const DriftNetwork unfitted(plane_design(0.0, 4), Direction::forward);
  CHECK(tabulated_moments(unfitted, unfitted.design().grid).empty());
  // Of so many times each lattice has less than the least.
  const DriftNetwork long_chain = smooth_drift(2, 0.1, "single", 9000);
  CHECK(tabulated(tabulated_moments(long_chain, long_chain.design().grid)) == 0);
}

TEST_CASE("tables are of single precision, and the same from any number of threads") {
  const DriftNetwork single = smooth_drift(2, 2.5), mixed = smooth_drift(2, 2.5, "mixed");
  const Points start = normal_points(700, 2, RandomStream(5));
  const auto end = [&](const DriftNetwork& drift) {
    const StepGrid& grid = drift.design().grid;
    return simulate_chain(drift, grid, tabulated_moments(drift, grid), start,
                          {0.7, RandomStream(6)});
  };
  const Points by_single = end(single);
  CHECK(end(mixed) == by_single);
  for (const int threads : {1, 3}) {
    const ThreadScope scope(threads);
    CHECK(end(single) == by_single);
  }
  for (const Points& of_rank : results_on_ranks(2, [&] { return end(single); })) {
    CHECK(of_rank == by_single);
  }
}

TEST_CASE("a plan in the plane moves each row by the same tables, whatever its company") {
  const DriftNetwork drift = smooth_drift(2, 2.5);
  const DriftPlan plan = plan_of(drift);
  const StepGrid& grid = drift.design().grid;
  const Points x = normal_points(700, 2, RandomStream(5));
  const RandomStream stream(6);
  const auto forward = Direction::forward;
  const Points drawn = plan.sample(x, forward, stream);
  CHECK(drawn == simulate_chain(drift, grid, tabulated_moments(drift, grid), x, {0.7, stream}));
  CHECK(plan.sample(x.middleRows(300, 40), forward, stream, 300) == drawn.middleRows(300, 40));
  const Points mapped = plan.map(x, forward);
  CHECK(plan.map(x.bottomRows(1), forward) == mapped.bottomRows(1));
  for (const Points& of_rank :
       results_on_ranks(2, [&] { return plan_of(drift).map(x, forward); })) {
    CHECK(of_rank == mapped);
  }
  // Watched at the times of its chain the same steps are taken.
  const std::vector<double> times{grid.time(3), grid.time(10), 1.0};
  CHECK(plan.sample_paths(x, times, forward, stream).at.back() == drawn);
  // What the plan says of its drift is the network's own word, but to chains under a sampler.
  const Points at = plan.drift()->at(grid.time(3), x, forward),
               along = plan.drift()->along_chains(grid.time(3), x, forward);
  CHECK(at == drift.at(grid.time(3), x));
  CHECK(along == drift.at(tabulated_moments(drift, grid)[3], x));
  CHECK(along != at);
  CHECK(plan.drift()->along_chains(0.333, x, forward) == drift.at(0.333, x));
  // The other direction has no weights: the reference.
  CHECK(plan.drift()->along_chains(0.333, x, Direction::backward) == Points::Zero(700, 2));
}
