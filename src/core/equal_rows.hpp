// Rows of a batch that repeat: many draws given one point are asked for as one batch of its copies.
#pragma once

#include <vector>

#include "otbridge/core/points.hpp"

namespace otbridge {

// Where each run of equal rows that follow each other begins, ascending; empty for no rows. O(n d).
inline std::vector<Index> runs_of_equal_rows(ConstPoints x) {
  std::vector<Index> runs;
  for (Index i = 0; i < x.rows(); ++i) {
    if (i == 0 || x.row(i) != x.row(i - 1)) runs.push_back(i);
  }
  return runs;
}

}  // namespace otbridge
