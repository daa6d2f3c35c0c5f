#include "sweep/local_cloud.hpp"

#include "core/spatial_order.hpp"

namespace otbridge {

LocalCloud::Layer::Layer(const Points& points, Index of)
    : run(of),
      boxes(points, of),
      centres(points_as_tiles<double>(boxes.centre())),
      halves(points_as_tiles<double>(boxes.half())) {}

LocalCloud::LocalCloud(const Points& points)
    : order_(spatial_order(points)),
      points_(points(order_, Eigen::all)),
      pieces_(points_, kPiece),
      runs_(points_, kPiece * kRun) {
  Points offsets = points_;
  for (Index i = 0; i < size(); ++i) offsets.row(i) -= pieces_.boxes.centre().row(i / kPiece);
  single_ = points_as_tiles<float>(offsets);
  full_ = points_as_tiles<double>(offsets);
  // The last piece is whole; what pads it has no weight (sweep/local_sweep.cpp).
  const auto numbers = to_size(pieces_.boxes.count() * dimension()) * kernels::kLocalTiles;
  single_.resize(numbers, {});
  full_.resize(numbers, {});
}

template <>
const std::vector<kernels::Tile<float>>& LocalCloud::offsets<float>() const {
  return single_;
}
template <>
const std::vector<kernels::Tile<double>>& LocalCloud::offsets<double>() const {
  return full_;
}

}  // namespace otbridge
