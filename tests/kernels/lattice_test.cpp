// Interpolation on lattices by every instruction set of this machine against Lagrange's formula.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "kernels/kernel_set.hpp"
#include "otbridge/core/random.hpp"

using namespace otbridge;
using kernels::kStencil;
using kernels::Size;

namespace {

struct NodeValues {
  kernels::Lattice lattice;
  std::vector<float> values;

  NodeValues(Size nodes, Size lines) : values(2 * nodes * lines) {
    const RandomStream stream(1);
    for (Size i = 0; i < values.size(); ++i) {
      values[i] = static_cast<float>(stream.normal(static_cast<Index>(i), 0, 0));
    }
    lattice = {values.data(), nodes, lines, -2.4F, 4.8F / static_cast<float>(nodes - 1)};
  }
};

// The weights of all nodes of a line at u: those of the eight around it by Lagrange's formula.
std::vector<double> line_weights(float u, const kernels::Lattice& lattice) {
  const double x = static_cast<double>(u), w = x / std::sqrt(1.0 + x * x / 9.0);
  const double steps =
      (w - static_cast<double>(lattice.first)) / static_cast<double>(lattice.spacing);
  const auto nodes = static_cast<int>(lattice.nodes);
  const int begin = std::clamp(static_cast<int>(std::floor(steps)) - 3, 0, nodes - 8);
  std::vector<double> weights(lattice.nodes, 0.0);
  for (int j = begin; j < begin + 8; ++j) {
    double& weight = weights[static_cast<Size>(j)] = 1.0;
    for (int k = begin; k < begin + 8; ++k) {
      if (k != j) weight *= (steps - k) / (j - k);
    }
  }
  return weights;
}

double by_formula(const kernels::Lattice& lattice, const float* place, Size component) {
  const auto along = line_weights(place[0], lattice);
  const auto across =
      lattice.lines == 1 ? std::vector<double>{1.0} : line_weights(place[1], lattice);
  double sum = 0.0;
  for (Size l = 0; l < lattice.lines; ++l) {
    for (Size k = 0; k < lattice.nodes; ++k) {
      sum += across[l] * along[k] *
             static_cast<double>(lattice.values[2 * (l * lattice.nodes + k) + component]);
    }
  }
  return sum;
}

}  // namespace

TEST_CASE("interpolation is Lagrange's, at each place whatever the places around it") {
  for (Size s = 0; const kernels::KernelSet* set = kernels::available_kernel_set(s); ++s) {
    CAPTURE(set->name);
    for (const Size nodes : {kStencil, Size{11}, Size{32}}) {
      for (const Size lines : {Size{1}, nodes}) {
        const NodeValues nodes_of(nodes, lines);
        const auto& lattice = nodes_of.lattice;
        for (const Size count : {Size{1}, Size{2}, Size{7}, Size{64}, Size{65}}) {
          std::vector<float> places(2 * count), found(2 * count, 7.0F);
          for (Size i = 0; i < places.size(); ++i) {
            places[i] = std::clamp(
                static_cast<float>(1.5 * RandomStream(2).normal(static_cast<Index>(i), 0, 0)),
                -4.0F, 4.0F);
          }
          set->interpolate(lattice, count, places.data(), found.data());
          for (Size i = 0; i < count; ++i) {
            for (const Size c : {0, 1}) {
              // Towards the rim the weights of random values grow to some hundreds.
              CHECK(std::abs(static_cast<double>(found[2 * i + c]) -
                             by_formula(lattice, &places[2 * i], c)) < 2e-3);
            }
            float alone[2];
            set->interpolate(lattice, 1, &places[2 * i], alone);
            CHECK(alone[0] == found[2 * i]);
            CHECK(alone[1] == found[2 * i + 1]);
          }
        }
      }
    }
  }
}

TEST_CASE("a smooth function is met to single precision, and no number gives none") {
  const auto wave = [](double u, double v) { return std::sin(1.3 * u + 0.4) * std::cos(0.9 * v); };
  NodeValues nodes(80, 80);
  const auto input = [&](Size k) {
    const double w = static_cast<double>(nodes.lattice.first) +
                     static_cast<double>(nodes.lattice.spacing) * static_cast<double>(k);
    return w / std::sqrt(1.0 - w * w / 9.0);
  };
  for (Size l = 0; l < 80; ++l) {
    for (Size k = 0; k < 80; ++k) {
      nodes.values[2 * (80 * l + k)] = static_cast<float>(wave(input(k), input(l)));
      nodes.values[2 * (80 * l + k) + 1] = static_cast<float>(wave(input(l), input(k)));
    }
  }
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  for (Size s = 0; const kernels::KernelSet* set = kernels::available_kernel_set(s); ++s) {
    CAPTURE(set->name);
    float found[2];
    for (int i = 0; i < 200; ++i) {
      const float place[2] = {static_cast<float>(RandomStream(3).normal(i, 0, 0)),
                              static_cast<float>(RandomStream(3).normal(i, 0, 1))};
      set->interpolate(nodes.lattice, 1, place, found);
      const auto u = static_cast<double>(place[0]), v = static_cast<double>(place[1]);
      CHECK(std::abs(static_cast<double>(found[0]) - wave(u, v)) < 2e-6);
      CHECK(std::abs(static_cast<double>(found[1]) - wave(v, u)) < 2e-6);
    }
    for (const bool first : {false, true}) {
      const float place[2] = {first ? kNan : 0.5F, first ? 0.5F : kNan};
      set->interpolate(nodes.lattice, 1, place, found);
      CHECK((std::isnan(found[0]) && std::isnan(found[1])));
    }
  }
}
