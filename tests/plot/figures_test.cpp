#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "otbridge/plot/figure.hpp"
#include "plot/panel.hpp"
#include "plot/svg.hpp"

using namespace otbridge;

namespace {

// Tags balance, attributes are quoted, and no bare '<' or '&' stands in text.
bool well_formed(const std::string& svg) {
  std::vector<std::string> open;
  for (std::size_t i = 0; i < svg.size(); ++i) {
    if (svg[i] == '&') {
      const auto end = svg.find(';', i);
      if (end == std::string::npos || end - i > 6) return false;
    }
    if (svg[i] != '<') continue;
    const auto end = svg.find('>', i);
    if (end == std::string::npos) return false;
    const std::string tag = svg.substr(i + 1, end - i - 1);
    const std::string name = tag.substr(0, tag.find_first_of(" /"));
    if (tag[0] == '/') {
      if (open.empty() || open.back() != tag.substr(1)) return false;
      open.pop_back();
    } else if (tag.back() != '/') {
      open.push_back(name);
    }
    i = end;
  }
  return open.empty();
}

std::string transport(const Points& x, const Points& y, const Points& moved,
                      const FigureText& text = {"t", "s", "d"}) {
  return draw_transport(text, {x, {}}, {y, {}}, {x, {}}, moved, RandomStream(1));
}

std::size_t count(const std::string& text, const std::string& word) {
  std::size_t found = 0;
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++found;
  return found;
}

}  // namespace

TEST_CASE(
    "figures are well-formed, small and the same bytes for the same input, in any dimension") {
  for (const Index d : {1, 2, 3, 7}) {
    for (const Index n : {1, 50, 30000}) {
      CAPTURE(d);
      CAPTURE(n);
      const Points x = normal_points(n, d, RandomStream(2)),
                   y = normal_points(n, d, RandomStream(3));
      const std::string svg = transport(x, y, y);
      CHECK(well_formed(svg));
      CHECK(svg.size() < 2000000);
      CHECK(svg == transport(x, y, y));
      CHECK(svg.find("viewBox") != std::string::npos);
      CHECK(svg.find("nan") == std::string::npos);
      CHECK(svg.find("inf") == std::string::npos);
    }
  }
}

TEST_CASE("each cloud is drawn in its colour, one dot per point, and lines are at most 400") {
  const Points x = normal_points(70, 2, RandomStream(2)), y = normal_points(90, 2, RandomStream(3));
  const std::string svg = transport(x, y, x);
  CHECK(count(svg, "h0M") + count(svg, "h0\"") == 70 + 90 + 70);
  for (const char* fill : {colour::kSource, colour::kTarget, colour::kMoved})
    CHECK(svg.find(fill) != std::string::npos);
  const Points many = normal_points(1000, 2, RandomStream(4));
  CHECK(transport(many, many, many).find("400 transport lines") != std::string::npos);
}

TEST_CASE("hostile labels and coordinates do not break the file") {
  const Points x = normal_points(5, 2, RandomStream(2));
  Points moved = x;
  moved(2, 0) = std::nan("");
  const std::string hostile = "<script>alert('&\"')</script>\n\x01 \xC3\xA9";
  CHECK(well_formed(transport(x, x, moved, {hostile, hostile, hostile})));
  CHECK(well_formed(transport(x, x, x, {std::string(5000, 'w'), "", ""})));
  for (const double scale : {1e-9, 1e150})
    CHECK(well_formed(transport(scale * x, scale * x, scale * x)));
  CHECK(well_formed(transport(Points::Constant(4, 2, 1e8), Points::Constant(4, 2, 1e8),
                              Points::Constant(4, 2, 1e8))));
}

TEST_CASE("slices, paths, comparison and convergence are well-formed") {
  const Points x = normal_points(30, 2, RandomStream(2)), y = normal_points(30, 2, RandomStream(3));
  const Paths paths{{0.0, 0.5, 1.0}, {x, Points(0.5 * (x + y)), y}};
  const FigureText text{"t", "s", "d"};
  const RandomStream stream(1);
  CHECK(well_formed(draw_slices(text, {x, {}}, {y, {}}, paths, stream)));
  CHECK(well_formed(draw_paths(text, {x, {}}, {y, {}}, paths, stream)));
  for (std::size_t k = 1; k <= 4; ++k) {
    const std::vector<ComparisonPanel> panels(k, {"a & b", {x, {}}, y, {"W2 1", "cost 2"}});
    CHECK(well_formed(draw_comparison(text, {x, {}}, {y, {}}, panels, stream)));
  }
  CHECK(well_formed(draw_convergence(text, {})));
  std::vector<Progress> trace(3);
  for (std::size_t k = 0; k < trace.size(); ++k) {
    trace[k].iteration = static_cast<Index>(k);
    trace[k].loss = 1.0 / static_cast<double>(k + 1);
  }
  CHECK(well_formed(draw_convergence(text, trace)));
}

TEST_CASE("ticks are round, ascending and inside") {
  for (const auto& [low, high] :
       {std::pair{-3.7, 9.1}, std::pair{0.001, 0.0042}, std::pair{1e6, 1e6 + 3}}) {
    const auto ticks = round_ticks(low, high, 5);
    REQUIRE(ticks.size() >= 2);
    const double step = ticks[1] - ticks[0],
                 mantissa = step / std::pow(10.0, std::floor(std::log10(step * 1.0001)));
    CHECK((std::abs(mantissa - 1) < 1e-6 || std::abs(mantissa - 2) < 1e-6 ||
           std::abs(mantissa - 5) < 1e-6));
    CHECK(ticks.front() >= low - 1e-9 * step);
    CHECK(ticks.back() <= high + 1e-9 * step);
  }
  CHECK(tick_label(0.30000000000000004, 0.1) == "0.3");
}

TEST_CASE("text in a picture is well-formed XML whatever bytes a name holds") {
  CHECK(svg_escaped("a<b>&\"\x01") == "a&lt;b&gt;&amp;&quot; ");
  CHECK(svg_escaped("\u00e9\u20ac\U0001F600") == "\u00e9\u20ac\U0001F600");
  // Latin-1, a lone continuation, an overlong slash, a surrogate, beyond the end, cut short.
  for (const char* bad : {"\xe9", "\x80", "\xc0", "\xff", "\xe2\x82"}) {
    CHECK(svg_escaped(bad).starts_with("\xEF\xBF\xBD"));
    CHECK(svg_escaped(std::string(bad) + "x").ends_with("x"));
  }
  CHECK(svg_escaped("\xed\xa0\x80") == "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
  CHECK(svg_escaped("\xf4\x90\x80\x80").starts_with("\xEF\xBF\xBD"));
}
