// Product: independent coordinates, each from a one-dimensional family of Boost.Math.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "otbridge/measure/measure.hpp"

namespace otbridge {

// One coordinate: a family and its parameters by name, e.g. {"gamma", {{"shape", 2}, {"scale",
// 1}}}.
struct Marginal {
  std::string family;
  std::map<std::string, double> parameters;
};

// A family's parameters with defaults and rules, for reading, help and schema.
struct MarginalFamily {
  struct Parameter {
    std::string name;
    double default_value;
    bool positive;
  };
  std::string name;
  std::vector<Parameter> parameters;
};
// normal, student_t, gamma, beta, lognormal, uniform, exponential, laplace, logistic, weibull.
std::span<const MarginalFamily> marginal_families();

class Product final : public Law {
 public:
  // Fills defaults; throws InvalidInput "/marginals/2/shape = -1: must be > 0".
  explicit Product(std::vector<Marginal> marginals);
  const std::vector<Marginal>& marginals() const { return marginals_; }
  // levels: n, within (0, 1). n x d: in row i the quantile of level i of each coordinate by itself.
  Points quantiles(const Vector& levels) const;

  std::string_view type() const override { return "product"; }
  Index dimension() const override { return static_cast<Index>(marginals_.size()); }
  bool has_density() const override { return true; }

 private:
  template <class Level>
  Points quantiles(Index n, Level&& level) const;
  Points do_sample(Index n, const RandomStream& stream) const override;  // by quantiles
  std::optional<Vector> do_mean() const override;        // empty if a coordinate has none
  std::optional<Matrix> do_covariance() const override;  // likewise
  Vector do_log_density(ConstPoints x) const override;

  std::vector<Marginal> marginals_;
};

}  // namespace otbridge
