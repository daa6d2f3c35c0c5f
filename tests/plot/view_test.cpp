// How points are seen: in space, far out, and beyond three dimensions.
#include "plot/view.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "drawing.hpp"
#include "otbridge/plot/figure.hpp"
#include "plot/paint.hpp"

using namespace otbridge;
using namespace otbridge::drawing;

TEST_CASE("space is seen from azimuth -60 and elevation 25 degrees, z upwards") {
  const Points corners{{1.0, 1.0, 1.0}, {-1.0, -1.0, -1.0}};
  const Points seen = View({{corners}, {corners}, {}})
                          .project(Points{{1.0, 0.0, 0.0}, {0.0, 1.0, 0.0}, {0.0, 0.0, 1.0}});
  // Along the view (cos e cos a, cos e sin a, sin e); to the right (-sin a, cos a, 0).
  const double a = -std::acos(-1.0) / 3.0, e = 25.0 / 180.0 * std::acos(-1.0);
  const Points expected{{-std::sin(a), -std::sin(e) * std::cos(a)},
                        {std::cos(a), -std::sin(e) * std::sin(a)},
                        {0.0, std::cos(e)}};
  CHECK((seen.leftCols(2) - expected).cwiseAbs().maxCoeff() < 1e-15);
  CHECK(seen(0, 2) > seen(1, 2));  // x comes towards the viewer, y goes away
}

TEST_CASE("space: near points lie over far ones, darker; scans lose what is far out") {
  Points cloud(2, 3);
  cloud << 0.0, 0.0, 0.0, 2.0, -3.0, 1.0;  // the second nearer
  const std::string svg =
      draw_transport(kText, {{cloud}, {cloud}, {}}, {{cloud}, cloud, "m"}, {}, kStream);
  // The near half is not lightened; even the target's near dot lies over the far moved one.
  const std::string pale = lightened(colour::kMoved, 0.3);
  CHECK(read(svg).dots.at(colour::kMoved).size() == 1);
  CHECK(read(svg).dots.at(pale).size() == 1);
  CHECK(svg.find("stroke=\"" + pale) < svg.rfind(std::string("stroke=\"") + colour::kTarget));
  Points scan = normal_points(12000, 3, RandomStream(3));
  scan.row(7) << 500.0, 0.0, 0.0;
  const View view({{scan}, {scan}, {}});
  CHECK_FALSE(view.shows(scan, 7));
  CHECK(view.outliers() >= 2);
  CHECK(view.outliers() < 2 * 12000 / 20);
  const Drawing drawing =
      read(draw_transport(kText, {{scan}, {scan}, {}}, {{scan}, scan, "m"}, {}, kStream));
  CHECK(drawing.has(std::to_string(view.outliers()) + " points far out are not shown"));
  CHECK_FALSE(View({{Points(scan.topRows(100))}, {scan.topRows(100)}, {}}).outliers() > 0);
}

TEST_CASE("space: ticks along the box are true") {
  const Points box{{-1.0, 10.0, 0.2}, {3.0, 14.0, 1.7}};
  const PlotEnds in_space{{box}, {box}, {"a", "b", "c"}};
  const Drawing drawing = read(draw_transport(kText, in_space, {{box}, box, "m"}, {}, kStream));
  for (const char* name : {"a", "b", "c"}) CHECK(drawing.has(name));
  // Labels of one edge step evenly with their values, as far as the points of the cloud do.
  const Points seen = View(in_space).project(box);
  // Half of all dots are as far, in the levels up to the third of six.
  const Spot high = drawing.dots.at(colour::kMoved).at(0),
             low = drawing.dots.at(lightened(colour::kMoved, 0.3)).at(0);
  const double pixels = (high.first - low.first) / (seen(0, 0) - seen(1, 0));
  const View view(in_space);
  const Points axes =
      view.project(Points{{0.0, 0.0, 0.0}, {1.0, 0.0, 0.0}, {0.0, 1.0, 0.0}, {0.0, 0.0, 1.0}});
  const char* groups[] = {"x-ticks", "y-ticks", "z-ticks"};
  for (Index c = 0; c < 3; ++c) {
    std::vector<Label> ticks;
    for (const Label& label : drawing.labels) {
      if (label.group == groups[c]) ticks.push_back(label);
    }
    REQUIRE(ticks.size() >= 2);
    for (std::size_t k = 1; k < ticks.size(); ++k) {
      const double step = numbers(ticks[k].words).at(0) - numbers(ticks[0].words).at(0);
      const Spot expected{ticks[0].at.first + step * pixels * (axes(c + 1, 0) - axes(0, 0)),
                          ticks[0].at.second - step * pixels * (axes(c + 1, 1) - axes(0, 1))};
      CAPTURE(ticks[k].words);
      CHECK(std::abs(ticks[k].at.first - expected.first) < 0.5);
      CHECK(std::abs(ticks[k].at.second - expected.second) < 0.5);
    }
  }
}

TEST_CASE("beyond three dimensions the two longest principal axes are drawn, and named") {
  Points cloud = Points::Zero(8, 5);
  for (Index k = 0; k < 4; ++k) {
    const Index axis = k == 0 ? 3 : k == 1 ? 1 : k == 2 ? 0 : 4;
    cloud(2 * k, axis) = 4.0 - double(k);
    cloud(2 * k + 1, axis) = double(k) - 4.0;
  }
  const View view({{cloud}, {cloud}, {}});
  const Points seen = view.project(Points::Identity(5, 5));
  CHECK((seen.col(0) - Points::Identity(5, 5).col(3)).cwiseAbs().maxCoeff() < 1e-14);
  CHECK((seen.col(1) - Points::Identity(5, 5).col(1)).cwiseAbs().maxCoeff() < 1e-14);
  CHECK(view.names()[1] == "principal axis 2 of 5");
}

TEST_CASE("view: a small cloud beside a scan is shown whole") {
  const Points scan = normal_points(20000, 3, RandomStream(1));
  const Points small = normal_points(50, 3, RandomStream(2)).array() + 8.0;
  const View view({{scan}, {small}, {}});
  for (Index i = 0; i < small.rows(); ++i) CHECK(view.shows(small, i));
  CHECK(view.outliers() > 0);
  CHECK(view.outliers() < 500);
}
