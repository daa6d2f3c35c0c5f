// What a reader says to input that it refuses.
#pragma once

#include <string>

#include "otbridge/core/error.hpp"

namespace otbridge::testing {

template <class Work>
std::string refusal(const Work& work) {
  try {
    work();
  } catch (const InvalidInput& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace otbridge::testing
