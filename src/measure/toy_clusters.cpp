#include <cmath>

#include "measure/toy_definition.hpp"

namespace otbridge {
namespace {

// count points at even angles from first_angle; turn: the part of the circle they share.
std::vector<Point2> on_circle(int count, double radius, double first_angle = 0.0,
                              double turn = 1.0) {
  std::vector<Point2> centers;
  for (int k = 0; k < count; ++k) {
    const double angle = first_angle + turn * 2.0 * kPi * k / count;
    centers.emplace_back(radius * std::cos(angle), radius * std::sin(angle));
  }
  return centers;
}

// count x count points on [-half, half]^2, then scaled.
std::vector<Point2> square_grid(double half, int count, double scale) {
  std::vector<Point2> centers;
  for (int i = 0; i < count; ++i) {
    for (int j = 0; j < count; ++j) {
      const double step = 2.0 * half / (count - 1);
      centers.emplace_back((-half + i * step) * scale, (-half + j * step) * scale);
    }
  }
  return centers;
}

// Equal weights, equal isotropic deviations: the covariance is that of the centres plus
// deviation^2 I.
ToyDefinition clusters(ToyPreset preset, std::vector<Point2> centers, double deviation) {
  ToyDefinition toy;
  toy.preset = std::move(preset);
  Moments2 moments{Point2::Zero(), Eigen::Matrix2d::Identity() * deviation * deviation};
  for (const Point2& c : centers) moments.mean += c / static_cast<double>(centers.size());
  for (const Point2& c : centers) {
    moments.covariance +=
        (c - moments.mean) * (c - moments.mean).transpose() / static_cast<double>(centers.size());
  }
  toy.moments = moments;
  toy.draw = [centers, deviation](const ToyRow& row) -> Point2 {
    return centers[to_size(row.part(static_cast<Index>(centers.size())))] + deviation * row.noise();
  };
  toy.centers = std::move(centers);
  toy.deviation = deviation;
  return toy;
}

}  // namespace

std::vector<ToyDefinition> cluster_toys() {
  // Its covariance is sqrt(0.1) I.
  const double std_torchcfm = std::pow(0.1, 0.25);
  const double std_normflows = 2.0 / 3.0 * std::sin(kPi / 8.0);
  return {
      clusters({"8gaussians", "torchcfm", "radius 5, covariance sqrt(0.1) I: std 0.5623413",
                "torchcfm torchcfm/utils.py cacd4dc"},
               on_circle(8, 5.0), std_torchcfm),
      clusters(
          {"8gaussians", "ffjord", "(radius 4, std 0.5) / 1.414", "ffjord lib/toy_data.py 994864a"},
          on_circle(8, 4.0 / 1.414), 0.5 / 1.414),
      clusters({"8gaussians", "torchcfm-runner", "radius 5, std 1",
                "torchcfm runner/src/datamodules/distribution_datamodule.py"},
               on_circle(8, 5.0), 1.0),
      clusters({"8gaussians", "dsb", "radius 12, std 1.5", "DSB bridge/data/two_dim.py 1c82eba"},
               on_circle(8, 12.0), 1.5),
      clusters({"8gaussians", "sb-fbsde", "radius 12, std 1", "SB-FBSDE data.py 9db23f3"},
               on_circle(8, 12.0), 1.0),
      clusters(
          {"8gaussians", "lightsb", "radius 12, std 1", "LightSB src/distributions.py 70aa4ee"},
          on_circle(8, 12.0), 1.0),
      clusters({"8gaussians", "wgan-gp", "(radius 2, std 0.02) / 1.414", "gan_toy.py 3c8ba3c"},
               on_circle(8, 2.0 / 1.414), 0.02 / 1.414),
      clusters({"8gaussians", "ott", "radius 5, std 0.25 (std squared times N, std 0.5)",
                "ott src/ott/datasets.py 6aace50"},
               on_circle(8, 5.0), 0.25),
      clusters({"8gaussians", "normflows", "radius 2, std 2/3 sin(pi/8), angles from +y clockwise",
                "normflows distributions/target.py c6616b1"},
               on_circle(8, 2.0, kPi / 2.0, -1.0), std_normflows),
      clusters({"25gaussians", "wgan-gp", "(centres {-4,-2,0,2,4}^2, std 0.05) / 2.828",
                "gan_toy.py 3c8ba3c"},
               square_grid(4.0, 5, 1.0 / 2.828), 0.05 / 2.828),
      clusters({"mixture", "dsb", "halves N((-7,0),I) and N((7,0),I)",
                "DSB bridge/data/two_dim.py 1c82eba"},
               {{-7.0, 0.0}, {7.0, 0.0}}, 1.0),
      clusters({"4gaussians", "gsbm", "radius 4, variance 1 (source of gmm)",
                "GSBM configs/experiment a8ab5b5"},
               on_circle(4, 4.0), 1.0),
      clusters({"8gaussians", "gsbm", "radius 16, variance 1 (target of gmm)",
                "GSBM configs/experiment a8ab5b5"},
               on_circle(8, 16.0), 1.0),
  };
}

}  // namespace otbridge
