// CostSweep: passes over all pairs of two clouds with cost |x - y|^2 / 2 or |x - y|, in parallel.
//
// The kernels see squared norms and inner products and are off by the rounding of those; what they
// flag is then decided from differences of coordinates. In few dimensions tiles of columns whose
// bounds say that they hold nothing of interest are left out (sweep/tile_selection.hpp), which
// changes no byte of an answer; where either cloud is not in spatial order that is none of them.
// Distances have no kernels: every pair is computed from differences, about ten times slower.
// O(n m d) per pass, of which bounds leave little where potentials are nearly optimal; memory
// O((n + m) d).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/ground_cost.hpp"
#include "kernels/kernel_set.hpp"
#include "otbridge/core/points.hpp"
#include "sweep/tile_selection.hpp"

namespace otbridge {

// A pair of points: row `source` and column `sink`.
struct CostArc {
  std::int32_t source, sink;
  double cost;
};

class CostSweep {
 public:
  // rows: n x d, columns: m x d, kept by reference; of order 1, about the origin.
  CostSweep(const Points& rows, const Points& columns, Ground ground = Ground::half_squared);

  // min_j c_ij - g_j for each row.
  Vector transform(const Vector& g) const;

  // The arcs with cost - f - g < level; of a row that has more than `most`, the least.
  struct Found {
    std::vector<CostArc> arcs;  // by source, then by sink
    Index total = 0;            // how many there were
    double least = 0.0;         // the least cost - f - g, or 0
  };
  Found below(double level, const Vector& f, const Vector& g, std::size_t most) const;

  // The level below which about `share` of all arcs lie, from a fixed sample of the rows.
  double level_of(double share, const Vector& f, const Vector& g) const;
  // About the share of all arcs that lies below the level, from fewer rows.
  double share_below(double level, const Vector& f, const Vector& g) const;

 private:
  bool bounded() const { return row_boxes_.count() > 0; }
  // Of column values, none where the clouds are not bounded.
  std::optional<ColumnBounds> bounds(const Vector& values) const;
  TileSelection selection(const std::optional<ColumnBounds>& bounds) const;
  // A bound on what rounding does to an exponent of values up to `largest`, and to its bound.
  double rounding(double largest) const;
  // The pairs of positive exponent, range after range of tiles.
  void set_flags(const kernels::Columns<double>& columns, const kernels::TileRanges& ranges,
                 const kernels::Rows<double>& rows, kernels::Hits* masks) const;
  Vector plain_transform(const Vector& g) const;
  std::vector<kernels::Tile<double>> kernel_levels(const Vector& g) const;
  double cost(Index i, Index j) const {
    return ground_cost(ground_, rows_.row(i), columns_.row(j));
  }

  const Points &rows_, &columns_;
  Ground ground_;
  Vector row_squares_, column_squares_;
  std::size_t tiles_;
  Boxes row_boxes_, column_boxes_, super_boxes_;
  std::vector<kernels::Tile<double>> coordinates_;
  const kernels::KernelTable<double>& kernel_;
};

}  // namespace otbridge
