#include "otbridge/measure/measure.hpp"

#include <string>

#include "otbridge/core/error.hpp"

namespace otbridge {

Vector Law::log_density(ConstPoints) const {
  throw InvalidInput(std::string(type()), "has no known density");
}

}  // namespace otbridge
