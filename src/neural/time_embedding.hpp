// TimeEmbedding: a time in [0, 1] as a vector of sines and cosines.
//
// Half the features are sin(w t), half cos(w t), w geometric from 1 to 32 radians per unit time:
// slow enough that a network trained on a grid of times is smooth between them. Source: Vaswani et
// al. 2017 (section 3.5), with frequencies for [0, 1].
#pragma once

#include "otbridge/core/points.hpp"

namespace otbridge {

// features entries; an odd last one is 0.
Eigen::RowVectorXd time_embedding(double t, Index features);

}  // namespace otbridge
