// Settings: one description per settings struct, from which everything else is derived.
//
// describe(SinkhornSettings&) returns the fields of one struct; JSON reading, command-line
// assignment, range checks, help texts and the tables of the documentation all walk that list.
#pragma once

#include <limits>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "otbridge/core/index.hpp"

namespace otbridge {

struct SettingRange {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool low_open = false;   // low itself is excluded
  bool high_open = false;  // high itself is excluded
};

struct SettingField {
  std::string name;
  std::string meaning;  // one line, with the unit
  std::variant<double*, Index*, bool*, std::string*, std::vector<Index>*> target;
  SettingRange range = {};
  std::vector<std::string> choices = {};  // for text fields
};

// A value as JSON or the command line gives it.
using SettingValue = std::variant<bool, long long, double, std::string, std::vector<long long>>;
using SettingAssignments = std::vector<std::pair<std::string, SettingValue>>;

// Sets one field. Throws InvalidInput "/solver/KEY = VALUE: rule" for an unknown key (naming the
// nearest known one), a wrong type, or a value outside its range. where: the prefix of the pointer.
void assign_setting(std::span<const SettingField> fields, const std::string& key,
                    const SettingValue& value, const std::string& where = "/solver");

// Throws as assign_setting does if a field of a settings struct holds a value outside its range.
void check_fields(std::span<const SettingField> fields);
template <class Settings>
void check_settings(Settings settings) {
  check_fields(describe(settings));
}

// A value, or the one that a field holds, as text ("1e-06", "true", "[64, 64]"), and kind and range
// of a field for tables.
std::string setting_text(const SettingValue& value);
std::string setting_text(const SettingField& field);
std::string setting_kind(
    const SettingField& field);  // "number", "integer", "boolean", "text", "integers"
std::string setting_range(
    const SettingField& field);  // "> 0", "1 .. 10000", "a | b"; empty if free

// One row of a settings table, detached from the struct it describes.
struct SettingRow {
  std::string name, kind, range, default_value, meaning;
};
std::vector<SettingRow> setting_rows(std::span<const SettingField> fields);

}  // namespace otbridge
