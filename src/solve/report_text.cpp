#include "otbridge/solve/report_text.hpp"

#include <algorithm>
#include <cstdio>

#include "otbridge/core/number_text.hpp"

namespace otbridge {

std::string short_number(double value) { return plain_number(value, 3); }

std::string table_number(std::optional<double> value) {
  if (!value) return "-";
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", *value);
  return text;
}

std::string duration_text(double seconds) {
  if (seconds < 0.01) return plain_number(1000.0 * seconds, 2) + " ms";
  return plain_number(seconds, seconds < 1.0 ? 2 : 3) + " s";
}

std::string printable(std::string text) {
  std::ranges::replace_if(
      text, [](unsigned char byte) { return byte < 0x20 || byte == 0x7f; }, ' ');
  return text;
}

std::string subtitle(const SolveReport& report, Index n) {
  std::string text = report.solver;
  if (report.regularised) text += ", epsilon " + short_number(report.epsilon);
  if (report.theta > 0.0) text += ", theta " + short_number(report.theta);
  text += ", n " + std::to_string(n);
  if (const auto w2 = report.w2()) text += ", W2 " + short_number(*w2);
  if (report.marginal_error_source && report.marginal_error_target) {
    text += ", marginal error " +
            // The worse of the two sides.
            short_number(std::max(*report.marginal_error_source, *report.marginal_error_target));
  }
  return text;
}

}  // namespace otbridge
