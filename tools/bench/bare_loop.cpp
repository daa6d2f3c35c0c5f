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

double bare_products(Size steps) {
  constexpr Size kChains = 12;
  // Unknown to the compiler; the sums stay below 1 / (1 - factor).
  volatile float factor = 0.999f;
  FloatLanes sum[kChains];
  const FloatLanes x = broadcast(static_cast<float>(factor));
  for (Size c = 0; c < kChains; ++c) sum[c] = static_cast<float>(c) * x;
  for (Size k = 0; k < steps; ++k) {
    OTBRIDGE_UNROLL
    for (Size c = 0; c < kChains; ++c) sum[c] = sum[c] * x + x;
  }
  FloatLanes all = {};
  for (Size c = 0; c < kChains; ++c) all += sum[c];
  // Nothing of the loop can be left out: 0 times a number need not be 0.
  return static_cast<double>(steps * kChains * kLanes<float>) + 0.0 * total<float>(all);
}

}  // namespace otbridge::bench::OTBRIDGE_KERNEL_NAMESPACE
