#include "io/text_fields.hpp"

#include <algorithm>
#include <array>

#include "io/cloud_text.hpp"
#include "io/columns.hpp"

namespace otbridge {
namespace {

constexpr std::string_view kDigits = "0123456789";

// A number as no C program writes it: decimal commas, groups of digits (1.000.000, 1 000, 1'000),
// Fortran's exponent, hexadecimal, 1.#IND of older Windows; or several numbers.
bool is_foreign_number(std::string_view field) {
  if (holds_numbers(field, ' ')) return true;
  if (field.starts_with('-') || field.starts_with('+')) field.remove_prefix(1);
  if (field.starts_with("0x") || field.starts_with("0X")) {
    return field.size() > 2 &&
           field.find_first_not_of("0123456789abcdefABCDEF", 2) == std::string_view::npos;
  }
  if (field.starts_with("1.#")) return true;
  const std::size_t first = std::min(field.find_first_not_of(".,"), field.size());
  const std::size_t end =
      std::min(field.find_first_not_of("0123456789.,' \t", first), field.size());
  if (first == end || kDigits.find(field[first]) == std::string_view::npos) return false;
  if (end == field.size()) return true;
  if (std::string_view("eEdD").find(field[end]) == std::string_view::npos) return false;
  std::string_view exponent = field.substr(end + 1);
  if (exponent.starts_with('-') || exponent.starts_with('+')) exponent.remove_prefix(1);
  return !exponent.empty() && exponent.find_first_not_of(kDigits) == std::string_view::npos;
}

}  // namespace

bool is_number(const std::string& field) { return parse_double(field).has_value(); }

bool is_whole(const std::string& field) {
  const std::size_t sign = field.starts_with('-') || field.starts_with('+') ? 1 : 0;
  return field.size() > sign && field.find_first_not_of(kDigits, sign) == std::string::npos;
}

bool holds_numbers(std::string_view text, char separator) {
  const std::string_view between = separator == ' ' ? " \t" : std::string_view(&separator, 1);
  int count = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(between), text.size());
    std::string_view piece = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (piece.empty() && separator == ' ') continue;
    piece = piece.substr(std::min(piece.find_first_not_of(' '), piece.size()));
    piece = piece.substr(0, piece.find_last_not_of(' ') + 1);
    if (!parse_double(piece) || piece.find_first_of(kDigits) == piece.npos) return false;
    ++count;
  }
  return count > 1;
}

bool is_missing(const std::string& field) {
  constexpr std::array kMissing{"na",   "n/a", "n.a.", "<na>", "#na", "null", "(null)",
                                "none", "\\n", "-",    "--",   "?",   "."};
  return begins_with_error(field) ||
         std::ranges::find(kMissing, lower_case(field)) != kMissing.end();
}

bool begins_with_error(std::string_view text) {
  constexpr std::array kErrors{"#N/A", "#DIV/0!", "#REF!", "#VALUE!", "#NUM!", "#NAME?", "#NULL!"};
  return std::ranges::any_of(kErrors, [&](const char* error) { return text.starts_with(error); });
}

bool names_coordinate(const std::string& field) {
  return !names_id(field) && !names_index(field) && !names_weight(field) && !is_missing(field) &&
         !is_number(field) && !is_foreign_number(field);
}

bool counts_columns(const std::vector<std::string>& fields) {
  std::size_t numbers = 0;
  return std::ranges::all_of(fields, [&](const std::string& field) {
    return !is_number(field) || field == std::to_string(numbers++);
  });
}

bool is_header(const std::vector<std::string>& fields) {
  if (std::ranges::any_of(fields, is_missing)) return false;
  if (std::ranges::none_of(fields, is_number)) {
    return std::ranges::none_of(fields, [](const auto& field) { return is_foreign_number(field); });
  }
  const auto counts_or_names = [](const std::string& field) {
    return is_number(field) || names_id(field) || names_index(field) || names_weight(field);
  };
  return counts_columns(fields) && !std::ranges::all_of(fields, is_number) &&
         std::ranges::all_of(fields, counts_or_names);
}

bool is_word(const std::string& field) {
  return !is_missing(field) && !is_number(field) && field.find_first_of(kDigits) == field.npos &&
         !field.empty();
}

const char* rule_for(const std::string& field) {
  if (is_missing(field)) return "must be a number; a value that is missing cannot be read";
  std::string with_point = field;
  std::ranges::replace(with_point, ',', '.');
  if (is_number(with_point)) return "must be a number with a decimal point, not a comma";
  if (holds_numbers(field, ' '))
    return "must be one number; as many must stand in every line, separated alike";
  return "must be a number";
}

}  // namespace otbridge
