#include "otbridge/known/known_answer.hpp"
#include "otbridge/known/known_problem.hpp"
#include "otbridge/measure/gaussian.hpp"
#include "otbridge/measure/mixture.hpp"
#include "otbridge/measure/toy.hpp"
#include "otbridge/measure/weighted_points.hpp"
#include "otbridge/solvers/dsb.hpp"
#include "otbridge/solvers/dsbm.hpp"
#include "otbridge/solvers/exact.hpp"
#include "otbridge/solvers/gaussian.hpp"
#include "otbridge/solvers/mixture.hpp"
#include "otbridge/solvers/sinkhorn.hpp"
#include "subject.hpp"

namespace otbridge::conformance {
namespace {

// Two correlated Gaussian laws in the plane; the flat pair has a source on a line in space and a
// target in a plane.
TransportProblem gaussian_pair(double theta) {
  const Matrix s0{{1.0, 0.4}, {0.4, 0.7}}, s1{{0.6, -0.2}, {-0.2, 1.2}};
  return {Gaussian(Vector{{-0.5, 0.2}}, s0), Gaussian(Vector{{0.5, 0.0}}, s1),
          ReferenceProcess(1.0, theta)};
}

TransportProblem flat_pair() {
  const Vector u{{1.0, 2.0, -1.0}}, v{{0.5, 0.0, 1.0}}, w{{0.0, 1.0, 1.0}};
  return {Gaussian(Vector::Zero(3), 0.3 * u * u.transpose()),
          Gaussian(Vector::Ones(3), v * v.transpose() + 0.2 * w * w.transpose()),
          ReferenceProcess(0.5, 0.3)};
}

Points draws(const char* toy, Index n, std::uint64_t seed) {
  return Toy(toy).sample(n, RandomStream(seed));
}

TransportProblem cloud_pair() {
  return {WeightedPoints(draws("moons@torchcfm", 40, 1)),
          WeightedPoints(draws("8gaussians@torchcfm", 50, 2)), ReferenceProcess(2.0)};
}

// Weights that differ, two of them zero, in three dimensions.
TransportProblem weighted_pair() {
  Vector a = Vector::LinSpaced(30, 0.5, 2.0), b = Vector::LinSpaced(25, 2.0, 0.1);
  a[3] = b[7] = 0.0;
  return {WeightedPoints(normal_points(30, 3, RandomStream(3)), a),
          WeightedPoints(normal_points(25, 3, RandomStream(4)).array() + 0.5, b),
          ReferenceProcess(0.8, 0.8)};
}

// Three Gaussian laws in the plane, one of them narrow.
Mixture three_modes() {
  return {Vector{{1.0, 2.0, 1.0}},
          {Gaussian(Vector{{1.0, 0.5}}, Matrix{{0.3, 0.1}, {0.1, 0.2}}),
           Gaussian(Vector{{-1.0, 1.0}}, Matrix{{0.05, 0.0}, {0.0, 0.4}}),
           Gaussian::isotropic(Vector{{0.0, -1.5}}, 0.5)}};
}

TransportProblem blurred_cloud() {
  return blurred_problem(WeightedPoints(draws("moons@torchcfm", 40, 1)), ReferenceProcess(0.7), 0.6,
                         Vector{{1.0, -0.5}});
}

TransportProblem blurred_modes() {
  return blurred_problem(three_modes(), ReferenceProcess(0.5, 0.6), 1.5, Vector{{0.2, 0.4}});
}

// From a cloud, whose way back is exact too.
TransportProblem steered_cloud() {
  return mixture_potential_problem(WeightedPoints(draws("moons@torchcfm", 60, 5)), three_modes(),
                                   ReferenceProcess(1.2, 0.5));
}

template <class Settings>
struct Method {
  Solution (*solve)(const TransportProblem&, const Settings&, const SolveContext&);
  Settings settings = {};
};

template <class Settings>
Settings rehearsal(const Settings& settings) {
  return settings;
}

DsbSettings rehearsal(DsbSettings settings) {
  settings.iterations = 2;
  settings.training.steps = 8;
  settings.training.trajectories = 256;
  settings.map_samples = 2;
  return settings;
}

DsbmSettings rehearsal(DsbmSettings settings) {
  settings.samples = 100;
  settings.training.steps = 8;
  settings.map_samples = 2;
  return settings;
}

struct Accuracy {
  double bias = 0.0;
  Index map_draws = 0;
  std::optional<double> gaussian_band = {};
  bool unregularised = false;
};

template <class Settings>
Subject make(std::string name, const TransportProblem& problem, Method<Settings> method,
             Accuracy accuracy) {
  const auto rehearse = [problem, method](const SolveContext& context) {
    return method.solve(problem, rehearsal(method.settings), context);
  };
  return {std::move(name),
          rehearse,
          std::make_shared<const Solution>(
              method.solve(problem, method.settings, SolveContext{.threads = 1})),
          accuracy.bias,
          accuracy.map_draws,
          accuracy.gaussian_band,
          accuracy.unregularised};
}

const Method<GaussianSettings> kGaussian{solve_gaussian};
const Method<TruthSettings> kKnown{solve_truth};

// Few enough draws that each law of this folder stays a matter of a second.
Method<SinkhornSettings> sinkhorn(Index samples = 500) {
  SinkhornSettings settings;
  settings.samples = samples;
  settings.tolerance = 1e-9;
  return {solve_sinkhorn, settings};
}

const Method<ExactSettings> kExact{solve_exact, {.samples = 500}};

Method<MixtureSettings> mixture(Index components, const char* covariance = "full") {
  return {solve_mixture, {.components = components, .covariance = covariance, .samples = 500}};
}

Method<DsbSettings> small_dsb() {
  DsbSettings settings;
  settings.iterations = 3;
  settings.steps = 20;
  settings.training.steps = 400;
  settings.training.batch = 256;
  settings.network.hidden = {32};
  return {solve_dsb, settings};
}

// A third of the default training.
Method<DsbSettings> shorter_dsb() {
  DsbSettings settings;
  settings.iterations = 4;
  settings.training.steps = 1750;
  return {solve_dsb, settings};
}

Method<DsbmSettings> small_dsbm() {
  DsbmSettings settings;
  settings.samples = 1000;
  settings.candidates = 32;
  settings.steps = 20;
  settings.training.steps = 600;
  settings.training.batch = 256;
  settings.network.hidden = {32};
  return {solve_dsbm, settings};
}

}  // namespace

// A sampled law of 500 points is off by a difference of distribution functions of up to 0.12 with
// probability 1 - 1e-6 (Dvoretzky, Kiefer, Wolfowitz), the coupling moves with it.
const std::vector<Subject>& quick_subjects() {
  static const std::vector<Subject> all{
      make("gaussian", gaussian_pair(0.0), kGaussian, {.gaussian_band = 1e-12}),
      make("gaussian, OU", gaussian_pair(0.8), kGaussian, {.gaussian_band = 1e-12}),
      make("gaussian, rank-deficient", flat_pair(), kGaussian, {.gaussian_band = 1e-12}),
      make("sinkhorn, clouds", cloud_pair(), sinkhorn(), {}),
      make("sinkhorn, weights, OU", weighted_pair(), sinkhorn(), {}),
      make("sinkhorn, draws of a law", gaussian_pair(0.0), sinkhorn(),
           {.bias = 0.12, .gaussian_band = 0.25}),
      make("exact, clouds", cloud_pair(), kExact, {.unregularised = true}),
      make("exact, weights, OU", weighted_pair(), kExact, {.unregularised = true}),
      make("exact, draws of a law", gaussian_pair(0.0), kExact,
           {.bias = 0.12, .unregularised = true}),
      make("mixture, one component, OU", gaussian_pair(0.8), mixture(1),
           {.bias = 0.12, .gaussian_band = 0.25}),
      make("mixture, draws of a law", gaussian_pair(0.0), mixture(3),
           {.bias = 0.12, .gaussian_band = 0.25}),
      make("mixture, weights, OU", weighted_pair(), mixture(2, "diagonal"), {.bias = 0.3}),
      make("dsb, small", gaussian_pair(0.0), small_dsb(),
           {.bias = 0.12, .map_draws = 32, .gaussian_band = 0.25}),
      make("dsbm, small, OU", gaussian_pair(0.8), small_dsbm(),
           {.bias = 0.12, .map_draws = 32, .gaussian_band = 0.25}),
      make("truth, Gaussian laws, OU", gaussian_pair(0.8), kKnown, {.gaussian_band = 1e-12}),
      make("truth, blurred cloud, moved", blurred_cloud(), kKnown, {}),
      make("truth, blurred mixture, moved, OU", blurred_modes(), kKnown, {}),
      make("truth, potential on a cloud, OU", steered_cloud(), kKnown, {}),
  };
  return all;
}

const std::vector<Subject>& full_subjects() {
  static const std::vector<Subject> all{
      make("sinkhorn, 4000 draws", gaussian_pair(0.8), sinkhorn(4000),
           {.bias = 0.045, .gaussian_band = 0.1}),
      make("dsb", gaussian_pair(0.0), shorter_dsb(),
           {.bias = 0.04, .map_draws = 32, .gaussian_band = 0.1}),
  };
  return all;
}

}  // namespace otbridge::conformance
