#include "otbridge/core/machine.hpp"

#include <doctest/doctest.h>

#include "otbridge/core/error.hpp"

using namespace otbridge;

TEST_CASE("what fits is let pass, what no machine has is refused by name") {
  CHECK_NOTHROW(check_memory("a few", 100.0, 3));
  CHECK_THROWS_AS(check_memory("all of them", 1e15, 10), MemoryLimit);
  CHECK_THROWS_WITH_AS(check_memory("all of them", 1e15, 10), doctest::Contains("all of them: "),
                       MemoryLimit);
  CHECK_NOTHROW(check_threads("few"));
}
