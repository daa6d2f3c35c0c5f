#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "io/known_json.hpp"
#include "io/law_types.hpp"
#include "io/problem_keys.hpp"
#include "io/transform_json.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/io/atomic_file.hpp"
#include "otbridge/io/image.hpp"
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
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kSource + folder)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
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
  std::set<std::string> types, keys{"type", "description"};
  for (const KnownForm& form : known_forms()) {
    types.insert(form.type);
    keys.insert(form.keys.begin(), form.keys.end());
  }
  const Json known = problem["properties"]["known"]["properties"];
  CHECK(keys_of(known) == keys);
  CHECK(as_set(known["type"]["enum"]) == types);
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
    CHECK(law_to_json(*law_from_own_json(JsonPlace(json, "again"))) == json);
    CHECK((again->sample(50, RandomStream(3)) - law->sample(50, RandomStream(3)))
              .cwiseAbs()
              .maxCoeff() < 1e-12);
  }
}

TEST_CASE("every type of law is written in a form that holds it whole, to the bit") {
  const char* const gaussian = R"({"type": "gaussian", "mean": [0, 0.1], "std": [0.3, 1]})";
  const std::map<std::string, std::string> laws{
      {"points", R"({"type": "points", "points": [[0, 0.1], [2, 3]], "weights": [1, 2]})"},
      // Of the points that it is.
      {"image", R"({"type": "image", "as": "density", "file": ")" + kSource +
                    R"(/tests/io/data/pillow_grey16.png"})"},
      {"gaussian", gaussian},
      {"mixture", R"({"type": "mixture", "weights": [0.1, 0.2, 0.3], "components": ["moons", )" +
                      std::string(gaussian) + R"(, {"type": "points", "points": [[1, 1]]}]})"},
      {"uniform_box", R"({"type": "uniform_box", "low": [0, 0], "high": [0.1, 1]})"},
      {"uniform_ball", R"({"type": "uniform_ball", "center": [0.1, 0], "radius": 0.3})"},
      {"sphere", R"({"type": "sphere", "center": [0.1, 0], "radius": 0.3, "noise": 0.1})"},
      {"product", R"({"type": "product", "marginals": [{"family": "gamma", "shape": 0.3}]})"},
      {"toy", R"({"type": "toy", "name": "checkerboard", "grid": true})"},
      {"pushforward", R"({"type": "pushforward", "base": "moons",
                          "transforms": [{"rotate": 33}, {"scale": 0.1}, {"shift": [1, 0.1]}]})"},
      {"blurred", R"({"type": "blurred", "law": "moons", "variance": 0.1, "scale": 0.3,
                      "shift": [0.1, 2], "decay": 0.7})"},
      {"bridge_end", R"({"type": "bridge_end", "source": "moons", "variance": 0.1, "decay": 0.7,
                         "potential": )" +
                         std::string(gaussian) + "}"}};
  for (const LawForm& form : law_forms()) {
    CAPTURE(form.type);
    REQUIRE(laws.contains(form.type));
    if (form.type == "image" && !reads_images()) continue;
    const Json given = parse_json(laws.at(form.type), "given");
    const Measure law = law_from_json(JsonPlace(given, "given"), "").law;
    const Json json = law_to_json(*law);
    const Json read = parse_json(json_text(json), "read");
    const Measure again = law_from_own_json(JsonPlace(read, "read"));
    CHECK(json_text(law_to_json(*again)) == json_text(json));
    CHECK(again->sample(20, RandomStream(1)) == law->sample(20, RandomStream(1)));
  }
}

TEST_CASE("a law tells what was read otherwise than it stands there") {
  const auto notes = [](const std::string& text) { return read_law(text).notes; };
  using Notes = std::vector<std::string>;
  const std::string points = R"({"type": "points", "points": [[0], [1]], "weights": )";
  CHECK(notes(points + "[0.25, 0.75]}").empty());
  CHECK(notes(points + "[0.333333, 0.666667]}").empty());
  CHECK(notes(points + "[0.3333, 0.6666]}").size() == 1);
  CHECK(notes(points + "[1, 3]}") == Notes{"law: /weights: sum to 4 and are divided by it"});
  CHECK(notes(R"({"type": "mixture", "weights": [1, 1], "components": [)" + points + "[1, 3]}, " +
              points + "[1, 0]}]}") ==
        Notes{"law: /components/0/weights: sum to 4 and are divided by it",
              "law: /weights: sum to 2 and are divided by it"});
  // Eigenvalues 2 and -1e-11; and 2 and 0, which comes out as rounding has it.
  CHECK(notes(R"({"type": "gaussian", "mean": [0, 0], "cov": [[2, 0], [0, -1e-11]]})") ==
        Notes{"law: /cov: its smallest eigenvalue, -1e-11, is taken as 0"});
  CHECK(notes(R"({"type": "gaussian", "mean": [0, 0], "cov": [[1, 1], [1, 1]]})").empty());
  std::string many = points + "[1, 3]}";
  for (int k = 1; k < 9; ++k) many += ", " + points + "[1, 3]}";
  const Notes capped = notes(R"({"type": "mixture", "components": [)" + many + "]}");
  REQUIRE(capped.size() == 6);
  CHECK(capped.back() == "and 4 more of this kind");
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
        problem_from_json(JsonPlace(problem, "p"), std::filesystem::path(path).parent_path());
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
