// Lanes<T>: the vectors of one instruction set, and 2^z on them.
//
// Arithmetic is the compiler's own on vector types; only what it has no operator for is spelled
// out.
#if defined(OTBRIDGE_KERNELS_AVX512) || defined(OTBRIDGE_KERNELS_AVX2)
#include <immintrin.h>
#endif

#include "kernels/kernel_sets.hpp"

// GCC 12 takes the deliberately undefined operands in its own intrinsics for mistakes.
#if defined(__GNUC__) && !defined(__clang__)
// Only in these files: elsewhere both warnings stay on.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif

#ifdef __clang__
#define OTBRIDGE_UNROLL _Pragma("unroll")
#else
#define OTBRIDGE_UNROLL _Pragma("GCC unroll 16")
#endif

namespace otbridge::kernels::OTBRIDGE_KERNEL_NAMESPACE {
namespace {

#if defined(OTBRIDGE_KERNELS_AVX512)
#define OTBRIDGE_VECTOR_BYTES 64
#elif defined(OTBRIDGE_KERNELS_AVX2)
#define OTBRIDGE_VECTOR_BYTES 32
#else
// SSE2, or 128-bit vectors of another processor: vector types need no intrinsics.
#define OTBRIDGE_VECTOR_BYTES 16
#endif

using FloatLanes = float __attribute__((vector_size(OTBRIDGE_VECTOR_BYTES)));
using DoubleLanes = double __attribute__((vector_size(OTBRIDGE_VECTOR_BYTES)));
using HalfFloatLanes = float __attribute__((vector_size(OTBRIDGE_VECTOR_BYTES / 2)));

template <class T>
struct LanesOf;
template <>
struct LanesOf<float> {
  using Type = FloatLanes;
};
template <>
struct LanesOf<double> {
  using Type = DoubleLanes;
};
template <class T>
using Lanes = typename LanesOf<T>::Type;

template <class T>
constexpr Size kLanes = OTBRIDGE_VECTOR_BYTES / sizeof(T);

template <class T>
[[gnu::always_inline]] inline Lanes<T> broadcast(T value) {
  return Lanes<T>{} + value;
}

template <class T>
[[gnu::always_inline]] inline Lanes<T> load(const T* aligned) {
  return *reinterpret_cast<const Lanes<T>*>(aligned);
}

template <class T>
[[gnu::always_inline]] inline double total(Lanes<T> lanes) {
  // In the order of the lanes: the same sum from every compiler.
  T sum = T(0);
  for (Size k = 0; k < kLanes<T>; ++k) sum += lanes[k];
  return static_cast<double>(sum);
}

template <class T>
[[gnu::always_inline]] inline double largest(Lanes<T> lanes) {
  T most = lanes[0];
  for (Size k = 1; k < kLanes<T>; ++k) most = lanes[k] > most ? lanes[k] : most;
  return static_cast<double>(most);
}

// The larger of each pair; where a is NaN, b.
[[gnu::always_inline]] inline FloatLanes larger(FloatLanes a, FloatLanes b) {
#if defined(OTBRIDGE_KERNELS_AVX512)
  // max of x86 returns its second operand where one is NaN, as the comparison below does.
  return _mm512_max_ps(a, b);
#elif defined(OTBRIDGE_KERNELS_AVX2)
  return _mm256_max_ps(a, b);
#else
  return a > b ? a : b;
#endif
}
[[gnu::always_inline]] inline DoubleLanes larger(DoubleLanes a, DoubleLanes b) {
#if defined(OTBRIDGE_KERNELS_AVX512)
  return _mm512_max_pd(a, b);
#elif defined(OTBRIDGE_KERNELS_AVX2)
  return _mm256_max_pd(a, b);
#else
  return a > b ? a : b;
#endif
}

// The smaller of each pair; where a is NaN, b.
[[gnu::always_inline]] inline FloatLanes smaller(FloatLanes a, FloatLanes b) {
#if defined(OTBRIDGE_KERNELS_AVX512)
  return _mm512_min_ps(a, b);
#elif defined(OTBRIDGE_KERNELS_AVX2)
  return _mm256_min_ps(a, b);
#else
  return a < b ? a : b;
#endif
}
[[gnu::always_inline]] inline DoubleLanes smaller(DoubleLanes a, DoubleLanes b) {
#if defined(OTBRIDGE_KERNELS_AVX512)
  return _mm512_min_pd(a, b);
#elif defined(OTBRIDGE_KERNELS_AVX2)
  return _mm256_min_pd(a, b);
#else
  return a < b ? a : b;
#endif
}
// The smallest of all, which are numbers.
[[gnu::always_inline]] inline double smallest(DoubleLanes lanes) {
  double least = lanes[0];
  for (Size k = 1; k < kLanes<double>; ++k) least = lanes[k] < least ? lanes[k] : least;
  return least;
}

// A bit of each lane, the first the lowest: whether the two are equal.
[[gnu::always_inline]] inline unsigned equal_lanes(DoubleLanes a, DoubleLanes b) {
#if defined(OTBRIDGE_KERNELS_AVX512)
  return _mm512_cmp_pd_mask(a, b, _CMP_EQ_OQ);
#elif defined(OTBRIDGE_KERNELS_AVX2)
  return static_cast<unsigned>(_mm256_movemask_pd(_mm256_cmp_pd(a, b, _CMP_EQ_OQ)));
#else
  unsigned bits = 0;
  for (Size k = 0; k < kLanes<double>; ++k) bits |= static_cast<unsigned>(a[k] == b[k]) << k;
  return bits;
#endif
}

[[gnu::always_inline]] inline FloatLanes square_root(FloatLanes a) {
#if defined(OTBRIDGE_KERNELS_AVX512)
  return _mm512_sqrt_ps(a);
#elif defined(OTBRIDGE_KERNELS_AVX2)
  return _mm256_sqrt_ps(a);
#else
  for (Size k = 0; k < kLanes<float>; ++k) a[k] = __builtin_sqrtf(a[k]);
  return a;
#endif
}
[[gnu::always_inline]] inline DoubleLanes square_root(DoubleLanes a) {
#if defined(OTBRIDGE_KERNELS_AVX512)
  return _mm512_sqrt_pd(a);
#elif defined(OTBRIDGE_KERNELS_AVX2)
  return _mm256_sqrt_pd(a);
#else
  for (Size k = 0; k < kLanes<double>; ++k) a[k] = __builtin_sqrt(a[k]);
  return a;
#endif
}

// Bit k is set where lane k is above 0.
[[gnu::always_inline]] inline Hits positive_lanes(FloatLanes z) {
#if defined(OTBRIDGE_KERNELS_AVX512)
  return _mm512_cmp_ps_mask(z, FloatLanes{}, _CMP_GT_OQ);
#elif defined(OTBRIDGE_KERNELS_AVX2)
  return static_cast<Hits>(_mm256_movemask_ps(_mm256_cmp_ps(z, FloatLanes{}, _CMP_GT_OQ)));
#else
  Hits bits = 0;
  for (Size k = 0; k < kLanes<float>; ++k) bits |= (z[k] > 0.0f ? Hits{1} : Hits{0}) << k;
  return bits;
#endif
}
[[gnu::always_inline]] inline Hits positive_lanes(DoubleLanes z) {
#if defined(OTBRIDGE_KERNELS_AVX512)
  return _mm512_cmp_pd_mask(z, DoubleLanes{}, _CMP_GT_OQ);
#elif defined(OTBRIDGE_KERNELS_AVX2)
  return static_cast<Hits>(_mm256_movemask_pd(_mm256_cmp_pd(z, DoubleLanes{}, _CMP_GT_OQ)));
#else
  Hits bits = 0;
  for (Size k = 0; k < kLanes<double>; ++k) bits |= (z[k] > 0.0 ? Hits{1} : Hits{0}) << k;
  return bits;
#endif
}

// 2^z = 2^k p(r), z = k + r with k whole and |r| <= 1/2. p is the minimax polynomial of least
// relative error: 7.5e-8 in degree 5, 2.1e-16 in degree 10. Exponents below the normal range are
// raised to its end; a weight beyond the range is infinite (AVX-512) or 2^126, 2^1022.
[[gnu::always_inline]] inline FloatLanes exp2_lanes(FloatLanes z) {
  // The least normal is 2^-126; p may be as small as 2^-1/2.
  z = larger(z, broadcast(-125.0f));
#if defined(OTBRIDGE_KERNELS_AVX512)
  const FloatLanes k = _mm512_roundscale_ps(z, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
#else
  z = smaller(z, broadcast(126.0f));
  // x + 1.5 2^23 has the integer nearest to x in its low bits, for |x| < 2^22.
  const FloatLanes magic =
      broadcast(12582912.0f);  // 1.5 2^23: rounds to an integer in the low bits
  const FloatLanes shifted = z + magic, k = shifted - magic;
#endif
  // Exact: z and k are within a factor 2 of each other, or k is 0.
  const FloatLanes r = z - k;
  FloatLanes p = r * 0.0013276472631950876f + 0.0096755413431213274f;
  p = p * r + 0.055507132718556442f;
  p = p * r + 0.24022119723710720f;
  p = p * r + 0.69314696706503521f;
  p = p * r + 1.0000000716547141f;
#if defined(OTBRIDGE_KERNELS_AVX512)
  return _mm512_scalef_ps(p, k);
#else
  using Bits = unsigned __attribute__((vector_size(OTBRIDGE_VECTOR_BYTES)));
  // k is added to the exponent field of p, which the two clamps keep within 1 .. 254.
  return reinterpret_cast<FloatLanes>(reinterpret_cast<Bits>(p) +
                                      (reinterpret_cast<Bits>(shifted) << 23));
#endif
}

[[gnu::always_inline]] inline DoubleLanes exp2_lanes(DoubleLanes z) {
  // As in single precision, with 1022, 52 and 2046 for 126, 23 and 254.
  z = larger(z, broadcast(-1021.0));
#if defined(OTBRIDGE_KERNELS_AVX512)
  const DoubleLanes k = _mm512_roundscale_pd(z, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
#else
  z = smaller(z, broadcast(1022.0));
  const DoubleLanes magic = broadcast(6755399441055744.0);  // 1.5 2^52
  const DoubleLanes shifted = z + magic, k = shifted - magic;
#endif
  const DoubleLanes r = z - k;
  DoubleLanes p = r * 7.0372795305828035e-9 + 1.0208537904552164e-7;
  p = p * r + 1.3215662831846103e-6;
  p = p * r + 1.5252658116561384e-5;
  p = p * r + 1.5403529961135955e-4;
  p = p * r + 1.3333558228561476e-3;
  p = p * r + 9.6181291080345887e-3;
  p = p * r + 5.5504108664458833e-2;
  p = p * r + 0.24022650695908768;
  p = p * r + 0.69314718055994978;
  p = p * r + 1.0;
#if defined(OTBRIDGE_KERNELS_AVX512)
  return _mm512_scalef_pd(p, k);
#else
  using Bits = unsigned long long __attribute__((vector_size(OTBRIDGE_VECTOR_BYTES)));
  return reinterpret_cast<DoubleLanes>(reinterpret_cast<Bits>(p) +
                                       (reinterpret_cast<Bits>(shifted) << 52));
#endif
}

}  // namespace
}  // namespace otbridge::kernels::OTBRIDGE_KERNEL_NAMESPACE
