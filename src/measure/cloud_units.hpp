// CloudUnits: the units in which two weighted clouds are compared.
//
// Both are moved by one translation and divided by one power of two, which brings every coordinate
// to order 1: offsets of 1e8 cost no digits, sizes of 1e150 do not overflow.
#pragma once

#include <vector>

#include "otbridge/measure/weighted_points.hpp"

namespace otbridge {

struct CloudUnits {
  double length;              // a power of two
  Eigen::RowVectorXd center;  // of y and a x, in units of length
  double cost_unit;           // length^2
  double decay;               // a, of the source points

  // The points of positive weight in spatial order, as rows of the cloud.
  static std::vector<Index> order(const WeightedPoints& cloud);
  // Those points in these units; the source moved by the decay.
  Points source_points(const WeightedPoints& source, const std::vector<Index>& rows) const;
  Points target_points(const WeightedPoints& target, const std::vector<Index>& rows) const;
  // A potential of the kept points as one of all points, in cost units; 0 elsewhere.
  Vector expanded(Index size, const std::vector<Index>& rows, const Vector& potential) const;
};

// Throws InvalidInput if squared distances leave the range of double precision.
CloudUnits make_cloud_units(const WeightedPoints& source, const WeightedPoints& target,
                            double decay);

}  // namespace otbridge
