#include "otbridge/core/number_text.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <utility>

using namespace otbridge;

TEST_CASE("numbers as people write them: few digits, no empty exponent") {
  using Case = std::pair<double, const char*>;
  for (const auto& [value, text] :
       {Case{0.0, "0"}, Case{1.0, "1"}, Case{-0.25, "-0.25"}, Case{0.093849, "0.0938"},
        Case{5.949e-05, "5.95e-5"}, Case{4.5e6, "4.5e6"}, Case{99999.0, "1e5"},
        Case{12345.6, "12300"}, Case{0.0010004, "0.001"}, Case{0.00099961, "0.001"},
        Case{0.00099941, "9.99e-4"}, Case{1e-300, "1e-300"}, Case{2.0005e10, "2e10"},
        Case{INFINITY, "inf"}, Case{NAN, "nan"}}) {
    CHECK(plain_number(value, 3) == text);
  }
  CHECK(plain_number(0.09385, 2) == "0.094");
  CHECK(plain_number(1.0 / 3.0, 17) == "0.3333333333333333");
}
