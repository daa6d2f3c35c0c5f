// ToyDefinition: what one preset of a toy is made of. Private to the room.
#pragma once

#include <array>
#include <functional>
#include <numbers>
#include <optional>
#include <vector>

#include "otbridge/measure/toy.hpp"

namespace otbridge {

using Point2 = Eigen::Vector2d;
inline constexpr double kPi = std::numbers::pi;

struct Moments2 {
  Point2 mean;
  Eigen::Matrix2d covariance;
};

// The numbers that one node of a quadrature has in the place of random ones.
struct ToyNode {
  Index part = 0;
  std::array<double, 3> uniform = {};
  std::array<double, 2> normal = {};
};

// Draws of one row. Components below 8 of step 0 belong to the law; noise is drawn from step 1.
struct ToyRow {
  const RandomStream& stream;
  Index i, n;
  bool grid;
  const ToyNode* node = nullptr;  // in place of draws; it is without noise

  double uniform(Index component) const {
    return node != nullptr ? node->uniform[to_size(component)] : stream.uniform(i, 0, component);
  }
  double normal(Index component) const {
    return node != nullptr ? node->normal[to_size(component)] : stream.normal(i, 1, component);
  }
  Point2 noise() const { return node != nullptr ? Point2::Zero() : Point2(normal(0), normal(1)); }
  // Which of `classes` equal parts the row is in: at random, or in even blocks on a grid.
  Index part(Index classes) const {
    if (node != nullptr) return node->part;
    return grid ? std::min(classes - 1, i * classes / n) : stream.below(classes, i, 0, 6);
  }
  // The position along the curve of its part, in [0, 1): at random, or even on a grid; closed
  // curves leave the end point out.
  double along(Index classes, bool closed) const {
    if (!grid || node != nullptr) return uniform(0);
    const Index size = std::max<Index>(1, n / classes), k = i % size;
    return static_cast<double>(k) /
           static_cast<double>(closed ? size : std::max<Index>(1, size - 1));
  }
};

// The numbers that a toy is a function of, but for the noise that it adds: what a quadrature of it
// runs over.
struct ToyLatents {
  struct Uniform {
    double length;       // in the plane, that the number runs through; about
    Index multiple = 1;  // of nodes, so that jumps lie between two of them
  };
  Index parts = 1;
  std::vector<Uniform> uniform = {};  // components 0, 1, ...
  std::vector<double> normal = {};    // length in the plane of a deviation, of components 0, 1, ...
  double noise = 0.0;                 // deviation, in the plane
};

struct ToyDefinition {
  ToyPreset preset;
  std::function<Point2(const ToyRow&)> draw;
  std::optional<Moments2> moments = {};
  // Equal isotropic Gaussian components, where the toy is a mixture of them.
  std::vector<Point2> centers = {};
  double deviation = 0.0;
  // x -> (x - m) / s * factor with the scalars of the population, or of the sample where asked for.
  struct Standardisation {
    double mean, deviation, factor;
  };
  std::optional<Standardisation> standardisation = {};
  // Where neither centers nor a density is known.
  ToyLatents latents = {};
  // Up to a constant, on the square [-3, 3]^2, of toys drawn from it by rejection.
  double (*density)(const Point2&) = nullptr;
};

const ToyDefinition& definition_of(const ToyPreset& preset);
Points rescaled(const Points& x, const ToyDefinition::Standardisation& by);

std::vector<ToyDefinition> cluster_toys();  // mixtures of Gaussians
std::vector<ToyDefinition>
curve_toys();  // moons, s_curve, swiss_roll, circles, rings, spirals, lines
std::vector<ToyDefinition> area_toys();  // checkerboard, pinwheel, energies

// The law of scale * X + shift for X of the given moments, with independent noise added first.
Moments2 affine(const Moments2& base, double noise, double scale, const Point2& shift);

}  // namespace otbridge
