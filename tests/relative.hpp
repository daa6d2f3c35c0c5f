// relative(value, error): equal to value within the given relative error and no absolute one.
//
// doctest's own Approx adds 1 to the size of what it compares, so that small numbers equal zero.
#pragma once

#include <doctest/doctest.h>

namespace otbridge {

inline doctest::Approx relative(double value, double error) {
  return doctest::Approx(value).scale(0.0).epsilon(error);
}

}  // namespace otbridge
