// at_least_zero: what is not negative in exact arithmetic, without the sign that rounding may give.
//
// std::max(0.0, x) would make a 0 of a NaN: a failure must not pass for the best of all answers.
#pragma once

namespace otbridge {

constexpr double at_least_zero(double x) { return x < 0.0 ? 0.0 : x; }

}  // namespace otbridge
