// The registry: every solver by name.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "otbridge/solve/solver.hpp"

namespace otbridge {

// All solvers, in the order they are listed to users.
std::span<const std::unique_ptr<const Solver>> solvers();

std::vector<std::string> solver_names();  // in that order

// Throws InvalidInput naming the nearest known solver.
const Solver& find_solver(std::string_view name);

}  // namespace otbridge
