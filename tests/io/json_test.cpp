#include "otbridge/io/json.hpp"

#include <doctest/doctest.h>

#include "otbridge/core/error.hpp"

using namespace otbridge;

namespace {

std::string refusal_of(const std::string& bytes) {
  try {
    parse_json(bytes, "f");
  } catch (const InvalidInput& error) {
    return error.what();
  }
  return "accepted";
}

std::string repeated(const std::string& item, int count) {
  std::string list = "[" + item;
  for (int k = 1; k < count; ++k) list += "," + item;
  return list + "]";
}

}  // namespace

TEST_CASE("JSON refuses what is none, what is doubtful and what is too much, with its place") {
  CHECK(refusal_of("{\"a\":1,\n \"b\":}").starts_with("f:2:6: "));
  CHECK(refusal_of("{\"a\":1,\"a\":2}") == "f: duplicate key \"a\"");
  CHECK(refusal_of("{\"a\":{\"b\":1},\"b\":2}") == "accepted");
  CHECK(refusal_of("[1e400]").starts_with("f:1:"));
  CHECK(refusal_of("\xEF\xBB\xBF{}").starts_with("f:1:1: "));
  CHECK(refusal_of("[1,2] // three").starts_with("f:1:"));
  CHECK(refusal_of("{\"\xff\":1}").starts_with("f:1:"));
  CHECK(refusal_of(std::string("[1]\0[2]", 7)).starts_with("f:1:"));
  CHECK(refusal_of(std::string(65, '[')).ends_with("nested deeper than 64"));
  CHECK(refusal_of(repeated("0", 4000000)).ends_with("more than 4000000 values"));
}

TEST_CASE("JSON of many small objects is read in linear time") {
  // In quadratic time this takes many minutes.
  const Json json = parse_json(repeated("{\"a\":1}", 1000000), "f");
  CHECK(json.size() == 1000000);
}

TEST_CASE("an empty array is no vector") {
  const Json json = parse_json("{\"mean\":[]}", "f");
  CHECK_THROWS_WITH_AS(JsonPlace(json, "f").at("mean").vector(),
                       "f: /mean = []: must hold at least one number", InvalidInput);
}
