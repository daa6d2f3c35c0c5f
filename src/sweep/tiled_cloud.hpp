// TiledCloud: one cloud as rows and as columns of the kernels, at one length scale, with bounds.
//
// Numbers follow kernels/kernel_set.hpp: positions are multiplied by sqrt(log2(e) / (2 variance)),
// so that a squared distance is a negative binary logarithm of a weight. The kernels multiply
// squares out, which is exact enough while those of the points are moderate; tiles with a point
// further out than that are `far`, and are swept from differences of coordinates
// (sweep/row_exponents.hpp). Memory O(n d).
#pragma once

#include <vector>

#include "kernels/kernel_set.hpp"
#include "otbridge/core/points.hpp"

namespace otbridge {

constexpr double kLog2E = 1.4426950408889634074;
constexpr double kLn2 = 0.69314718055994530942;

// sqrt(log2(e) / (2 variance)): the factor from lengths to kernel coordinates.
double kernel_scale(double variance);

// In more dimensions boxes of points are too large to bound sums, and runs too wide to be merged.
constexpr Index kLargestSpatialDimension = 6;

constexpr Index kTileSize = static_cast<Index>(kernels::kTile);
// How many tiles hold n points.
constexpr Index tile_count(Index n) { return (n + kTileSize - 1) / kTileSize; }

// Private column sums in a loop over rows, at most; their order fixes the result.
constexpr Index kColumnSumGroups = 16;

// An affine majorant of a function on each tile of a cloud:
// value_i <= top + <slope, point_i - centre>, for every point i of the tile.
struct Majorants {
  Majorants(Index tiles, Index d) : top(tiles), slope(tiles, d) {}
  Vector top;
  Points slope;  // tiles x d
};

// The boxes of runs of `run` points, and what fits an affine function to values on them.
class Boxes {
 public:
  Boxes() = default;
  Boxes(const Points& points, Index run);

  Index count() const { return centre_.rows(); }
  const Points& centre() const { return centre_; }
  const Points& half() const { return half_; }  // sides

  // O(n d^2), and the same of run c alone, whose first value is *values.
  Majorants majorants(const Points& points, const Vector& values) const;
  void fit(const Points& points, const double* values, Index c, Majorants& fits, Index slot) const;

  // An upper bound on row value + column value + 2 <x, y> for points of box r of `rows`, whose
  // majorant is number `slot` of row_values, and of box c of `columns`.
  static double largest_exponent(const Boxes& rows, const Majorants& row_values, Index r,
                                 Index slot, const Boxes& columns, const Majorants& column_values,
                                 Index c);

 private:
  Index run_ = 1;
  Points centre_, half_, mean_;
  std::vector<Matrix> inverse_;  // of the covariance of a run
};

class TiledCloud {
 public:
  // Points and the factor to kernel coordinates; in spatial order if sums over them are to be
  // truncated (bounded). single: whether it is to be swept in single precision too.
  TiledCloud(const Points& points, double scale, bool bounded, bool single = true);

  Index size() const { return points_.rows(); }
  Index dimension() const { return points_.cols(); }
  Index tiles() const { return tile_count(size()); }
  bool bounded() const { return bounded_; }
  const Points& points() const { return points_; }
  const Vector& squares() const { return squares_; }
  const Boxes& boxes() const { return boxes_; }         // of the tiles
  const Boxes& super_boxes() const { return supers_; }  // of kSuper tiles
  static constexpr Index kSuper = 16;

  // The largest square of a tile that is not far: with it, exponents that are multiplied out are
  // right to 6e-8.
  static constexpr double kNear = 0x1p27;
  bool far(Index tile) const { return !far_.empty() && far_[to_size(tile)] != 0; }
  bool any_far() const { return !far_.empty(); }
  // Where any tile is far, the points as they were given, and their factor: scaling rounds.
  double scale() const { return scale_; }
  const Points& unscaled() const { return unscaled_; }
  const std::vector<kernels::Tile<double>>& unscaled_columns() const { return unscaled_columns_; }

  template <class T>
  const std::vector<T>& rows() const;
  template <class T>
  const std::vector<kernels::Tile<T>>& columns() const;

 private:
  template <class T>
  struct Arrays {
    std::vector<T> rows;
    std::vector<kernels::Tile<T>> columns;
    explicit Arrays(const Points& points);
  };

  double scale_;
  Points points_;
  Vector squares_;
  std::vector<char> far_;  // one per tile; empty if none is
  Points unscaled_;
  std::vector<kernels::Tile<double>> unscaled_columns_;
  bool bounded_;
  Boxes boxes_, supers_;
  Arrays<float> single_;
  Arrays<double> full_;
};

template <>
const std::vector<float>& TiledCloud::rows<float>() const;
template <>
const std::vector<double>& TiledCloud::rows<double>() const;
template <>
const std::vector<kernels::Tile<float>>& TiledCloud::columns<float>() const;
template <>
const std::vector<kernels::Tile<double>>& TiledCloud::columns<double>() const;

// One number per point as tiles, the padding filled.
template <class T>
std::vector<kernels::Tile<T>> as_tiles(const Vector& values, double padding);

// Rows of d numbers as tiles: number k of the points of tile t is tile t * d + k, padding 0.
template <class T>
std::vector<kernels::Tile<T>> points_as_tiles(ConstPoints points);

}  // namespace otbridge
