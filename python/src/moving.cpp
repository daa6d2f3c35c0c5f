// What a plan does to points: maps, draws, paths, drifts and densities.
#include "answer.hpp"

namespace otbridge::python {
namespace {

PointsOut moved(const Answer& answer, const PointsIn& x, bool forward,
                std::optional<std::uint64_t> seed) {
  const Direction direction = direction_of(forward);
  const RandomStream stream(seed.value_or(0), Purpose::plan_sample);
  return array_of(without_gil(0, [&] {
    return seed ? answer.plan->sample(view(x), direction, stream)
                : answer.plan->map(view(x), direction);
  }));
}

PathsOut paths(const Answer& answer, const PointsIn& x, const std::vector<double>& times,
               bool forward, std::uint64_t seed) {
  const std::size_t count = times.size(), n = x.shape(0), d = x.shape(1);
  const double numbers = static_cast<double>(count) * static_cast<double>(n * d);
  // As slices, and once more as the array.
  check_bytes(std::to_string(count) + " times of " + std::to_string(n) + " points",
              2.0 * sizeof(double) * numbers);
  const RandomStream stream(seed, Purpose::paths);
  std::vector<double> all;
  without_gil(0, [&] {
    const Paths found = answer.plan->sample_paths(view(x), times, direction_of(forward), stream);
    all.reserve(count * n * d);
    for (const Points& slice : found.at)
      all.insert(all.end(), slice.data(), slice.data() + slice.size());
  });
  return owning<PathsOut>(std::move(all), {count, n, d});
}

PointsOut drift(const Answer& answer, double t, const PointsIn& x, bool forward) {
  const Drift& face = face_of(answer, answer.plan->drift(), "drift");
  return array_of(without_gil(0, [&] { return face.at(t, view(x), direction_of(forward)); }));
}

std::optional<PointsOut> covariance(const Answer& answer, const PointsIn& x, bool forward) {
  const Conditionals& face =
      face_of(answer, answer.plan->conditionals(), "conditional laws in closed form");
  auto found = without_gil(0, [&] { return face.covariance(view(x), direction_of(forward)); });
  if (!found) return std::nullopt;
  return array_of(Points(*found));
}

VectorOut log_density(const Answer& answer, const PointsIn& y, bool forward) {
  const Density& face = face_of(answer, answer.plan->density(), "density");
  return array_of(
      without_gil(0, [&] { return face.log_at(view(y), direction_of(forward), {}).value; }));
}

Answer sampler(const Answer& answer, double noise, const std::string& stepper, Index steps,
               const std::string& schedule, bool denoise_last, Index corrector, Index map_samples) {
  const SamplerSettings settings{.noise = noise,
                                 .stepper = stepper,
                                 .steps = steps,
                                 .schedule = schedule,
                                 .denoise_last = denoise_last,
                                 .corrector = corrector,
                                 .map_samples = map_samples};
  Answer other = answer;
  other.plan = with_sampler(*answer.plan, settings);
  other.base = answer.plan;
  return other;
}

}  // namespace

void bind_moving(nb::module_& m) {
  m.def("move", moved, nb::arg("answer"), nb::arg("x"), nb::arg("forward"), nb::arg("seed").none());
  m.def("paths", paths);
  m.def("drift", drift);
  m.def("conditional_covariance", covariance);
  m.def("log_density", log_density);
  m.def("with_sampler", sampler);
}

}  // namespace otbridge::python
