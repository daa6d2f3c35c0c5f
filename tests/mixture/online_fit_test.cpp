// The fit to fresh draws, against the fit to all of them at once.
#include "mixture/online_fit.hpp"

#include <doctest/doctest.h>

#include "three_shapes.hpp"

using namespace otbridge;

namespace {

// Three shapes that overlap, of unequal weight.
std::vector<PotentialShape> true_shapes() {
  return testing::three_shapes({Vector{{-2.0, 0.0}}, Vector{{2.0, 0.0}}, Vector{{0.0, 2.5}}});
}

MixtureData draws(Index n, const RandomStream& stream) {
  return testing::draws_of(true_shapes(), n, stream);
}

OnlineControl control(Index batches, std::function<std::optional<MixtureData>(Index)> draw) {
  return {.full = true,
          .batches = batches,
          .tolerance = 3e-4,
          .shrinkage = 0.0,
          .draw = std::move(draw)};
}

constexpr Index kShapes = 3;
MixtureFit at_once(const MixtureData& data, bool full = true, double tolerance = 1e-7) {
  return fit_mixture(
      data, {.components = kShapes, .full = full, .iterations = 2000, .tolerance = tolerance},
      RandomStream(4));
}

}  // namespace

TEST_CASE("with one batch again and again the fit to it is a fixed point, and the end") {
  const MixtureData data = draws(2000, RandomStream(1));
  for (const bool full : {true, false}) {
    CAPTURE(full);
    const MixtureFit whole = at_once(data, full, 1e-12);
    OnlineControl same = control(200, [&](Index) { return data; });
    same.full = full;
    CHECK(testing::distance_of_maps(fit_online(same, whole.shapes).shapes, whole.shapes) < 1e-4);
    // From elsewhere: other weights, wider shapes.
    auto shapes = whole.shapes;
    for (PotentialShape& shape : shapes) shape.precision *= 0.8;
    shapes.front().log_weight += 1.0;
    const MixtureFit back = fit_online(same, shapes);
    CHECK(back.converged);
    CHECK(testing::distance_of_maps(back.shapes, whole.shapes) <
          0.05 * testing::distance_of_maps(shapes, whole.shapes));
  }
}

// The mean over three quarters of the batches scatters like a fit to so many draws. Mean squares
// over a few streams, each of which has few degrees of freedom.
TEST_CASE("fresh batches bring as much as a fit to all of their draws") {
  constexpr Index kBatches = 48, kDraws = 2000;
  constexpr std::uint64_t kStreams = 6;
  double first = 0.0, whole = 0.0, online = 0.0;
  for (std::uint64_t s = 0; s < kStreams; ++s) {
    const RandomStream stream = RandomStream(3).fork(s);
    const auto square = [&](const MixtureFit& fit) {
      return std::pow(testing::distance_of_maps(fit.shapes, true_shapes()), 2);
    };
    const MixtureFit start = at_once(draws(kDraws, stream.fork(100)));
    first += square(start);
    whole += square(at_once(draws(kBatches * kDraws, stream.fork(101))));
    const MixtureFit found = fit_online(
        control(kBatches, [&](Index batch) { return draws(kDraws, stream.fork(to_size(batch))); }),
        start.shapes);
    CHECK(found.converged);
    CHECK(found.iterations == kBatches);
    online += square(found);
  }
  CHECK(online < 2.0 * whole);
  CHECK(online < 0.05 * first);
}

TEST_CASE("an end of the draws ends the fit where it stands, and is no convergence") {
  const MixtureData data = draws(500, RandomStream(7));
  const MixtureFit start = at_once(data);
  const MixtureFit none =
      fit_online(control(20, [](Index) { return std::optional<MixtureData>(); }), start.shapes);
  CHECK(none.iterations == 0);
  CHECK_FALSE(none.converged);
  CHECK(testing::distance_of_maps(none.shapes, start.shapes) == 0.0);
  const MixtureFit few = fit_online(
      control(20, [&](Index batch) { return batch < 3 ? std::optional(data) : std::nullopt; }),
      start.shapes);
  CHECK(few.iterations == 3);
  CHECK_FALSE(few.converged);
  CHECK(std::isfinite(few.shapes.front().log_weight));
  // Of a fixed point the loss does not change.
  CHECK(std::abs(few.loss - start.loss) < 1e-4);
  // Three shapes in the plane take twelve draws, which come two at a time.
  for (const Index batches : {5, 6}) {
    const MixtureFit slow = fit_online(
        control(40,
                [&](Index batch) {
                  return batch < batches
                             ? std::optional(draws(2, RandomStream(8).fork(to_size(batch))))
                             : std::nullopt;
                }),
        start.shapes);
    CHECK(slow.iterations == (batches < 6 ? 0 : 6));
    CHECK((testing::distance_of_maps(slow.shapes, start.shapes) == 0.0) == (batches < 6));
  }
}

// Shapes that are fitted to few draws for so many numbers explain these better than others, and one
// takes the draws of the next: by running means of a quarter of a batch they lose about a nat. A
// fit to all of the draws leaves half a nat for each number, over the draws.
TEST_CASE("in many dimensions shapes of few draws keep to their own") {
  constexpr Index d = 32, kDraws = 150, kBatches = 240, kModes = 4;
  std::vector<PotentialShape> modes, shapes;  // two shapes for each mode
  for (Index k = 0; k < kModes; ++k) {
    const Vector mean = 4.0 * Vector::Unit(d, k);
    modes.push_back({-2.5 * mean.squaredNorm(), 5.0 * mean, 6.0 * Matrix::Identity(d, d)});
    for (const double apart : {-0.1, 0.1}) {
      shapes.push_back(modes.back());
      shapes.back().linear.array() += apart;
    }
  }
  const MixtureData unseen = testing::draws_of(modes, 20000, RandomStream(1));
  constexpr double kNumbers = 2 * kModes * (d + d * (d + 1) / 2);
  for (std::uint64_t seed = 2; seed < 6; ++seed) {
    CAPTURE(seed);
    const auto draw = [&](Index batch) {
      return testing::draws_of(modes, kDraws,
                               RandomStream(seed).fork(static_cast<std::uint64_t>(batch)));
    };
    const MixtureFit fit = fit_online(control(kBatches, draw), shapes);
    CHECK(mixture_loss(unseen, fit.shapes) - mixture_loss(unseen, modes) <
          2.0 * 0.5 * kNumbers / static_cast<double>(kDraws * kBatches));
  }
}
