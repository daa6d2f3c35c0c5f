// The kernels themselves, included once per instruction set with OTBRIDGE_KERNEL_NAMESPACE set.
//
// Only static loops over raw memory: nothing here may call an inline function of another header,
// whose vectorised copy the linker could give to the whole program.
#include "kernels/kernel_sets.hpp"

namespace otbridge::kernels::OTBRIDGE_KERNEL_NAMESPACE {
namespace {

constexpr Size kBlock = 4;   // rows that share the loads of a column
constexpr Size kTile = 512;  // columns of a tile; partial sums of one tile are kept in T

// Below: 2^z for z in the normal range, by 2^k p(r) with z = k + r, |r| <= 1/2; p interpolates 2^r
// in Chebyshev points (relative error 1e-7 in single precision, below 2e-16 in double).
inline float exp2_clamped(float z) {
  z = z > -125.0f ? z : -125.0f;
  z = z < 126.0f ? z : 126.0f;
  const float magic = 12582912.0f;  // 1.5 * 2^23: adding it rounds to an integer in the low bits
  const float shifted = z + magic;
  const float r = z - (shifted - magic);
  float p = 0.001339086336353527f;
  p = p * r + 0.009676031918255982f;
  p = p * r + 0.05550357114222094f;
  p = p * r + 0.2402210748530968f;
  p = p * r + 0.6931471880262273f;
  p = p * r + 1.0000000754548972f;
  const unsigned bits =
      __builtin_bit_cast(unsigned, p) + (__builtin_bit_cast(unsigned, shifted) << 23);
  return __builtin_bit_cast(float, bits);
}

inline double exp2_clamped(double z) {
  using Bits = unsigned long long;
  z = z > -1021.0 ? z : -1021.0;
  z = z < 1022.0 ? z : 1022.0;
  const double magic = 6755399441055744.0;  // 1.5 * 2^52
  const double shifted = z + magic;
  const double r = z - (shifted - magic);
  double p = 2.5678435993488206e-11;  // ln(2)^12 / 12!, and so on: the Taylor terms suffice here
  p = p * r + 4.4455382718708116e-10;
  p = p * r + 7.054911620801123e-09;
  p = p * r + 1.0178086009239699e-07;
  p = p * r + 1.3215486790144309e-06;
  p = p * r + 1.5252733804059841e-05;
  p = p * r + 0.0001540353039338161;
  p = p * r + 0.0013333558146428443;
  p = p * r + 0.009618129107628477;
  p = p * r + 0.05550410866482158;
  p = p * r + 0.24022650695910072;
  p = p * r + 0.6931471805599453;
  p = p * r + 1.0;
  const Bits bits = __builtin_bit_cast(Bits, p) + (__builtin_bit_cast(Bits, shifted) << 52);
  return __builtin_bit_cast(double, bits);
}

inline Size least(Size a, Size b) { return a < b ? a : b; }

template <class T>
struct Sum {
  static constexpr T start() { return T(0); }
  static T step(T total, T z) { return total + exp2_clamped(z); }
  static double join(double total, T part) { return total + static_cast<double>(part); }
};

template <class T>
struct Maximum {
  static constexpr T start() { return T(-3e38); }
  static T step(T total, T z) { return z > total ? z : total; }
  static double join(double total, T part) {
    return static_cast<double>(part) > total ? static_cast<double>(part) : total;
  }
};

// The direct form, D = 1, 2 or 3: four rows against one tile of columns, all in registers.
// `total` and `step` unrolled by hand because reductions over arrays are not kept in registers.
template <class T, Size D, class Reduce>
void reduce_direct(const Columns<T>& columns, const T* const x[kBlock], const T shift[kBlock],
                   double out[kBlock]) {
  const T* const y0 = columns.coordinates;
  const T* const y1 = D > 1 ? y0 + columns.padded : y0;
  const T* const y2 = D > 2 ? y1 + columns.padded : y0;
  const T* const level = columns.levels;
  const auto at = [&](Size r, Size k) { return x[r][k < D ? k : 0]; };
  const T a0 = at(0, 0), a1 = at(0, 1), a2 = at(0, 2), b0 = at(1, 0), b1 = at(1, 1), b2 = at(1, 2);
  const T c0 = at(2, 0), c1 = at(2, 1), c2 = at(2, 2), e0 = at(3, 0), e1 = at(3, 1), e2 = at(3, 2);
  const T ua = shift[0], ub = shift[1], uc = shift[2], ue = shift[3];
  const auto exponent = [](T u, T v, T p0, T p1, T p2, T q0, T q1, T q2) {
    const T d0 = p0 - q0;
    T z = (u + v) - d0 * d0;
    if constexpr (D > 1) z -= (p1 - q1) * (p1 - q1);
    if constexpr (D > 2) z -= (p2 - q2) * (p2 - q2);
    return z;
  };
  for (Size r = 0; r < kBlock; ++r) out[r] = static_cast<double>(Reduce::start());
  for (Size begin = 0; begin < columns.padded; begin += kTile) {
    const Size end = least(columns.padded, begin + kTile);
    T sa = Reduce::start(), sb = sa, sc = sa, se = sa;
#define OTBRIDGE_LOOP                                               \
  for (Size j = begin; j < end; ++j) {                              \
    const T v = level[j], q0 = y0[j], q1 = y1[j], q2 = y2[j];       \
    sa = Reduce::step(sa, exponent(ua, v, a0, a1, a2, q0, q1, q2)); \
    sb = Reduce::step(sb, exponent(ub, v, b0, b1, b2, q0, q1, q2)); \
    sc = Reduce::step(sc, exponent(uc, v, c0, c1, c2, q0, q1, q2)); \
    se = Reduce::step(se, exponent(ue, v, e0, e1, e2, q0, q1, q2)); \
  }
    if constexpr (Reduce::start() == T(0)) {
#pragma omp simd reduction(+ : sa, sb, sc, se)
      OTBRIDGE_LOOP
    } else {
#pragma omp simd reduction(max : sa, sb, sc, se)
      OTBRIDGE_LOOP
    }
#undef OTBRIDGE_LOOP
    out[0] = Reduce::join(out[0], sa);
    out[1] = Reduce::join(out[1], sb);
    out[2] = Reduce::join(out[2], sc);
    out[3] = Reduce::join(out[3], se);
  }
}

// dots[r][j] = <x_r, y_j> for the columns [begin, begin + width). Four coordinates at a time, so
// that each partial product is loaded and stored once for sixteen multiply-adds.
template <class T>
void inner_products(const Columns<T>& columns, const T* const x[kBlock], Size begin, Size width,
                    T dots[kBlock][kTile]) {
  for (Size r = 0; r < kBlock; ++r) {
    for (Size j = 0; j < width; ++j) dots[r][j] = T(0);
  }
  const T* y = columns.coordinates + begin;
  Size k = 0;
  for (; k + 4 <= columns.d; k += 4, y += 4 * columns.padded) {
    const T *y0 = y, *y1 = y0 + columns.padded, *y2 = y1 + columns.padded,
            *y3 = y2 + columns.padded;
    const T *xa = x[0] + k, *xb = x[1] + k, *xc = x[2] + k, *xe = x[3] + k;
    const T a0 = xa[0], a1 = xa[1], a2 = xa[2], a3 = xa[3], b0 = xb[0], b1 = xb[1], b2 = xb[2];
    const T b3 = xb[3], c0 = xc[0], c1 = xc[1], c2 = xc[2], c3 = xc[3], e0 = xe[0], e1 = xe[1];
    const T e2 = xe[2], e3 = xe[3];
#pragma omp simd
    for (Size j = 0; j < width; ++j) {
      const T q0 = y0[j], q1 = y1[j], q2 = y2[j], q3 = y3[j];
      dots[0][j] += a0 * q0 + a1 * q1 + a2 * q2 + a3 * q3;
      dots[1][j] += b0 * q0 + b1 * q1 + b2 * q2 + b3 * q3;
      dots[2][j] += c0 * q0 + c1 * q1 + c2 * q2 + c3 * q3;
      dots[3][j] += e0 * q0 + e1 * q1 + e2 * q2 + e3 * q3;
    }
  }
  for (; k < columns.d; ++k, y += columns.padded) {
    const T a = x[0][k], b = x[1][k], c = x[2][k], e = x[3][k];
#pragma omp simd
    for (Size j = 0; j < width; ++j) {
      dots[0][j] += a * y[j];
      dots[1][j] += b * y[j];
      dots[2][j] += c * y[j];
      dots[3][j] += e * y[j];
    }
  }
}

template <class T, class Reduce>
void reduce_products(const Columns<T>& columns, const T* const x[kBlock], const T shift[kBlock],
                     double out[kBlock]) {
  T u[kBlock];
  for (Size r = 0; r < kBlock; ++r) {
    T square = T(0);
    for (Size k = 0; k < columns.d; ++k) square += x[r][k] * x[r][k];
    u[r] = shift[r] - square;
    out[r] = static_cast<double>(Reduce::start());
  }
  T dots[kBlock][kTile];
  for (Size begin = 0; begin < columns.padded; begin += kTile) {
    const Size width = least(columns.padded - begin, kTile);
    inner_products(columns, x, begin, width, dots);
    const T* const level = columns.reduced + begin;
    for (Size r = 0; r < kBlock; ++r) {
      const T* const dot = dots[r];
      const T ur = u[r];
      T total = Reduce::start();
      if constexpr (Reduce::start() == T(0)) {
#pragma omp simd reduction(+ : total)
        for (Size j = 0; j < width; ++j) total = Reduce::step(total, ur + level[j] + T(2) * dot[j]);
      } else {
#pragma omp simd reduction(max : total)
        for (Size j = 0; j < width; ++j) total = Reduce::step(total, ur + level[j] + T(2) * dot[j]);
      }
      out[r] = Reduce::join(out[r], total);
    }
  }
}

// Runs the block form over all rows; the last block repeats its last row.
template <class T, class Reduce>
void reduce_rows(const Columns<T>& columns, const Rows<T>& rows, double* out) {
  for (Size i = 0; i < rows.count; i += kBlock) {
    const T* x[kBlock];
    T shift[kBlock];
    double block[kBlock];
    for (Size r = 0; r < kBlock; ++r) {
      const Size row = least(i + r, rows.count - 1);
      x[r] = rows.coordinates + row * columns.d;
      shift[r] = rows.shifts[row];
    }
    switch (columns.d) {
      case 1:
        reduce_direct<T, 1, Reduce>(columns, x, shift, block);
        break;
      case 2:
        reduce_direct<T, 2, Reduce>(columns, x, shift, block);
        break;
      case 3:
        reduce_direct<T, 3, Reduce>(columns, x, shift, block);
        break;
      default:
        reduce_products<T, Reduce>(columns, x, shift, block);
    }
    for (Size r = 0; r < kBlock && i + r < rows.count; ++r) out[i + r] = block[r];
  }
}

// Squared distances and weights of one row against one tile, from differences in any dimension.
template <class T>
void tile_weights(const Columns<T>& columns, const T* x, T shift, Size begin, Size width,
                  T distances[kTile], T weights[kTile]) {
  for (Size j = 0; j < width; ++j) distances[j] = T(0);
  for (Size k = 0; k < columns.d; ++k) {
    const T* const y = columns.coordinates + k * columns.padded + begin;
    const T xk = x[k];
#pragma omp simd
    for (Size j = 0; j < width; ++j) distances[j] += (xk - y[j]) * (xk - y[j]);
  }
  const T* const level = columns.levels + begin;
#pragma omp simd
  for (Size j = 0; j < width; ++j) {
    weights[j] = exp2_clamped((shift + level[j]) - distances[j]);
  }
}

// Calls visit(row, begin, width, distances, weights) for every row and tile.
template <class T, class Visit>
void for_tiles(const Columns<T>& columns, const Rows<T>& rows, Visit visit) {
  T distances[kTile], weights[kTile];
  for (Size i = 0; i < rows.count; ++i) {
    const T* const x = rows.coordinates + i * columns.d;
    for (Size begin = 0; begin < columns.padded; begin += kTile) {
      const Size width = least(columns.padded - begin, kTile);
      tile_weights(columns, x, rows.shifts[i], begin, width, distances, weights);
      visit(i, begin, width, distances, weights);
    }
  }
}

template <class T>
T dot_product(const T* a, const T* b, Size count) {
  T total = T(0);
#pragma omp simd reduction(+ : total)
  for (Size j = 0; j < count; ++j) total += a[j] * b[j];
  return total;
}

template <class T>
T total_of(const T* a, Size count) {
  T total = T(0);
#pragma omp simd reduction(+ : total)
  for (Size j = 0; j < count; ++j) total += a[j];
  return total;
}

template <class T>
void row_costs(const Columns<T>& columns, const Rows<T>& rows, double* sums, double* costs) {
  for (Size i = 0; i < rows.count; ++i) sums[i] = costs[i] = 0.0;
  for_tiles(columns, rows, [&](Size i, Size, Size width, const T* distances, const T* weights) {
    sums[i] += static_cast<double>(total_of(weights, width));
    costs[i] += static_cast<double>(dot_product(weights, distances, width));
  });
}

template <class T>
void row_means(const Columns<T>& columns, const Rows<T>& rows, const T* values, Size value_width,
               double* sums, double* means) {
  for (Size i = 0; i < rows.count; ++i) sums[i] = 0.0;
  for (Size i = 0; i < rows.count * value_width; ++i) means[i] = 0.0;
  for_tiles(columns, rows, [&](Size i, Size begin, Size width, const T*, const T* weights) {
    sums[i] += static_cast<double>(total_of(weights, width));
    for (Size k = 0; k < value_width; ++k) {
      const T* const value = values + k * columns.padded + begin;
      means[i * value_width + k] += static_cast<double>(dot_product(weights, value, width));
    }
  });
}

template <class T>
void row_weights(const Columns<T>& columns, const Rows<T>& rows, Size count, double* out) {
  for_tiles(columns, rows, [&](Size i, Size begin, Size width, const T*, const T* weights) {
    for (Size j = 0; j < width && begin + j < count; ++j) {
      out[i * count + begin + j] = static_cast<double>(weights[j]);
    }
  });
}

template <class T>
constexpr KernelTable<T> kTable{reduce_rows<T, Sum<T>>, reduce_rows<T, Maximum<T>>, row_costs<T>,
                                row_means<T>, row_weights<T>};

#define OTBRIDGE_TEXT_OF(name) #name
#define OTBRIDGE_TEXT(name) OTBRIDGE_TEXT_OF(name)
constexpr KernelSet kSet{OTBRIDGE_TEXT(OTBRIDGE_KERNEL_NAMESPACE), kTable<float>, kTable<double>};

}  // namespace

const KernelSet& kernel_set() { return kSet; }

}  // namespace otbridge::kernels::OTBRIDGE_KERNEL_NAMESPACE
