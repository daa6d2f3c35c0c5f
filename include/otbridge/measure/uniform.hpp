// Uniform laws: on a box, in a ball, on a sphere.
#pragma once

#include "otbridge/measure/measure.hpp"

namespace otbridge {

class UniformBox final : public Law {
 public:
  UniformBox(Vector low, Vector high);  // low < high in every coordinate
  const Vector& low() const { return low_; }
  const Vector& high() const { return high_; }

  std::string_view type() const override { return "uniform_box"; }
  Index dimension() const override { return low_.size(); }
  bool has_density() const override { return true; }

 private:
  Points do_sample(Index n, const RandomStream& stream) const override;
  std::optional<Vector> do_mean() const override;
  std::optional<Matrix> do_covariance() const override;
  Vector do_log_density(ConstPoints x) const override;

  Vector low_, high_;
};

// The ball |x - center| <= radius: covariance radius^2 / (d + 2) I.
class UniformBall final : public Law {
 public:
  UniformBall(Vector center, double radius);
  const Vector& center() const { return center_; }
  double radius() const { return radius_; }

  std::string_view type() const override { return "uniform_ball"; }
  Index dimension() const override { return center_.size(); }
  bool has_density() const override { return true; }

 private:
  Points do_sample(Index n, const RandomStream& stream) const override;
  std::optional<Vector> do_mean() const override { return center_; }
  std::optional<Matrix> do_covariance() const override;
  Vector do_log_density(ConstPoints x) const override;

  Vector center_;
  double radius_;
};

// The sphere |x - center| = radius, plus N(0, noise^2 I): covariance (radius^2 / d + noise^2) I.
class Sphere final : public Law {
 public:
  Sphere(Vector center, double radius, double noise = 0.0);
  const Vector& center() const { return center_; }
  double radius() const { return radius_; }
  double noise() const { return noise_; }

  std::string_view type() const override { return "sphere"; }
  Index dimension() const override { return center_.size(); }

 private:
  Points do_sample(Index n, const RandomStream& stream) const override;
  std::optional<Vector> do_mean() const override { return center_; }
  std::optional<Matrix> do_covariance() const override;

  Vector center_;
  double radius_, noise_;
};

}  // namespace otbridge
