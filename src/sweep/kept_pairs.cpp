#include "sweep/kept_pairs.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "otbridge/core/exchange.hpp"
#include "otbridge/core/parallel.hpp"
#include "sweep/tiled_cloud.hpp"

namespace otbridge {
namespace {

constexpr Index kKeptPairsPerChunk = 1 << 14;  // smaller work is not worth a thread

// Rows in chunks of about as many pairs, whatever the number of threads.
Index rows_per_chunk(const PairList& list) {
  const Index mean = std::max<Index>(1, list.pairs() / std::max<Index>(1, list.size()));
  return std::max<Index>(1, kKeptPairsPerChunk / mean);
}

PairList transposed(const PairList& rows, Index columns) {
  PairList list;
  list.begin.assign(to_size(columns) + 1, 0);
  for (const std::int32_t j : rows.others) ++list.begin[static_cast<std::size_t>(j) + 1];
  for (std::size_t j = 1; j < list.begin.size(); ++j) list.begin[j] += list.begin[j - 1];
  list.others.resize(rows.others.size());
  list.costs.resize(rows.costs.size());
  std::vector<std::int32_t> next(list.begin.begin(), list.begin.end() - 1);
  for (Index i = 0; i < rows.size(); ++i) {
    for (Index k = rows.begin[to_size(i)]; k < rows.begin[to_size(i) + 1]; ++k) {
      const auto to =
          static_cast<std::size_t>(next[static_cast<std::size_t>(rows.others[to_size(k)])]++);
      list.others[to] = static_cast<std::int32_t>(i);
      list.costs[to] = rows.costs[to_size(k)];
    }
  }
  return list;
}

}  // namespace

// About the largest term, so that no sum leaves the range of doubles.
Vector PairList::soft_minimum(const kernels::KernelSet& set, const Vector& h, double s2) const {
  Vector out(size());
  const double unit = kLog2E / s2;
  shared_for(size(), rows_per_chunk(*this), {rows_of_loop(out.data())},
             [&](Index first, Index last, Index) {
               std::vector<double> terms, powers;
               for (Index i = first; i < last; ++i) {
                 const Index start = begin[to_size(i)], count = begin[to_size(i) + 1] - start;
                 terms.resize(to_size(count));
                 powers.assign(to_size(count), 1.0);
                 double most = -std::numeric_limits<double>::infinity();
                 for (Index k = 0; k < count; ++k) {
                   terms[to_size(k)] = h[others[to_size(start + k)]] - costs[to_size(start + k)];
                   most = std::max(most, terms[to_size(k)]);
                 }
                 for (double& term : terms) term = (term - most) * unit;
                 set.stored.scale(terms.data(), terms.size(), powers.data());
                 double sum = 0.0;
                 for (const double power : powers) sum += power;
                 out[i] = count > 0 ? -most - s2 * std::log(sum)
                                    : std::numeric_limits<double>::infinity();
               }
             });
  return out;
}

std::vector<double> PairList::weights(const kernels::KernelSet& set, const Vector& e,
                                      const Vector& h, double s2) const {
  std::vector<double> out(others.size(), 1.0);
  const double unit = kLog2E / s2;
  parallel_for(size(), rows_per_chunk(*this), [&](Index first, Index last, Index) {
    std::vector<double> exponents;
    for (Index i = first; i < last; ++i) {
      const Index start = begin[to_size(i)], count = begin[to_size(i) + 1] - start;
      exponents.resize(to_size(count));
      for (Index k = 0; k < count; ++k) {
        exponents[to_size(k)] =
            (e[i] + h[others[to_size(start + k)]] - costs[to_size(start + k)]) * unit;
      }
      set.stored.scale(exponents.data(), exponents.size(), out.data() + start);
    }
  });
  return out;
}

Vector PairList::times(const std::vector<double>& weights, const Vector& v) const {
  Vector sums(size());
  shared_for(size(), rows_per_chunk(*this), {rows_of_loop(sums.data())},
             [&](Index first, Index last, Index) {
               for (Index i = first; i < last; ++i) {
                 double sum = 0.0;
                 for (Index k = begin[to_size(i)]; k < begin[to_size(i) + 1]; ++k)
                   sum += weights[to_size(k)] * v[others[to_size(k)]];
                 sums[i] = sum;
               }
             });
  return sums;
}

Vector KeptPlan::times(const Vector& v) const { return rows.times(by_row, v); }
Vector KeptPlan::transposed_times(const Vector& u) const { return columns.times(by_column, u); }

KeptPlan KeptPairs::plan(const kernels::KernelSet& set, const Vector& e, const Vector& h,
                         double s2) const {
  return {rows_, columns_, rows_.weights(set, e, h, s2), columns_.weights(set, h, e, s2)};
}

KeptPairs::KeptPairs(const CostSweep& costs, const Vector& f, const Vector& g, double reach)
    : f_(f), g_(g), reach_(reach) {
  const auto found = costs.below(reach, f, g, std::numeric_limits<std::size_t>::max());
  rows_.begin.assign(to_size(f.size()) + 1, 0);
  rows_.others.reserve(found.arcs.size());
  rows_.costs.reserve(found.arcs.size());
  for (const CostArc& arc : found.arcs) {
    ++rows_.begin[static_cast<std::size_t>(arc.source) + 1];
    rows_.others.push_back(arc.sink);
    rows_.costs.push_back(arc.cost);
  }
  for (std::size_t i = 1; i < rows_.begin.size(); ++i) rows_.begin[i] += rows_.begin[i - 1];
  columns_ = transposed(rows_, g.size());
}

double KeptPairs::estimate(const CostSweep& costs, const Vector& f, const Vector& g, double reach) {
  return costs.share_below(reach, f, g) * static_cast<double>(f.size()) *
         static_cast<double>(g.size());
}

// c_ij >= f0_i + g0_j + reach there, so that the sums factorise.
KeptPairs::LeftOut KeptPairs::left_out(const Vector& a, const Vector& f, const Vector& b,
                                       const Vector& g, double s2) const {
  const Eigen::ArrayXd u = ((f - f_).array() / s2).exp(), v = ((g - g_).array() / s2).exp();
  const double rows = (a.array() * u).sum(), columns = (b.array() * v).sum();
  const double each = std::exp(-reach_ / s2);
  return {each * rows * columns, each * std::max(u.maxCoeff() * columns, v.maxCoeff() * rows)};
}

}  // namespace otbridge
