#include "core/box_muller.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace otbridge {
namespace {

// Two numbers: what every processor of 64 bits has registers for.
using Pair = double __attribute__((vector_size(16)));
using Bits = std::uint64_t __attribute__((vector_size(16)));

Bits bits_of(Pair x) { return std::bit_cast<Bits>(x); }
Pair from_bits(Bits x) { return std::bit_cast<Pair>(x); }

constexpr double kMagic = 0x1.8p52;  // x + kMagic is x rounded to an integer, in its low bits

// log u of 2^-60 < u < 1, by u = 2^k (1 + f), 1 + f between sqrt(1/2) and sqrt(2), and
//   log(1 + f) = f - (f^2/2 - s (f^2/2 + r(s^2))),   s = f / (2 + f),
// r the polynomial of least error of fdlibm (Sun Microsystems 1993, e_log.c).
Pair logarithm(Pair u) {
  constexpr std::uint64_t kMantissa = (std::uint64_t{1} << 52) - 1;
  constexpr std::uint64_t kSqrtHalf = 0x3fe6a09e667f3bcd;
  // The exponent of u / sqrt(1/2), and 64, so that it is positive; what is left of u is in
  // [sqrt(1/2), sqrt(2)).
  const Bits above = bits_of(u) - kSqrtHalf + (std::uint64_t{64} << 52);
  const Pair rest = from_bits((above & kMantissa) + kSqrtHalf);
  const Pair exponent = from_bits((above >> 52) + bits_of(Pair{} + kMagic)) - (kMagic + 64.0);
  const Pair f = rest - 1.0, s = f / (2.0 + f), z = s * s, w = z * z, half = 0.5 * f * f;
  const Pair even =
      w * (0x1.999999997fa04p-2 + w * (0x1.c71c51d8e78afp-3 + w * 0x1.39a09d078c69fp-3));
  const Pair odd =
      z * (0x1.5555555555593p-1 +
           w * (0x1.2492494229359p-2 + w * (0x1.7466496cb03dep-3 + w * 0x1.2f112df3e5244p-3)));
  // log 2 in two parts, the first short enough for an exact product.
  constexpr double kHigh = 0x1.62e42feep-1, kLow = 0x1.a39ef35793c76p-33;
  return exponent * kHigh - ((half - (s * (half + even + odd) + exponent * kLow)) - f);
}

Pair square_root(Pair x) { return Pair{std::sqrt(x[0]), std::sqrt(x[1])}; }

}  // namespace

void box_muller(std::size_t count, std::array<double, kPairsTogether>& u0,
                std::array<double, kPairsTogether>& u1) {
  if (count % 2 != 0) u0[count] = u1[count] = 0.5;  // of the last pair of pairs
  for (std::size_t i = 0; i < count; i += 2) {
    const Pair u{u0[i], u0[i + 1]}, v{u1[i], u1[i + 1]};
    const Pair radius = square_root(-2.0 * logarithm(u));
    // Quarters of a turn, exactly: v = q / 4 + r with |r| <= 1/8.
    const Pair shifted = 4.0 * v + kMagic;
    const Bits q = bits_of(shifted);
    const Pair x = 2.0 * std::numbers::pi * (v - 0.25 * (shifted - kMagic)), z = x * x;
    // Sine and cosine within an eighth of a turn; coefficients of fdlibm (k_sin.c, k_cos.c).
    const Pair sine =
        x + x * z *
                (-0x1.5555555555549p-3 +
                 z * (0x1.111111110f8a6p-7 +
                      z * (-0x1.a01a019c161d5p-13 +
                           z * (0x1.71de357b1fe7dp-19 +
                                z * (-0x1.ae5e68a2b9cebp-26 + z * 0x1.5d93a5acfd57cp-33)))));
    const Pair cosine =
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
    const Pair first = radius * from_bits((bits_of(cosine) ^ change) ^ minus_cosine);
    const Pair second = radius * from_bits((bits_of(sine) ^ change) ^ minus_sine);
    for (std::size_t l = 0; l < 2; ++l) {
      u0[i + l] = first[l];
      u1[i + l] = second[l];
    }
  }
}

}  // namespace otbridge
