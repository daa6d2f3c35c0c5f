#include "otbridge/io/json.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "otbridge/core/error.hpp"
#include "otbridge/core/names.hpp"
#include "otbridge/core/number_text.hpp"

namespace otbridge {
namespace {

constexpr std::size_t kLargest = std::size_t{64} << 20;  // bytes: laws, not clouds
// A value takes 16 to 150 bytes however few its text has: this keeps "[{},{},..." under 600 MB.
constexpr std::size_t kMostValues = 4000000;
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

// One walk over the text before anything is built: what the parser would let pass, or take without
// end. (Its own callback looks at all entries of an array for each of its objects.)
class StrictWalk : public nlohmann::json_sax<Json> {
 public:
  StrictWalk(const std::string& bytes, const std::string& name) : bytes_(bytes), name_(name) {}

  bool null() override { return one_more(); }
  bool boolean(bool) override { return one_more(); }
  bool number_integer(Json::number_integer_t) override { return one_more(); }
  bool number_unsigned(Json::number_unsigned_t) override { return one_more(); }
  bool number_float(Json::number_float_t, const std::string&) override { return one_more(); }
  bool string(std::string&) override { return one_more(); }
  bool binary(Json::binary_t&) override { return one_more(); }
  bool start_array(std::size_t) override { return one_more(); }
  bool end_array() override { return true; }
  bool start_object(std::size_t) override {
    keys_.emplace_back();
    return one_more();
  }
  bool end_object() override {
    keys_.pop_back();
    return true;
  }
  // The parser keeps the last of two equal keys in silence.
  bool key(std::string& key) override {
    if (keys_.back().insert(key).second) return true;
    throw InvalidInput(name_, "duplicate key \"" + key + "\"");
  }
  bool parse_error(std::size_t byte, const std::string&,
                   const nlohmann::detail::exception& error) override {
    throw InvalidInput(name_ + ":" + position(bytes_, byte > 0 ? byte - 1 : 0),
                       reason_of(error.what()));
  }

 private:
  bool one_more() {
    if (++values_ > kMostValues) throw InvalidInput(name_, "holds more than 4000000 values");
    return true;
  }

  const std::string& bytes_;
  const std::string& name_;
  std::vector<std::set<std::string>> keys_;  // of the objects that are open
  std::size_t values_ = 0;
};

}  // namespace

// Size, byte order mark and depth are looked at before the parser is let loose on the bytes.
void check_json(const std::string& bytes, const std::string& name) {
  if (bytes.size() > kLargest) throw InvalidInput(name, "JSON is larger than 64 MiB");
  if (bytes.starts_with("\xEF\xBB\xBF"))
    throw InvalidInput(name + ":1:1", "starts with a byte order mark; save it without");
  // The parser takes it for the end of the text, whatever follows.
  if (const std::size_t nul = bytes.find('\0'); nul != std::string::npos) {
    throw InvalidInput(name + ":" + position(bytes, nul), "a NUL byte");
  }
  check_depth(bytes, name);
  StrictWalk walk(bytes, name);
  Json::sax_parse(bytes, &walk);
}

Json parse_json(const std::string& bytes, const std::string& name) {
  check_json(bytes, name);
  return Json::parse(bytes);
}

std::string json_text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

JsonPlace::JsonPlace(const Json& value, std::string file, std::string pointer)
    : value_(&value), file_(std::move(file)), pointer_(std::move(pointer)) {}

void JsonPlace::fail(const std::string& rule) const {
  // Long values are cut.
  std::string shown = json_text(*value_);
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
  if (values.empty()) fail("must hold at least one number");
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
