// Plans as safetensors files: any plan, from any solver, read back in another process.
//
// The header's metadata holds the format version, the solver, the problem (laws as JSON, finite
// laws as tensors) and the plan's numbers; the tensors are float64. Layout: docs/formats.md.
#pragma once

#include <memory>
#include <string>

#include "otbridge/plan/transport_plan.hpp"

namespace otbridge {

void write_plan(const TransportPlan& plan, const std::string& path);  // atomic
std::unique_ptr<const TransportPlan> read_plan(const std::string& path);
bool is_plan_file(const std::string& path);  // by extension .safetensors

}  // namespace otbridge
