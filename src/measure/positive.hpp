// The rule of a law's parameter that must be > 0.
#pragma once

#include <cmath>
#include <string>

#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"

namespace otbridge {

// Throws InvalidInput "/variance = -1: must be finite and > 0".
inline void check_positive(const std::string& where, double value) {
  if (value > 0.0 && std::isfinite(value)) return;
  throw InvalidInput(where + " = " + number_text(value), "must be finite and > 0");
}

}  // namespace otbridge
