// Where the figures put what they are given, in which colour and in which order, read back from the
// SVG.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "../relative.hpp"
#include "drawing.hpp"
#include "otbridge/plot/figure.hpp"
#include "plot/paint.hpp"
#include "plot/view.hpp"

using namespace otbridge;
using namespace otbridge::drawing;

namespace {

// Okabe and Ito's colours, as docs/hacking.md names them.
const std::string kSource = "#0072B2", kTarget = "#D55E00", kMoved = "#009E73", kLine = "#7F7F7F";

// No shift and scaling takes one of the clouds to another, so none can stand for another.
const Points source{{0.0, 0.0}, {1.0, 0.0}, {0.0, 3.0}, {-1.0, 0.5}};
const Points target{{6.0, 4.0}, {8.0, 4.0}, {6.0, 5.0}};
const Points moved{{5.0, 1.0}, {7.5, 2.0}, {4.0, -1.0}, {5.5, 3.5}};
const PlotEnds ends{{source}, {target}, {}};
const PlotMove move{{source}, moved, "conditional mean"};

void check_places(const std::vector<Spot>& found, const Points& points, const Axes& axes) {
  REQUIRE(found.size() == static_cast<std::size_t>(points.rows()));
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto row = static_cast<Index>(i);
    CAPTURE(i);
    CHECK(near(found[i], axes(points(row, 0), points(row, 1))));
  }
}

std::vector<Spot> spots(const std::vector<Round>& rounds, std::size_t from) {
  std::vector<Spot> all;
  for (std::size_t k = from; k < rounds.size(); ++k) all.push_back(rounds[k].at);
  return all;
}

// The dots of one panel of several, that draw the same cloud in the same colour.
std::vector<Spot> part(const std::vector<Spot>& dots, std::size_t panel, Index rows) {
  const auto begin = dots.begin() + static_cast<Index>(panel) * rows;
  return {begin, begin + rows};
}

// From the places of the first and the third source point, with y upwards and one scale.
Axes axes_from_source(const std::vector<Spot>& dots) {
  const double scale = (dots[2].second - dots[0].second) / (source(2, 1) - source(0, 1));
  CHECK(scale < 0.0);
  return {dots[0].first, -scale, dots[0].second, scale};
}

}  // namespace

TEST_CASE("transport: each cloud stands at its own place in its own colour, by the ticks") {
  const Drawing drawing = read(draw_transport(kText, ends, move, {}, kStream));
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

TEST_CASE(
    "transport: places are true at any size and far from the origin, to the names of a file") {
  for (const auto& unit : {std::pair(1e-6, 0.0), std::pair(2e7, 0.0), std::pair(250.0, 4.5e6),
                           std::pair(1.0, -32100.0)}) {
    const double scale = unit.first, shift = unit.second;
    CAPTURE(scale);
    CAPTURE(shift);
    const auto there = [&](const Points& points) {
      return Points((scale * points.array() + shift).matrix());
    };
    const PlotEnds far{{there(source)}, {there(target)}, {"easting", "northing"}};
    const Drawing drawing =
        read(draw_transport(kText, far, {{there(source)}, there(moved), "m"}, {}, kStream));
    const Axes axes = axes_of(drawing);
    check_places(drawing.dots.at(kTarget), there(target), axes);
    check_places(drawing.dots.at(kMoved), there(moved), axes);
    CHECK(drawing.has("easting"));
    CHECK(drawing.has("northing"));
  }
}

TEST_CASE("transport: coordinates of very different spreads fill both axes, which is said") {
  Points wide_source = source, wide_target = target, wide_moved = moved;
  for (Points* cloud : {&wide_source, &wide_target, &wide_moved}) cloud->col(0) *= 1000.0;
  const Drawing drawing = read(draw_transport(kText, {{wide_source}, {wide_target}, {}},
                                              {{wide_source}, wide_moved, "m"}, {}, kStream));
  CHECK(drawing.has("axes not to one scale"));
  const Axes axes = axes_of(drawing);
  check_places(drawing.dots.at(kSource), wide_source, axes);
  CHECK(-axes.y_scale > 100.0 * axes.x_scale);
  CHECK_FALSE(read(draw_transport(kText, ends, move, {}, kStream)).has("one scale"));
}

TEST_CASE("transport: a mark of the legend has the colour and the opacity of its dots") {
  const Drawing drawing = read(draw_transport(kText, ends, move, {}, kStream));
  using Entry = std::pair<std::string, std::string>;
  for (const Entry& entry :
       {Entry{"source", kSource}, Entry{"target", kTarget}, Entry{"conditional mean", kMoved}}) {
    const Label& label = drawing.label(entry.first);
    CHECK(label.group == "legend");
    const Round& mark = drawing.circles.at(entry.second).at(0);  // left of its word, on its line
    CHECK(mark.at.first < label.at.first);
    CHECK(label.at.first - mark.at.first < 20.0);
    CHECK(std::abs(mark.at.second - label.at.second) < 6.0);
    CHECK(mark.opacity == drawing.opacity.at(entry.second));
  }
}

TEST_CASE("transport: where moved points match their targets exactly, these stay visible") {
  const Drawing drawing = read(draw_transport(kText, {{source}, {moved}, {}}, move, {}, kStream));
  CHECK(drawing.sizes.at(kTarget)[0] > 1.4 * drawing.sizes.at(kMoved)[0]);
  const std::string svg = draw_transport(kText, {{source}, {moved}, {}}, move, {}, kStream);
  CHECK(svg.rfind("stroke=\"" + kTarget) < svg.rfind("stroke=\"" + kMoved));  // and below
}

TEST_CASE("transport: points that start elsewhere are drawn where they start") {
  const Points elsewhere = source.array() + 1.7;
  const Drawing drawing =
      read(draw_transport(kText, ends, {{elsewhere}, moved, "conditional mean"}, {}, kStream));
  const Axes axes = axes_of(drawing);
  check_places(drawing.dots.at(colour::kText), elsewhere, axes);
  check_places(drawing.dots.at(kSource), source, axes);
  CHECK(drawing.has("start"));
  // Backward the start is the target.
  const PlotMove back{{target}, Points(target.array() - 5.0), "conditional mean"};
  CHECK_FALSE(read(draw_transport(kText, ends, back, {}, kStream)).has("start"));
}

TEST_CASE("transport: weights are areas") {
  const Vector weights{{1.0, 4.0, 1.0, 2.0}};
  const Drawing drawing =
      read(draw_transport(kText, {{source, weights}, {target}, {}}, move, {}, kStream));
  // By size: the two of weight 1, then those of 2 and 4; radii are rounded to a tenth.
  std::vector<double> radii = drawing.sizes.at(kSource);
  std::ranges::sort(radii);
  CHECK(radii[2] * radii[2] / (radii[0] * radii[0]) == relative(2.0, 0.15));
  CHECK(radii[3] * radii[3] / (radii[0] * radii[0]) == relative(4.0, 0.15));
}

TEST_CASE("points without weight or without finite coordinates are left out") {
  Points broken = moved;
  broken(1, 0) = std::nan("");
  const Drawing drawing =
      read(draw_transport(kText, {{source, Vector{{1.0, 1.0, 0.0, 1.0}}}, {target}, {}},
                          {{source}, broken, "m"}, {}, kStream));
  const Axes axes = axes_of(drawing);
  check_places(drawing.dots.at(kSource), source(std::vector<Index>{0, 1, 3}, Eigen::all), axes);
  check_places(drawing.dots.at(kMoved), moved(std::vector<Index>{0, 2, 3}, Eigen::all), axes);
}

TEST_CASE("few points: every flow, wide by its mass, and every id beside its point") {
  const PlotEnds few{{source, Vector{{4.0, 1.0, 1.0, 2.0}}, {"A", "B", "C", "D"}},
                     {target, {}, {"one", "two", "three"}},
                     {}};
  const std::vector<Flow> flows{{0, 1, 0.5}, {1, 0, 0.125}, {2, 2, 0.125}, {3, 0, 0.25}};
  const Drawing drawing = read(draw_transport(kText, few, move, flows, kStream));
  check_labels(drawing);
  const Axes axes = axes_of(drawing);
  const auto at = [&](const Points& points, Index i) { return axes(points(i, 0), points(i, 1)); };
  const auto& lines = drawing.lines.at(kLine);
  REQUIRE(lines.size() == 1 + flows.size());  // the legend's first
  for (std::size_t k = 0; k < flows.size(); ++k) {
    CHECK(near(lines[k + 1].at(0), at(source, flows[k].source)));
    CHECK(near(lines[k + 1].at(1), at(target, flows[k].target)));
    CHECK(drawing.widths.at(kLine)[k + 1] ==
          relative(drawing.widths.at(kLine)[1] * flows[k].mass / 0.5, 0.01));
  }
  const auto& circles = drawing.circles.at(kSource);
  check_places(spots(circles, 1), source, axes);
  CHECK(circles[1].radius == relative(2.0 * circles[2].radius, 0.01));
  check_places(spots(drawing.rings.at(kTarget), 1), target, axes);
  for (Index i = 0; i < 4; ++i) {
    const Spot point = at(source, i), word = drawing.label(few.source.ids[to_size(i)]).at;
    CHECK(std::hypot(word.first - point.first, word.second - point.second) < 30.0);
  }
  CHECK(drawing.has("three"));
}

TEST_CASE("colours: three cubes, each point in the colour that it is") {
  const Points colours{{0.0, 0.0, 0.0}, {255.0, 0.0, 0.0}, {0.0, 255.0, 0.0}};
  const Points others{{0.0, 0.0, 255.0}, {255.0, 255.0, 255.0}};
  const Points between{{255.0, 255.0, 0.0}, {0.0, 255.0, 255.0}, {255.0, 0.0, 255.0}};
  const auto draw = [&](std::vector<std::string> columns, double scale) {
    return read(draw_transport(kText, {{scale * colours}, {scale * others}, std::move(columns)},
                               {{scale * colours}, scale * between, "moved"}, {}, kStream));
  };
  for (const double scale : {1.0, 1.0 / 255.0}) {
    const Drawing drawing = draw({"Red", "green", "blue"}, scale);
    CHECK(drawing.dots.size() == 8);
    for (const char* paint :
         {"#000000", "#FF0000", "#00FF00", "#0000FF", "#FFFFFF", "#FFFF00", "#00FFFF", "#FF00FF"}) {
      CAPTURE(paint);
      CHECK(drawing.dots.at(paint).size() == 1);
    }
    // Red stands lower right of black, which is at the lower left; green behind to the right.
    const Spot black = drawing.dots.at("#000000")[0], red = drawing.dots.at("#FF0000")[0],
               green = drawing.dots.at("#00FF00")[0], yellow = drawing.dots.at("#FFFF00")[0];
    CHECK(red.first > black.first);
    CHECK(red.second > black.second);
    CHECK(green.second < black.second);
    CHECK(yellow.first > red.first + 100.0);  // in the next panel
    for (const char* words : {"source", "moved", "target", "Red", "green", "blue"})
      CHECK(drawing.has(words));
  }
  CHECK(draw({"r", "g", "b"}, 1.0).dots.size() == 8);
  // One panel per solver, in colours too.
  const PlotMove own{{colours}, between, "moved"};
  const Drawing compared = read(draw_comparison(kText, {{colours}, {others}, {"r", "g", "b"}},
                                                {{"one", own, {}}, {"two", own, {}}}, kStream));
  CHECK(compared.dots.size() == 3);
  CHECK(compared.dots.at("#FF00FF").size() == 2);
  // Other names, and values that are no colours, are places.
  CHECK(draw({"x", "y", "z"}, 1.0).has("transport lines"));
  CHECK(draw({"r", "g", "b"}, 2.0).has("transport lines"));
}

TEST_CASE("slices: a frame is one of them, on the same axes as every other") {
  // Far out in the middle, on the line too: a frame of its own axes would move.
  for (const Index d : {2, 1}) {
    CAPTURE(d);
    const Points from = source.leftCols(d), to = target.leftCols(d);
    const Paths paths{{0.0, 0.5, 1.0}, {from, Points(10.0 * from), to}};
    std::vector<std::vector<std::string>> ticks;
    for (std::size_t k = 0; k < 3; ++k) {
      const Drawing frame = read(draw_frame(kText, {{from}, {to}}, paths, k, from, kStream));
      check_labels(frame);
      CHECK(frame.has(k == 0 ? "t = 0" : k == 1 ? "t = 0.5" : "t = 1"));
      auto& words = ticks.emplace_back();
      for (const Label& label : frame.labels) {
        if (label.group == "x-ticks" || label.group == "y-ticks")
          words.push_back(label.words + " " + std::to_string(label.at.first) + " " +
                          std::to_string(label.at.second));
      }
      CHECK(words.size() >= 4);
    }
    CHECK(ticks[0] == ticks[1]);
    CHECK(ticks[0] == ticks[2]);
  }
}

TEST_CASE("slices: panels from left to right and downwards are the times in order") {
  const std::vector<double> times{0.0, 0.25, 0.5, 0.75, 1.0};
  Paths paths{times, {}};
  for (const double t : times) paths.at.push_back((1.0 - t) * source + t * moved);
  const Drawing drawing = read(draw_slices(kText, ends, paths, source, kStream));
  Spot last{-1000.0, 0.0};
  for (std::size_t k = 0; k < 5; ++k) {
    CAPTURE(k);
    const auto dots = part(drawing.dots.at(kSource), k, 4);
    const Axes axes = axes_from_source(dots);
    check_places(dots, source, axes);
    check_places(part(drawing.dots.at(kTarget), k, 3), target, axes);
    // The bridge in the colours of where it starts: a class to each of the four.
    for (Index i = 0; i < 4; ++i) {
      const Spot place = axes(paths.at[k](i, 0), paths.at[k](i, 1));
      const auto is_there = [&](const std::string& paint) {
        const auto found = drawing.dots.find(paint);
        return found != drawing.dots.end() &&
               std::ranges::any_of(found->second, [&](const Spot& s) { return near(s, place); });
      };
      const auto classes = start_classes(View(ends).project(source));
      CHECK(is_there(kStartColours[static_cast<std::size_t>(classes[to_size(i)])]));
    }
    const std::string titles[] = {"t = 0", "t = 0.25", "t = 0.5", "t = 0.75", "t = 1"};
    const Spot title = drawing.label(titles[k]).at;
    CHECK(title.second < dots[2].second);
    CHECK(title.first < dots[0].first);
    // Three in a row, each wide enough to be read.
    if (k == 3) {
      CHECK(dots[0].second > last.second + 150.0);
    } else {
      CHECK(dots[0].first > last.first + 150.0);
    }
    last = dots[0];
  }
}

TEST_CASE("paths: strands through the slices, in the colour of their start, fading with time") {
  Paths paths{{}, {}};
  for (int k = 0; k <= 12; ++k) {
    const double t = k / 12.0;
    paths.times.push_back(t);
    paths.at.push_back(((1.0 - t) * source + t * moved).array() + 0.3 * t * (1.0 - t));
  }
  const Paths means{{0.0, 1.0}, {source, moved}};
  const std::string svg = draw_paths(kText, ends, paths, source, means, kStream);
  const Drawing drawing = read(svg);
  const Axes axes = axes_of(drawing);
  check_places(drawing.dots.at(kSource), source, axes);
  check_places(drawing.dots.at(kTarget), target, axes);
  const auto classes = start_classes(View(ends).project(source));
  for (Index i = 0; i < 4; ++i) {
    CAPTURE(i);
    const std::string paint = kStartColours[static_cast<std::size_t>(classes[to_size(i)])];
    // Every slice is a corner of one of the pieces, and both ends are marked.
    for (const Points& slice : paths.at) {
      const Spot place = axes(slice(i, 0), slice(i, 1));
      CHECK(std::ranges::any_of(drawing.lines.at(paint), [&](const std::vector<Spot>& piece) {
        return std::ranges::any_of(piece, [&](const Spot& s) { return near(s, place); });
      }));
    }
    for (const Points* slice : {&paths.at.front(), &paths.at.back()}) {
      const Spot place = axes((*slice)(i, 0), (*slice)(i, 1));
      CHECK(std::ranges::any_of(drawing.circles.at(paint),
                                [&](const Round& r) { return near(r.at, place); }));
    }
    CHECK(std::ranges::any_of(drawing.lines.at(colour::kText), [&](const std::vector<Spot>& line) {
      return line.size() == 2 && near(line[0], axes(source(i, 0), source(i, 1))) &&
             near(line[1], axes(moved(i, 0), moved(i, 1)));
    }));
  }
  CHECK(drawing.has("4 paths"));
  CHECK(drawing.has("mean paths"));
  // From faint to full, as the late lie below.
  CHECK(svg.find("stroke-opacity=\"0.3\"") != std::string::npos);
  CHECK(svg.find("stroke-opacity=\"0.9\"") != std::string::npos);
  CHECK_FALSE(read(draw_paths(kText, ends, paths, source, {}, kStream)).has("mean"));
}

TEST_CASE("comparison: one panel per solver, in order, each with its own moved points") {
  const Points other = moved.array() - 0.7;
  const Drawing drawing = read(draw_comparison(kText, ends,
                                               {{"first", {{source}, moved, "draws"}, {"W2 1"}},
                                                {"second", {{source}, other, "draws"}, {"W2 2"}}},
                                               kStream));
  for (std::size_t k = 0; k < 2; ++k) {
    CAPTURE(k);
    const auto dots = part(drawing.dots.at(kSource), k, 4);
    const Axes axes = axes_from_source(dots);
    check_places(dots, source, axes);
    check_places(part(drawing.dots.at(kTarget), k, 3), target, axes);
    check_places(part(drawing.dots.at(kMoved), k, 4), k == 0 ? moved : other, axes);
    for (const char* words : {k == 0 ? "first" : "second", k == 0 ? "W2 1" : "W2 2"}) {
      // At the panel's left edge, which is left of its leftmost point by 4% of the width.
      CHECK(std::abs(drawing.label(words).at.first - axes(-1.0 - 0.04 * 9.0, 0.0).first) < 0.1);
    }
  }
}

TEST_CASE("comparison: a point without weight starts nothing") {
  const Vector weights{{1.0, 1.0, 0.0, 1.0}};
  const Drawing drawing = read(
      draw_comparison(kText, ends, {{"first", {{source, weights}, moved, "draws"}, {}}}, kStream));
  const Axes axes = axes_from_source(drawing.dots.at(kSource));
  check_places(drawing.dots.at(kMoved), moved(std::vector<Index>{0, 1, 3}, Eigen::all), axes);
}
