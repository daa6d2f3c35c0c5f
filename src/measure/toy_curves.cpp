#include <cmath>

#include "measure/toy_definition.hpp"

namespace otbridge {
namespace {

// A curve of the plane with the moments of its uniform parameter.
struct Curve {
  Point2 (*at)(const ToyRow&);
  Moments2 moments;
  Index parts;
  double length;  // of a part, the longest
};

// Mean (x, y) and covariance (xx, yy, xy).
Moments2 moments(double mean_x, double mean_y, double xx, double yy, double xy) {
  Moments2 m;
  m.mean << mean_x, mean_y;
  m.covariance << xx, xy, xy, yy;
  return m;
}

// Two half circles, the second turned and shifted (scikit-learn make_moons).
Curve moons() {
  return {[](const ToyRow& row) -> Point2 {
            const double angle = kPi * row.along(2, false);
            if (row.part(2) == 0) return {std::cos(angle), std::sin(angle)};
            return {1.0 - std::cos(angle), 0.5 - std::sin(angle)};
          },
          moments(0.5, 0.25, 0.75, 0.5625 - 1.0 / kPi, 0.125 - 1.0 / kPi), 2, kPi};
}

// t in [-3 pi / 2, 3 pi / 2], columns x and z of the surface.
Curve s_curve() {
  return {[](const ToyRow& row) -> Point2 {
            const double t = 3.0 * kPi * (row.along(1, false) - 0.5);
            return {std::sin(t), (t < 0.0 ? -1.0 : 1.0) * (std::cos(t) - 1.0)};
          },
          moments(0.0, 0.0, 0.5, 1.5 + 4.0 / (3.0 * kPi), -1.0 / (3.0 * kPi)), 1, 3.0 * kPi};
}

// t in [3 pi / 2, 9 pi / 2], columns x and z of the surface; square = E t^2 / 2.
Curve swiss_roll() {
  const double square = 87.75 * kPi * kPi / 18.0, mean_y = 2.0 / (3.0 * kPi);
  return {[](const ToyRow& row) -> Point2 {
            const double t = 1.5 * kPi * (1.0 + 2.0 * row.along(1, false));
            return {t * std::cos(t), t * std::sin(t)};
          },
          moments(2.0, mean_y, square - 0.25 - 4.0, square + 0.25 - mean_y * mean_y,
                  1.5 * kPi - 2.0 * mean_y),
          1, 9.0 * kPi* kPi};
}

Curve half_circles() {  // radii 1 and 1/2
  return {[](const ToyRow& row) -> Point2 {
            const double angle = 2.0 * kPi * row.along(2, true);
            const double radius = row.part(2) == 0 ? 1.0 : 0.5;
            return {radius * std::cos(angle), radius * std::sin(angle)};
          },
          moments(0.0, 0.0, 0.3125, 0.3125, 0.0), 2, 2.0 * kPi};
}

// E r^2 = 16.875 / 4, shared evenly by x and y.
Curve four_rings() {
  return {[](const ToyRow& row) -> Point2 {
            const double angle = 2.0 * kPi * row.along(4, true);
            const double radius = 3.0 - 0.75 * static_cast<double>(row.part(4));
            return {radius * std::cos(angle), radius * std::sin(angle)};
          },
          moments(0.0, 0.0, 16.875 / 8.0, 16.875 / 8.0, 0.0), 4, 6.0 * kPi};
}

// scale * (curve + noise N) + shift.
ToyDefinition noisy(ToyPreset preset, const Curve& curve, double noise, double scale = 1.0,
                    const Point2& shift = Point2::Zero()) {
  ToyDefinition toy;
  toy.preset = std::move(preset);
  toy.moments = affine(curve.moments, noise, scale, shift);
  toy.draw = [at = curve.at, noise, scale, shift](const ToyRow& row) -> Point2 {
    return scale * (at(row) + noise * row.noise()) + shift;
  };
  toy.latents = {curve.parts, {{scale * curve.length}}, {}, scale * noise};
  return toy;
}

// (X - m) / s * 7 with one scalar mean and deviation over all entries of X = curve + noise N.
ToyDefinition standardised(ToyPreset preset, const Curve& curve, double noise) {
  const Moments2 raw = affine(curve.moments, noise, 1.0, Point2::Zero());
  const double mean = raw.mean.mean();
  const double deviation =
      std::sqrt(0.5 * (raw.covariance.trace() + raw.mean.squaredNorm()) - mean * mean);
  constexpr double kFactor = 7.0;
  const double scale = kFactor / deviation;
  ToyDefinition toy =
      noisy(std::move(preset), curve, noise, scale, Point2::Constant(-mean * scale));
  toy.draw = [at = curve.at, noise](const ToyRow& row) -> Point2 {
    return at(row) + noise * row.noise();
  };
  toy.standardisation = {mean, deviation, kFactor};
  return toy;
}

// torchdyn adds one uniform number in [0, noise) to both coordinates.
ToyDefinition moons_torchcfm() {
  constexpr double kNoise = 0.2;
  ToyDefinition toy;
  toy.preset = {"moons", "torchcfm", "3 (moons + one uniform [0, 0.2) on both coordinates) - 1",
                "torchcfm torchcfm/utils.py cacd4dc"};
  Moments2 base = moons().moments;
  base.mean.array() += kNoise / 2.0;
  base.covariance.array() += kNoise * kNoise / 12.0;
  toy.moments = affine(base, 0.0, 3.0, Point2(-1.0, -1.0));
  toy.draw = [at = moons().at](const ToyRow& row) -> Point2 {
    return (3.0 * (at(row).array() + kNoise * row.uniform(1)) - 1.0).matrix();
  };
  toy.latents = {2, {{3.0 * kPi}, {3.0 * kNoise * std::numbers::sqrt2}}, {}, 0.0};
  return toy;
}

ToyDefinition moons_sb_fbsde() {
  ToyDefinition toy;
  toy.preset = {"moons", "sb-fbsde", "arcs of radius 10 about (5,2) and (-5,2) with noise 0.5",
                "SB-FBSDE data.py 9db23f3"};
  toy.draw = [](const ToyRow& row) -> Point2 {
    const double angle = kPi * row.along(2, false);
    const Point2 arc = row.part(2) == 0 ? Point2(std::cos(angle) + 0.5, -std::sin(angle) + 0.2)
                                        : Point2(std::cos(angle) - 0.5, std::sin(angle) - 0.2);
    return 10.0 * arc + 0.5 * row.noise();
  };
  toy.latents = {2, {{10.0 * kPi}}, {}, 0.5};
  // Each arc: variances 100/2 and 100 (1/2 - 4/pi^2); centres (5, 2 - 20/pi) and (-5, -2 + 20/pi).
  const double y = 2.0 - 20.0 / kPi;
  toy.moments = moments(0.0, 0.0, 50.0 + 25.0 + 0.25,
                        100.0 * (0.5 - 4.0 / (kPi * kPi)) + y * y + 0.25, 5.0 * y);
  return toy;
}

ToyDefinition two_spirals() {
  ToyDefinition toy;
  toy.preset = {"2spirals", "ffjord", "+-(n (-cos n, sin n) + U/2) / 3 + 0.1 N, n = 3 pi sqrt(U)",
                "ffjord lib/toy_data.py 994864a"};
  toy.draw = [](const ToyRow& row) -> Point2 {
    const double n = 3.0 * kPi * std::sqrt(row.uniform(0));
    const Point2 arm(-n * std::cos(n) + 0.5 * row.uniform(1),
                     n * std::sin(n) + 0.5 * row.uniform(2));
    return (row.part(2) == 0 ? 1.0 : -1.0) / 3.0 * arm + 0.1 * row.noise();
  };
  toy.latents = {2, {{1.5 * kPi * kPi}, {0.5 / 3.0}, {0.5 / 3.0}}, {}, 0.1};
  // n has density 2 n / (9 pi^2) on (0, 3 pi); the integrals of n^3 cos 2n and the like are
  // elementary.
  const double n_cos = -4.0 / (3.0 * kPi), n_sin = 2.0 - 8.0 / (9.0 * kPi * kPi);
  const double xx = 2.25 * kPi * kPi + 0.75 - 0.5 * n_cos + 1.0 / 12.0;
  const double yy = 2.25 * kPi * kPi - 0.75 + 0.5 * n_sin + 1.0 / 12.0;
  const double xy = 1.5 * kPi - 0.25 / kPi + 0.25 * (n_sin - n_cos) + 0.0625;
  toy.moments = moments(0.0, 0.0, xx / 9.0 + 0.01, yy / 9.0 + 0.01, xy / 9.0);
  return toy;
}

// Moments only where they are elementary.
ToyDefinition plain(ToyPreset preset, Point2 (*at)(const ToyRow&), ToyLatents latents,
                    std::optional<Moments2> known = {}) {
  ToyDefinition toy;
  toy.preset = std::move(preset);
  toy.draw = at;
  toy.latents = std::move(latents);
  toy.moments = std::move(known);
  return toy;
}

}  // namespace

Moments2 affine(const Moments2& base, double noise, double scale, const Point2& shift) {
  return {scale * base.mean + shift,
          scale * scale * (base.covariance + noise * noise * Eigen::Matrix2d::Identity())};
}

std::vector<ToyDefinition> curve_toys() {
  const std::string runner = "torchcfm runner/src/datamodules/distribution_datamodule.py";
  const std::string dsb = "DSB bridge/data/two_dim.py 1c82eba", cfm_2d = "torchcfm two_dim.py";
  const std::string ffjord = "ffjord lib/toy_data.py 994864a";
  return {
      moons_torchcfm(),
      noisy({"moons", "ffjord", "2 (moons + 0.1 N) + (-1,-0.2)", ffjord}, moons(), 0.1, 2.0,
            {-1.0, -0.2}),
      noisy({"moons", "torchcfm-runner", "2 (moons + 0.05 N) - (1,0)", runner}, moons(), 0.05, 2.0,
            {-1.0, 0.0}),
      standardised({"moons", "dsb", "moons, scalar standardised times 7", dsb}, moons(), 0.0),
      standardised({"moons", "torchcfm-2d", "moons + 0.1 N, scalar standardised times 7", cfm_2d},
                   moons(), 0.1),
      moons_sb_fbsde(),
      noisy({"moons", "eot-bench", "1.5 (moons + 0.05 N - (0.5,0.25))",
             "EntropicOTBenchmark auxiliary_2d_data.py db2a4d0"},
            moons(), 0.05, 1.5, {-0.75, -0.375}),
      noisy({"moons", "sklearn", "moons, no noise", "scikit-learn _samples_generator.py 0059759"},
            moons(), 0.0),
      noisy({"s_curve", "torchcfm-runner", "1.5 (s curve + 0.05 N), columns 0 and 2", runner},
            s_curve(), 0.05, 1.5),
      standardised({"s_curve", "dsb", "s curve, scalar standardised times 7", dsb}, s_curve(), 0.0),
      standardised(
          {"s_curve", "torchcfm-2d", "s curve + 0.1 N, scalar standardised times 7", cfm_2d},
          s_curve(), 0.1),
      noisy(
          {"s_curve", "sklearn", "s curve, no noise", "scikit-learn _samples_generator.py 0059759"},
          s_curve(), 0.0),
      noisy({"swiss_roll", "ffjord", "(swiss roll + N) / 5, columns 0 and 2", ffjord}, swiss_roll(),
            1.0, 0.2),
      noisy({"swiss_roll", "wgan-gp", "(swiss roll + 0.25 N) / 7.5", "gan_toy.py 3c8ba3c"},
            swiss_roll(), 0.25, 1.0 / 7.5),
      noisy({"swiss_roll", "lightsb", "(swiss roll + 0.8 N) / 7.5",
             "LightSB src/distributions.py 70aa4ee"},
            swiss_roll(), 0.8, 1.0 / 7.5),
      standardised({"swiss_roll", "dsb", "swiss roll, scalar standardised times 7", dsb},
                   swiss_roll(), 0.0),
      standardised(
          {"swiss_roll", "torchcfm-2d", "swiss roll + 0.1 N, scalar standardised times 7", cfm_2d},
          swiss_roll(), 0.1),
      noisy({"swiss_roll", "sklearn", "swiss roll, no noise",
             "scikit-learn _samples_generator.py 0059759"},
            swiss_roll(), 0.0),
      noisy({"circles", "ffjord", "3 (circles of radii 1 and 0.5 + 0.08 N)", ffjord},
            half_circles(), 0.08, 3.0),
      noisy({"circles", "dsb", "circles of radii 10 and 5, no noise", dsb}, half_circles(), 0.0,
            10.0),
      noisy({"circles", "torchcfm-runner", "3.5 (circles of radii 1 and 0.5 + 0.05 N)", runner},
            half_circles(), 0.05, 3.5),
      noisy({"rings", "ffjord", "four circles of radii 3, 2.25, 1.5, 0.75, + 0.08 N", ffjord},
            four_rings(), 0.08),
      two_spirals(),
      plain({"spiral", "sb-fbsde", "(angle + pi)(cos, sin) + 0.25 N, angle = 3 pi sqrt(U) - pi/2",
             "SB-FBSDE data.py 9db23f3"},
            [](const ToyRow& row) -> Point2 {
              const double angle = 3.0 * kPi * std::sqrt(row.uniform(0)) - kPi / 2.0;
              return (angle + kPi) * Point2(std::cos(angle), std::sin(angle)) + 0.25 * row.noise();
            },
            {1, {{6.0 * kPi * kPi}}, {}, 0.25}),
      plain(
          {"line", "ffjord", "x = 5 U - 2.5, y = x", ffjord},
          [](const ToyRow& row) -> Point2 {
            return Point2::Constant(5.0 * row.along(1, false) - 2.5);
          },
          {1, {{5.0 * std::numbers::sqrt2}}, {}, 0.0},
          moments(0.0, 0.0, 25.0 / 12.0, 25.0 / 12.0, 25.0 / 12.0)),
      plain(
          {"cos", "ffjord", "x = 5 U - 2.5, y = 2.5 sin x", ffjord},
          [](const ToyRow& row) -> Point2 {
            const double x = 5.0 * row.along(1, false) - 2.5;
            return {x, 2.5 * std::sin(x)};
          },
          {1, {{10.0}}, {}, 0.0},
          // E x^2 = 25/12, E sin^2 x = (1 - sin(5) / 5) / 2, E x sin x = 2 (sin 2.5 - 2.5 cos 2.5)
          // / 5.
          moments(0.0, 0.0, 25.0 / 12.0, 6.25 * 0.5 * (1.0 - std::sin(5.0) / 5.0),
                  std::sin(2.5) - 2.5 * std::cos(2.5))),
  };
}

}  // namespace otbridge
