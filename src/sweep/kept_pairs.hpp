// KeptPairs: the pairs of two clouds that matter near a pair of potentials, with their costs.
//
// Where the temperature is low a plan lives on few pairs of each point. Those within `reach` of
// f0 + g0 = c are kept once, in both orders and in double precision; sums over them take time in
// proportion to their number, whatever the dimension. What the others would add is bounded by how
// far the potentials have moved since (sparse kernels: Schmitzer 2019, section 3.3). Results do not
// depend on the number of threads. Memory 24 bytes per pair.
#pragma once

#include <cstdint>
#include <vector>

#include "sweep/cost_sweep.hpp"

namespace otbridge {

// The kept pairs of each row, or of each column.
struct PairList {
  std::vector<std::int32_t> begin;   // of row i: [begin[i], begin[i + 1])
  std::vector<std::int32_t> others;  // ascending within a row
  std::vector<double> costs;

  Index size() const { return static_cast<Index>(begin.size()) - 1; }
  Index pairs() const { return begin.back(); }
  // -s2 log sum_j exp((h_j - c_ij) / s2) for each row; infinite for one without pairs.
  Vector soft_minimum(const kernels::KernelSet& set, const Vector& h, double s2) const;
  // exp((e_i + h_j - c_ij) / s2), in the order of the pairs.
  std::vector<double> weights(const kernels::KernelSet& set, const Vector& e, const Vector& h,
                              double s2) const;
  // sum_j w_ij v_j.
  Vector times(const std::vector<double>& weights, const Vector& v) const;
};

// A plan on the kept pairs, in both orders; refers to the lists.
struct KeptPlan {
  const PairList &rows, &columns;
  std::vector<double> by_row, by_column;  // entries, in the order of the pairs

  Vector times(const Vector& v) const;             // pi v
  Vector transposed_times(const Vector& u) const;  // pi^T u
};

class KeptPairs {
 public:
  // Those with c - f - g < reach, fewer than 2^31. O(n m d).
  KeptPairs(const CostSweep& costs, const Vector& f, const Vector& g, double reach);

  // How many the constructor would keep, from some of the rows. O(m d) for each.
  static double estimate(const CostSweep& costs, const Vector& f, const Vector& g, double reach);

  // exp((e_i + h_j - c_ij) / s2).
  KeptPlan plan(const kernels::KernelSet& set, const Vector& e, const Vector& h, double s2) const;

  const PairList& by_row() const { return rows_; }
  const PairList& by_column() const { return columns_; }
  // Bounds on a_i b_j exp((f_i + g_j - c_ij) / s2) summed over the pairs that were left out, a and
  // b of sum 1: over all, and the largest share of one row or column in its weight.
  struct LeftOut {
    double mass, share;
  };
  LeftOut left_out(const Vector& a, const Vector& f, const Vector& b, const Vector& g,
                   double s2) const;

 private:
  Vector f_, g_;
  double reach_;
  PairList rows_, columns_;
};

}  // namespace otbridge
