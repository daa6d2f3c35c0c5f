#include "otbridge/plan/plan_state.hpp"

#include <algorithm>

#include "otbridge/core/error.hpp"
#include "otbridge/core/names.hpp"

namespace otbridge {
namespace {

template <class Map>
const auto& find_or_fail(const Map& map, const std::string& solver, const std::string& name) {
  const auto found = map.find(name);
  if (found == map.end()) throw InvalidInput("plan of " + solver, "has no entry \"" + name + "\"");
  return found->second;
}

template <class Map>
void refuse_others(const Map& map, const std::string& solver, std::span<const std::string> known) {
  for (const auto& [name, value] : map) {
    if (std::ranges::find(known, name) != known.end()) continue;
    throw InvalidInput("plan of " + solver,
                       unknown_name("has the unknown entry \"" + name + "\"", name, known));
  }
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

void PlanState::allow_only(std::span<const std::string> known_numbers,
                           std::span<const std::string> known_arrays) const {
  refuse_others(numbers, solver, known_numbers);
  refuse_others(arrays, solver, known_arrays);
}

}  // namespace otbridge
