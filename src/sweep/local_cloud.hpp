// LocalCloud: a cloud in pieces of 64 neighbours about centres of their own, in any units.
//
// What sweep/local_sweep.hpp needs of the points alone, made once for all its kernels. Immutable;
// O(n (log^2 n + d^2)), memory O(n d).
#pragma once

#include <vector>

#include "sweep/tiled_cloud.hpp"

namespace otbridge {

class LocalCloud {
 public:
  // n >= 1, and d up to kernels::kMostLocal.
  explicit LocalCloud(const Points& points);

  static constexpr Index kPiece = kTileSize * static_cast<Index>(kernels::kLocalTiles);  // points
  static constexpr Index kRun = kTileSize;  // pieces whose bounds are passed over together

  Index size() const { return points_.rows(); }
  Index dimension() const { return points_.cols(); }
  // The number of each point among those given, in the order of the pieces.
  const std::vector<Index>& order() const { return order_; }
  const Points& points() const { return points_; }  // in that order
  // Coordinates less those of the centre of the piece, as tiles: number k of tile t is t * d + k.
  template <class T>
  const std::vector<kernels::Tile<T>>& offsets() const;

  // Boxes of pieces, or of runs of them, and as the kernels read them, kTileSize to a group.
  struct Layer {
    Layer(const Points& points, Index of);
    Index run;  // points of a box
    Boxes boxes;
    std::vector<kernels::Tile<double>> centres, halves;
  };
  const Layer& pieces() const { return pieces_; }
  const Layer& runs() const { return runs_; }

 private:
  std::vector<Index> order_;
  Points points_;
  Layer pieces_, runs_;
  std::vector<kernels::Tile<float>> single_;
  std::vector<kernels::Tile<double>> full_;
};

template <>
const std::vector<kernels::Tile<float>>& LocalCloud::offsets<float>() const;
template <>
const std::vector<kernels::Tile<double>>& LocalCloud::offsets<double>() const;

}  // namespace otbridge
