// Convergence: every record at its iteration and value, and what else the axes say.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "drawing.hpp"
#include "otbridge/plot/figure.hpp"
#include "plot/paint.hpp"

using namespace otbridge;
using namespace otbridge::drawing;

namespace {

std::vector<Progress> errors(Index records) {
  std::vector<Progress> trace(to_size(records));
  for (std::size_t k = 0; k < trace.size(); ++k) {
    trace[k].iteration = static_cast<Index>(10 * k);
    trace[k].marginal_error_source = std::pow(10.0, -1.0 - double(k));
    trace[k].marginal_error_target = std::pow(10.0, -2.0 - 2.0 * double(k));
  }
  return trace;
}

}  // namespace

TEST_CASE("convergence: errors stand at their iterations and decades") {
  const Drawing drawing = read(draw_convergence(kText, errors(3)));
  check_labels(drawing);
  const auto check_line = [&](const std::string& paint, std::vector<std::string> decades) {
    REQUIRE(drawing.lines.at(paint).size() == 1);
    const auto& line = drawing.lines.at(paint)[0];
    REQUIRE(line.size() == 3);
    for (std::size_t k = 0; k < 3; ++k) {
      CHECK(std::abs(line[k].first - tick(drawing, std::to_string(10 * k), "x-ticks")) < 0.03);
      CHECK(std::abs(line[k].second - tick(drawing, decades[k], "y-ticks")) < 0.03);
    }
  };
  check_line(colour::kSource, {"10\u207b\u00b9", "10\u207b\u00b2", "10\u207b\u00b3"});
  check_line(colour::kTarget, {"10\u207b\u00b2", "10\u207b\u2074", "10\u207b\u2076"});
  for (const char* words : {"iteration", "error", "source error", "target error"})
    CHECK(drawing.has(words));
  CHECK_FALSE(drawing.has("bands"));
  CHECK_FALSE(drawing.has("tolerance"));
}

TEST_CASE("convergence: the tolerance is a line at its value, within the axis") {
  for (const double tolerance : {1e-4, 1e-9}) {
    const Drawing drawing = read(draw_convergence(kText, errors(3), tolerance));
    check_labels(drawing);
    const std::string decade = tolerance == 1e-4 ? "10\u207b\u2074" : "10\u207b\u2079";
    const auto& lines = drawing.lines.at(colour::kText);
    REQUIRE(lines.size() == 1);
    CHECK(std::abs(lines[0][0].second - tick(drawing, decade, "y-ticks")) < 0.03);
    CHECK(drawing.has("tolerance 1e-" + std::to_string(tolerance == 1e-4 ? 4 : 9)));
  }
}

TEST_CASE("convergence: a gap alone is no error, and has no tolerance") {
  std::vector<Progress> trace(2);
  trace[1].iteration = 5;
  trace[0].duality_gap = 0.5, trace[1].duality_gap = 1e-3;
  const Drawing drawing = read(draw_convergence(kText, trace, 1e-6));
  CHECK(drawing.has("gap (cost)"));
  CHECK_FALSE(drawing.has("error"));
  CHECK_FALSE(drawing.has("tolerance"));
}

TEST_CASE("convergence: loss and divergence have panels of their own below the errors") {
  auto trace = errors(4);
  for (std::size_t k = 0; k < trace.size(); ++k) {
    trace[k].loss = 0.5 - 0.1 * double(k);
    trace[k].path_divergence = 3.0;
  }
  const Drawing drawing = read(draw_convergence(kText, trace));
  check_labels(drawing);
  const auto& loss = drawing.lines.at(colour::kLoss)[0];
  const double zero = tick(drawing, "0", "y-ticks"), half = tick(drawing, "0.5", "y-ticks");
  for (std::size_t k = 0; k < 4; ++k) {
    CHECK(std::abs(zero + (half - zero) * (1.0 - 0.2 * double(k)) - loss[k].second) < 0.03);
    // Below every error, above every divergence; as wide as they are.
    for (const auto& error : drawing.lines.at(colour::kTarget)[0])
      CHECK(loss[k].second > error.second);
    CHECK(loss[k].second < drawing.lines.at(colour::kDivergence)[0][k].second);
    CHECK(std::abs(loss[k].first - drawing.lines.at(colour::kSource)[0][k].first) < 0.01);
  }
}

TEST_CASE("convergence: floors are dashed, the path KL stands beside the divergence") {
  auto trace = errors(3);
  for (Progress& record : trace) {
    record.marginal_floor_source = 1e-3;
    record.marginal_floor_target = 1e-4;
    record.path_divergence = 3.0;
    record.path_kl = 1.5;
  }
  const Drawing drawing = read(draw_convergence(kText, trace));
  check_labels(drawing);
  for (const auto& [paint, decade] :
       {std::pair(colour::kSource, "10\u207b\u00b3"), {colour::kTarget, "10\u207b\u2074"}}) {
    const auto& lines = drawing.lines.at(paint);
    REQUIRE(lines.size() == 2);
    const bool flat = std::abs(lines[0].front().second - lines[0].back().second) < 0.01;
    const auto& floor = lines[flat ? 0 : 1];
    for (const auto& place : floor)
      CHECK(std::abs(place.second - tick(drawing, decade, "y-ticks")) < 0.03);
  }
  CHECK(drawing.has("source floor"));
  CHECK(drawing.has("path KL"));
  const auto& above = drawing.lines.at(colour::kDivergence)[0][0];
  const auto& below = drawing.lines.at(colour::kMoved)[0][0];
  CHECK(below.second > above.second);  // pixels from the top: 1.5 below 3
}

TEST_CASE("convergence: levels of epsilon are bands, which the legend explains") {
  auto trace = errors(6);
  for (std::size_t k = 0; k < trace.size(); ++k)
    trace[k].epsilon = k < 2 ? 16.0 : k < 4 ? 4.0 : 1.0;
  const Drawing drawing = read(draw_convergence(kText, trace));
  check_labels(drawing);
  CHECK(drawing.has("bands: levels of epsilon, from 16 down to 1"));
}

TEST_CASE("convergence: whole iterations on the axis, two at least, and nothing where nothing is") {
  auto one = errors(1);
  one[0].iteration = 1;
  for (std::vector<Progress> trace : {one, std::vector<Progress>{one[0], one[0]}}) {
    const Drawing drawing = read(draw_convergence(kText, trace));
    check_labels(drawing);
    CHECK(tick(drawing, "2", "x-ticks") > tick(drawing, "1", "x-ticks") + 100.0);
    for (const Label& label : drawing.labels) {
      if (label.group == "x-ticks") CHECK(label.words.find('.') == std::string::npos);
    }
    // The records are dots too, or one alone would be nothing. The second half step is between.
    const auto& dots = drawing.dots.at(colour::kSource);
    CHECK(dots.size() == trace.size());
    if (dots.size() == 2) {
      const double middle = 0.5 * (tick(drawing, "1", "x-ticks") + tick(drawing, "2", "x-ticks"));
      CHECK(std::abs(dots[1].first - middle) < 0.03);
    }
  }
  CHECK(read(draw_convergence(kText, {})).has("no iterations were recorded"));
}
