// The loops of normal_loops.hpp on vectors of OTBRIDGE_DOUBLES numbers, included once per
// instruction set with OTBRIDGE_NORMAL_LOOPS the namespace of it.
//
// Only static functions over raw memory: nothing here may call an inline function of another
// header, whose vectorised copy the linker could give to the whole program. Multiplications must
// not be fused with additions (-ffp-contract=off): not every set can.
#include "core/normal_loops.hpp"

namespace otbridge::OTBRIDGE_NORMAL_LOOPS {
namespace {

using Doubles = double __attribute__((vector_size(8 * OTBRIDGE_DOUBLES)));
using Bits = std::uint64_t __attribute__((vector_size(8 * OTBRIDGE_DOUBLES)));
constexpr double kPi = 3.14159265358979323846;

Bits bits_of(Doubles x) { return __builtin_bit_cast(Bits, x); }
Doubles from_bits(Bits x) { return __builtin_bit_cast(Doubles, x); }

// The product of the lower halves of each number.
Bits long_product(Bits a, Bits b) {
#if OTBRIDGE_DOUBLES == 8
  return reinterpret_cast<Bits>(
      _mm512_mul_epu32(reinterpret_cast<__m512i>(a), reinterpret_cast<__m512i>(b)));
#elif OTBRIDGE_DOUBLES == 4
  return reinterpret_cast<Bits>(
      _mm256_mul_epu32(reinterpret_cast<__m256i>(a), reinterpret_cast<__m256i>(b)));
#elif defined(__x86_64__)
  return reinterpret_cast<Bits>(
      _mm_mul_epu32(reinterpret_cast<__m128i>(a), reinterpret_cast<__m128i>(b)));
#else
  return (a & 0xffffffff) * (b & 0xffffffff);
#endif
}

Doubles square_root(Doubles x) {
#if OTBRIDGE_DOUBLES == 8
  return _mm512_sqrt_pd(x);
#elif OTBRIDGE_DOUBLES == 4
  return _mm256_sqrt_pd(x);
#else
  return Doubles{__builtin_sqrt(x[0]), __builtin_sqrt(x[1])};
#endif
}

// That of random.cpp, of 64 bits.
Doubles open_unit(Bits bits) {
  // As the mantissa of a number in [2^52, 2^53).
  const Bits mantissa = bits >> 12 | std::uint64_t{0x433} << 52;
  return (from_bits(mantissa) - 0x1p52 + 0.5) * 0x1p-52;
}

// Numbers of 32 bits lie in the lower halves; what is in the upper ones is not read.
void uniforms(const PairPlaces& places, std::size_t count, std::uint32_t step, std::uint32_t key0,
              std::uint32_t key1, NumberPairs& out) {
  constexpr Bits none{};
  for (std::size_t i = 0; i < count; i += OTBRIDGE_DOUBLES) {
    const Bits row = *reinterpret_cast<const Bits*>(places.row + i);
    Bits c0 = row, c1 = row >> 32, c2 = none + step,
         c3 = *reinterpret_cast<const Bits*>(places.block + i);
    std::uint32_t k0 = key0, k1 = key1;
    for (int round = 0; round < 10; ++round) {
      const Bits p0 = long_product(c0, none + 0xd2511f53), p1 = long_product(c2, none + 0xcd9e8d57);
      c0 = p1 >> 32 ^ c1 ^ (none + k0);
      c2 = p0 >> 32 ^ c3 ^ (none + k1);
      c1 = p1;
      c3 = p0;
      k0 += 0x9e3779b9;  // Weyl sequences of the golden ratio and of sqrt(3) - 1
      k1 += 0xbb67ae85;
    }
    *reinterpret_cast<Doubles*>(out.first + i) = open_unit(c0 << 32 | (c1 & 0xffffffff));
    *reinterpret_cast<Doubles*>(out.second + i) = open_unit(c2 << 32 | (c3 & 0xffffffff));
  }
}

constexpr double kMagic = 0x1.8p52;  // x + kMagic is x rounded to an integer, in its low bits

// log u of 2^-60 < u < 1, by u = 2^k (1 + f), 1 + f between sqrt(1/2) and sqrt(2), and
//   log(1 + f) = f - (f^2/2 - s (f^2/2 + r(s^2))),   s = f / (2 + f),
// r the polynomial of least error of fdlibm (Sun Microsystems 1993, e_log.c).
Doubles logarithm(Doubles u) {
  constexpr std::uint64_t kMantissa = (std::uint64_t{1} << 52) - 1;
  constexpr std::uint64_t kSqrtHalf = 0x3fe6a09e667f3bcd;
  // The exponent of u / sqrt(1/2), and 64, so that it is positive; what is left of u is in
  // [sqrt(1/2), sqrt(2)).
  const Bits above = bits_of(u) - kSqrtHalf + (std::uint64_t{64} << 52);
  const Doubles rest = from_bits((above & kMantissa) + kSqrtHalf);
  const Doubles exponent = from_bits((above >> 52) + bits_of(Doubles{} + kMagic)) - (kMagic + 64.0);
  const Doubles f = rest - 1.0, s = f / (2.0 + f), z = s * s, w = z * z, half = 0.5 * f * f;
  const Doubles even =
      w * (0x1.999999997fa04p-2 + w * (0x1.c71c51d8e78afp-3 + w * 0x1.39a09d078c69fp-3));
  const Doubles odd =
      z * (0x1.5555555555593p-1 +
           w * (0x1.2492494229359p-2 + w * (0x1.7466496cb03dep-3 + w * 0x1.2f112df3e5244p-3)));
  // log 2 in two parts, the first short enough for an exact product.
  constexpr double kHigh = 0x1.62e42feep-1, kLow = 0x1.a39ef35793c76p-33;
  return exponent * kHigh - ((half - (s * (half + even + odd) + exponent * kLow)) - f);
}

void box_muller(std::size_t count, NumberPairs& pairs) {
  for (std::size_t i = 0; i < count; i += OTBRIDGE_DOUBLES) {
    Doubles& first = *reinterpret_cast<Doubles*>(pairs.first + i);
    Doubles& second = *reinterpret_cast<Doubles*>(pairs.second + i);
    const Doubles u = first, v = second;
    const Doubles radius = square_root(-2.0 * logarithm(u));
    // Quarters of a turn, exactly: v = q / 4 + r with |r| <= 1/8.
    const Doubles shifted = 4.0 * v + kMagic;
    const Bits q = bits_of(shifted);
    const Doubles x = 2.0 * kPi * (v - 0.25 * (shifted - kMagic)), z = x * x;
    // Sine and cosine within an eighth of a turn; coefficients of fdlibm (k_sin.c, k_cos.c).
    const Doubles sine =
        x + x * z *
                (-0x1.5555555555549p-3 +
                 z * (0x1.111111110f8a6p-7 +
                      z * (-0x1.a01a019c161d5p-13 +
                           z * (0x1.71de357b1fe7dp-19 +
                                z * (-0x1.ae5e68a2b9cebp-26 + z * 0x1.5d93a5acfd57cp-33)))));
    const Doubles cosine =
        1.0 -
        (0.5 * z - z * z *
                       (0x1.555555555554cp-5 +
                        z * (-0x1.6c16c16c15177p-10 +
                             z * (0x1.a01a019cb1590p-16 +
                                  z * (-0x1.27e4f809c52adp-22 +
                                       z * (0x1.1ee9ebdb4b1c4p-29 - z * 0x1.8fae9be8838d4p-37))))));
    // By q quarters of a turn: cosine and sine change places where q is odd, and their signs.
    const Bits odd = -(q & 1), change = (bits_of(sine) ^ bits_of(cosine)) & odd;
    const Bits minus_cosine = ((q + 1) & 2) << 62, minus_sine = (q & 2) << 62;
    first = radius * from_bits((bits_of(cosine) ^ change) ^ minus_cosine);
    second = radius * from_bits((bits_of(sine) ^ change) ^ minus_sine);
  }
}

}  // namespace

const NormalLoops kLoops{OTBRIDGE_NORMAL_LOOPS_NAME, uniforms, box_muller};

}  // namespace otbridge::OTBRIDGE_NORMAL_LOOPS
