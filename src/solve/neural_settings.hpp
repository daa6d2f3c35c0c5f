// The settings of the neural room as the solvers that hold them describe them.
//
// Here and not in that room, which lies below and knows no descriptions; not with one solver, since
// solvers do not know each other.
#pragma once

#include "otbridge/neural/settings.hpp"
#include "otbridge/solve/settings.hpp"

namespace otbridge {

std::vector<SettingField> describe(NetworkSettings& settings);
std::vector<SettingField> describe(TrainingSettings& settings);

}  // namespace otbridge
