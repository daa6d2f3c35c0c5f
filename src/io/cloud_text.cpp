#include "io/cloud_text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

#include "io/columns.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"

namespace otbridge {

namespace {

// A number that no double holds: zero below the least, infinite above the greatest, told apart by
// the decimal exponent of its first digit that is not 0, which the notation may hide in many zeros.
double beyond_doubles(std::string_view field) {
  const std::size_t e = std::min(field.find_first_of("eE"), field.size());
  const std::string_view digits = field.substr(0, e);
  const std::size_t first = digits.find_first_of("123456789");
  if (first == digits.npos) return 0.0;
  const std::size_t point = std::min(digits.find('.'), digits.size());
  // 1 = 10^0 stands just before the point, 0.1 = 10^-1 just behind it.
  const double shift = first < point ? static_cast<double>(point - first) - 1.0
                                     : -static_cast<double>(first - point);
  double exponent = 0.0;
  if (e < field.size()) {
    const bool negative = field[e + 1] == '-';
    const std::string_view written = field.substr(e + 1 + (negative || field[e + 1] == '+'));
    // An exponent that is beyond the doubles itself counts as the greatest.
    if (std::from_chars(written.data(), written.data() + written.size(), exponent).ec !=
        std::errc()) {
      exponent = 1e300;
    }
    if (negative) exponent = -exponent;
  }
  return shift + exponent > 0.0 ? HUGE_VAL : 0.0;
}

}  // namespace

std::optional<double> parse_double(std::string_view field) {
  // from_chars knows no locale, and no plus sign.
  if (field.starts_with('+') && !field.starts_with("+-")) field.remove_prefix(1);
  double value = 0.0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  if (field.empty() || end != field.data() + field.size()) return std::nullopt;
  if (error == std::errc::result_out_of_range) return beyond_doubles(field);
  return error == std::errc() ? std::optional(value) : std::nullopt;
}

std::string short_field(const std::string& field) {
  std::string text = field.size() <= 40 ? field : field.substr(0, 40) + "...";
  std::ranges::replace_if(
      text, [](unsigned char c) { return c < ' ' || c == 0x7f; }, '?');
  return text;
}

std::vector<std::string> coordinate_names(const Cloud& cloud) {
  // Names that do not fit (points moved into another dimension) are not used.
  return static_cast<Index>(cloud.columns.size()) == cloud.points.cols()
             ? cloud.columns
             : numbered_names(cloud.points.cols());
}

std::vector<std::string> numbered_names(Index d) {
  std::vector<std::string> names;
  for (Index c = 0; c < d; ++c) names.push_back("x" + std::to_string(c));
  return names;
}

std::vector<Index> places_of(const std::vector<std::string>& names,
                             const std::vector<std::string>& columns) {
  if (names == columns || names.size() != columns.size()) return {};
  for (const bool exact : {true, false}) {
    const auto form = [&](const std::string& name) { return exact ? name : lower_case(name); };
    std::map<std::string, Index> left;  // of two with one name the first alone
    for (const std::string& column : columns) left.emplace(form(column), &column - columns.data());
    std::vector<Index> places;
    for (const std::string& name : names) {
      const auto found = left.extract(form(name));
      if (found.empty()) break;
      places.push_back(found.mapped());
    }
    if (places.size() == names.size())
      return std::ranges::is_sorted(places) ? std::vector<Index>() : places;
  }
  return {};
}

bool put_in_order(const std::vector<std::string>& names, Cloud& cloud) {
  if (static_cast<Index>(cloud.columns.size()) != cloud.points.cols()) return false;
  const std::vector<Index> places = places_of(names, cloud.columns);
  if (places.empty()) return false;
  cloud.points = Points(cloud.points(Eigen::all, places));
  std::vector<std::string> columns;
  for (const Index place : places) columns.push_back(cloud.columns[to_size(place)]);
  cloud.columns = std::move(columns);
  return true;
}

std::string csv_field(const std::string& text, char separator) {
  // RFC 4180; blanks at either end, # before a comment, and the marks at the start of a file would
  // be taken for something else by the reader unless quoted, and so would a semicolon.
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  const bool special = !text.empty() && (blank(text.front()) || blank(text.back()) ||
                                         std::string_view("#\xEF\xFF\xFE").find(text.front()) !=
                                             std::string_view::npos);
  // Between runs of blanks nothing is no field.
  const bool split = separator == ' ' ? text.empty() || text.find_first_of(" \t") != text.npos
                                      : text.find(separator) != text.npos;
  if (!special && !split && text.find_first_of(",;\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string summary_of(const Cloud& cloud, const std::string& name) {
  constexpr std::size_t kMost = 6;
  const auto listed = [](const std::vector<std::string>& names) {
    std::string list;
    for (std::size_t k = 0; k < names.size() && k < kMost; ++k)
      list += (k > 0 ? ", " : "") + short_field(names[k]);
    return names.size() > kMost ? list + ", ..." : list;
  };
  std::string line =
      name + ": " + std::to_string(cloud.points.rows()) + " points, dimension " +
      std::to_string(cloud.points.cols()) + " (" + listed(coordinate_names(cloud)) + "), weights " +
      (cloud.weights_from.empty() ? "uniform" : "from " + short_field(cloud.weights_from));
  if (!cloud.ignored.empty()) line += ", ignored: " + listed(cloud.ignored);
  return line;
}

Cloud rows_of(const Cloud& cloud, const std::vector<Index>& rows) {
  Cloud some = cloud;
  some.pixels.reset();
  some.points = Points(cloud.points(rows, Eigen::all));
  if (cloud.weights.size() > 0) some.weights = Vector(cloud.weights(rows));
  if (!cloud.ids.empty()) {
    some.ids.clear();
    for (const Index row : rows) some.ids.push_back(cloud.ids[to_size(row)]);
  }
  for (std::size_t k = 0; k < cloud.attributes.size(); ++k) {
    const auto width = to_size(cloud.attributes[k].type.width);
    some.attributes[k].bytes.clear();
    for (const Index row : rows)
      some.attributes[k].bytes.append(cloud.attributes[k].bytes, to_size(row) * width, width);
  }
  return some;
}

namespace {

// Those of --columns where they are as many as the array's and none of them is x0, x1, ...: an
// array says nothing of what it holds.
std::vector<std::string> array_names(Index d, const ReadOptions& options) {
  std::vector<std::string> numbers = numbered_names(d);
  const bool known = std::ranges::any_of(options.columns, [&](const std::string& name) {
    return std::ranges::find(numbers, lower_case(name)) != numbers.end();
  });
  return known || static_cast<Index>(options.columns.size()) != d ? numbers : options.columns;
}

}  // namespace

Cloud cloud_of_columns(Points columns, const ReadOptions& options, const std::string& name) {
  Cloud cloud;
  const bool chosen =
      !options.columns.empty() || !options.weight_column.empty() || !options.id_column.empty();
  if (!chosen) {
    cloud.points = std::move(columns);
    check_cloud(cloud, name, "row", 0);
    return cloud;
  }
  const auto names = array_names(columns.cols(), options);
  const ColumnRoles roles = roles_of(names, options, CoordinateRule::all_columns, name);
  if (roles.coordinates.empty()) throw InvalidInput(name, "there is no coordinate column");
  cloud.points = Points(columns(Eigen::all, roles.coordinates));
  for (const std::size_t c : roles.coordinates) cloud.columns.push_back(names[c]);
  if (roles.weight) {
    cloud.weights = columns.col(static_cast<Index>(*roles.weight));
    cloud.weights_from = names[*roles.weight];
  }
  for (Index i = 0; roles.id && i < columns.rows(); ++i)
    cloud.ids.push_back(number_text(columns(i, static_cast<Index>(*roles.id))));
  for (const std::size_t c : roles.others) cloud.ignored.push_back(names[c]);
  check_cloud(cloud, name, "row", 0);
  cloud.notes = {summary_of(cloud, name)};
  return cloud;
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
