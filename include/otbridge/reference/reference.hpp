// ReferenceProcess: dX = -theta X dt + sqrt(epsilon) dW on [0, 1]; theta = 0 is Brownian motion.
//
// Transition: X_{s+t} | X_s = x is N(decay(t) x, variance(t) I) with decay(t) = exp(-theta t) and
// variance(t) = epsilon (1 - exp(-2 theta t)) / (2 theta), which tends to epsilon t as theta -> 0.
#pragma once

#include <cmath>
#include <span>

#include "otbridge/core/points.hpp"
#include "otbridge/core/random.hpp"

namespace otbridge {

class ReferenceProcess {
 public:
  // epsilon > 0: variance rate (squared length per unit time). theta >= 0: per unit time.
  explicit ReferenceProcess(double epsilon, double theta = 0.0);

  double epsilon() const { return epsilon_; }
  double theta() const { return theta_; }

  double decay(double duration) const;
  double variance(double duration) const;
  // The same process run for another time, as a process on [0, 1]: the law of X_{duration t}. Time
  // runs `duration` times as fast, so both rates grow by it. duration > 0 and finite.
  ReferenceProcess over(double duration) const;
  double endpoint_decay() const { return decay(1.0); }        // a of the endpoint kernel
  double endpoint_variance() const { return variance(1.0); }  // s^2 of the endpoint kernel

  // Law of X_t given X_{t0} = x0 and X_{t1} = x1, t0 <= t <= t1:
  // N(from_start x0 + from_end x1, variance I).
  struct BridgeMoments {
    double from_start, from_end, variance;
  };
  BridgeMoments bridge(double t0, double t, double t1) const;

 private:
  double epsilon_, theta_;
};

// Whether two epsilons, or two thetas, are the same one: if written to a file and read they are
// equal, but computed anew from the mean cost of the same laws they may differ in the last digits.
inline bool same_rate(double one, double other) {
  return std::abs(one - other) <= 1e-9 * std::abs(other);
}

// Draws the reference bridges between rows of x0 (time 0) and x1 (time 1) at the given times, which
// ascend within [0, 1]. Several times of one path are drawn sequentially, so they have the right
// joint law; times 0 and 1 return the ends themselves. n x d each. first_row: the row number of the
// first row, for callers that split a batch.
Paths sample_bridge(const ReferenceProcess& reference, ConstPoints x0, ConstPoints x1,
                    std::span<const double> times, const RandomStream& stream, Index first_row = 0);

// Throws InvalidInput unless the times are finite, strictly ascending, within [0, 1] and at least
// one.
void check_times(std::span<const double> times);

}  // namespace otbridge
