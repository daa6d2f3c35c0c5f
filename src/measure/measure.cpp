#include "otbridge/measure/measure.hpp"

#include <string>

#include "otbridge/core/error.hpp"

namespace otbridge {

Measure::Measure(std::shared_ptr<const Law> law) : law_(std::move(law)) {
  if (law_ == nullptr) throw InvalidInput("measure", "must hold a law, not a null pointer");
}

Vector Law::log_density(ConstPoints) const {
  throw InvalidInput(std::string(type()), "has no known density");
}

}  // namespace otbridge
