// Toy: the planar laws of the literature, each under a frozen preset that names its source.
//
// "8gaussians" has at least eight incompatible published versions, so a name alone is not a
// definition: NAME@PRESET is. A name without a preset takes the first preset listed for it. Presets
// never change.
#pragma once

#include <span>
#include <string>

#include "otbridge/measure/measure.hpp"

namespace otbridge {

struct ToyPreset {
  std::string name, preset;
  std::string definition;  // one line
  std::string source;      // repository, file and commit
};
// All toys, grouped by name, the default preset of each name first.
std::span<const ToyPreset> toy_presets();

struct ToyOptions {
  bool grid = false;  // even grid of angles in place of random ones, where published
  bool standardize_by_sample = false;  // scale by the drawn sample's moments, not the population's
};

class Toy final : public Law {
 public:
  // spec: "moons", "moons@torchcfm". Throws InvalidInput naming the known toys or presets.
  explicit Toy(const std::string& spec, ToyOptions options = {});

  const ToyPreset& preset() const { return *preset_; }
  const ToyOptions& options() const { return options_; }

  std::string_view type() const override { return "toy"; }
  Index dimension() const override;
  bool has_density() const override;  // the mixtures, and few others

 private:
  Points do_sample(Index n, const RandomStream& stream) const override;
  std::optional<Vector> do_mean() const override;  // where known in closed form
  std::optional<Matrix> do_covariance() const override;
  Vector do_log_density(ConstPoints x) const override;

  const ToyPreset* preset_;
  ToyOptions options_;
};

}  // namespace otbridge
