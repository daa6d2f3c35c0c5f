// place_in_front: a refusal that begins with where it arose.
#pragma once

#include <string>

#include "otbridge/core/error.hpp"

namespace otbridge {

// What read() returns; an InvalidInput of it has `where` in front, unless it begins with that.
template <class Read>
auto place_in_front(const std::string& where, Read&& read) {
  try {
    return read();
  } catch (const InvalidInput& refusal) {
    const std::string message = refusal.what();
    if (message.starts_with(where + ":")) throw;
    throw InvalidInput(where, message);
  }
}

}  // namespace otbridge
