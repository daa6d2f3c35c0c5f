// SinkhornFrame: the units in which the iteration works, and the temperatures it passes through.
//
// Both clouds are moved by one translation and divided by one power of two, which brings every
// coordinate to order 1: offsets of 1e8 cost no digits, sizes of 1e150 do not overflow.
#pragma once

#include "otbridge/measure/weighted_points.hpp"
#include "otbridge/reference/reference.hpp"
#include "solvers/sinkhorn_operator.hpp"

namespace otbridge {

struct SinkhornFrame {
  double length;              // a power of two
  Eigen::RowVectorXd center;  // of y and a x, in units of length
  double cost_unit;           // length^2
  double s2;                  // endpoint variance in units of length^2
  double decay;               // of the source points

  // The points of positive weight in spatial order, as rows of the cloud.
  static std::vector<Index> order(const WeightedPoints& cloud);
  // Those points in these units; the source moved by the reference's decay.
  DiscreteProblem normalised(const WeightedPoints& source, const std::vector<Index>& rows,
                             const WeightedPoints& target, const std::vector<Index>& columns) const;
  // A potential of the kept points as one of all points, in cost units; 0 where the weight is 0.
  Vector expanded(Index size, const std::vector<Index>& rows, const Vector& potential) const;
};

// Throws InvalidInput if squared distances or epsilon leave the range of double precision.
SinkhornFrame make_frame(const WeightedPoints& source, const WeightedPoints& target,
                         const ReferenceProcess& reference);

}  // namespace otbridge
