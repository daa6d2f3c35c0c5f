#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "io/law_types.hpp"
#include "io/problem_keys.hpp"
#include "io/transform_json.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/io/atomic_file.hpp"
#include "otbridge/io/problem_json.hpp"
#include "otbridge/measure/mixture.hpp"
#include "otbridge/measure/product.hpp"
#include "otbridge/solvers/registry.hpp"

using namespace otbridge;

namespace {

const std::string kSource = OTBRIDGE_SOURCE_DIR;

Json schema(const std::string& name) {
  const std::string path = kSource + "/docs/schema/" + name + ".schema.json";
  return parse_json(read_file(path), path);
}

std::set<std::string> keys_of(const Json& object) {
  std::set<std::string> keys;
  for (const auto& item : object.items()) keys.insert(item.key());
  return keys;
}

std::set<std::string> as_set(const std::vector<std::string>& words) {
  return {words.begin(), words.end()};
}

std::vector<std::string> files_in(const std::string& folder) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(kSource + folder))
    files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

}  // namespace

TEST_CASE("the published schema names exactly the keys that the reader takes") {
  const Json defs = schema("law")["$defs"];
  std::set<std::string> types;
  for (const LawForm& form : law_forms()) {
    CAPTURE(form.type);
    types.insert(form.type);
    REQUIRE(defs.contains(form.type));
    CHECK(defs[form.type]["properties"]["type"]["const"] == form.type);
    CHECK(keys_of(defs[form.type]["properties"]) == as_set(law_keys(form)));
    CHECK(defs[form.type]["additionalProperties"] == false);
  }
  CHECK(keys_of(defs["transform"]["properties"]) == as_set(transform_keys()));
  // One form for each type, and a bare string: a file or a toy name.
  CHECK(defs["law"]["oneOf"].size() == types.size() + 1);
  types.insert({"law", "transform"});
  CHECK(keys_of(defs) == types);
  std::set<std::string> families;
  for (const auto& family : marginal_families()) families.insert(family.name);
  const Json listed =
      defs["product"]["properties"]["marginals"]["items"]["properties"]["family"]["enum"];
  CHECK(std::set<std::string>(listed.begin(), listed.end()) == families);
}

TEST_CASE("the published schema of a problem refers to that of a law and names every solver") {
  const Json problem = schema("problem");
  CHECK(keys_of(problem["properties"]) == as_set(problem_keys()));
  CHECK(keys_of(problem["properties"]["reference"]["properties"]) == as_set(reference_keys()));
  // A reference is to the file beside it, whose root is a law.
  for (const char* side : {"source", "target"}) {
    CHECK(problem["properties"][side] == Json{{"$ref", "law.schema.json"}});
  }
  CHECK(schema("law")["$ref"] == "#/$defs/law");
  std::set<std::string> names;
  for (const auto& solver : solvers()) names.emplace(solver->name());
  const Json listed = problem["$defs"]["solver_name"]["enum"];
  CHECK(std::set<std::string>(listed.begin(), listed.end()) == names);
  const Json named{{"$ref", "#/$defs/solver_name"}};
  CHECK(problem["properties"]["solver"]["oneOf"][0] == named);
  CHECK(problem["properties"]["solver"]["oneOf"][1]["properties"]["name"] == named);
}

namespace {

// A law of a user's own, which no file knows.
struct Dice final : Law {
  std::string_view type() const override { return "dice"; }
  Index dimension() const override { return 1; }
  Points do_sample(Index n, const RandomStream&) const override { return Points::Zero(n, 1); }
};

// A law that says it is of a known type and is not.
struct Impostor final : Law {
  std::string_view type() const override { return "gaussian"; }
  Index dimension() const override { return 1; }
  Points do_sample(Index n, const RandomStream&) const override { return Points::Zero(n, 1); }
};

}  // namespace

TEST_CASE("a law without a JSON form is refused by the name of its type") {
  CHECK_THROWS_WITH_AS(law_to_json(Dice()), "law of type \"dice\": has no JSON form", InvalidInput);
  CHECK_THROWS_AS(law_to_json(Impostor()), InvalidInput);
  // Also where it stands inside another law.
  const Mixture mixture(Vector::Ones(1), {Measure(Dice())});
  CHECK_THROWS_AS(law_to_json(mixture), InvalidInput);
}

TEST_CASE("every example law survives a round trip through JSON") {
  for (const std::string& path : files_in("/data/laws")) {
    CAPTURE(path);
    const Measure law = read_law(path).law;
    const Json json = law_to_json(*law);
    const Measure again = law_from_json(JsonPlace(json, "again"), "").law;
    CHECK(law_to_json(*again) == json);
    CHECK((again->sample(50, RandomStream(3)) - law->sample(50, RandomStream(3)))
              .cwiseAbs()
              .maxCoeff() < 1e-12);
  }
}

namespace {

// Calls visit(copy) with every leaf of the document replaced by every bad value in turn.
template <class Visit>
void mutate(const Json& document, Visit&& visit) {
  const Json flat = document.flatten();
  const std::vector<Json> bad{nullptr,
                              -1,
                              0,
                              2.5,
                              1e308,
                              "",
                              "nonsense",
                              true,
                              Json::array(),
                              Json::object(),
                              Json::array({1, "a"}),
                              18446744073709551615ULL};
  for (const auto& item : flat.items()) {
    for (const Json& value : bad) {
      Json copy = document;
      copy[Json::json_pointer(item.key())] = value;
      visit(copy);
    }
  }
}

}  // namespace

TEST_CASE(
    "every leaf of every example problem may be wrong: refused in one line, or a valid problem") {
  int refused = 0;
  for (const std::string& path : files_in("/data/problems")) {
    CAPTURE(path);
    mutate(parse_json(read_file(path), path), [&](const Json& problem) {
      try {
        problem_from_json(JsonPlace(problem, "p"), kSource + "/data/problems");
      } catch (const Error& error) {
        CHECK(std::string(error.what()).find('\n') == std::string::npos);
        ++refused;
      }
    });
  }
  CHECK(refused > 200);
}

TEST_CASE("JSON is read strictly, errors name line and column or the pointer") {
  const auto refusal = [](const std::string& text) -> std::string {
    try {
      const Json json = parse_json(text, "f");
      law_from_json(JsonPlace(json, "f"), "");
    } catch (const InvalidInput& error) {
      return error.what();
    }
    return "accepted";
  };
  CHECK(refusal("{\"type\":\n \"gaussian\",}").starts_with("f:2:13: syntax error"));
  CHECK(refusal("{\"a\":1,\"a\":2}") == "f: duplicate key \"a\"");
  CHECK(refusal("\xEF\xBB\xBF{}").starts_with("f:1:1: starts with a byte order mark"));
  CHECK(refusal(std::string(2000000, '[')) == "f:1:65: nested deeper than 64");
  CHECK(refusal("{\"type\":\"gausian\"}") ==
        "f: /type = \"gausian\": unknown type of law; did you mean \"gaussian\"?");
  CHECK(refusal("{\"type\":\"gaussian\",\"mean\":[0],\"sdt\":1}") ==
        "f: /sdt: unknown key; did you mean \"std\"?");
  CHECK(refusal("{\"type\":\"gaussian\",\"mean\":[0,\"a\"],\"std\":1}") ==
        "f: /mean/1 = \"a\": must be a number");
  CHECK(
      refusal("{\"type\":\"gaussian\",\"mean\":[0],\"std\":1,\"var\":1}").find("exactly one of") !=
      std::string::npos);
  CHECK(refusal("{\"type\":\"uniform_ball\",\"center\":[0],\"radius\":-1}") ==
        "f: /radius = -1: must be a finite number > 0");
  CHECK(refusal("{\"type\":\"points\",\"points\":[[1,2],[3]]}")
            .starts_with("f: /points/1 = [3]: must have"));
  CHECK(refusal("{\"type\":\"toy\",\"name\":\"moons\",\"parameters\":{}}").find("unknown key") !=
        std::string::npos);
  CHECK(refusal("{\"type\":\"gaussian\",\"mean\":[1e999],\"std\":1}") != "accepted");
  CHECK(refusal("{\"type\":\"gaussian\",\"mean\":[NaN],\"std\":1}").find("syntax error") !=
        std::string::npos);
}
