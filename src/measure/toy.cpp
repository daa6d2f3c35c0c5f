#include "otbridge/measure/toy.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "measure/toy_definition.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/names.hpp"
#include "otbridge/core/parallel.hpp"

namespace otbridge {
namespace {

// All toys, grouped by name, in the order in which the names first occur.
const std::vector<ToyDefinition>& definitions() {
  static const std::vector<ToyDefinition> all = [] {
    std::vector<ToyDefinition> toys;
    for (auto part : {cluster_toys(), curve_toys(), area_toys()}) {
      for (auto& toy : part) {
        const auto same = std::find_if(toys.rbegin(), toys.rend(), [&](const ToyDefinition& other) {
          return other.preset.name == toy.preset.name;
        });
        toys.insert(same.base() == toys.begin() ? toys.end() : same.base(), std::move(toy));
      }
    }
    return toys;
  }();
  return all;
}

// A trailing @ is a preset without a name, and refused.
const ToyPreset* find_preset(const std::string& spec) {
  const auto at = spec.find('@');
  const std::string name = spec.substr(0, at);
  const std::string preset = at == std::string::npos ? "" : spec.substr(at + 1);
  std::vector<std::string> names, presets;
  for (const ToyPreset& toy : toy_presets()) {
    if (toy.name == name) {
      if (preset.empty() ? at == std::string::npos : toy.preset == preset) return &toy;
      presets.push_back(toy.preset);
    } else if (names.empty() || names.back() != toy.name) {  // presets of a name are neighbours
      names.push_back(toy.name);
    }
  }
  if (!presets.empty())
    throw InvalidInput("toy \"" + spec + "\"", name + " has the presets " + joined(presets));
  throw InvalidInput("toy \"" + spec + "\"",
                     unknown_name("unknown", spec.substr(0, spec.find('@')), names));
}

}  // namespace

// A law keeps the public preset; NAME@PRESET is unique.
const ToyDefinition& definition_of(const ToyPreset& preset) {
  return *std::ranges::find_if(definitions(), [&](const auto& toy) {
    return toy.preset.name == preset.name && toy.preset.preset == preset.preset;
  });
}

Points rescaled(const Points& x, const ToyDefinition::Standardisation& by) {
  return (x.array() - by.mean) / by.deviation * by.factor;
}

std::span<const ToyPreset> toy_presets() {
  static const std::vector<ToyPreset> all = [] {
    std::vector<ToyPreset> presets;
    for (const auto& toy : definitions()) presets.push_back(toy.preset);
    return presets;
  }();
  return all;
}

Toy::Toy(const std::string& spec, ToyOptions options)
    : preset_(find_preset(spec)), options_(options) {
  if (options_.standardize_by_sample && !definition_of(*preset_).standardisation) {
    throw InvalidInput("/standardize", "the preset " + preset_->preset + " of " + preset_->name +
                                           " is not standardised");
  }
}

Index Toy::dimension() const { return 2; }

Points Toy::do_sample(Index n, const RandomStream& stream) const {
  const ToyDefinition& toy = definition_of(*preset_);
  Points x(n, 2);
  // Row by row from (stream, i): a longer sample begins with a shorter one.
  parallel_for(n, 1024, [&](Index begin, Index end, Index) {
    for (Index i = begin; i < end; ++i) {
      x.row(i) = toy.draw({stream, i, n, options_.grid}).transpose();
    }
  });
  if (!toy.standardisation) return x;
  // One scalar mean and deviation over all entries, as the sources have it.
  auto by = *toy.standardisation;
  if (options_.standardize_by_sample) {
    by.mean = x.mean();
    by.deviation = std::sqrt((x.array() - by.mean).square().mean());
  }
  return rescaled(x, by);
}

// A grid and a standardisation by the sample change the moments with n.
std::optional<Vector> Toy::do_mean() const {
  const auto& moments = definition_of(*preset_).moments;
  if (!moments || options_.grid || options_.standardize_by_sample) return std::nullopt;
  return Vector(moments->mean);
}

std::optional<Matrix> Toy::do_covariance() const {
  const auto& moments = definition_of(*preset_).moments;
  if (!moments || options_.grid || options_.standardize_by_sample) return std::nullopt;
  return Matrix(moments->covariance);
}

// Of the mixtures only: the curves have none, and the others no closed form.
bool Toy::has_density() const { return !definition_of(*preset_).centers.empty(); }

Vector Toy::do_log_density(ConstPoints x) const {
  const ToyDefinition& toy = definition_of(*preset_);
  if (toy.centers.empty()) return Law::do_log_density(x);
  // log of the mean over centres c of N(x; c, deviation^2 I) in the plane.
  const double variance = toy.deviation * toy.deviation;
  const double constant = -std::log(2.0 * kPi * variance * static_cast<double>(toy.centers.size()));
  Vector result(x.rows());
  for (Index i = 0; i < x.rows(); ++i) {
    Vector terms(static_cast<Index>(toy.centers.size()));
    for (Index k = 0; k < terms.size(); ++k) {
      terms[k] = -0.5 * (x.row(i).transpose() - toy.centers[to_size(k)]).squaredNorm() / variance;
    }
    // Far from every centre each term underflows; their largest does not.
    const double most = terms.maxCoeff();
    result[i] = constant + most + std::log((terms.array() - most).exp().sum());
  }
  return result;
}

}  // namespace otbridge
