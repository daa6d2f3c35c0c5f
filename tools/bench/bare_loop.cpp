#include "bare_loop.hpp"

#include "kernels/lanes.inl"

namespace otbridge::bench::OTBRIDGE_KERNEL_NAMESPACE {
namespace {

using namespace kernels::OTBRIDGE_KERNEL_NAMESPACE;
using kernels::Size;

template <class T, Size D, Size V>
T sum_of_pairs(const T* rows, Size count, const T* columns, const T* levels) {
  constexpr Size kLane = kLanes<T>;
  Lanes<T> y[D][V], level[V], sum[V] = {};
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
      Lanes<T> z = level[v];
      OTBRIDGE_UNROLL
      for (Size k = 0; k < D; ++k) z += rows[i * D + k] * y[k][v];
      sum[v] += exp2_lanes(z);
    }
  }
  double all = 0.0;
  for (Size v = 0; v < V; ++v) all += total<T>(sum[v]);
  return static_cast<T>(all);
}

template <class T, Size D>
constexpr BareLoop<T> kLoops[kBareLoops] = {
    {1 * kLanes<T>, sum_of_pairs<T, D, 1>}, {2 * kLanes<T>, sum_of_pairs<T, D, 2>},
    {3 * kLanes<T>, sum_of_pairs<T, D, 3>}, {4 * kLanes<T>, sum_of_pairs<T, D, 4>},
    {5 * kLanes<T>, sum_of_pairs<T, D, 5>}, {6 * kLanes<T>, sum_of_pairs<T, D, 6>}};

}  // namespace

template <class T>
const BareLoop<T>* bare_loops(Size d) {
  return d == 2 ? kLoops<T, 2> : d == 3 ? kLoops<T, 3> : nullptr;
}
template const BareLoop<float>* bare_loops<float>(Size);
template const BareLoop<double>* bare_loops<double>(Size);

}  // namespace otbridge::bench::OTBRIDGE_KERNEL_NAMESPACE
