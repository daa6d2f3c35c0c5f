// The loops of one instruction set; included once by each kernel_set_*.cpp, inside its own
// namespace, which defines kVectorBytes. Vectors are the compilers' own vector types: what is
// written is what runs.
//
// exp2 is branch-free: round, polynomial, exponent bits. Exponents are clamped to [kFloor,
// kCeiling], so no subnormal number ever appears (they are some twenty times slower) and a sum out
// of range is recognisable.

template <class T>
struct Exp2;

// Minimax in relative error on [-1/2, 1/2], degree 5: 7.5e-8.
template <>
struct Exp2<float> {
  using Bits = int;
  static constexpr float kFloor = -100.0F, kCeiling = 126.0F;
  static constexpr float kRound =
      12582912.0F;  // 1.5 * 2^23: adding it rounds to the nearest integer
  static constexpr int kMantissa = 23;
  static constexpr float kCoefficients[] = {1.3276471979e-3F, 9.6755413342e-3F, 5.5507132735e-2F,
                                            2.4022119724e-1F, 6.9314696706e-1F, 1.0000000717F};
};

// Minimax in relative error on [-1/2, 1/2], degree 11: 3.4e-18.
template <>
struct Exp2<double> {
  using Bits = long long;
  static constexpr double kFloor = -1000.0, kCeiling = 1022.0;
  static constexpr double kRound = 6755399441055744.0;  // 1.5 * 2^52
  static constexpr int kMantissa = 52;
  static constexpr double kCoefficients[] = {
      4.43556014569446e-10,   7.074134442646212e-09,  1.0178196525348661e-07,
      1.3215432925961847e-06, 1.5252733492885486e-05, 1.5403530462820115e-04,
      1.3333558146787156e-03, 9.61812910758813e-03,   5.550410866481994e-02,
      2.4022650695910155e-01, 6.931471805599453e-01,  1.0};
};

template <class T>
struct Lanes {
  typedef T Vector __attribute__((vector_size(kVectorBytes)));
  typedef T Unaligned __attribute__((vector_size(kVectorBytes), aligned(alignof(T)), may_alias));
  typedef typename Exp2<T>::Bits Bits __attribute__((vector_size(kVectorBytes)));
  static constexpr size_t kCount = kVectorBytes / sizeof(T);
};
template <class T>
using Vector = typename Lanes<T>::Vector;

template <class T>
inline Vector<T> load(const T* p) {
  return *reinterpret_cast<const typename Lanes<T>::Unaligned*>(p);
}

template <class T>
inline void store(T* p, Vector<T> value) {
  *reinterpret_cast<typename Lanes<T>::Unaligned*>(p) = value;
}

template <class T>
inline Vector<T> all(T value) {
  return value - Vector<T>{};
}

template <class T>
inline T sum_of(Vector<T> value) {
  T total = 0;
  for (size_t k = 0; k < Lanes<T>::kCount; ++k) total += value[k];
  return total;
}

// 2^z with z clamped to the bounds. A NaN ends at a bound: out of range, as it should be.
template <class T>
inline Vector<T> exp2_clamped(Vector<T> z) {
  using E = Exp2<T>;
  using Bits = typename Lanes<T>::Bits;
  const Vector<T> floor = all<T>(E::kFloor), ceiling = all<T>(E::kCeiling);
  z = z > floor ? z : floor;
  z = z < ceiling ? z : ceiling;
  const Vector<T> rounded = z + E::kRound;
  const Vector<T> r = z - (rounded - E::kRound);
  Vector<T> p = all<T>(E::kCoefficients[0]);
  for (size_t k = 1; k < sizeof(E::kCoefficients) / sizeof(T); ++k) p = p * r + E::kCoefficients[k];
  return (Vector<T>)((Bits)p + ((Bits)rounded << E::kMantissa));
}

constexpr size_t kRows = 4;         // rows that share each load of a column
constexpr size_t kTile = 256;       // columns of a scratch tile: it stays in the first-level cache
constexpr size_t kLongTile = 2048;  // columns summed in T before the partial joins a double

inline size_t least(size_t a, size_t b) { return a < b ? a : b; }

// kRows rows against columns [begin, end), all in registers: the hot loop. D = 1, 2, 3.
template <class T, size_t D>
inline void register_sums(const Cloud<T>& x, const T* u, const Cloud<T>& y, const T* v, size_t row,
                          size_t begin, size_t end, double* total) {
  Vector<T> at[D][kRows], base[kRows], sum[kRows];
  for (size_t r = 0; r < kRows; ++r) {
    base[r] = all<T>(u[row + r]);
    sum[r] = Vector<T>{};
    for (size_t c = 0; c < D; ++c) at[c][r] = all<T>(x.coordinates[c * x.stride + row + r]);
  }
  for (size_t j = begin; j < end; j += Lanes<T>::kCount) {
    Vector<T> column[D];
    for (size_t c = 0; c < D; ++c) column[c] = load(y.coordinates + c * y.stride + j);
    const Vector<T> bias = load(v + j);
    for (size_t r = 0; r < kRows; ++r) {
      Vector<T> z = base[r] + bias;
      for (size_t c = 0; c < D; ++c) {
        const Vector<T> difference = column[c] - at[c][r];
        z -= difference * difference;
      }
      sum[r] += exp2_clamped<T>(z);
    }
  }
  for (size_t r = 0; r < kRows; ++r) total[r] += static_cast<double>(sum_of<T>(sum[r]));
}

// distance[r][j] = |x_(row + r) - y_(begin + j)|^2 for one tile and R rows.
template <class T, size_t R>
inline void tile_distances(const Cloud<T>& x, const Cloud<T>& y, size_t row, size_t begin,
                           size_t count, T (*distance)[kTile]) {
  for (size_t r = 0; r < R; ++r) {
    for (size_t j = 0; j < count; j += Lanes<T>::kCount) store(distance[r] + j, Vector<T>{});
  }
  for (size_t c = 0; c < y.d; ++c) {
    Vector<T> at[R];
    for (size_t r = 0; r < R; ++r) at[r] = all<T>(x.coordinates[c * x.stride + row + r]);
    const T* column = y.coordinates + c * y.stride + begin;
    for (size_t j = 0; j < count; j += Lanes<T>::kCount) {
      const Vector<T> value = load(column + j);
      for (size_t r = 0; r < R; ++r) {
        const Vector<T> difference = value - at[r];
        store(distance[r] + j, load(distance[r] + j) + difference * difference);
      }
    }
  }
}

// weight[j] = 2^(u + v_j - distance_j); returns the sum.
template <class T>
inline double tile_weights(T u, const T* v, const T* distance, size_t count, T* weight) {
  Vector<T> sum{};
  for (size_t j = 0; j < count; j += Lanes<T>::kCount) {
    const Vector<T> w = exp2_clamped<T>(u + load(v + j) - load(distance + j));
    store(weight + j, w);
    sum += w;
  }
  return static_cast<double>(sum_of<T>(sum));
}

template <class T>
inline double dot(const T* a, const T* b, size_t count) {
  Vector<T> sum{};
  for (size_t j = 0; j < count; j += Lanes<T>::kCount) sum += load(a + j) * load(b + j);
  return static_cast<double>(sum_of<T>(sum));
}

template <class T, size_t R>
inline void tiled_sums(const Cloud<T>& x, const T* u, const Cloud<T>& y, const T* v, size_t row,
                       double* total) {
  T distance[R][kTile], weight[kTile];
  for (size_t j = 0; j < y.n; j += kTile) {
    const size_t count = least(y.n - j, kTile);
    tile_distances<T, R>(x, y, row, j, count, distance);
    for (size_t r = 0; r < R; ++r)
      total[r] += tile_weights(u[row + r], v + j, distance[r], count, weight);
  }
}

template <class T, size_t D>
void row_sums_of(const Cloud<T>& x, const T* u, const Cloud<T>& y, const T* v, size_t begin,
                 size_t end, T* sum) {
  size_t row = begin;
  for (; row + kRows <= end; row += kRows) {
    double total[kRows] = {};
    if constexpr (D > 0) {
      for (size_t j = 0; j < y.n; j += kLongTile) {
        register_sums<T, D>(x, u, y, v, row, j, least(y.n, j + kLongTile), total);
      }
    } else {
      tiled_sums<T, kRows>(x, u, y, v, row, total);
    }
    for (size_t r = 0; r < kRows; ++r) sum[row - begin + r] = static_cast<T>(total[r]);
  }
  for (; row < end; ++row) {
    double total = 0;
    tiled_sums<T, 1>(x, u, y, v, row, &total);
    sum[row - begin] = static_cast<T>(total);
  }
}

template <class T>
void row_sums(Cloud<T> x, const T* u, Cloud<T> y, const T* v, size_t begin, size_t end, T* sum) {
  switch (y.d) {
    case 1:
      return row_sums_of<T, 1>(x, u, y, v, begin, end, sum);
    case 2:
      return row_sums_of<T, 2>(x, u, y, v, begin, end, sum);
    case 3:
      return row_sums_of<T, 3>(x, u, y, v, begin, end, sum);
    default:
      return row_sums_of<T, 0>(x, u, y, v, begin, end, sum);
  }
}

template <class T>
void row_log_sums(Cloud<T> x, Cloud<T> y, const T* v, size_t begin, size_t end, T* log_sum) {
  T distance[1][kTile], weight[kTile];
  for (size_t row = begin; row < end; ++row) {
    T most = -__builtin_inff();
    for (size_t j = 0; j < y.n; j += kTile) {
      const size_t count = least(y.n - j, kTile);
      tile_distances<T, 1>(x, y, row, j, count, distance);
      for (size_t k = 0; k < count; ++k) {
        const T z = v[j + k] - distance[0][k];
        most = z > most ? z : most;
      }
    }
    if (most == -__builtin_inff()) {
      log_sum[row - begin] = most;
      continue;
    }
    double total = 0;
    for (size_t j = 0; j < y.n; j += kTile) {
      const size_t count = least(y.n - j, kTile);
      tile_distances<T, 1>(x, y, row, j, count, distance);
      total += tile_weights(-most, v + j, distance[0], count, weight);
    }
    log_sum[row - begin] = most + static_cast<T>(__builtin_log2(total));
  }
}

template <class T>
void row_moments(Cloud<T> x, const T* u, Cloud<T> y, const T* v, size_t begin, size_t end, T* sum,
                 T* moment, T* cost) {
  T distance[1][kTile], weight[kTile];
  for (size_t row = begin; row < end; ++row) {
    T* m = moment == nullptr ? nullptr : moment + (row - begin) * y.d;
    for (size_t c = 0; m != nullptr && c < y.d; ++c) m[c] = 0;
    double total = 0, total_cost = 0;
    for (size_t j = 0; j < y.n; j += kTile) {
      const size_t count = least(y.n - j, kTile);
      tile_distances<T, 1>(x, y, row, j, count, distance);
      total += tile_weights(u[row], v + j, distance[0], count, weight);
      if (cost != nullptr) total_cost += dot(weight, distance[0], count);
      for (size_t c = 0; m != nullptr && c < y.d; ++c) {
        m[c] += static_cast<T>(dot(weight, y.coordinates + c * y.stride + j, count));
      }
    }
    sum[row - begin] = static_cast<T>(total);
    if (cost != nullptr) cost[row - begin] = static_cast<T>(total_cost);
  }
}

template <class T>
void row_weights(Cloud<T> x, T u, Cloud<T> y, const T* v, size_t row, T* weight) {
  T distance[1][kTile];
  for (size_t j = 0; j < y.n; j += kTile) {
    const size_t count = least(y.n - j, kTile);
    tile_distances<T, 1>(x, y, row, j, count, distance);
    tile_weights(u, v + j, distance[0], count, weight + j);
  }
}

template <class T>
constexpr PairKernels<T> kKernels = {row_sums<T>, row_log_sums<T>, row_moments<T>, row_weights<T>};
