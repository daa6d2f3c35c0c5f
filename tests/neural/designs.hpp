// A design of drift networks in the plane, for tests that need one.
#pragma once

#include <memory>

#include "neural/drift_network.hpp"

namespace otbridge {

// epsilon 0.7; source of mean 0, target of mean 1 and variance 4 in each of the two coordinates.
// One hidden layer of 8, time embedding of 4: the network has 6 inputs.
inline std::shared_ptr<const DriftDesign> plane_design(double theta, Index steps,
                                                       double source_variance = 1.0) {
  const RowVector zero = RowVector::Zero(2), one = RowVector::Ones(2);
  return std::make_shared<const DriftDesign>(DriftDesign{ReferenceProcess(0.7, theta),
                                                         StepGrid::uniform(steps),
                                                         {zero, source_variance * one},
                                                         {one, 4.0 * one},
                                                         {{8}, 4}});
}

}  // namespace otbridge
