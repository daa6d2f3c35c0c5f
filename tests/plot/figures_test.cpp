// Figures of any input are sound files: well-formed, small, the same bytes, and no label over
// another or beyond the page.
#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "drawing.hpp"
#include "otbridge/plot/figure.hpp"
#include "plot/paint.hpp"
#include "plot/svg.hpp"

using namespace otbridge;
using namespace otbridge::drawing;

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
                      const FigureText& text = kText, std::vector<std::string> columns = {}) {
  return draw_transport(text, {{x}, {y}, std::move(columns)}, {{x}, moved, "conditional mean"}, {},
                        kStream);
}

std::size_t count(const std::string& text, const std::string& word) {
  std::size_t found = 0;
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++found;
  return found;
}

// Every figure of a problem: transport, slices, paths and comparison.
std::vector<std::string> all_figures(const PlotEnds& ends, const Points& moved,
                                     const FigureText& text) {
  const Points& x = ends.source.points;
  const PlotMove move{{x}, moved, "one draw each"};
  Paths paths{{0.0, 0.25, 0.5, 0.75, 1.0}, {}};
  for (const double t : paths.times) paths.at.push_back((1.0 - t) * x + t * moved);
  const std::vector<ComparisonPanel> panels(
      5, {"a solver & its name", move, {"W2 0.0123, cost 4.56", "path KL 0.00123 nats"}});
  return {draw_transport(text, ends, move, {}, kStream), draw_slices(text, ends, paths, x, kStream),
          draw_paths(text, ends, paths, x, paths, kStream),
          draw_comparison(text, ends, panels, kStream)};
}

}  // namespace

TEST_CASE("figures are sound, small and the same bytes for the same input, in any dimension") {
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
      check_labels(read(svg));
    }
  }
}

TEST_CASE("no label of any figure lies over another or beyond the page") {
  const FigureText text{"a long title of two laws with long names to another such law of theirs",
                        "sinkhorn, epsilon 0.0123, n 2000, marginal error 1.23e-7", ""};
  for (const Index d : {1, 2, 3, 5}) {
    const Points x = normal_points(60, d, RandomStream(2)),
                 y = (normal_points(60, d, RandomStream(3)).array() + 1.0).matrix();
    for (const auto& unit :
         {std::pair(1.0, 0.0), std::pair(1e-7, 0.0), std::pair(1e9, 0.0), std::pair(700.0, 4.5e6),
          std::pair(0.03, -777.0), std::pair(30.0, 2000.0)}) {
      CAPTURE(d);
      const double scale = unit.first, shift = unit.second;
      CAPTURE(scale);
      CAPTURE(shift);
      const PlotEnds ends{
          {(scale * x.array() + shift).matrix()}, {(scale * y.array() + shift).matrix()}, {}};
      for (const std::string& svg : all_figures(ends, ends.target.points, text)) {
        CHECK(well_formed(svg));
        check_labels(read(svg));
      }
    }
  }
}

TEST_CASE("clouds beyond the limits are thinned, and the legend says by how much") {
  const Points x = normal_points(70, 2, RandomStream(2)), y = normal_points(90, 2, RandomStream(3));
  const std::string svg = transport(x, y, x);
  CHECK(count(svg, "h0M") + count(svg, "h0\"") == 70 + 90 + 70);
  const Points many = normal_points(3000, 2, RandomStream(4));
  const std::string thinned = transport(many, many, many);
  CHECK(read(thinned).has("source (2500 of 3000)"));
  CHECK(read(thinned).dots.at(colour::kSource).size() == 2500);
  CHECK(read(thinned).has("300 transport lines"));
  CHECK(read(thinned).lines.at(colour::kLine).size() == 300 + 1);
}

TEST_CASE("hostile labels and coordinates do not break the file") {
  const Points x = normal_points(5, 2, RandomStream(2));
  Points moved = x;
  moved(2, 0) = std::nan("");
  const std::string hostile = "<script>alert('&\"')</script>\n\x01 \xC3\xA9";
  CHECK(well_formed(
      transport(x, x, moved, {hostile, hostile, hostile, hostile}, {hostile, hostile})));
  CHECK(well_formed(transport(x, x, x, {std::string(5000, 'w'), "", ""})));
  for (const Index d : {1, 2, 3}) {
    const Points some = normal_points(5, d, RandomStream(2));
    for (const double scale : {1e-300, 1e-9, 1e150, 1e300})
      CHECK(well_formed(transport(scale * some, scale * some, scale * some)));
    for (const double value : {0.0, 1e8, 1e-310}) {
      CAPTURE(d);
      CAPTURE(value);
      CHECK(well_formed(transport(Points::Constant(4, d, value), Points::Constant(4, d, value),
                                  Points::Constant(4, d, value))));
    }
    CHECK(well_formed(transport(some, some, Points::Constant(5, d, std::nan("")))));
  }
  // A name that fills the axis gives way to what is said of the ticks.
  const std::string far_away = transport((x.array() + 4.5e6).matrix(), (x.array() + 4.5e6).matrix(),
                                         x, kText, {std::string(300, 'm'), "y"});
  check_labels(read(far_away));
}

TEST_CASE("where a figure comes from is in its metadata, and nowhere without") {
  const Points x = normal_points(5, 2, RandomStream(2));
  const std::string svg = transport(x, x, x, {"t", "s", "d", "command: a 'b' <c>; seed: 1"});
  CHECK(svg.find("<metadata>command: a 'b' &lt;c&gt;; seed: 1</metadata>") != std::string::npos);
  CHECK(transport(x, x, x).find("metadata") == std::string::npos);
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

TEST_CASE("text is shortened to the room it has, by whole letters") {
  CHECK(fitted("short", 100.0, 11.0) == "short");
  const std::string cut = fitted("\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9", 50.0, 11.0);
  CHECK(cut.ends_with("\u2026"));
  CHECK(text_width(cut, 11.0) <= 50.0);
  CHECK(svg_escaped(cut).find("\xEF\xBF\xBD") == std::string::npos);
}

TEST_CASE("colours: lightened towards white, classes of one size along the longest axis") {
  CHECK(hex_colour(0.0, 0.5, 1.0) == "#0080FF");
  CHECK(hex_colour(-1.0, 2.0, 0.2) == "#00FF33");
  CHECK(lightened("#0072B2", 0.0) == "#0072B2");
  CHECK(lightened("#000000", 0.4) == "#666666");
  CHECK(lightened("#123456", 1.0) == "#FFFFFF");
  // Along (3, 4), in a mixed order; across it less.
  Points plane(70, 3);
  for (Index i = 0; i < 70; ++i) {
    const double along = static_cast<double>(i * 37 % 70), across = (i % 2 == 0) ? 1.0 : -1.0;
    plane.row(i) << 3.0 * along - 4.0 * across, 4.0 * along + 3.0 * across, 1.0;
  }
  const auto classes = start_classes(plane);
  for (Index i = 0; i < 70; ++i) {
    const auto expected = (i * 37 % 70) * static_cast<Index>(kStartColours.size()) / 70;
    CHECK(classes[to_size(i)] == static_cast<int>(expected));
  }
}
