// Figures on a line: densities, the monotone map, and where they stand.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "../relative.hpp"
#include "drawing.hpp"
#include "otbridge/plot/figure.hpp"
#include "plot/density.hpp"
#include "plot/paint.hpp"

using namespace otbridge;
using namespace otbridge::drawing;

namespace {

Points column(std::initializer_list<double> values) {
  Points points(static_cast<Index>(values.size()), 1);
  Index i = 0;
  for (const double value : values) points(i++, 0) = value;
  return points;
}

// Dots at the values before and after a move, over the monotone map between two laws.
void check_map(const Drawing& drawing, const Points& from, const Points& to, const Points& moved) {
  const Axes axes = axes_of(drawing);
  const auto& dots = drawing.dots.at(colour::kMoved);
  REQUIRE(static_cast<Index>(dots.size()) == from.rows());
  for (Index i = 0; i < from.rows(); ++i) {
    CHECK(near(dots[to_size(i)], axes(from(i, 0), moved(i, 0))));
  }
  const Points map = monotone_map({from}, {to});
  const auto& dashed = drawing.lines.at(colour::kLine);
  const auto& line = *std::ranges::max_element(dashed, {}, [](const auto& l) { return l.size(); });
  REQUIRE(line.size() == static_cast<std::size_t>(map.rows()));
  for (const Index k : {0, 57, 121, 199}) CHECK(near(line[to_size(k)], axes(map(k, 0), map(k, 1))));
}

}  // namespace

TEST_CASE("densities: that of many normals is the normal's, of mass 1, weights counted") {
  const Points x = normal_points(20000, 1, RandomStream(4));
  const Points curve = density_curve({x}, -5.0, 5.0);
  double mass = 0.0, worst = 0.0;
  for (Index k = 0; k < curve.rows(); ++k) {
    mass += curve(k, 1) * 10.0 / 240.0;
    const double exact =
        std::exp(-0.5 * curve(k, 0) * curve(k, 0)) / std::sqrt(2.0 * std::acos(-1.0));
    worst = std::max(worst, std::abs(curve(k, 1) - exact));
  }
  CHECK(mass == relative(1.0, 1e-3));
  // Kernel bias h^2 / 2 max |p''| = 0.0031 at h = 0.124, and noise of about as much.
  CHECK(worst < 0.015);
  // A point of weight 3 is three points.
  const Points weighted = density_curve({column({0.0, 1.0}), Vector{{3.0, 1.0}}}, -2.0, 3.0);
  CHECK(weighted(96, 1) > 2.0 * weighted(144, 1));  // at 0 and at 1
}

TEST_CASE("monotone map: quantile to quantile, mass by mass") {
  // A half of the source goes to 10, the other half in equal parts to 20 and 30.
  const Points map =
      monotone_map({column({2.0, 1.0})}, {column({30.0, 10.0, 20.0}), Vector{{1.0, 2.0, 1.0}}}, 8);
  const Points expected{{1, 10}, {1, 10}, {1, 10}, {1, 10}, {2, 20}, {2, 20}, {2, 30}, {2, 30}};
  CHECK((map - expected).cwiseAbs().maxCoeff() == 0.0);
}

TEST_CASE("transport on a line: each point at its source and moved value, over the monotone map") {
  const Points x = column({1.0, 2.0, 4.0, 8.0}), y = column({10.0, 30.0, 20.0}),
               moved = column({12.0, 11.0, 25.0, 29.0});
  const Drawing drawing = read(
      draw_transport(kText, {{x}, {y}, {"height"}}, {{x}, moved, "conditional mean"}, {}, kStream));
  check_labels(drawing);
  const Axes axes = axes_of(drawing);
  check_map(drawing, x, y, moved);
  CHECK(drawing.has("height, source"));
  CHECK(drawing.has("height, moved"));
  // The density of the source stands over its axis, highest near the middle of its values.
  const auto& sources = drawing.lines.at(colour::kSource);
  const auto peak = *std::ranges::min_element(sources.at(0), {}, &Spot::second);
  CHECK(peak.first > axes(1.0, 0.0).first);
  CHECK(peak.first < axes(4.0, 0.0).first);
}

TEST_CASE("transport on a line, backward: from the target's values over its own map") {
  const Points x = column({1.0, 2.0, 4.0, 8.0}), y = column({10.0, 30.0, 20.0}),
               moved = column({1.5, 7.0, 3.0});
  const Drawing drawing =
      read(draw_transport(kText, {{x}, {y}, {"height"}},
                          {{y}, moved, "conditional mean", Direction::backward}, {}, kStream));
  check_labels(drawing);
  check_map(drawing, y, x, moved);
  CHECK(drawing.has("height, target"));
}

TEST_CASE("paths on a line: values against time") {
  const Points x = column({1.0, 2.0}), y = column({5.0, 3.0});
  Paths paths{{}, {}};
  for (int k = 0; k <= 6; ++k) {
    paths.times.push_back(k / 6.0);
    paths.at.push_back((1.0 - k / 6.0) * x + k / 6.0 * y);
  }
  const Drawing drawing = read(draw_paths(kText, {{x}, {y}, {}}, paths, x, {}, kStream));
  check_labels(drawing);
  const Axes axes = axes_of(drawing);
  CHECK(drawing.has("time"));
  const auto& first = drawing.circles.at(kStartColours[0]);
  CHECK(std::ranges::any_of(first, [&](const Round& r) { return near(r.at, axes(0.0, 1.0)); }));
  CHECK(std::ranges::any_of(first, [&](const Round& r) { return near(r.at, axes(1.0, 5.0)); }));
}
