#include "otbridge/core/names.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace otbridge;

namespace {

const std::vector<std::string> kKnown{"tolerance", "iterations", "scaling"};

}  // namespace

TEST_CASE("a misspelt name finds the one that was meant, and a far one finds none") {
  CHECK(nearest_word("tolerence", kKnown) == "tolerance");
  CHECK(nearest_word("scaling", kKnown) == "scaling");
  // kitten to sitting takes three edits (Levenshtein's example); six letters allow two.
  CHECK(nearest_word("kitten", std::vector<std::string>{"sitting"}).empty());
  CHECK(nearest_word("kitten", std::vector<std::string>{"sitten", "mitten"}) == "sitten");
  CHECK(nearest_word("", kKnown).empty());
}

TEST_CASE("an unknown name is told the nearest known one, or all of them") {
  CHECK(unknown_name("unknown key", "scalin", kKnown) == "unknown key; did you mean \"scaling\"?");
  CHECK(unknown_name("unknown", "nix", kKnown) ==
        "unknown; known are tolerance, iterations, scaling");
  CHECK(joined({}) == "");
  CHECK(joined(kKnown, " | ") == "tolerance | iterations | scaling");
}
