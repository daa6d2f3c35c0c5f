// TileSelection: which tiles of columns a tile of rows has to meet, by bounds on their exponents.
//
// Exponents are row value + column value + 2 <x, y> (kernels/kernel_set.hpp); what is left out lies
// below a threshold (sweep/tiled_cloud.hpp, Boxes::largest_exponent). Runs of tiles go at one
// comparison where they are far away.
#pragma once

#include <vector>

#include "sweep/tiled_cloud.hpp"

namespace otbridge {

// The columns of a sweep: their boxes, and the majorants of their values on them. Boxes must
// outlive it.
struct ColumnBounds {
  ColumnBounds(const Points& points, const Boxes& boxes, const Boxes& super_boxes,
               const Vector& values)
      : tiles(boxes),
        supers(super_boxes),
        tile_values(boxes.majorants(points, values)),
        super_values(super_boxes.majorants(points, values)) {}

  const Boxes &tiles, &supers;  // runs of kTileSize points, and of TiledCloud::kSuper tiles
  Majorants tile_values, super_values;
};

class TileSelection {
 public:
  // columns null: every tile is met, and the boxes of the rows are not looked at. rows: the points
  // in the order of their boxes, runs of kTileSize. All must outlive the selection.
  TileSelection(const Points& rows, const Boxes& row_boxes, const ColumnBounds* columns,
                Index tiles)
      : rows_(rows),
        row_boxes_(row_boxes),
        columns_(columns),
        tiles_(tiles),
        row_(1, rows.cols()) {}

  // values: of the rows of tile number `tile`. Leaves out tiles whose exponents are below
  // `threshold`, however their bounds were rounded by up to `margin`.
  void select(Index tile, const double* values, double threshold, double margin);
  // The same for sums of weights: leaves out as many of the least tiles as are worth `share`
  // together, if each of their weights were the bound.
  void select_share(Index tile, const double* values, double share, double margin);
  // The one tile of columns, by exponents at the centres of the boxes, that is likely to hold the
  // largest exponents.
  void select_promising(Index tile);

  kernels::TileRanges ranges() const { return {ranges_.data(), ranges_.size()}; }
  Index left_out() const { return skipped_; }
  // A bound on the sum of the weights of one row that were left out.
  double missed() const { return missed_; }

 private:
  struct Weak {
    Index tile;
    int order;  // of its bound, in powers of two above the least that is looked at
  };
  template <class Keep>
  void visit(Index tile, const double* values, double threshold, double margin, Keep&& keep);
  void append(Index begin, Index end);

  const Points& rows_;
  const Boxes& row_boxes_;
  const ColumnBounds* columns_;
  Index tiles_;
  Majorants row_;
  std::vector<kernels::TileRange> ranges_;
  Index skipped_ = 0;
  double missed_ = 0.0;
  std::vector<Weak> weak_;
};

}  // namespace otbridge
