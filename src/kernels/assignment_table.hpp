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
  struct Least {
    double value;
    Size column;  // the first one, of equals
  };
  // Over j of costs_j - g_j.
  Least (*least)(const double* costs, const double* g, Size padded);
  // One step of Dijkstra's algorithm: where costs_j - g_j + shift < distances_j, it is the
  // distance, and `row` the predecessor. Distances of -kNoCost are final and stay; the least is
  // that of the others.
  Least (*relax)(const double* costs, const double* g, double shift, double row, Size padded,
                 double* distances, double* predecessors);
};

}  // namespace otbridge::kernels
