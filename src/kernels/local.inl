// The kernels of local_table.hpp.
namespace otbridge::kernels::OTBRIDGE_KERNEL_NAMESPACE {
namespace {

template <class T>
constexpr Size kVectors = kTile / kLanes<T>;

// A sum over tiles: in T over kTilesInT of them, then in double.
template <class T>
class LocalSum {
 public:
  Lanes<T> part = {};
  [[gnu::always_inline]] void flush() {
    if constexpr (sizeof(T) == sizeof(float)) {
      HalfFloatLanes halves[2];
      __builtin_memcpy(halves, &part, sizeof(part));
      sum_ += __builtin_convertvector(halves[0], DoubleLanes);
      sum_ += __builtin_convertvector(halves[1], DoubleLanes);
    } else {
      sum_ += part;
    }
    part = Lanes<T>{};
  }
  double value() const { return total<double>(sum_); }

 private:
  DoubleLanes sum_ = {};
};

// D: the dimension up to 3, 0 beyond.
template <class T, Size D>
[[gnu::always_inline]] inline void local_exponents(const LocalColumns<T>& columns, Size tile,
                                                   const T* terms, Lanes<T> (&z)[kVectors<T>]) {
  const Size d = D > 0 ? D : columns.d;
  const Tile<T>* const v = columns.offsets + tile * d;
  OTBRIDGE_UNROLL
  for (Size i = 0; i < kVectors<T>; ++i) {
    z[i] = load(columns.residuals[tile].values + i * kLanes<T>) + terms[0];
  }
  for (Size k = 0; k < d; ++k) {
    OTBRIDGE_UNROLL
    for (Size i = 0; i < kVectors<T>; ++i) {
      z[i] += terms[1 + k] * load(v[k].values + i * kLanes<T>);
    }
  }
}

// visit(m, tile, terms, exponents) for each tile of each piece met.
template <class T, Size D, class Visit>
[[gnu::always_inline]] inline void visit_local(const LocalColumns<T>& columns,
                                               const LocalRow<T>& row, Visit visit) {
  const Size d = D > 0 ? D : columns.d;
  for (Size m = 0; m < row.count; ++m) {
    const T* const terms = row.terms + m * (1 + 2 * d);
    for (Size part = 0; part < kLocalTiles; ++part) {
      const Size tile = row.pieces[m] * kLocalTiles + part;
      Lanes<T> z[kVectors<T>];
      local_exponents<T, D>(columns, tile, terms, z);
      visit(m * kLocalTiles + part, tile, terms, z);
    }
  }
}

// The exponents to weights; their sum in lanes.
template <class T>
[[gnu::always_inline]] inline Lanes<T> to_weights(Lanes<T> (&z)[kVectors<T>]) {
  Lanes<T> sum = {};
  OTBRIDGE_UNROLL
  for (Size i = 0; i < kVectors<T>; ++i) {
    z[i] = exp2_lanes(larger(z[i], broadcast(T(kLeastLocal))));
    sum += z[i];
  }
  return sum;
}

template <class T, Size D>
void local_sums_in(const LocalColumns<T>& columns, const LocalRow<T>& row, double* sum,
                   double* moments) {
  const Size d = D > 0 ? D : columns.d;
  LocalSum<T> weight, moment[D > 0 ? D : kMostLocal];
  const auto flush = [&] {
    weight.flush();
    for (Size k = 0; k < d; ++k) moment[k].flush();
  };
  visit_local<T, D>(columns, row, [&](Size t, Size tile, const T* terms, auto& w) {
    const Lanes<T> of_tile = to_weights<T>(w);
    const Tile<T>* const v = columns.offsets + tile * d;
    weight.part += of_tile;
    for (Size k = 0; k < d; ++k) {
      Lanes<T> part = terms[1 + d + k] * of_tile;
      OTBRIDGE_UNROLL
      for (Size i = 0; i < kVectors<T>; ++i) part += w[i] * load(v[k].values + i * kLanes<T>);
      moment[k].part += part;
    }
    if ((t + 1) % kTilesInT == 0) flush();
  });
  flush();
  *sum = weight.value();
  for (Size k = 0; k < d; ++k) moments[k] = moment[k].value();
}

// Runs body<D>().
template <class Body>
[[gnu::always_inline]] inline auto for_local_dimension(Size d, Body body) {
  if (d == 1) return body.template operator()<1>();
  if (d == 2) return body.template operator()<2>();
  if (d == 3) return body.template operator()<3>();
  return body.template operator()<0>();
}

template <class T>
void local_terms(const LocalTerms& of, const Size* pieces, const double* exponents, Size count,
                 T* terms) {
  for_local_dimension(of.d, [&]<Size D>() {
    const Size d = D > 0 ? D : of.d;
    const double twice = 2.0 * of.q;
    for (Size m = 0; m < count; ++m, terms += 1 + 2 * d) {
      const double *const c = of.centres + pieces[m] * d, *const s = of.slopes + pieces[m] * d;
      terms[0] = static_cast<T>(exponents[m] + of.shift);
      for (Size k = 0; k < d; ++k) {
        terms[1 + k] = static_cast<T>(twice * (of.x[k] - c[k]) + s[k]);
        terms[1 + d + k] = static_cast<T>(c[k] - of.about[k]);
      }
    }
  });
}

template <class T>
void local_sums(const LocalColumns<T>& columns, const LocalRow<T>& row, double* sum,
                double* moments) {
  for_local_dimension(columns.d,
                      [&]<Size D>() { local_sums_in<T, D>(columns, row, sum, moments); });
}

template <class T>
void local_piece_sums(const LocalColumns<T>& columns, const LocalRow<T>& row, double* sums) {
  clear(sums, row.count);
  for_local_dimension(columns.d, [&]<Size D>() {
    visit_local<T, D>(columns, row, [&](Size t, Size, const T*, auto& w) {
      LocalSum<T> sum;
      sum.part = to_weights<T>(w);
      sum.flush();
      sums[t / kLocalTiles] += sum.value();
    });
  });
}

template <class T>
double local_maximum(const LocalColumns<T>& columns, const LocalRow<T>& row) {
  return for_local_dimension(columns.d, [&]<Size D>() {
    Lanes<T> most = broadcast(T(-3e38));
    visit_local<T, D>(columns, row, [&](Size, Size, const T*, auto& z) {
      for (Size i = 0; i < kVectors<T>; ++i) most = larger(most, z[i]);
    });
    return largest<T>(most);
  });
}

template <class T>
void local_weights(const LocalColumns<T>& columns, const LocalRow<T>& row, Tile<double>* weights) {
  for_local_dimension(columns.d, [&]<Size D>() {
    visit_local<T, D>(columns, row, [&](Size t, Size, const T*, auto& w) {
      to_weights<T>(w);
      for (Size i = 0; i < kVectors<T>; ++i) {
        double* const out = weights[t].values + i * kLanes<T>;
        for (Size lane = 0; lane < kLanes<T>; ++lane) out[lane] = static_cast<double>(w[i][lane]);
      }
    });
  });
}

Hits box_bounds(const BoxFits& fits, Size group, const double* x, double factor, double threshold,
                Tile<double>& exponents, Tile<double>& bounds) {
  Hits above = 0;
  const Size first_number = group * fits.d;
  for (Size first = 0; first < kTile; first += kLanes<double>) {
    const auto at = [&](const Tile<double>* numbers, Size k) {
      return load(numbers[first_number + k].values + first);
    };
    DoubleLanes exponent = load(fits.levels[group].values + first), reach = {};
    for (Size k = 0; k < fits.d; ++k) {
      const DoubleLanes u = x[k] - at(fits.centres, k), scaled = factor * u;
      exponent -= scaled * u;
      const DoubleLanes slope = scaled + scaled + at(fits.slopes, k);
      reach += larger(slope, -slope) * at(fits.halves, k);
    }
    const DoubleLanes bound = exponent + reach;
    __builtin_memcpy(exponents.values + first, &exponent, sizeof(exponent));
    __builtin_memcpy(bounds.values + first, &bound, sizeof(bound));
    above |= positive_lanes(bound - threshold) << first;
  }
  return above;
}

// V vectors of the sums of four rows over columns [begin, end).
template <Size V>
void add_weighted(const double* const (&weights)[4], Size begin, Size end, const double* values,
                  Size width, double* const (&sums)[4]) {
  DoubleLanes part[4][V];
  __builtin_memset(part, 0, sizeof(part));
  for (Size j = begin; j < end; ++j) {
    if (weights[0][j] + weights[1][j] + weights[2][j] + weights[3][j] == 0.0) continue;
    OTBRIDGE_UNROLL
    for (Size v = 0; v < V; ++v) {
      DoubleLanes value;
      __builtin_memcpy(&value, values + j * width + v * kLanes<double>, sizeof(value));
      OTBRIDGE_UNROLL
      for (Size r = 0; r < 4; ++r) part[r][v] += weights[r][j] * value;
    }
  }
  for (Size r = 0; r < 4; ++r) {
    for (Size v = 0; v < V; ++v) {
      for (Size lane = 0; lane < kLanes<double>; ++lane) {
        sums[r][v * kLanes<double> + lane] += part[r][v][lane];
      }
    }
  }
}

// By columns whose values stay in the cache while all rows meet them.
void weighted_sums(const double* weights, Size rows, Size columns, const double* values, Size width,
                   double* sums) {
  constexpr Size kCached = 1 << 15;  // numbers
  const Size step = kCached / width + 1;
  clear(sums, rows * width);
  for (Size begin = 0; begin < columns; begin += step) {
    const Size end = begin + step < columns ? begin + step : columns;
    for (Size i = 0; i < rows; i += 4) {
      const double* w[4];
      double* out[4];
      double unused[3 * kLanes<double>];
      const auto over = [&]<Size V>(Size k) {
        for (Size r = 0; r < 4; ++r) {
          const bool there = i + r < rows;
          // Beyond the last row: that row again, its sums not kept.
          w[r] = weights + (there ? i + r : rows - 1) * columns;
          out[r] = there ? sums + (i + r) * width + k : unused;
        }
        add_weighted<V>(w, begin, end, values + k, width, out);
      };
      Size k = 0;
      for (; k + 3 * kLanes<double> <= width; k += 3 * kLanes<double>)
        over.template operator()<3>(k);
      for (; k < width; k += kLanes<double>) over.template operator()<1>(k);
    }
  }
}

}  // namespace
}  // namespace otbridge::kernels::OTBRIDGE_KERNEL_NAMESPACE
