#include "core/medians.hpp"

#include <algorithm>

namespace otbridge {

Eigen::RowVectorXd coordinate_medians(ConstPoints points) {
  Eigen::RowVectorXd medians(points.cols());
  for (Index k = 0; k < points.cols(); ++k) {
    Vector column = points.col(k);
    double* const middle = column.data() + column.size() / 2;
    std::nth_element(column.data(), middle, column.data() + column.size());
    medians[k] = *middle;
  }
  return medians;
}

}  // namespace otbridge
