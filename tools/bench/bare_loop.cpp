#include "bare_loop.hpp"

#include "kernels/lanes.inl"

namespace otbridge::bench::OTBRIDGE_KERNEL_NAMESPACE {
namespace {

using namespace kernels::OTBRIDGE_KERNEL_NAMESPACE;
using kernels::Size;

template <Size D, Size V>
float sum_of_pairs(const float* rows, Size count, const float* columns, const float* levels) {
  constexpr Size kLane = kLanes<float>;
  FloatLanes y[D][V], level[V], sum[V] = {};
  OTBRIDGE_UNROLL
  for (Size v = 0; v < V; ++v) {
    level[v] = load(levels + v * kLane);
    OTBRIDGE_UNROLL
    for (Size k = 0; k < D; ++k) y[k][v] = load(columns + (k * V + v) * kLane);
  }
#pragma GCC unroll 2
  for (Size i = 0; i < count; ++i) {
    OTBRIDGE_UNROLL
    for (Size v = 0; v < V; ++v) {
      FloatLanes z = level[v];
      OTBRIDGE_UNROLL
      for (Size k = 0; k < D; ++k) z += rows[i * D + k] * y[k][v];
      sum[v] += exp2_lanes(z);
    }
  }
  double all = 0.0;
  for (Size v = 0; v < V; ++v) all += total<float>(sum[v]);
  return static_cast<float>(all);
}

template <Size D>
constexpr BareLoop kLoops[kBareLoops] = {
    {1 * kLanes<float>, sum_of_pairs<D, 1>}, {2 * kLanes<float>, sum_of_pairs<D, 2>},
    {3 * kLanes<float>, sum_of_pairs<D, 3>}, {4 * kLanes<float>, sum_of_pairs<D, 4>},
    {5 * kLanes<float>, sum_of_pairs<D, 5>}, {6 * kLanes<float>, sum_of_pairs<D, 6>}};

}  // namespace

const BareLoop* bare_loops(Size d) { return d == 2 ? kLoops<2> : d == 3 ? kLoops<3> : nullptr; }

}  // namespace otbridge::bench::OTBRIDGE_KERNEL_NAMESPACE
