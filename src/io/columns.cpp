#include "io/columns.hpp"

#include <algorithm>
#include <array>

#include "otbridge/core/error.hpp"
#include "otbridge/core/names.hpp"

namespace otbridge {
namespace {

template <std::size_t N>
bool is_one_of(const std::string& column, const std::array<const char*, N>& words) {
  return std::ranges::find(words, lower_case(column)) != words.end();
}

// As it is written before any other case of it.
std::optional<std::size_t> find_column(const std::vector<std::string>& names,
                                       const std::string& wanted, const std::string& file) {
  for (const bool exact : {true, false}) {
    std::optional<std::size_t> found;
    for (std::size_t c = 0; c < names.size(); ++c) {
      if (exact ? names[c] != wanted : lower_case(names[c]) != lower_case(wanted)) continue;
      if (found) throw InvalidInput(file, "column " + wanted + " is there twice");
      found = c;
    }
    if (found) return found;
  }
  return std::nullopt;
}

}  // namespace

std::string lower_case(std::string_view text) {
  std::string word(text);
  std::ranges::transform(word, word.begin(), [](unsigned char c) {
    return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  });
  return word;
}

bool names_id(const std::string& column) { return is_one_of(column, std::array{"id", "ids"}); }
bool names_index(const std::string& column) {
  return column.empty() || lower_case(column).starts_with("unnamed: ");
}
bool names_weight(const std::string& column) {
  return is_one_of(column,
                   std::array{"weight", "weights", "w", "mass", "sample_weight", "sample_weights"});
}

bool names_attribute(const std::string& column) {
  return is_one_of(column, std::array{"intensity",
                                      "reflectance",
                                      "r",
                                      "g",
                                      "b",
                                      "a",
                                      "red",
                                      "green",
                                      "blue",
                                      "alpha",
                                      "rgb",
                                      "rgba",
                                      "rf",
                                      "gf",
                                      "bf",
                                      "nx",
                                      "ny",
                                      "nz",
                                      "normal_x",
                                      "normal_y",
                                      "normal_z",
                                      "label",
                                      "class",
                                      "classification",
                                      "time",
                                      "timestamp",
                                      "gps_time",
                                      "gps time",
                                      "returnnumber",
                                      "numberofreturns",
                                      "scandirectionflag",
                                      "edgeofflightline",
                                      "scananglerank",
                                      "userdata",
                                      "pointsourceid",
                                      "gpstime"});
}

ColumnRoles roles_of(const std::vector<std::string>& names, const ReadOptions& options,
                     CoordinateRule rule, const std::string& file) {
  ColumnRoles roles;
  std::vector<bool> taken(names.size(), false);
  const auto asked = [&](const std::string& wanted, const char* option) {
    const auto column = find_column(names, wanted, file);
    if (!column)
      throw InvalidInput(file + ": " + option + " " + wanted,
                         unknown_name("is no column", wanted, names));
    if (taken[*column])
      throw InvalidInput(file + ": " + option + " " + wanted, "has another role already");
    taken[*column] = true;
    return *column;
  };
  if (!options.weight_column.empty())
    roles.weight = asked(options.weight_column, "--weight-column");
  if (!options.id_column.empty()) roles.id = asked(options.id_column, "--id-column");
  for (const auto& wanted : options.columns)
    roles.coordinates.push_back(asked(wanted, "--columns"));

  // By their names; beside a role that the options gave away, such a column is left out.
  const auto by_name = [&](std::size_t column, std::optional<std::size_t>& role, bool given,
                           const char* what) {
    if (given) return;
    if (role) {
      throw InvalidInput(
          file, "columns " + names[*role] + " and " + names[column] + " both name the " + what);
    }
    role = column;
    taken[column] = true;
  };
  const bool table = rule == CoordinateRule::all_columns;
  std::vector<std::size_t> unnamed;  // without a role
  for (std::size_t c = 0; c < names.size(); ++c) {
    if (taken[c]) continue;
    if (names_weight(names[c])) {
      by_name(c, roles.weight, !options.weight_column.empty(), "weight");
    } else if (table && names_id(names[c])) {
      // Rather than an index before it, which is left out.
      if (roles.id && names_index(names[*roles.id])) roles.id.reset();
      by_name(c, roles.id, !options.id_column.empty(), "point");
    } else if (table && names_index(names[c])) {
      // The first of several, as pandas adds one each time that a table is saved and read.
      if (!roles.id) by_name(c, roles.id, !options.id_column.empty(), "point");
    } else {
      unnamed.push_back(c);
    }
  }
  if (options.columns.empty() && table) {
    const auto there = [&](const char* axis) {
      return std::ranges::any_of(names, [&](const auto& name) { return lower_case(name) == axis; });
    };
    const bool positions = there("x") && there("y");
    for (const std::size_t c : unnamed) {
      if (positions && names_attribute(names[c])) continue;
      taken[c] = true;
      roles.coordinates.push_back(c);
    }
  } else if (options.columns.empty()) {
    // Those of the axes that are there; without x there is no cloud.
    for (const char* axis : {"x", "y", "z"}) {
      const auto column = find_column(names, axis, file);
      if (column && !taken[*column]) {
        taken[*column] = true;
        roles.coordinates.push_back(*column);
      } else if (roles.coordinates.empty()) {
        break;
      }
    }
  }
  for (std::size_t c = 0; c < names.size(); ++c) {
    if (!taken[c]) roles.others.push_back(c);
  }
  return roles;
}

}  // namespace otbridge
