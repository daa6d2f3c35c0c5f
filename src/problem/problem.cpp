#include "otbridge/problem/problem.hpp"

#include <string>

#include "otbridge/core/error.hpp"

namespace otbridge {

TransportProblem::TransportProblem(Measure source, Measure target, ReferenceProcess reference,
                                   GroundCost cost)
    : source_(std::move(source)), target_(std::move(target)), reference_(reference), cost_(cost) {
  // A Measure is empty only after it was moved from.
  if (source_.operator->() == nullptr) throw InvalidInput("/source", "is missing");
  if (target_.operator->() == nullptr) throw InvalidInput("/target", "is missing");
  // A value cast from a number may be none of the named ones.
  if (cost_ != GroundCost::half_squared_euclidean) {
    throw InvalidInput("/cost", "must be half_squared_euclidean");
  }
  if (source_->dimension() != target_->dimension()) {
    throw InvalidInput("/target", "has dimension " + std::to_string(target_->dimension()) +
                                      ", the source has " + std::to_string(source_->dimension()));
  }
}

}  // namespace otbridge
