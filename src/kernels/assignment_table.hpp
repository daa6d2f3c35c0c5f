// Kernels of dense assignment: one row of a cost matrix at a time, columns in whole tiles.
//
// Columns past the last one are padding: their costs are kNoCost, and they are never the least.
#pragma once

#include "kernels/tile.hpp"

namespace otbridge::kernels {

constexpr double kNoCost = 1e300;

struct AssignmentTable {
  // costs_j = |x - y_j|^2 / 2, or |x - y_j| where `distance`, from differences; coordinate k of all
  // columns is at y + k * padded.
  void (*costs)(const double* x, const double* y, Size d, Size columns, Size padded, bool distance,
                double* costs);
  // Of each tile the least of costs_j - g_j.
  void (*tile_minima)(const double* costs, const double* g, Size tiles, double* minima);
  // The first column of a tile where costs_j - g_j == value, kTile if there is none.
  Size (*first)(const double* costs, const double* g, double value);
  // Where costs_j + shift < distances_j, it is the distance.
  void (*shorten)(const double* costs, double shift, Size padded, double* distances);
  // The state of Dijkstra's algorithm among the columns.
  struct Search {
    double* distances;       // kNoCost of columns that it has come to
    double* tile_distances;  // the least of each tile
    const double* taken;     // kNoCost of columns that have a row, else 0
    double free;             // the least distance of a column that has none
  };
  struct Nearest {
    Size column;  // the first one, of equals
    double distance;
  };
  // One step of it, from a row: where costs_j - g_j + shift < distances_j, it is the distance. Of
  // tiles where bounds_t <= costs_j - g_j those are left out that a free column is nearer than, but
  // not the row's own.
  Nearest (*relax)(const double* costs, const double* g, const double* bounds, double shift,
                   Size own, Size tiles, Search& search);
};

}  // namespace otbridge::kernels
