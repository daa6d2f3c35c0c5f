// The names of the yardsticks, and whether a plan is one.
#pragma once

#include "otbridge/plan/transport_plan.hpp"

namespace otbridge {

inline constexpr std::string_view kEulerName = "true drift, 40 Euler steps";
inline constexpr std::string_view kIndependentName = "independent coupling";

bool is_yardstick(const TransportPlan& plan);

}  // namespace otbridge
