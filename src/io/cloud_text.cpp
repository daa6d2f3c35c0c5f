#include "io/cloud_text.hpp"

#include <charconv>
#include <cmath>

#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"

namespace otbridge {

std::optional<double> parse_double(std::string_view field) {
  // from_chars knows no locale, and no plus sign.
  if (field.starts_with('+')) field.remove_prefix(1);
  double value = 0.0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  if (field.empty() || end != field.data() + field.size()) return std::nullopt;
  // Out of range either way: below the least double is zero, above the greatest is infinite.
  if (error == std::errc::result_out_of_range) {
    return field.find("e-") == field.npos && field.find("E-") == field.npos ? HUGE_VAL : 0.0;
  }
  return error == std::errc() ? std::optional(value) : std::nullopt;
}

std::vector<std::string> coordinate_names(const Cloud& cloud) {
  // Names that do not fit (points moved into another dimension) are not used.
  if (static_cast<Index>(cloud.columns.size()) == cloud.points.cols()) return cloud.columns;
  std::vector<std::string> names;
  for (Index c = 0; c < cloud.points.cols(); ++c) names.push_back("x" + std::to_string(c));
  return names;
}

std::string csv_field(const std::string& text) {
  // RFC 4180; spaces at either end would be dropped by the reader unless quoted.
  const bool spaced = !text.empty() && (text.front() == ' ' || text.back() == ' ');
  if (!spaced && text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

void check_cloud(const Cloud& cloud, const std::string& file, const char* row_word,
                 Index first_row) {
  if (cloud.points.rows() == 0) throw InvalidInput(file, "has 0 points");
  if (cloud.points.cols() == 0) throw InvalidInput(file, "has dimension 0");
  for (Index i = 0; i < cloud.points.rows(); ++i) {
    const auto row = [&] { return file + ": " + row_word + " " + std::to_string(first_row + i); };
    for (Index c = 0; c < cloud.points.cols(); ++c) {
      if (!std::isfinite(cloud.points(i, c))) {
        throw InvalidInput(
            row() + ", coordinate " + std::to_string(c) + " = " + number_text(cloud.points(i, c)),
            "must be finite");
      }
    }
    if (cloud.weights.size() > 0 && !(std::isfinite(cloud.weights[i]) && cloud.weights[i] >= 0.0)) {
      throw InvalidInput(row() + ": weight = " + number_text(cloud.weights[i]),
                         "must be finite and >= 0");
    }
  }
}

}  // namespace otbridge
