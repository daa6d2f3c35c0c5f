#include <cmath>

#include "measure/toy_definition.hpp"

namespace otbridge {
namespace {

ToyDefinition scaled(ToyPreset preset, Point2 (*at)(const ToyRow&), const Moments2& base,
                     double scale, ToyLatents latents) {
  ToyDefinition toy;
  toy.preset = std::move(preset);
  toy.draw = [at, scale](const ToyRow& row) -> Point2 { return scale * at(row); };
  toy.moments = affine(base, 0.0, scale, Point2::Zero());
  for (auto& uniform : latents.uniform) uniform.length *= scale;
  for (double& deviation : latents.normal) deviation *= scale;
  toy.latents = std::move(latents);
  return toy;
}

// Columns of unit width in [-2, 2]; in each two unit cells, one column in two shifted by one.
Point2 checkerboard(const ToyRow& row) {
  const double x = 4.0 * row.uniform(0) - 2.0;
  const double parity = std::fmod(std::floor(x) + 4.0, 2.0);
  return {x, row.uniform(1) - (row.uniform(2) < 0.5 ? 0.0 : 2.0) + parity};
}

// Across the columns, up a cell, and which of two cells.
ToyLatents checkerboard_latents() { return {1, {{4.0, 4}, {1.0}, {0.0, 2}}, {}, 0.0}; }

// x is uniform on [-2, 2], so is y; given the column, their cells are shifted alike.
Moments2 checkerboard_moments() {
  Moments2 m{Point2::Zero(), Eigen::Matrix2d::Identity() * 4.0 / 3.0};
  m.covariance(0, 1) = m.covariance(1, 0) = 0.25;
  return m;
}

// Five arms: radial deviation 0.3, tangential 0.1, turned by 0.25 exp(r).
Point2 pinwheel(const ToyRow& row) {
  const double r = 1.0 + 0.3 * row.normal(0), s = 0.1 * row.normal(1);
  const double angle = 2.0 * kPi / 5.0 * static_cast<double>(row.part(5)) + 0.25 * std::exp(r);
  return {r * std::cos(angle) + s * std::sin(angle), -r * std::sin(angle) + s * std::cos(angle)};
}

// E r^2 + E s^2 = 1.1, shared evenly: the five arms average every rotation of order 5.
Moments2 pinwheel_moments() { return {Point2::Zero(), Eigen::Matrix2d::Identity() * 0.55}; }

// A radius of 2 turns by 4 times what it grows.
ToyLatents pinwheel_latents() { return {5, {}, {4.0 * 0.3, 0.1}, 0.0}; }

// The eight cells of side pi in [-2 pi, 2 pi]^2 on which sin x sin y < 0.
Point2 sine_board(const ToyRow& row) {
  const auto cell = row.part(8);
  const auto whole = cell / 2;  // four columns, two cells in each
  const auto column = static_cast<double>(whole);
  const double first = std::fmod(column + 1.0, 2.0);
  const double line = first + 2.0 * static_cast<double>(cell % 2);
  return {kPi * (column - 2.0 + row.uniform(0)), kPi * (line - 2.0 + row.uniform(1))};
}

Moments2 sine_board_moments() {
  Moments2 m{Point2::Zero(), Eigen::Matrix2d::Identity() * 4.0 / 3.0 * kPi * kPi};
  m.covariance(0, 1) = m.covariance(1, 0) = -0.25 * kPi * kPi;
  return m;
}

// Rejection from the square [-3, 3]^2; attempt k of row i is a function of (i, k).
ToyDefinition by_rejection(ToyPreset preset, double (*unnormalised)(const Point2&), double most) {
  ToyDefinition toy;
  toy.preset = std::move(preset);
  toy.draw = [unnormalised, most](const ToyRow& row) -> Point2 {
    for (Index attempt = 2;; ++attempt) {
      Point2 z(6.0 * row.stream.uniform(row.i, attempt, 0) - 3.0,
               6.0 * row.stream.uniform(row.i, attempt, 1) - 3.0);
      if (row.stream.uniform(row.i, attempt, 2) * most <= unnormalised(z)) return z;
    }
  };
  toy.density = unnormalised;
  return toy;
}

double square(double v) { return v * v; }

// Energy 1 of Rezende and Mohamed 2015 with half its widths, up to its constant.
double two_moons(const Point2& z) {
  return std::exp(-0.5 * square((z.norm() - 2.0) / 0.2)) *
         (std::exp(-0.5 * square((z[0] - 2.0) / 0.3)) +
          std::exp(-0.5 * square((z[0] + 2.0) / 0.3)));
}

// Two rings of radii 1 and 2, scale 1/8.
double ring_mixture(const Point2& z) {
  return std::exp(-0.5 * square((z.norm() - 1.0) / 0.125)) +
         std::exp(-0.5 * square((z.norm() - 2.0) / 0.125));
}

}  // namespace

std::vector<ToyDefinition> area_toys() {
  const std::string ffjord = "ffjord lib/toy_data.py 994864a",
                    dsb = "DSB bridge/data/two_dim.py 1c82eba";
  return {
      scaled({"checkerboard", "ffjord", "8 squares of side 2 in [-4,4]^2", ffjord}, checkerboard,
             checkerboard_moments(), 2.0, checkerboard_latents()),
      scaled({"checkerboard", "dsb", "8 squares of side 7.5 in [-15,15]^2", dsb}, checkerboard,
             checkerboard_moments(), 7.5, checkerboard_latents()),
      scaled({"checkerboard", "flow-matching", "8 squares in [-4.444,4.444]^2",
              "flow_matching examples/2d_flow_matching.ipynb 11568d3"},
             checkerboard, checkerboard_moments(), 1.0 / 0.45, checkerboard_latents()),
      scaled({"checkerboard", "sb-fbsde",
              "8 cells of side pi in [-2 pi, 2 pi]^2 where sin x sin y < 0",
              "SB-FBSDE data.py 9db23f3"},
             sine_board, sine_board_moments(), 1.0, {8, {{kPi}, {kPi}}, {}, 0.0}),
      scaled({"pinwheel", "ffjord", "5 arms, radius 1 + 0.3 N, twist e^r / 4, times 2", ffjord},
             pinwheel, pinwheel_moments(), 2.0, pinwheel_latents()),
      scaled({"pinwheel", "dsb", "5 arms, radius 1 + 0.3 N, twist e^r / 4, times 7.5", dsb},
             pinwheel, pinwheel_moments(), 7.5, pinwheel_latents()),
      by_rejection({"two_moons", "normflows", "energy with |z| near 2 and z1 near +-2, in [-3,3]^2",
                    "normflows distributions/target.py c6616b1"},
                   two_moons, 1.01),
      by_rejection(
          {"ring_mixture", "normflows", "two rings, density in |z| without the factor 1/|z|",
           "normflows distributions/target.py c6616b1"},
          ring_mixture, 1.01),
  };
}

}  // namespace otbridge
