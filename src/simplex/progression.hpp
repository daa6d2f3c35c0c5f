// What all levels of a solve share: the count of pivots and the wish to stop.
#pragma once

#include <algorithm>
#include <optional>

#include "otbridge/core/exchange.hpp"
#include "otbridge/core/parallel.hpp"
#include "simplex/network_simplex.hpp"

namespace otbridge {

class Progression {
 public:
  explicit Progression(const SimplexControl& control) : control_(control) { check_limit(); }

  void add_pivot() {
    if (++pivots_ % kPivotsPerCheck == 0) check();
    check_limit();
  }
  void check(std::optional<double> gap = {}) {
    poll_host();
    if (control_.proceed && going() && !control_.proceed({pivots_, fraction_, gap})) {
      outcome_ = SimplexOutcome::stopped;
    }
  }
  void set_fraction(double fraction) { fraction_ = std::max(fraction_, fraction); }
  bool going() const { return outcome_ == SimplexOutcome::optimal; }
  // Asked between sweeps, each of which may take long.
  bool going_on() {
    check();
    return going();
  }
  bool in_haste() const {
    return outcome_ == SimplexOutcome::stopped && control_.in_haste && control_.in_haste();
  }
  // After work that the first rank did alone. Once stopped, the others ask why.
  void follow_first_rank() {
    if (exchange_ranks() == 1) return;
    pivots_ = of_first_rank(pivots_);
    fraction_ = of_first_rank(fraction_);
    outcome_ = of_first_rank(outcome_);
    if (outcome_ == SimplexOutcome::stopped) control_.proceed({pivots_, fraction_, {}});
  }
  Index pivots() const { return pivots_; }
  SimplexOutcome outcome() const { return outcome_; }

 private:
  static constexpr Index kPivotsPerCheck = 1024;
  void check_limit() {
    if (pivots_ >= control_.pivots && going()) outcome_ = SimplexOutcome::pivot_limit;
  }

  const SimplexControl& control_;
  Index pivots_ = 0;
  double fraction_ = 0.0;
  SimplexOutcome outcome_ = SimplexOutcome::optimal;
};

}  // namespace otbridge
