#include "exact_cases.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <numbers>
#include <vector>

#include "otbridge/core/parallel.hpp"
#include "otbridge/core/random.hpp"

namespace otbridge {
namespace {

// The centres of the pixels of a square image, row by row.
Points pixels(Index side) {
  Points points(side * side, 2);
  for (Index k = 0; k < points.rows(); ++k) {
    points.row(k) << static_cast<double>(k % side), static_cast<double>(k / side);
  }
  return points;
}

Vector white_noise(Index side, const RandomStream& stream) {
  Vector values(side * side);
  for (Index k = 0; k < values.size(); ++k) {
    values[k] = static_cast<double>(stream.below(256, k, 0, 0));
  }
  return values;
}

// A sum of 256 waves whose wave numbers, in periods per image, have a density like that of a
// Matern field: radius (u^(-1/nu) - 1)^(1/2) / scale. Stretched to 0 .. 255.
Vector random_field(Index side, double smoothness, double scale, const RandomStream& stream) {
  constexpr Index kWaves = 256;
  Points waves(kWaves, 3);  // two wave numbers, phase
  for (Index w = 0; w < kWaves; ++w) {
    const double radius =
        std::sqrt(std::pow(stream.uniform(w, 0, 0), -1.0 / smoothness) - 1.0) / scale;
    const double angle = 2.0 * std::numbers::pi * stream.uniform(w, 0, 1);
    waves.row(w) << radius * std::cos(angle), radius * std::sin(angle), stream.uniform(w, 0, 2);
  }
  Vector values(side * side);
  parallel_for(side, 4, [&](Index begin, Index end, Index) {
    for (Index k = begin * side; k < end * side; ++k) {
      const double u = (static_cast<double>(k % side) + 0.5) / static_cast<double>(side),
                   v = (static_cast<double>(k / side) + 0.5) / static_cast<double>(side);
      double sum = 0.0;
      for (Index w = 0; w < kWaves; ++w) {
        sum += std::cos(2.0 * std::numbers::pi * (waves(w, 0) * u + waves(w, 1) * v + waves(w, 2)));
      }
      values[k] = sum;
    }
  });
  const double low = values.minCoeff(), high = values.maxCoeff();
  return (255.0 * (values.array() - low) / (high - low)).round();
}

// Bright where a ring, a disc or a box is, 0 elsewhere: most pixels carry no mass.
Vector shapes(Index side, const RandomStream& stream) {
  Vector values = Vector::Zero(side * side);
  for (Index s = 0; s < 6; ++s) {
    const double x = 0.2 + 0.6 * stream.uniform(s, 0, 0), y = 0.2 + 0.6 * stream.uniform(s, 0, 1),
                 r = 0.06 + 0.14 * stream.uniform(s, 0, 2);
    for (Index k = 0; k < values.size(); ++k) {
      const double u = (static_cast<double>(k % side) + 0.5) / static_cast<double>(side) - x,
                   v = (static_cast<double>(k / side) + 0.5) / static_cast<double>(side) - y;
      const double distance = s % 3 == 2 ? std::max(std::abs(u), std::abs(v)) : std::hypot(u, v);
      if (distance < r && (s % 3 != 1 || distance > 0.6 * r)) values[k] = 255.0;
    }
  }
  return values;
}

Vector image(const std::string& name, Index side, const RandomStream& stream) {
  if (name == "noise") return white_noise(side, stream);
  if (name == "rough") return random_field(side, 0.25, 0.1, stream);
  if (name == "smooth") return random_field(side, 2.5, 0.25, stream);
  if (name == "shapes") return shapes(side, stream);
  std::fprintf(stderr, "no such case: %s\n", name.c_str());
  std::exit(2);
}

Points eight_gaussians(Index n, const RandomStream& stream) {
  Points points = 0.5 * normal_points(n, 2, stream);
  for (Index i = 0; i < n; ++i) {
    const double angle = 0.25 * std::numbers::pi * static_cast<double>(stream.below(8, i, 1, 0));
    points(i, 0) += 4.0 * std::cos(angle);
    points(i, 1) += 4.0 * std::sin(angle);
  }
  return points;
}

// Student's t of two degrees of freedom about the origin: a normal point over the root of an
// exponential number.
Points student(Index n, const RandomStream& stream) {
  Points points = normal_points(n, 2, stream);
  for (Index i = 0; i < n; ++i) points.row(i) /= std::sqrt(-std::log(stream.uniform(i, 1, 0)));
  return points;
}

}  // namespace

std::pair<WeightedPoints, WeightedPoints> exact_case(const std::string& name, Index size) {
  const RandomStream first(1), second(2);
  if (name == "gaussians") {
    return {WeightedPoints(normal_points(size, 2, first)),
            WeightedPoints(Points((0.7 * normal_points(size, 2, second)).array() + 0.5))};
  }
  if (name == "modes") {
    Points square(size, 2);
    for (Index i = 0; i < size; ++i) {
      square.row(i) << 8.0 * first.uniform(i, 0, 0) - 4.0, 8.0 * first.uniform(i, 0, 1) - 4.0;
    }
    return {WeightedPoints(square), WeightedPoints(eight_gaussians(size, second))};
  }
  if (name == "tails") {
    return {WeightedPoints(student(size, first)), WeightedPoints(student(2 * size / 3, second))};
  }
  return {WeightedPoints(pixels(size), image(name, size, first)),
          WeightedPoints(pixels(size), image(name, size, second))};
}

}  // namespace otbridge
