#include "neural/drift_tables.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "../thread_ranks.hpp"
#include "designs.hpp"
#include "neural/drift_plan.hpp"
#include "otbridge/core/parallel.hpp"
#include "otbridge/measure/gaussian.hpp"
#include "otbridge/plan/sampler.hpp"
#include "otbridge/reference/reference.hpp"

using namespace otbridge;

namespace {

struct Shape {
  Index d = 2;
  double steepness = 2.5;
  const char* precision = "single";
  Index steps = 20;
  Direction direction = Direction::forward;
  BaseDrift base = BaseDrift::reversal;
};

// Of two hidden layers with weights of He et al. 2015; `steepness` times those of the first.
DriftNetwork smooth_drift(const Shape& shape = {}) {
  const Index d = shape.d;
  const RowVector zero = RowVector::Zero(d), one = RowVector::Ones(d);
  auto design = std::make_shared<DriftDesign>(DriftDesign{ReferenceProcess(0.7),
                                                          StepGrid::triangular(shape.steps),
                                                          {zero, one},
                                                          {one, 4.0 * one},
                                                          {{24, 24}, 4, shape.precision},
                                                          shape.base});
  DriftNetwork drift(design, shape.direction);
  Flat<float> weights = drift.network().initial_parameters(RandomStream(3));
  const auto matrices = drift.network().matrices();
  const auto of = [&](const MatrixPlace& m) {
    return weights.segment(m.offset, m.rows * m.columns);
  };
  of(matrices.front()) *= static_cast<float>(shape.steepness);
  of(matrices.back()) = normal_points(24 * d, 1, RandomStream(4)).cast<float>() / std::sqrt(24.0F);
  drift.set_weights(weights);
  return drift;
}

Index lattices(const DriftMoments& moments) {
  return std::ranges::count_if(moments, [](const auto& now) { return now.lattice != nullptr; });
}

const ChainNoise kNoise{0.7, RandomStream(6)};

Points by_network(const DriftNetwork& drift, ConstPoints start) {
  const StepGrid& grid = drift.design().grid;
  return simulate_chain(drift, grid, network_moments(drift, grid), start, kNoise);
}
Points by_tables(const DriftNetwork& drift, ConstPoints start) {
  return simulate_chain(drift, drift.design().grid, start, kNoise);
}

DriftPlan plan_of(const DriftNetwork& forward) {
  const auto& design = forward.design();
  const Gaussian law = Gaussian::isotropic(Vector::Zero(2), 1.0);
  return DriftPlan("dsb", {law, law, design.reference}, forward,
                   {std::make_shared<DriftDesign>(design), Direction::backward}, 4);
}

}  // namespace

TEST_CASE("chains by tables are as close to the network's as promised, by Girsanov's theorem") {
  for (const Shape& shape :
       {Shape{.steepness = 1.0}, Shape{}, Shape{.d = 1, .steepness = 4.0},
        Shape{.direction = Direction::backward}, Shape{.base = BaseDrift::bridge}}) {
    CAPTURE(shape.d);
    CAPTURE(shape.steepness);
    const DriftNetwork drift = smooth_drift(shape);
    const StepGrid& grid = drift.design().grid;
    const DriftMoments plain = network_moments(drift, grid), tables = tabulated_moments(drift);
    CHECK(lattices(plain) == 0);
    CHECK(lattices(tables) == grid.steps());  // all but the far end, where no chain asks
    const Index far = shape.direction == Direction::forward ? grid.steps() : 0;
    CHECK(tables[to_size(far)].lattice == nullptr);
    // Along chains of the network itself.
    double nats = 0.0;
    const Points start = normal_points(4000, shape.d, RandomStream(5));
    const auto add = [&](const ChainStep& step) {
      const auto node = to_size(step.from);
      const Points off =
          drift.at(tables[node], step.departure) - drift.at(plain[node], step.departure);
      nats += step.length * off.squaredNorm() / (2.0 * 0.7 * 4000.0);
    };
    const Points end = simulate_chain(drift, grid, plain, start, kNoise, add);
    CHECK(nats > 0.0);
    CHECK(nats <= kMostNats);
    CHECK((by_tables(drift, start) - end).norm() / std::sqrt(4000.0) < 0.01);
  }
}

TEST_CASE("where a drift is too steep, and in space, the network speaks for itself") {
  const Points x = normal_points(100, 3, RandomStream(5));
  const DriftNetwork steep = smooth_drift({.steepness = 200.0});
  CHECK(lattices(steep.tables()) == 0);
  CHECK(by_tables(steep, x.leftCols(2)) == by_network(steep, x.leftCols(2)));
  const DriftNetwork space = smooth_drift({.d = 3});
  CHECK(space.tables().empty());
  CHECK(by_tables(space, x) == by_network(space, x));
  const DriftNetwork unfitted(plane_design(0.0, 4), Direction::forward);
  CHECK(unfitted.tables().empty());
  // Of so many times each lattice has less than the least.
  CHECK(lattices(smooth_drift({.steepness = 0.1, .steps = 9000}).tables()) == 0);
}

TEST_CASE("a large network is not asked for more than chains may ask it") {
  auto design = std::make_shared<DriftDesign>(*plane_design(0.0, 4));
  design->network.hidden = {512, 1024, 512};
  DriftNetwork drift(design, Direction::forward);
  drift.set_weights(Flat<float>::Zero(drift.network().parameter_count()));
  CHECK(lattices(drift.tables()) == 0);
  design->network.hidden = {64, 64};
  DriftNetwork small(design, Direction::forward);
  small.set_weights(Flat<float>::Zero(small.network().parameter_count()));
  CHECK(lattices(small.tables()) == 4);
}

TEST_CASE("tables are of single precision, and the same from any number of threads and ranks") {
  const Points start = normal_points(700, 2, RandomStream(5));
  const auto end = [&] { return by_tables(smooth_drift(), start); };
  const Points found = end();
  CHECK(by_tables(smooth_drift({.precision = "mixed"}), start) == found);
  for (const int threads : {1, 3}) {
    const ThreadScope scope(threads);
    CHECK(end() == found);
  }
  for (const Points& of_rank : results_on_ranks(2, end)) CHECK(of_rank == found);
}

TEST_CASE("tables are those of the weights: copies share them, other weights have others") {
  const DriftNetwork drift = smooth_drift();
  const Points x = normal_points(50, 2, RandomStream(5));
  const double t = drift.design().grid.time(3);
  const Points before = drift.along_chains(t, x);
  DriftNetwork other = drift;
  CHECK(&other.tables() == &drift.tables());
  other.set_weights(1.1F * drift.weights());
  CHECK(other.along_chains(t, x) == other.at(tabulated_moments(other)[3], x));
  CHECK(other.along_chains(t, x) != before);
  CHECK(drift.along_chains(t, x) == before);
}

TEST_CASE("tables that the host has stopped are made anew when asked for again") {
  const DriftNetwork drift = smooth_drift();
  const Points x = normal_points(50, 2, RandomStream(5));
  {
    const ThreadScope one(1);
    int asked = 0;
    const PollScope scope([&] {
      if (++asked == 30) throw std::domain_error("enough");
    });
    CHECK_THROWS_WITH_AS(drift.tables(), "enough", std::domain_error);
  }
  CHECK(by_tables(drift, x) == by_tables(smooth_drift(), x));
}

TEST_CASE("a plan in the plane moves each row by the same tables, whatever its company") {
  const DriftNetwork drift = smooth_drift();
  const DriftPlan plan = plan_of(drift);
  const StepGrid& grid = drift.design().grid;
  const Points x = normal_points(700, 2, RandomStream(5));
  const auto forward = Direction::forward;
  const Points drawn = plan.sample(x, forward, kNoise.stream);
  CHECK(drawn == by_tables(drift, x));
  CHECK(drawn != by_network(drift, x));
  CHECK(plan.sample(x.middleRows(300, 40), forward, kNoise.stream, 300) ==
        drawn.middleRows(300, 40));
  const Points mapped = plan.map(x, forward);
  CHECK(plan.map(x.bottomRows(1), forward) == mapped.bottomRows(1));
  const auto map_anew = [&] { return plan_of(drift).map(x, forward); };
  for (const Points& of_rank : results_on_ranks(2, map_anew)) CHECK(of_rank == mapped);
  // Watched at the times of its chain the same steps are taken.
  const std::vector<double> times{grid.time(3), grid.time(10), 1.0};
  CHECK(plan.sample_paths(x, times, forward, kNoise.stream).at.back() == drawn);
}

TEST_CASE("asked itself, a plan's drift is the network's; a sampler's chains go by its tables") {
  const DriftNetwork drift = smooth_drift();
  const DriftPlan plan = plan_of(drift);
  const Points x = normal_points(700, 2, RandomStream(5));
  const double t = drift.design().grid.time(3);
  const auto forward = Direction::forward;
  const Points at = plan.drift()->at(t, x, forward),
               along = plan.drift()->along_chains(t, x, forward);
  CHECK(at == drift.at(t, x));
  CHECK(along == drift.at(tabulated_moments(drift)[3], x));
  CHECK(along != at);
  CHECK(plan.drift()->along_chains(0.333, x, forward) == drift.at(0.333, x));
  // The other direction has no weights: the reference.
  CHECK(plan.drift()->along_chains(t, x, Direction::backward) == Points::Zero(700, 2));

  SamplerSettings settings;
  settings.denoise_last = true;
  const Points sampled = with_sampler(plan, settings)->sample(x, forward, kNoise.stream);
  const Points drawn = by_tables(drift, x);
  const Index last = drift.design().grid.steps() - 1;
  const double deviation = std::sqrt(0.7 * drift.design().grid.length(last));
  CHECK(((drawn - sampled) / deviation).cwiseAbs().maxCoeff() < 6.0);
  CHECK((arrive(sampled, 0.7 * drift.design().grid.length(last), last, kNoise) - drawn)
            .cwiseAbs()
            .maxCoeff() < 1e-12);
}
