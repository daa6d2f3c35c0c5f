// Ticks of axes: round, true to the last digit, at least two, and short.
#include <doctest/doctest.h>

#include <charconv>
#include <cmath>

#include "../relative.hpp"
#include "otbridge/core/random.hpp"
#include "plot/panel.hpp"
#include "plot/ticks.hpp"
#include "plot/window.hpp"

using namespace otbridge;

namespace {

double number(const std::string& text) {
  double value = std::nan("");
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value).ptr;
  CHECK(end == text.data() + text.size());
  return value;
}

void check_ticks(const Ticks& ticks, double low, double high) {
  CAPTURE(low);
  CAPTURE(high);
  REQUIRE(ticks.values.size() >= 2);
  REQUIRE(ticks.labels.size() == ticks.values.size());
  const double step = ticks.values[1] - ticks.values[0];
  // A power of ten times 1, 2 or 5.
  const double mantissa = step / std::pow(10.0, std::floor(std::log10(step * 1.0001)));
  CHECK((std::abs(mantissa - 1) < 1e-4 || std::abs(mantissa - 2) < 1e-4 ||
         std::abs(mantissa - 5) < 1e-4));
  CHECK(ticks.values.front() >= low - 1e-6 * step);
  CHECK(ticks.values.back() <= high + 1e-6 * step);
  for (std::size_t k = 0; k < ticks.values.size(); ++k) {
    CAPTURE(ticks.labels[k]);
    // What is read is where it stands, to a thousandth of a step.
    CHECK(std::abs(number(ticks.labels[k]) * ticks.scale + ticks.offset - ticks.values[k]) <
          1e-3 * step);
    CHECK(ticks.labels[k].size() <= 7);
    if (k > 0) CHECK(ticks.labels[k] != ticks.labels[k - 1]);
  }
}

}  // namespace

TEST_CASE("ticks are round, two or more, and read what they are") {
  for (const auto& [low, high] :
       {std::pair(-3.7, 9.1), std::pair(0.001, 0.0042), std::pair(1e6, 1e6 + 3),
        std::pair(0.3, 1.2), std::pair(-0.04, 0.96), std::pair(4498736.2, 4501700.1),
        std::pair(0.0, 1e-9), std::pair(-1e12, 3e12), std::pair(1.0, 1.0 + 1e-11),
        std::pair(99999.5, 100000.5)}) {
    for (const int most : {1, 2, 3, 5, 8}) check_ticks(ticks_within(low, high, most), low, high);
  }
  // Windows of every size and place; no seed is special.
  const RandomStream stream(5);
  for (Index i = 0; i < 3000; ++i) {
    const double size = std::pow(10.0, 20.0 * stream.uniform(i, 0, 0) - 10.0);
    const double low = size * std::pow(10.0, 9.0 * stream.uniform(i, 0, 1) - 3.0) *
                       (stream.uniform(i, 0, 2) < 0.5 ? -1.0 : 1.0);
    check_ticks(ticks_within(low, low + size, 4), low, low + size);
  }
}

TEST_CASE("ticks: one alone at 0.5 would be labelled 1 by a step that is not there") {
  const Ticks ticks = ticks_within(0.26, 0.74, 1);
  CHECK(ticks.values.size() >= 2);
  CHECK(ticks.labels == std::vector<std::string>{"0.4", "0.6"});
}

TEST_CASE("ticks: what long labels share is said once") {
  const Ticks metres = ticks_within(4498800.0, 4501700.0, 6);
  CHECK(metres.offset == 4.5e6);
  CHECK(metres.note() == "+ 4.5e6");
  CHECK(metres.labels[1] == "-500");
  CHECK(ticks_within(-4501700.0, -4498800.0, 6).note() == "- 4.5e6");
  const Ticks small = ticks_within(0.0, 3e-7, 4);
  CHECK(small.note() == "\u00d7 1e-7");
  CHECK(small.labels == std::vector<std::string>{"0", "1", "2", "3"});
  const Ticks years = ticks_within(1998.0, 2023.0, 5);
  CHECK(years.note().empty());
  CHECK(years.labels.front() == "2000");
}

TEST_CASE("whole ticks: iterations are never halves") {
  const Ticks ticks = whole_ticks(1.0, 2.0, 7);
  CHECK(ticks.labels == std::vector<std::string>{"1", "2"});
  CHECK(whole_ticks(1.0, 64.0, 7).labels.front() == "10");
}

TEST_CASE("windows: one scale, unless a coordinate spreads twenty times wider") {
  const auto window = [](double width, double height) {
    return spatial_window({Points{{0.0, 5.0, 1.0}, {width, 5.0 + height, 1.0}}});
  };
  const auto pixels_per_unit = [](const Window& w) {
    return std::pair(1.0 / (w.high_x - w.low_x), w.aspect / (w.high_y - w.low_y));
  };
  for (const auto& [width, height] :
       {std::pair(1.0, 1.0), std::pair(19.0, 1.0), std::pair(1.0, 19.0), std::pair(1.0, 0.0)}) {
    const Window w = window(width, height);
    CHECK(w.to_one_scale);
    const auto [x, y] = pixels_per_unit(w);
    CHECK(x == relative(y, 1e-12));
    CHECK(w.low_x < 0.0);
    CHECK(w.high_x > width);
  }
  for (const auto& [width, height] : {std::pair(21.0, 1.0), std::pair(1.0, 21.0)}) {
    const Window w = window(width, height);
    CHECK_FALSE(w.to_one_scale);
    // Each spread fills its axis but for the margins.
    CHECK(width / (w.high_x - w.low_x) == relative(1.0 / 1.08, 1e-12));
    CHECK(height / (w.high_y - w.low_y) == relative(1.0 / 1.08, 1e-12));
  }
}
