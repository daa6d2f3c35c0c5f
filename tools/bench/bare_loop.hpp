// The least that a sum of exponentials over pairs or a product can do, to hold the kernels against.
//
// bare_loop.cpp is compiled once per instruction set, as the kernels are.
#pragma once

#include <cstddef>

namespace otbridge::bench {

// The sum over `count` rows (count x d, row-major) and a few columns of 2^(level + <x, y>): per
// pair d multiply-adds, one 2^z of the kernels' own and one addition. Columns, levels and sums stay
// in registers; a row costs its d broadcasts. No shift of the rows, no tiles.
template <class T>
struct BareLoop {
  std::size_t columns;
  T (*sum)(const T* rows, std::size_t count, const T* columns, const T* levels);
};

// The same with 1 to kBareLoops vectors of columns; which is fastest depends on the registers.
// Null unless d is 2 or 3. T: float or double.
constexpr std::size_t kBareLoops = 6;

// Multiply-adds in single precision on registers alone, as many chains of them as hide their
// latency. Returns how many were done: 12 vectors a step.
using ProductLoop = double (*)(std::size_t steps);

namespace baseline {
template <class T>
const BareLoop<T>* bare_loops(std::size_t d);
double bare_products(std::size_t steps);
}  // namespace baseline
namespace avx2 {
template <class T>
const BareLoop<T>* bare_loops(std::size_t d);
double bare_products(std::size_t steps);
}  // namespace avx2
namespace avx512 {
template <class T>
const BareLoop<T>* bare_loops(std::size_t d);
double bare_products(std::size_t steps);
}  // namespace avx512

}  // namespace otbridge::bench
