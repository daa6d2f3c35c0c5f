// JSON: strict reading (duplicate keys, depth and size limits) and errors by JSON pointer.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "otbridge/core/points.hpp"
#include "otbridge/io/json_fwd.hpp"

namespace otbridge {

// Parses strictly: no comments, no duplicate keys, depth <= 64, at most 64 MiB and 4e6 values.
// O(n). Throws InvalidInput "name:line:column: ..." .
Json parse_json(const std::string& bytes, const std::string& name);
// Throws what that would, without making the value.
void check_json(const std::string& bytes, const std::string& name);

// Compact, on one line. Bytes that are not UTF-8 (a file name may hold any) are replaced, so that
// it throws for no value.
std::string json_text(const Json& json);

// A JSON value with its place, for checked reading. Every error names file and pointer, value and
// rule.
class JsonPlace {
 public:
  JsonPlace(const Json& value, std::string file, std::string pointer = "");

  const Json& value() const { return *value_; }
  [[noreturn]] void fail(const std::string& rule) const;  // "file: /pointer = value: rule"

  bool has(const std::string& key) const;
  JsonPlace at(const std::string& key) const;  // fails if missing
  JsonPlace at(std::size_t index) const;
  std::size_t size() const;
  // Fails on a key that is not listed, naming the nearest one; fails if this is not an object.
  void allow_only(std::span<const std::string> keys) const;

  double number() const;      // finite
  long long integer() const;  // a whole number, exactly
  bool boolean() const;
  std::string text() const;
  std::vector<double> numbers() const;             // array of finite numbers
  std::vector<std::vector<double>> table() const;  // rectangular, at least 1 x 1
  Vector vector() const;                           // numbers(), at least one
  Points matrix() const;                           // table(), row by row

  const std::string& file() const { return file_; }
  const std::string& pointer() const { return pointer_; }

 private:
  const Json* value_;
  std::string file_, pointer_;
};

// Arrays of numbers, and of rows of them, as JsonPlace::vector and matrix read them.
Json vector_to_json(const Vector& v);
Json matrix_to_json(const Matrix& m);

// A number that is not known, or not finite, is null.
Json number_or_null(std::optional<double> value);

}  // namespace otbridge
