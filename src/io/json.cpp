#include "otbridge/io/json.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "core/names.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"

namespace otbridge {
namespace {

constexpr std::size_t kLargest = std::size_t{64} << 20;  // bytes: laws, not clouds
constexpr int kDeepest = 64;  // the parser of nlohmann recurses, and a stack has an end

// "line:column" of a byte, both counted from 1.
std::string position(const std::string& bytes, std::size_t at) {
  at = std::min(at, bytes.size());
  const auto line =
      std::count(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(at), '\n') + 1;
  const auto start = at == 0 ? std::string::npos : bytes.rfind('\n', at - 1);
  const std::size_t column = start == std::string::npos ? at + 1 : at - start;
  return std::to_string(line) + ":" + std::to_string(column);
}

// Refuses deep nesting before a recursive reader sees it.
void check_depth(const std::string& bytes, const std::string& name) {
  int depth = 0;
  bool in_text = false;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char c = bytes[i];
    if (in_text) {  // brackets in a text do not nest; \\" does not end it
      if (c == '\\') ++i;
      if (c == '"') in_text = false;
    } else if (c == '"') {
      in_text = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kDeepest)
        throw InvalidInput(name + ":" + position(bytes, i), "nested deeper than 64");
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
}

// The reason within a message of the parser, without its prefix.
std::string reason_of(const std::string& message) {
  const auto start = message.find("syntax error");
  // "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error while ...":
  // line and column are told already.
  if (start != std::string::npos) return message.substr(start);
  const auto colon = message.find("] ");
  return colon == std::string::npos ? message : message.substr(colon + 2);
}

}  // namespace

// Size, byte order mark and depth are looked at before the parser is let loose on the bytes.
Json parse_json(const std::string& bytes, const std::string& name) {
  if (bytes.size() > kLargest) throw InvalidInput(name, "JSON is larger than 64 MiB");
  if (bytes.starts_with("\xEF\xBB\xBF"))
    throw InvalidInput(name + ":1:1", "starts with a byte order mark; save it without");
  check_depth(bytes, name);
  // nlohmann keeps the last of two equal keys in silence; one set per open object finds them.
  std::vector<std::set<std::string>> keys;
  const auto watch = [&](int, Json::parse_event_t event, Json& value) {
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end) keys.pop_back();
    if (event == Json::parse_event_t::key && !keys.back().insert(value.get<std::string>()).second) {
      throw InvalidInput(name, "duplicate key \"" + value.get<std::string>() + "\"");
    }
    return true;
  };
  try {
    // Events in order: start, keys and values, end. Returning true keeps the value.
    return Json::parse(bytes, watch);
  } catch (const Json::parse_error& error) {
    throw InvalidInput(name + ":" + position(bytes, error.byte > 0 ? error.byte - 1 : 0),
                       reason_of(error.what()));
  } catch (const Json::exception& error) {
    throw InvalidInput(name, reason_of(error.what()));
  }
}

JsonPlace::JsonPlace(const Json& value, std::string file, std::string pointer)
    : value_(&value), file_(std::move(file)), pointer_(std::move(pointer)) {}

void JsonPlace::fail(const std::string& rule) const {
  // Invalid UTF-8 is replaced: a message must always be printable. Long values are cut.
  std::string shown = value_->dump(-1, ' ', false, Json::error_handler_t::replace);
  if (shown.size() > 60) shown = shown.substr(0, 57) + "...";
  throw InvalidInput(file_ + ": " + (pointer_.empty() ? "/" : pointer_) + " = " + shown, rule);
}

// False for what is no object: at() then says what it must be.
bool JsonPlace::has(const std::string& key) const {
  return value_->is_object() && value_->contains(key);
}

JsonPlace JsonPlace::at(const std::string& key) const {
  if (!value_->is_object()) fail("must be an object");
  const auto found = value_->find(key);
  if (found == value_->end()) fail("needs the key \"" + key + "\"");
  return {*found, file_, pointer_ + "/" + key};
}

JsonPlace JsonPlace::at(std::size_t index) const {
  return {value_->at(index), file_, pointer_ + "/" + std::to_string(index)};
}

std::size_t JsonPlace::size() const { return value_->size(); }

void JsonPlace::allow_only(std::span<const std::string> keys) const {
  if (!value_->is_object()) fail("must be an object");
  // The first key that is not known, in the order of the file.
  for (const auto& item : value_->items()) {
    if (std::ranges::find(keys, item.key()) != keys.end()) continue;
    throw InvalidInput(file_ + ": " + pointer_ + "/" + item.key(),
                       unknown_name("unknown key", item.key(), keys));
  }
}

double JsonPlace::number() const {
  if (!value_->is_number()) fail("must be a number");
  // 1e999 is a number for the parser and infinite for us.
  const double number = value_->get<double>();
  if (!std::isfinite(number)) fail("must be finite");
  return number;
}

long long JsonPlace::integer() const {
  // 2^53: beyond it a double no longer tells whole numbers apart, and other programs read doubles.
  if (value_->is_number_unsigned() && value_->get<unsigned long long>() > 9007199254740992ULL) {
    fail("must be a whole number up to 2^53");
  }
  if (value_->is_number_integer()) return value_->get<long long>();
  // 1e5 is whole though it is written like a real number.
  const double real = number();
  if (std::floor(real) != real || std::abs(real) > 0x1p53) fail("must be a whole number");
  return static_cast<long long>(real);
}

bool JsonPlace::boolean() const {
  if (!value_->is_boolean()) fail("must be true or false");
  return value_->get<bool>();
}

std::string JsonPlace::text() const {
  if (!value_->is_string()) fail("must be a text");
  return value_->get<std::string>();
}

std::vector<double> JsonPlace::numbers() const {
  if (!value_->is_array()) fail("must be an array of numbers");
  std::vector<double> values;
  for (std::size_t i = 0; i < size(); ++i) values.push_back(at(i).number());
  return values;
}

std::vector<std::vector<double>> JsonPlace::table() const {
  if (!value_->is_array() || value_->empty()) fail("must be an array of rows of numbers");
  std::vector<std::vector<double>> rows;
  for (std::size_t i = 0; i < size(); ++i) {
    rows.push_back(at(i).numbers());
    // Ragged or empty rows make no matrix.
    if (rows.back().size() != rows.front().size() || rows.back().empty()) {
      at(i).fail("must have as many numbers as the first row, at least 1");
    }
  }
  return rows;
}

Vector JsonPlace::vector() const {
  const std::vector<double> values = numbers();
  return Eigen::Map<const Vector>(values.data(), static_cast<Index>(values.size()));
}

Points JsonPlace::matrix() const {
  const auto rows = table();
  const auto columns = static_cast<Index>(rows.front().size());
  Points points(static_cast<Index>(rows.size()), columns);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    points.row(static_cast<Index>(i)) =
        Eigen::Map<const Eigen::RowVectorXd>(rows[i].data(), columns);
  }
  return points;
}

Json vector_to_json(const Vector& v) { return std::vector<double>(v.begin(), v.end()); }

Json matrix_to_json(const Matrix& m) {
  Json rows = Json::array();
  for (Index i = 0; i < m.rows(); ++i) rows.push_back(vector_to_json(m.row(i)));
  return rows;
}

Json number_or_null(std::optional<double> value) {
  return value && std::isfinite(*value) ? Json(*value) : Json();
}

}  // namespace otbridge
