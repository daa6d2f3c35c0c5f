// The registry: every solver by name.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "otbridge/solve/solver.hpp"

namespace otbridge {

// All solvers, in the order they are listed to users.
std::span<const std::unique_ptr<const Solver>> solvers();

// Throws InvalidInput naming the nearest known solver.
const Solver& find_solver(std::string_view name);

}  // namespace otbridge
