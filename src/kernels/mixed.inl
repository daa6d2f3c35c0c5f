// Products between hidden layers in mixed precision: the loops of network.inl over pairs of
// bfloat16.
#include "kernels/lanes.inl"
#include "kernels/network.inl"

namespace otbridge::kernels::OTBRIDGE_KERNEL_NAMESPACE {
namespace {

// Entries are two bfloat16 in the place of a float, the first in the lower half.
struct Pairs {
  using Entry = float;
  static float one() { return __builtin_bit_cast(float, 0x3f803f80u); }  // 1 and 1
  // sum += value_0 row_0 + value_1 row_1. Nothing here may compute with the pair as a number, which
  // could be taken for a subnormal or a NaN.
  [[gnu::always_inline]] static void add_product(float pair, FloatLanes row, FloatLanes& sum) {
    sum = _mm512_dpbf16_ps(sum, __builtin_bit_cast(__m512bh, _mm512_set1_ps(pair)),
                           __builtin_bit_cast(__m512bh, row));
  }
};

constexpr Size kPanelFloats = kPanel<float>;
constexpr Size kPanelPairs = kPanelFloats / 2;

// Both rounded to the nearest, ties to even: those of `low` and then those of `high`.
[[gnu::always_inline]] inline __m512i rounded(FloatLanes low, FloatLanes high) {
  return __builtin_bit_cast(__m512i, _mm512_cvtne2ps_pbh(high, low));
}

[[gnu::always_inline]] inline void store_pairs(float* aligned, __m512i pairs) {
  store(aligned, __builtin_bit_cast(FloatLanes, pairs));
}

void pair_columns(const float* panels, Size rows, Size columns, float* pairs) {
  // Two panels of numbers make one of pairs. Behind an odd number of columns lies padding.
  for (Size panel = 0; panel * kPanelFloats < columns; ++panel) {
    float* out = pairs + panel / 2 * rows * kPanelFloats + panel % 2 * kPanelPairs;
    for (Size i = 0; i < rows; ++i, panels += kPanelFloats, out += kPanelFloats) {
      store_pairs(out, rounded(load(panels), load(panels + kLanes<float>)));
    }
  }
}

void pair_rows(const float* panels, Size rows, Size used, Size columns, float* pairs) {
  // Word 2 j is number j of the upper row, word 2 j + 1 that of the lower one.
  alignas(64) short words[32];
  for (short k = 0; k < 32; ++k) words[k] = static_cast<short>(k / 2 + k % 2 * 16);
  const __m512i order = _mm512_load_si512(words);
  for (Size panel = 0; panel * kPanelFloats < columns; ++panel) {
    const float* const from = panels + panel * rows * kPanelFloats;
    float* const to = pairs + panel * ((rows + 1) / 2) * kPanelFloats;
    for (Size i = 0; i < used; i += 2) {
      const float* const row = from + i * kPanelFloats;
      for (Size at = 0; at < kPanelFloats; at += kLanes<float>) {
        const FloatLanes below = i + 1 < used ? load(row + kPanelFloats + at) : FloatLanes{};
        store_pairs(to + i / 2 * kPanelFloats + at,
                    _mm512_permutexvar_epi16(order, rounded(load(row + at), below)));
      }
    }
  }
}

constexpr MixedTable<float> kMixed{pair_columns, pair_rows, silu<Pairs>, chain<Pairs>,
                                   weight_gradient<Pairs>};

}  // namespace

const KernelSet& kernel_set() {
  static const KernelSet set = [] {
    KernelSet with = avx512::kernel_set();
    with.name = "avx512_bf16";
    with.network_f32.mixed = &kMixed;
    return with;
  }();
  return set;
}

}  // namespace otbridge::kernels::OTBRIDGE_KERNEL_NAMESPACE
