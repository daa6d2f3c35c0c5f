#include "otbridge/plan/plan_state.hpp"

#include "otbridge/core/error.hpp"

namespace otbridge {
namespace {

template <class Map>
const auto& find_or_fail(const Map& map, const std::string& solver, const std::string& name) {
  const auto found = map.find(name);
  if (found == map.end()) throw InvalidInput("plan of " + solver, "has no entry \"" + name + "\"");
  return found->second;
}

}  // namespace

double PlanState::number(const std::string& name) const {
  return find_or_fail(numbers, solver, name);
}

const Points& PlanState::array(const std::string& name, Index rows, Index cols) const {
  const Points& array = find_or_fail(arrays, solver, name);
  if ((rows >= 0 && array.rows() != rows) || (cols >= 0 && array.cols() != cols)) {
    throw InvalidInput("plan of " + solver,
                       "entry \"" + name + "\" has the shape " + std::to_string(array.rows()) +
                           " x " + std::to_string(array.cols()) + ", which does not fit the plan");
  }
  if (!array.allFinite()) {
    throw InvalidInput("plan of " + solver, "entry \"" + name + "\" holds a non-finite number");
  }
  return array;
}

}  // namespace otbridge
