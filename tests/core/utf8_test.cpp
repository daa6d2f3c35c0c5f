#include "core/utf8.hpp"

#include <doctest/doctest.h>

using namespace otbridge;

TEST_CASE("texts of other bytes than UTF-8 are taken as ISO 8859-1") {
  for (const std::string& whole : {std::string(), std::string("x0"), std::string("gr\u00f6\u00dfe"),
                                   std::string("\u65e5\u672c\U0001F600")}) {
    CHECK(as_utf8(whole) == whole);
  }
  CHECK(as_utf8("gr\xf6\xdf"
                "e") == "gr\u00f6\u00dfe");
  CHECK(as_utf8("\x80") == "\u0080");
  // Overlong, a surrogate, beyond the last letter, cut off.
  for (const char* wrong : {"\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe6\x97"}) {
    CHECK(utf8_size(wrong) == 0);
    CHECK(as_utf8(wrong) != wrong);
    CHECK(as_utf8(as_utf8(wrong)) == as_utf8(wrong));
  }
}
