#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "otbridge/plot/figure.hpp"

using namespace otbridge;

namespace {

// The values that an attribute takes, one after the other, of each element that moves.
std::vector<std::vector<std::string>> values_of(const std::string& svg, const std::string& what) {
  std::vector<std::vector<std::string>> all;
  const std::string open = "<animate attributeName=\"" + what + "\"", values = "values=\"";
  for (auto at = svg.find(open); at != std::string::npos; at = svg.find(open, at + 1)) {
    std::size_t begin = svg.find(values, at) + values.size();
    const std::size_t end = svg.find('"', begin);
    all.emplace_back();
    while (begin <= end) {
      const std::size_t stop = std::min(svg.find(';', begin), end);
      all.back().push_back(svg.substr(begin, stop - begin));
      begin = stop + 1;
    }
  }
  return all;
}

std::size_t dots_of(const std::string& data) {
  std::size_t count = 0;
  for (const char c : data) count += c == 'M';
  return count;
}

Paths straight(const Points& from, const Points& to, std::size_t times) {
  Paths paths;
  for (std::size_t k = 0; k < times; ++k) {
    const double t = static_cast<double>(k) / static_cast<double>(times - 1);
    paths.times.push_back(t);
    paths.at.push_back((1.0 - t) * from + t * to);
  }
  return paths;
}

}  // namespace

TEST_CASE("motion: every dot is in every moment, and the last moment stands") {
  for (const Index d : {2, 3, 5}) {
    const Points from = normal_points(40, d, RandomStream(1)),
                 to = normal_points(40, d, RandomStream(2));
    Paths paths = straight(from, to, 5);
    paths.at[2](7, 0) = std::nan("");  // a way that is not known
    const std::string svg =
        draw_motion({"a", "b", "c"}, {{from}, {to}}, paths, from, RandomStream(3));
    std::size_t dots = 0;
    for (const auto& moments : values_of(svg, "d")) {
      REQUIRE(moments.size() == 6);
      for (const std::string& moment : moments) CHECK(dots_of(moment) == dots_of(moments[0]));
      CHECK(moments[4] == moments[5]);
      CHECK(moments[0] != moments[4]);
      dots += dots_of(moments[0]);
    }
    CHECK(dots == 39);
    // Of the five titles one is seen at each moment.
    const auto titles = values_of(svg, "opacity");
    REQUIRE(titles.size() == 5);
    for (std::size_t k = 0; k < 6; ++k) {
      int seen = 0;
      for (const auto& title : titles) seen += title[k] == "1";
      CHECK(seen == 1);
    }
    CHECK(svg.find("nan") == std::string::npos);
  }
}

TEST_CASE("motion: on a line the area moves") {
  const Points from = normal_points(50, 1, RandomStream(1)),
               to = normal_points(50, 1, RandomStream(2)).array() + 4.0;
  const std::string svg =
      draw_motion({"a", "b", "c"}, {{from}, {to}}, straight(from, to, 4), from, RandomStream(3));
  const auto areas = values_of(svg, "d");
  REQUIRE(areas.size() == 1);
  CHECK(areas[0].size() == 5);
  CHECK(areas[0][0] != areas[0][3]);
}

TEST_CASE("motion: more points than it shows are thinned, and it is a small file") {
  const Points from = normal_points(5000, 2, RandomStream(1));
  const Points to = from.array() + 3.0;
  const std::string svg =
      draw_motion({"a", "b", "c"}, {{from}, {to}}, straight(from, to, 13), from, RandomStream(3));
  CHECK(svg.size() < 1000000);
  CHECK(svg.find("2000 of 5000") != std::string::npos);
  CHECK(svg == draw_motion({"a", "b", "c"}, {{from}, {to}}, straight(from, to, 13), from,
                           RandomStream(3)));
}
