#include "otbridge/problem/problem.hpp"

#include <string>

#include "otbridge/core/error.hpp"

namespace otbridge {

TransportProblem::TransportProblem(Measure source, Measure target, ReferenceProcess reference)
    : source_(std::move(source)), target_(std::move(target)), reference_(reference) {
  if (source_->dimension() != target_->dimension()) {
    throw InvalidInput("/target", "has dimension " + std::to_string(target_->dimension()) +
                                      ", the source has " + std::to_string(source_->dimension()));
  }
}

}  // namespace otbridge
