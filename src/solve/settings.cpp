#include "otbridge/solve/settings.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "otbridge/core/error.hpp"
#include "otbridge/core/names.hpp"
#include "otbridge/core/number_text.hpp"

namespace otbridge {
namespace {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;  // clang 14 does not deduce aggregates

template <class T>
std::string list_text(const std::vector<T>& values) {
  std::vector<std::string> words;
  for (const auto value : values) words.push_back(std::to_string(value));
  return "[" + joined(words, ", ") + "]";
}

// As it stands in messages: a text in quotes.
std::string quoted(const SettingValue& value) {
  const bool is_text = std::holds_alternative<std::string>(value);
  return is_text ? "\"" + setting_text(value) + "\"" : setting_text(value);
}

bool within(const SettingRange& range, double v) {
  return std::isfinite(v) && (range.low_open ? v > range.low : v >= range.low) &&
         (range.high_open ? v < range.high : v <= range.high);
}

std::string range_text(const SettingRange& range) {
  const bool low = std::isfinite(range.low), high = std::isfinite(range.high);
  if (low && high) {
    return std::string(range.low_open ? "(" : "[") + number_text(range.low) + ", " +
           number_text(range.high) + (range.high_open ? ")" : "]");
  }
  if (low) return (range.low_open ? "> " : ">= ") + number_text(range.low);
  if (high) return (range.high_open ? "< " : "<= ") + number_text(range.high);
  return "";
}

std::string range_rule(const SettingField& field) {
  const std::string range = range_text(field.range);
  const bool interval = !range.empty() && (range.front() == '(' || range.front() == '[');
  return range.empty() ? "must be finite" : "must be " + std::string(interval ? "in " : "") + range;
}

// Converts and assigns; returns the rule that the value breaks, or nothing.
class Assignment {
 public:
  Assignment(const SettingField& field, const SettingValue& value) : field_(field), value_(value) {}

  std::string operator()(double* target) const {
    double v = 0.0;
    if (const auto* real = std::get_if<double>(&value_)) {
      v = *real;
    } else if (const auto* whole = std::get_if<long long>(&value_)) {
      v = static_cast<double>(*whole);
    } else {
      return "must be a number";
    }
    if (!within(field_.range, v)) return range_rule(field_);
    *target = v;
    return "";
  }

  std::string operator()(Index* target) const {
    const auto whole = whole_number();
    if (!whole) return "must be a whole number";
    if (!within(field_.range, static_cast<double>(*whole))) return range_rule(field_);
    *target = static_cast<Index>(*whole);
    return "";
  }

  std::string operator()(bool* target) const {
    const auto* flag = std::get_if<bool>(&value_);
    if (flag == nullptr) return "must be true or false";
    *target = *flag;
    return "";
  }

  std::string operator()(std::string* target) const {
    const auto* text = std::get_if<std::string>(&value_);
    if (text == nullptr || (!field_.choices.empty() &&
                            std::ranges::find(field_.choices, *text) == field_.choices.end())) {
      return "must be one of " + joined(field_.choices);
    }
    *target = *text;
    return "";
  }

  std::string operator()(std::vector<Index>* target) const {
    const auto* list = std::get_if<std::vector<long long>>(&value_);
    if (list == nullptr) return "must be a list of whole numbers, e.g. [64, 64]";
    for (const long long v : *list) {
      if (!within(field_.range, static_cast<double>(v))) return "each entry " + range_rule(field_);
    }
    target->assign(list->begin(), list->end());
    return "";
  }

 private:
  // 1e5 is a whole number too; 2.5 is not.
  std::optional<long long> whole_number() const {
    if (const auto* whole = std::get_if<long long>(&value_)) return *whole;
    const auto* real = std::get_if<double>(&value_);
    if (real == nullptr || std::floor(*real) != *real || std::abs(*real) > 0x1p53) return {};
    return static_cast<long long>(*real);
  }

  const SettingField& field_;
  const SettingValue& value_;
};

// What a field holds, in the form in which settings are assigned.
SettingValue value_of(const SettingField& field) {
  return std::visit(
      [](const auto* value) -> SettingValue {
        using Value = std::remove_cvref_t<decltype(*value)>;
        if constexpr (std::is_same_v<Value, Index>) {
          return static_cast<long long>(*value);
        } else if constexpr (std::is_same_v<Value, std::vector<Index>>) {
          return std::vector<long long>(value->begin(), value->end());
        } else {
          return *value;
        }
      },
      field.target);
}

}  // namespace

void assign_setting(std::span<const SettingField> fields, const std::string& key,
                    const SettingValue& value, const std::string& where) {
  const auto field = std::ranges::find(fields, key, &SettingField::name);
  if (field == fields.end()) {
    std::vector<std::string> names;
    for (const auto& known : fields) names.push_back(known.name);
    throw InvalidInput(where + "/" + key, unknown_name("unknown setting", key, names));
  }
  const std::string broken = std::visit(Assignment(*field, value), field->target);
  if (!broken.empty()) throw InvalidInput(where + "/" + key + " = " + quoted(value), broken);
}

void check_fields(std::span<const SettingField> fields) {
  for (const SettingField& field : fields) assign_setting(fields, field.name, value_of(field));
}

std::string setting_text(const SettingValue& value) {
  return std::visit(
      Overloaded{[](bool v) -> std::string { return v ? "true" : "false"; },
                 [](long long v) { return std::to_string(v); },
                 [](double v) { return number_text(v); }, [](const std::string& v) { return v; },
                 [](const std::vector<long long>& v) { return list_text(v); }},
      value);
}

std::string setting_text(const SettingField& field) {
  return std::visit(Overloaded{[](const double* v) { return number_text(*v); },
                               [](const Index* v) { return std::to_string(*v); },
                               [](const bool* v) -> std::string { return *v ? "true" : "false"; },
                               [](const std::string* v) { return *v; },
                               [](const std::vector<Index>* v) { return list_text(*v); }},
                    field.target);
}

std::string setting_kind(const SettingField& field) {
  static constexpr const char* kNames[] = {"number", "integer", "boolean", "text", "integers"};
  return kNames[field.target.index()];
}

std::string setting_range(const SettingField& field) {
  return field.choices.empty() ? range_text(field.range) : joined(field.choices, " | ");
}

std::vector<SettingRow> setting_rows(std::span<const SettingField> fields) {
  std::vector<SettingRow> rows;
  for (const auto& field : fields) {
    rows.push_back({field.name, setting_kind(field), setting_range(field), setting_text(field),
                    field.meaning});
  }
  return rows;
}

}  // namespace otbridge
