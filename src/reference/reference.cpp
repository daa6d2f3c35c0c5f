#include "otbridge/reference/reference.hpp"

#include <cmath>
#include <string>

#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"
#include "otbridge/core/parallel.hpp"

namespace otbridge {
namespace {

std::string place(const char* pointer, double value) {
  return std::string("/reference/") + pointer + " = " + number_text(value);
}

}  // namespace

ReferenceProcess::ReferenceProcess(double epsilon, double theta)
    : epsilon_(epsilon), theta_(theta) {
  if (!(std::isfinite(epsilon) && epsilon > 0.0)) {
    throw InvalidInput(place("epsilon", epsilon), "must be a finite number > 0");
  }
  if (!(std::isfinite(theta) && theta >= 0.0)) {
    throw InvalidInput(place("theta", theta), "must be a finite number >= 0");
  }
}

double ReferenceProcess::decay(double duration) const { return std::exp(-theta_ * duration); }

double ReferenceProcess::variance(double duration) const {
  // The limit, off by a fraction of 1e-12 at most; the quotient below would be 0 / 0.
  if (theta_ * duration < 1e-12) return epsilon_ * duration;
  return -epsilon_ * std::expm1(-2.0 * theta_ * duration) / (2.0 * theta_);
}

ReferenceProcess ReferenceProcess::over(double duration) const {
  if (!(std::isfinite(duration) && duration > 0.0)) {
    throw InvalidInput("duration = " + number_text(duration), "must be a finite number > 0");
  }
  return ReferenceProcess(epsilon_ * duration, theta_ * duration);
}

// X_t | X_{t0}, X_{t1}: product of the transition from t0 and the likelihood of x1.
ReferenceProcess::BridgeMoments ReferenceProcess::bridge(double t0, double t, double t1) const {
  const double before = t - t0, after = t1 - t;
  const double v_before = variance(before), v_after = variance(after), v = variance(t1 - t0);
  // An interval of no length, or one whose variance underflows: the start.
  if (v <= 0.0) return {1.0, 0.0, 0.0};
  return {decay(before) * v_after / v, decay(after) * v_before / v, v_before * v_after / v};
}

void check_times(std::span<const double> times) {
  if (times.empty()) throw InvalidInput("/times", "must hold at least one time");
  for (std::size_t k = 0; k < times.size(); ++k) {
    const std::string where = "/times/" + std::to_string(k) + " = " + number_text(times[k]);
    if (!(times[k] >= 0.0 && times[k] <= 1.0)) throw InvalidInput(where, "must be within [0, 1]");
    if (k > 0 && times[k] <= times[k - 1]) {
      throw InvalidInput(where, "must be greater than the time before it");
    }
  }
}

Paths sample_bridge(const ReferenceProcess& reference, ConstPoints x0, ConstPoints x1,
                    std::span<const double> times, const RandomStream& stream, Index first_row) {
  check_times(times);
  if (x0.rows() != x1.rows() || x0.cols() != x1.cols()) {
    throw InvalidInput("sample_bridge", "the two ends must have the same shape");
  }
  Paths paths{{times.begin(), times.end()},
              std::vector<Points>(times.size(), Points(x0.rows(), x0.cols()))};
  parallel_for(x0.rows(), 256, [&](Index begin, Index end, Index) {
    std::vector<double> noise(to_size(x0.cols()));
    const Eigen::Map<const Eigen::RowVectorXd> z(noise.data(), x0.cols());
    for (Index i = begin; i < end; ++i) {
      Eigen::RowVectorXd at = x0.row(i);
      double now = 0.0;
      for (std::size_t k = 0; k < times.size(); ++k) {
        // Each time is drawn given the one before and the far end: the bridge is Markov.
        if (times[k] == 1.0) {
          at = x1.row(i);
        } else if (times[k] > now) {
          stream.fill_normal(first_row + i, static_cast<Index>(k), noise);
          const auto m = reference.bridge(now, times[k], 1.0);
          at = m.from_start * at + m.from_end * x1.row(i) + std::sqrt(m.variance) * z;
        }
        now = times[k];
        paths.at[k].row(i) = at;
      }
    }
  });
  return paths;
}

}  // namespace otbridge
