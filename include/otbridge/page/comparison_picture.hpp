// Pictures of a comparison, and of several of one problem, one for each epsilon.
#pragma once

#include <span>
#include <string>

#include "otbridge/metrics/comparison.hpp"
#include "otbridge/page/origin.hpp"

namespace otbridge {

// Both ends as a comparison has them: fresh draws, or the clouds that they are.
PlotEnds comparison_ends(const Origin& origin, const Comparison& comparison);

// One panel per row that has an answer, all on the same axes: the truth first, or where it is not
// known fresh draws of the target, which stand for it in every panel.
std::string comparison_picture(const Origin& origin, const Comparison& comparison);

// What the rows score against epsilon, a panel for each measure.
std::string epsilons_picture(const Origin& origin, std::span<const Comparison> grid);

}  // namespace otbridge
