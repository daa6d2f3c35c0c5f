#include "measure/toy_nodes.hpp"

#include <algorithm>
#include <cmath>

#include "measure/toy_definition.hpp"

namespace otbridge {
namespace {

// Nodes of one latent number, with their weights.
struct Rule {
  std::vector<double> at, weight;
};

// Midpoints of equal parts of [low, high].
Rule midpoints(double low, double high, Index count) {
  Rule rule;
  for (Index k = 0; k < count; ++k) {
    rule.at.push_back(low +
                      (high - low) * (static_cast<double>(k) + 0.5) / static_cast<double>(count));
    rule.weight.push_back(1.0);
  }
  return rule;
}

Rule uniform_rule(const ToyLatents::Uniform& latent, double spacing) {
  const double parts = latent.length / spacing / static_cast<double>(latent.multiple);
  return midpoints(0.0, 1.0, latent.multiple * std::max<Index>(1, std::lround(std::ceil(parts))));
}

constexpr double kFarthest = 6.0;  // deviations of a normal number: 2e-9 of its mass lie beyond

Rule normal_rule(double deviation, double spacing) {
  const double count = std::ceil(2.0 * kFarthest * deviation / spacing);
  Rule rule = midpoints(-kFarthest, kFarthest, std::max<Index>(8, std::lround(count)));
  for (std::size_t k = 0; k < rule.at.size(); ++k) {
    rule.weight[k] = std::exp(-0.5 * rule.at[k] * rule.at[k]);
  }
  return rule;
}

// Of about so many nodes: the volume that the latent numbers run through, shared out evenly.
double spacing_of(const ToyLatents& latents, Index count) {
  double volume = static_cast<double>(latents.parts);
  int dimensions = 0;
  for (const auto& uniform : latents.uniform) {
    if (uniform.length > 0.0) {
      volume *= uniform.length;
      ++dimensions;
    } else {
      volume *= static_cast<double>(uniform.multiple);
    }
  }
  for (const double deviation : latents.normal) {
    volume *= 2.0 * kFarthest * deviation;
    ++dimensions;
  }
  return std::pow(volume / static_cast<double>(count), 1.0 / dimensions);
}

ToyNodes by_latents(const ToyDefinition& toy, Index count) {
  const ToyLatents& latents = toy.latents;
  const double spacing = spacing_of(latents, count);
  std::vector<Rule> rules;
  for (const auto& uniform : latents.uniform) rules.push_back(uniform_rule(uniform, spacing));
  for (const double deviation : latents.normal) rules.push_back(normal_rule(deviation, spacing));

  Index nodes = latents.parts;
  for (const Rule& rule : rules) nodes *= static_cast<Index>(rule.at.size());
  Points points(nodes, 2);
  Vector weights(nodes);
  const RandomStream none(0);
  for (Index i = 0; i < nodes; ++i) {
    ToyNode node;
    node.part = i % latents.parts;
    Index rest = i / latents.parts;
    weights[i] = 1.0;
    for (std::size_t k = 0; k < rules.size(); ++k) {
      const auto size = static_cast<Index>(rules[k].at.size());
      const std::size_t at = to_size(rest % size), uniforms = latents.uniform.size();
      rest /= size;
      (k < uniforms ? node.uniform[k] : node.normal[k - uniforms]) = rules[k].at[at];
      weights[i] *= rules[k].weight[at];
    }
    points.row(i) = toy.draw({none, i, nodes, false, &node}).transpose();
  }
  return {{toy.standardisation ? rescaled(points, *toy.standardisation) : std::move(points),
           std::move(weights)},
          latents.noise * latents.noise,
          spacing};
}

ToyNodes by_density(const ToyDefinition& toy, Index count) {
  constexpr double kHalf = 3.0;          // of the side of the square
  constexpr double kNegligible = 1e-14;  // of the largest density
  const auto side = std::lround(std::sqrt(static_cast<double>(count)));
  const Rule line = midpoints(-kHalf, kHalf, side);
  std::vector<Point2> kept;
  std::vector<double> densities;
  for (const double x : line.at) {
    for (const double y : line.at) {
      const double density = toy.density({x, y});
      if (density < kNegligible) continue;
      kept.emplace_back(x, y);
      densities.push_back(density);
    }
  }
  Points points(static_cast<Index>(kept.size()), 2);
  for (Index i = 0; i < points.rows(); ++i) points.row(i) = kept[to_size(i)].transpose();
  Vector weights = Eigen::Map<const Vector>(densities.data(), points.rows());
  return {{std::move(points), std::move(weights)}, 0.0, 2.0 * kHalf / static_cast<double>(side)};
}

}  // namespace

std::optional<ToyNodes> toy_nodes(const Toy& toy, Index count) {
  if (toy.options().grid || toy.options().standardize_by_sample) return std::nullopt;
  const ToyDefinition& definition = definition_of(toy.preset());
  if (definition.density != nullptr) return by_density(definition, count);
  if (definition.centers.empty()) return by_latents(definition, count);
  Points centers(static_cast<Index>(definition.centers.size()), 2);
  for (Index k = 0; k < centers.rows(); ++k) {
    centers.row(k) = definition.centers[to_size(k)].transpose();
  }
  return ToyNodes{WeightedPoints(std::move(centers)), definition.deviation * definition.deviation,
                  0.0};
}

}  // namespace otbridge
