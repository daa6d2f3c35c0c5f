// Where the figures put what they are given, in which colour and in which order, read back from the
// SVG.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "../relative.hpp"
#include "drawing.hpp"
#include "otbridge/plot/figure.hpp"
#include "plot/projection.hpp"

using namespace otbridge;
using namespace otbridge::drawing;

namespace {

// Okabe and Ito's colours, as docs/hacking.md names them.
const std::string kSource = "#0072B2", kTarget = "#D55E00", kMoved = "#009E73", kLine = "#7F7F7F";

// No shift and scaling takes one of the clouds to another, so none can stand for another.
const Points source{{0.0, 0.0}, {1.0, 0.0}, {0.0, 3.0}, {-1.0, 0.5}};
const Points target{{6.0, 4.0}, {8.0, 4.0}, {6.0, 5.0}};
const Points moved{{5.0, 1.0}, {7.5, 2.0}, {4.0, -1.0}, {5.5, 3.5}};
const FigureText kText{"title", "subtitle", "description"};
const RandomStream kStream(1);

bool near(const Spot& a, const Spot& b) {
  // Coordinates have two decimals; what is read from them is off by a little more.
  return std::abs(a.first - b.first) < 0.03 && std::abs(a.second - b.second) < 0.03;
}

void check_places(const std::vector<Spot>& found, const Points& points, const Axes& axes) {
  REQUIRE(found.size() == static_cast<std::size_t>(points.rows()));
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto row = static_cast<Index>(i);
    CAPTURE(i);
    CHECK(near(found[i], axes(points(row, 0), points(row, 1))));
  }
}

// The dots of one panel of several, that draw the same cloud in the same colour.
std::vector<Spot> part(const std::vector<Spot>& dots, std::size_t panel, Index rows) {
  const auto begin = dots.begin() + static_cast<Index>(panel) * rows;
  return {begin, begin + rows};
}

// Axes without ticks: from the places of the first and the third source point, with y upwards.
Axes axes_from_source(const std::vector<Spot>& dots) {
  const double scale = (dots[2].second - dots[0].second) / (source(2, 1) - source(0, 1));
  CHECK(scale < 0.0);
  return {dots[0].first, -scale, dots[0].second, scale};
}

}  // namespace

TEST_CASE("transport: each cloud stands at its own place in its own colour, by the ticks") {
  const Drawing drawing =
      read(draw_transport(kText, {source, {}}, {target, {}}, {source, {}}, moved, kStream));
  const Axes axes = axes_of(drawing);
  CHECK(axes.x_scale > 0.0);
  CHECK(axes.y_scale == relative(-axes.x_scale, 1e-3));  // y upwards
  CHECK(drawing.dots.size() == 3);
  check_places(drawing.dots.at(kSource), source, axes);
  check_places(drawing.dots.at(kTarget), target, axes);
  check_places(drawing.dots.at(kMoved), moved, axes);
  // One line per row, in any order, beside the one of the legend.
  const auto& lines = drawing.lines.at(kLine);
  CHECK(lines.size() == 4 + 1);
  for (Index i = 0; i < 4; ++i) {
    CAPTURE(i);
    CHECK(std::ranges::any_of(lines, [&](const std::vector<Spot>& line) {
      return line.size() == 2 && near(line[0], axes(source(i, 0), source(i, 1))) &&
             near(line[1], axes(moved(i, 0), moved(i, 1)));
    }));
  }
}

TEST_CASE("transport: the legend names each colour") {
  const std::string svg =
      draw_transport(kText, {source, {}}, {target, {}}, {source, {}}, moved, kStream);
  const Drawing drawing = read(svg);
  using Entry = std::pair<std::string, std::string>;
  for (const Entry& entry :
       {Entry{"source", kSource}, Entry{"target", kTarget}, Entry{"moved", kMoved}}) {
    const auto label = std::ranges::find_if(drawing.labels,
                                            [&](const Label& l) { return l.words == entry.first; });
    REQUIRE(label != drawing.labels.end());
    const Spot mark = drawing.circles.at(entry.second).at(0);  // left of its word, on its line
    CHECK(mark.first < label->at.first);
    CHECK(label->at.first - mark.first < 20.0);
    CHECK(std::abs(mark.second - label->at.second) < 6.0);
  }
}

TEST_CASE("points without weight or without finite coordinates are left out") {
  Points broken = moved;
  broken(1, 0) = std::nan("");
  const Drawing drawing = read(draw_transport(kText, {source, Vector{{1.0, 1.0, 0.0, 1.0}}},
                                              {target, {}}, {source, {}}, broken, kStream));
  const Axes axes = axes_of(drawing);
  check_places(drawing.dots.at(kSource), source(std::vector<Index>{0, 1, 3}, Eigen::all), axes);
  check_places(drawing.dots.at(kMoved), moved(std::vector<Index>{0, 2, 3}, Eigen::all), axes);
}

TEST_CASE("slices: panels from left to right are the times in order") {
  const Paths paths{{0.0, 0.25, 1.0}, {source, Points(0.75 * source + 0.25 * moved), moved}};
  const Drawing drawing = read(draw_slices(kText, {source, {}}, {target, {}}, paths, kStream));
  const double centre = 0.5 * (-1.0 + 8.0);  // of all that is drawn, horizontally
  double last = -100.0;
  for (std::size_t k = 0; k < 3; ++k) {
    CAPTURE(k);
    const auto dots = part(drawing.dots.at(kSource), k, 4);
    const Axes axes = axes_from_source(dots);
    check_places(dots, source, axes);
    check_places(part(drawing.dots.at(kTarget), k, 3), target, axes);
    check_places(part(drawing.dots.at(kMoved), k, 4), paths.at[k], axes);
    const std::string title = k == 0 ? "t = 0" : k == 1 ? "t = 0.25" : "t = 1";
    const auto label =
        std::ranges::find_if(drawing.labels, [&](const Label& l) { return l.words == title; });
    REQUIRE(label != drawing.labels.end());
    CHECK(std::abs(label->at.first - axes(centre, 0.0).first) < 0.1);
    CHECK(dots[0].first > last + 100.0);
    last = dots[0].first;
  }
  CHECK(drawing.dots.at(kMoved).size() == 12);
}

TEST_CASE("paths: each runs through its slices, from a source dot to a target dot") {
  const Points middle = 0.5 * (source + moved).array() + 0.3;
  const Paths paths{{0.0, 0.5, 1.0}, {source, middle, moved}};
  const Drawing drawing = read(draw_paths(kText, {source, {}}, {target, {}}, paths, kStream));
  const Axes axes = axes_of(drawing);
  check_places(drawing.dots.at(kSource), source, axes);
  check_places(drawing.dots.at(kTarget), target, axes);
  const auto& lines = drawing.lines.at(kLine);
  REQUIRE(lines.size() == 1 + 4);  // the legend's first
  for (Index i = 0; i < 4; ++i) {
    const auto& line = lines[static_cast<std::size_t>(1 + i)];
    REQUIRE(line.size() == 3);
    for (std::size_t k = 0; k < 3; ++k) {
      CHECK(near(line[k], axes(paths.at[k](i, 0), paths.at[k](i, 1))));
    }
  }
  const auto ends = [&](const std::string& colour) {
    const auto& all = drawing.circles.at(colour);
    return std::vector<Spot>(all.begin() + 1, all.end());
  };
  check_places(ends(kSource), source, axes);
  check_places(ends(kTarget), moved, axes);
}

TEST_CASE("comparison: one panel per solver, in order, each with its own moved points") {
  const Points other = moved.array() - 0.7;
  const Drawing drawing = read(draw_comparison(
      kText, {source, {}}, {target, {}},
      {{"first", {source, {}}, moved, {"W2 1"}}, {"second", {source, {}}, other, {"W2 2"}}},
      kStream));
  for (std::size_t k = 0; k < 2; ++k) {
    CAPTURE(k);
    const auto dots = part(drawing.dots.at(kSource), k, 4);
    const Axes axes = axes_from_source(dots);
    check_places(dots, source, axes);
    check_places(part(drawing.dots.at(kTarget), k, 3), target, axes);
    check_places(part(drawing.dots.at(kMoved), k, 4), k == 0 ? moved : other, axes);
    for (const char* words : {k == 0 ? "first" : "second", k == 0 ? "W2 1" : "W2 2"}) {
      const auto label =
          std::ranges::find_if(drawing.labels, [&](const Label& l) { return l.words == words; });
      REQUIRE(label != drawing.labels.end());
      // At the panel's left edge, which is left of its leftmost point by 4% of the width.
      CHECK(std::abs(label->at.first - axes(-1.0 - 0.04 * 9.0, 0.0).first) < 0.1);
    }
  }
}

TEST_CASE("comparison: a point without weight starts nothing") {
  const Vector weights{{1.0, 1.0, 0.0, 1.0}};
  const Drawing drawing = read(draw_comparison(kText, {source, {}}, {target, {}},
                                               {{"first", {source, weights}, moved, {}}}, kStream));
  const Axes axes = axes_from_source(drawing.dots.at(kSource));
  check_places(drawing.dots.at(kMoved), moved(std::vector<Index>{0, 1, 3}, Eigen::all), axes);
}

TEST_CASE("convergence: errors, gap and loss stand at their iterations and decades") {
  std::vector<Progress> trace(3);
  for (std::size_t k = 0; k < 3; ++k) {
    trace[k].iteration = static_cast<Index>(10 * k);
    trace[k].marginal_error_source = std::pow(10.0, -1.0 - double(k));
    trace[k].marginal_error_target = std::pow(10.0, -2.0 - 2.0 * double(k));
  }
  const Drawing drawing = read(draw_convergence(kText, trace));
  const auto label_at = [&](const std::string& words, const char* anchor) {
    const auto label = std::ranges::find_if(
        drawing.labels, [&](const Label& l) { return l.words == words && l.anchor == anchor; });
    REQUIRE(label != drawing.labels.end());
    return label->at;
  };
  const auto check_line = [&](const std::string& colour, std::vector<std::string> decades) {
    REQUIRE(drawing.lines.at(colour).size() == 1);
    const auto& line = drawing.lines.at(colour)[0];
    REQUIRE(line.size() == 3);
    for (std::size_t k = 0; k < 3; ++k) {
      const std::string tick = std::to_string(10 * k);
      CHECK(near(line[k],
                 {label_at(tick, "middle").first, label_at(decades[k], "end").second - 4.0}));
    }
  };
  check_line(kSource, {"1e-1", "1e-2", "1e-3"});
  check_line(kTarget, {"1e-2", "1e-4", "1e-6"});
}

TEST_CASE("space is seen from azimuth -60 and elevation 25 degrees, z upwards") {
  const Points ends{{1.0, 1.0, 1.0}, {-1.0, -1.0, -1.0}};
  const Points seen =
      Projection({&ends}).apply(Points{{1.0, 0.0, 0.0}, {0.0, 1.0, 0.0}, {0.0, 0.0, 1.0}});
  // Along the view (cos e cos a, cos e sin a, sin e); to the right (-sin a, cos a, 0).
  const double a = -std::acos(-1.0) / 3.0, e = 25.0 / 180.0 * std::acos(-1.0);
  const Points expected{{-std::sin(a), -std::sin(e) * std::cos(a)},
                        {std::cos(a), -std::sin(e) * std::sin(a)},
                        {0.0, std::cos(e)}};
  CHECK((seen.leftCols(2) - expected).cwiseAbs().maxCoeff() < 1e-15);
  CHECK(seen(0, 2) > seen(1, 2));  // x comes towards the viewer, y goes away
}

TEST_CASE("beyond three dimensions the two longest principal axes are drawn") {
  Points cloud = Points::Zero(8, 5);
  for (Index k = 0; k < 4; ++k) {
    const Index axis = k == 0 ? 3 : k == 1 ? 1 : k == 2 ? 0 : 4;
    cloud(2 * k, axis) = 4.0 - double(k);
    cloud(2 * k + 1, axis) = double(k) - 4.0;
  }
  const Points seen = Projection({&cloud}).apply(Points::Identity(5, 5));
  CHECK((seen.col(0) - Points::Identity(5, 5).col(3)).cwiseAbs().maxCoeff() < 1e-14);
  CHECK((seen.col(1) - Points::Identity(5, 5).col(1)).cwiseAbs().maxCoeff() < 1e-14);
}
