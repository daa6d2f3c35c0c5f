#include "progress.hpp"

#include <unistd.h>

#include <cmath>
#include <iostream>

#include "otbridge/solve/report_text.hpp"

namespace otbridge::cli {
namespace {

std::string short_or_dash(const std::optional<double>& value) {
  return value ? short_number(*value) : "-";
}

// Whole seconds: an estimate has no more digits.
std::string duration(double seconds) {
  const auto whole = static_cast<long>(std::lround(seconds));
  if (whole < 60) return std::to_string(whole) + " s";
  return std::to_string(whole / 60) + " min " + std::to_string(whole % 60) + " s";
}

// What the solver could measure, and nothing for what it could not.
std::string summary(const Progress& p) {
  std::string text = p.phase;
  if (p.iteration_limit > 0) text += ", iteration " + std::to_string(p.iteration);
  if (p.epsilon) text += ", epsilon " + short_number(*p.epsilon);
  if (p.marginal_error_source || p.marginal_error_target) {
    text += ", error " + short_or_dash(p.marginal_error_source) + " / " +
            short_or_dash(p.marginal_error_target);
  }
  if (p.duality_gap) text += ", gap " + short_number(*p.duality_gap);
  if (p.loss) text += ", loss " + short_number(*p.loss);
  if (p.path_divergence) text += ", path divergence " + short_number(*p.path_divergence);
  if (p.path_kl) text += ", path KL " + short_number(*p.path_kl);
  return text;
}

}  // namespace

ProgressLine::ProgressLine(bool quiet, bool verbose)
    : on_terminal_(!quiet && !verbose && isatty(STDERR_FILENO) == 1), verbose_(verbose && !quiet) {}

void ProgressLine::show(const Progress& p) {
  if (verbose_) {
    std::cerr << short_number(p.seconds) << " s: " << summary(p) << "\n";
    return;
  }
  // Ten times a second at most: solvers report far more often than anyone can read.
  const auto now = std::chrono::steady_clock::now();
  if (!on_terminal_ || (drawn_ && now - last_ < std::chrono::milliseconds(100))) return;
  last_ = now;
  drawn_ = true;
  std::string line = std::to_string(std::lround(100.0 * p.fraction)) + "%  " + summary(p);
  // Too early an estimate is worse than none.
  if (p.fraction > 0.02 && p.fraction < 1.0) {
    line += ", about " + duration(p.seconds * (1.0 - p.fraction) / p.fraction) + " left";
  }
  // A line that wraps could not be rewritten.
  constexpr std::size_t kWidth = 100;
  if (line.size() > kWidth) line.resize(kWidth);
  std::cerr << "\r\033[K" << line << std::flush;
}

// Leaves the terminal as it was found.
void ProgressLine::clear() {
  if (drawn_) std::cerr << "\r\033[K" << std::flush;
  drawn_ = false;
}

}  // namespace otbridge::cli
