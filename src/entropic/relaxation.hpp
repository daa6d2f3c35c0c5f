// Relaxation: the over-relaxation factor, learnt from the rate at which the error falls.
//
// Plain alternating updates contract by lambda per iteration; relaxed by omega the contraction mu
// solves (mu + omega - 1)^2 = mu omega^2 lambda, as in successive over-relaxation (Young 1954;
// Thibault, Chizat, Dossal, Papadakis 2021, section 4), and omega = 2 / (1 + sqrt(1 - lambda)) is
// best.
#pragma once

#include <algorithm>
#include <cmath>

namespace otbridge {

class Relaxation {
 public:
  explicit Relaxation(bool enabled) : enabled_(enabled) {}

  double omega() const { return omega_; }

  // Tells it the error after one more iteration; every kWindow of them the factor is revised.
  void observe(double error) {
    if (!enabled_) return;
    if (++count_ == 1) first_ = error;
    if (count_ <= kWindow) return;
    const double mu = std::pow(error / first_, 1.0 / kWindow);
    count_ = 0;
    if (!(mu > omega_ - 1.0 && mu < 1.0)) return;  // at or past the best factor, or no decrease
    const double lambda = (mu + omega_ - 1.0) * (mu + omega_ - 1.0) / (mu * omega_ * omega_);
    if (lambda < 1.0) omega_ = std::clamp(2.0 / (1.0 + std::sqrt(1.0 - lambda)), omega_, kLargest);
  }

  // The problem changed: keep the factor, forget the errors.
  void restart() { count_ = 0; }

 private:
  static constexpr int kWindow = 8;
  static constexpr double kLargest = 1.99;

  bool enabled_;
  double omega_ = 1.0, first_ = 0.0;
  int count_ = 0;
};

}  // namespace otbridge
