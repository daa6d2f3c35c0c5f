// Couplings of two clouds as text that people and table programs read.
#pragma once

#include <string>
#include <vector>

#include "otbridge/plan/faces.hpp"

namespace otbridge {

// Entries of less than this share of what independent ends would give, pi_ij < R a_i b_j, are left
// out of dense couplings: together at most R of the mass, since the a_i b_j sum to 1.
constexpr double kLeastShare = 1e-3;

struct WrittenCoupling {
  Index entries;
  double left_out;  // mass of the entries that were not written
};

// CSV: a header, then a line i,j,mass for each entry above 0 that is at least least_share a_i b_j,
// by i, then by j; both count from 0 in the order of the clouds. Ids of the source stand in a
// column source_id behind them, of the target in target_id; either list may be empty. "-" is
// standard output, a file is replaced whole or not at all. O(n m d) time, 8 MiB and the text of
// memory. Throws InvalidInput for ids of another number, IoFailure where it cannot be written.
WrittenCoupling write_coupling(const Coupling& coupling, double least_share,
                               const std::vector<std::string>& source_ids,
                               const std::vector<std::string>& target_ids, const std::string& path);

}  // namespace otbridge
