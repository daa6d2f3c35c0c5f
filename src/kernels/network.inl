// The layers of a multilayer perceptron over panels: products of outer-product form, whose tile of
// results stays in registers while the inner dimension runs.
namespace otbridge::kernels::OTBRIDGE_KERNEL_NAMESPACE {
namespace {

// A tile is kRowBlock rows by two vectors. Both factors are read once per step of the inner
// dimension; the sums must fit the registers (16, or 32 with AVX-512) and be enough of them to hide
// the latency of a fused multiply-add, four cycles at two a cycle.
constexpr Size kRowBlock = OTBRIDGE_VECTOR_BYTES == 64 ? 8 : OTBRIDGE_VECTOR_BYTES == 32 ? 6 : 4;
constexpr Size kPanelVectors = 2;
template <class T>
constexpr Size kPanel = kPanelVectors* kLanes<T>;

// Outputs so few that they leave most of a vector empty: there the other factor gives the vectors.
constexpr Size kFewColumns = 4;  // a panel of any set holds as many

template <class T, Size V, Size R = kRowBlock>
using SumTile = Lanes<T>[R][V];

// What the entries of two factors are, and how they meet. Here numbers; see mixed.inl for pairs.
template <class T>
struct Numbers {
  using Entry = T;
  static T one() { return T(1); }
  [[gnu::always_inline]] static void add_product(T value, Lanes<T> row, Lanes<T>& sum) {
    sum += value * row;
  }
};

template <class T>
[[gnu::always_inline]] inline void store(T* aligned, Lanes<T> value) {
  *reinterpret_cast<Lanes<T>*>(aligned) = value;
}

template <class T, Size V, Size R>
[[gnu::always_inline]] inline void clear_tile(SumTile<T, V, R>& sum) {
  OTBRIDGE_UNROLL
  for (Size r = 0; r < R; ++r) {
    OTBRIDGE_UNROLL
    for (Size v = 0; v < V; ++v) sum[r][v] = Lanes<T>{};
  }
}

// sum += column vector times row vector; entry r of the column is left(r).
template <class Factors, Size V, Size R, class Left, class T = typename Factors::Entry>
[[gnu::always_inline]] inline void add_outer(const T* right, Left left, SumTile<T, V, R>& sum) {
  Lanes<T> row[V];
  OTBRIDGE_UNROLL
  for (Size v = 0; v < V; ++v) row[v] = load(right + v * kLanes<T>);
  OTBRIDGE_UNROLL
  for (Size r = 0; r < R; ++r) {
    const T value = left(r);
    OTBRIDGE_UNROLL
    for (Size v = 0; v < V; ++v) Factors::add_product(value, row[v], sum[r][v]);
  }
}

// One panel of a product, tile by tile: finish(i, sum) gets rows i .. i + kRowBlock of it.
template <class Factors, Size V, class Finish, class T = typename Factors::Entry>
[[gnu::always_inline]] inline void multiply_panel(const Product<T>& product, Size panel,
                                                  Finish finish) {
  for (Size i = 0; i < product.rows; i += kRowBlock) {
    SumTile<T, V> sum;
    clear_tile<T>(sum);
    const T* right = product.right + panel * product.inner * kPanel<T>;
    for (Size k = 0; k < product.inner; k += kPanel<T>) {
      // Panel k / kPanel of the left factor; its last one may hold fewer columns.
      const T* left = product.left + k * product.rows + i * kPanel<T>;
      const T* const end =
          right + (product.inner - k < kPanel<T> ? product.inner - k : kPanel<T>)*kPanel<T>;
      for (; right != end; right += kPanel<T>, ++left) {
        add_outer<Factors>(
            right, [&](Size r) { return left[r * kPanel<T>]; }, sum);
      }
    }
    finish(i, sum);
  }
}

// finish(panel, i, v, sum of vector v of row i of the panel) for all vectors, then end(panel).
// Where the last panel has columns in its first vector alone, the second one is not computed.
template <class Factors, class Finish, class End, class T = typename Factors::Entry>
[[gnu::always_inline]] inline void multiply(const Product<T>& product, Finish finish, End end) {
  const auto run = [&]<Size V>(Size panel) {
    multiply_panel<Factors, V>(product, panel, [&](Size i, SumTile<T, V>& sum) {
      OTBRIDGE_UNROLL
      for (Size r = 0; r < kRowBlock; ++r) {
        OTBRIDGE_UNROLL
        for (Size v = 0; v < V; ++v) finish(panel, i + r, v, sum[r][v]);
      }
    });
    end(panel);
  };
  for (Size panel = 0; panel * kPanel<T> < product.columns; ++panel) {
    if (product.columns - panel * kPanel < T >> kLanes<T>) {
      run.template operator()<2>(panel);
    } else {
      run.template operator()<1>(panel);
    }
  }
}

template <class T>
void affine(const Product<T>& product, const T* bias, T* out) {
  multiply<Numbers<T>>(
      product,
      [&](Size panel, Size i, Size v, Lanes<T> sum) {
        const Size lane = v * kLanes<T>;
        store(out + (panel * product.rows + i) * kPanel<T> + lane,
              sum + load(bias + panel * kPanel<T> + lane));
      },
      [](Size) {});
}

// The lanes 0, 1 ... of a vector as a pack. (std::index_sequence, without its header.)
template <Size... k>
struct Indices {};
template <Size count, Size... k>
struct CountedIndices : CountedIndices<count - 1, count - 1, k...> {};
template <Size... k>
struct CountedIndices<0, k...> {
  using Type = Indices<k...>;
};
template <class T>
using AllLanes = typename CountedIndices<kLanes<T>>::Type;

// Sums of neighbouring lanes, of a and then of b.
template <class T, Size... k>
[[gnu::always_inline]] inline Lanes<T> neighbour_sums(Lanes<T> a, Lanes<T> b, Indices<k...>) {
  return __builtin_shufflevector(a, b, (2 * k)...) + __builtin_shufflevector(a, b, (2 * k + 1)...);
}

// Of `count` vectors, a power of two: vector j has kLanes / count lanes of the result, which add up
// to the sum of its own.
template <class T, Size count>
[[gnu::always_inline]] inline Lanes<T> partial_lane_sums(const Lanes<T>* vectors) {
  if constexpr (count == 1) {
    return *vectors;
  } else {
    return neighbour_sums<T>(partial_lane_sums<T, count / 2>(vectors),
                             partial_lane_sums<T, count / 2>(vectors + count / 2), AllLanes<T>());
  }
}

// Lane j of the result is the sum of the lanes of vector j.
template <class T, Size count>
[[gnu::always_inline]] inline Lanes<T> lane_sums(const Lanes<T> (&vectors)[count]) {
  Lanes<T> sums = partial_lane_sums<T, count>(vectors);
  OTBRIDGE_UNROLL
  for (Size lanes = kLanes<T>; lanes > count; lanes /= 2) {
    sums = neighbour_sums<T>(sums, sums, AllLanes<T>());
  }
  return sums;
}

// Inner products of rows, as many at a time as hide the latency of an addition.
template <class T>
void few_columns_affine(const Product<T>& product, const T* bias, T* out) {
  constexpr Size kTogether = kLanes<T> < 8 ? kLanes<T> : 8;
  for (Size i = 0; i < product.rows; i += kTogether) {
    const T* row[kTogether];  // past the last one, that one again
    OTBRIDGE_UNROLL
    for (Size r = 0; r < kTogether; ++r) {
      row[r] = product.left + (i + r < product.rows ? i + r : product.rows - 1) * kPanel<T>;
    }
    for (Size c = 0; c < product.columns; ++c) {
      Lanes<T> sum[kTogether] = {};
      const T* right = product.right + c * kPanel<T>;
      for (Size k = 0; k < product.inner; k += kPanel<T>, right += product.columns * kPanel<T>) {
        OTBRIDGE_UNROLL
        for (Size v = 0; v < kPanelVectors; ++v) {
          const Lanes<T> weights = load(right + v * kLanes<T>);
          OTBRIDGE_UNROLL
          for (Size r = 0; r < kTogether; ++r) {
            sum[r] += load(row[r] + k * product.rows + v * kLanes<T>) * weights;
          }
        }
      }
      const Lanes<T> sums = lane_sums<T>(sum);
      for (Size r = 0; r < kTogether && i + r < product.rows; ++r) {
        out[(i + r) * kPanel<T> + c] = sums[r] + bias[c];
      }
    }
  }
}

// z -> SiLU(z) in place, and the slopes.
template <class T, bool kSlopes>
void activate(Size count, T* values, [[maybe_unused]] T* slopes) {
  constexpr T kLog2E = T(1.4426950408889634074);
  for (Size i = 0; i < count; i += kLanes<T>) {
    const Lanes<T> z = load(values + i);
    // 1 / (1 + e^-z): where the power is clamped or infinite, this is 1 or as good as 0.
    const Lanes<T> sigmoid = T(1) / (T(1) + exp2_lanes(-kLog2E * z));
    const Lanes<T> silu = z * sigmoid;
    store(values + i, silu);
    // SiLU'(z) = s + z s (1 - s).
    if constexpr (kSlopes) store(slopes + i, sigmoid + (silu - silu * sigmoid));
  }
}

template <class Factors, class T = typename Factors::Entry>
void silu(const Product<T>& product, const T* bias, T* out, T* slopes) {
  const Size size = product.rows * kPanel<T>;
  multiply<Factors>(
      product,
      [&](Size panel, Size i, Size v, Lanes<T> sum) {
        const Size lane = v * kLanes<T>;
        store(out + panel * size + i * kPanel<T> + lane,
              sum + load(bias + panel * kPanel<T> + lane));
      },
      // Panel by panel, while it is in the nearest cache: in the tiles themselves the exponential
      // would want the registers of the sums.
      [&](Size panel) {
        T* const z = out + panel * size;
        if (slopes == nullptr) {
          activate<T, false>(size, z, nullptr);
        } else {
          activate<T, true>(size, z, slopes + panel * size);
        }
      });
}

template <class Factors, class T = typename Factors::Entry>
void chain(const Product<T>& product, T* slopes) {
  multiply<Factors>(
      product,
      [&](Size panel, Size i, Size v, Lanes<T> sum) {
        T* const at = slopes + (panel * product.rows + i) * kPanel<T> + v * kLanes<T>;
        store(at, load(at) * sum);
      },
      [](Size) {});
}

// From memory of any alignment; lanes past `bytes` are 0.
template <class T>
[[gnu::always_inline]] inline Lanes<T> load_part(const T* from, Size bytes) {
  Lanes<T> value = {};
  __builtin_memcpy(&value, from, bytes);
  return value;
}

// The first `count` columns of a panel's row to memory of any alignment, or added to what it has.
// Vector by vector, and whole ones with their bytes known: so these stay in registers.
template <class T, Size V>
[[gnu::always_inline]] inline void store_columns(const Lanes<T> (&row)[V], Size count, bool adds,
                                                 T* out) {
  const auto store_vector = [&](Size v, Size bytes) __attribute__((always_inline)) {
    T* const at = out + v * kLanes<T>;
    const Lanes<T> value = adds ? row[v] + load_part(at, bytes) : row[v];
    __builtin_memcpy(at, &value, bytes);
  };
  if (count >= V * kLanes<T>) {
    OTBRIDGE_UNROLL
    for (Size v = 0; v < V; ++v) store_vector(v, sizeof(Lanes<T>));
    return;
  }
  OTBRIDGE_UNROLL
  for (Size v = 0; v < V; ++v) {
    const Size done = v * kLanes<T>;
    if (done < count) {
      store_vector(v, (count - done < kLanes<T> ? count - done : kLanes<T>)*sizeof(T));
    }
  }
}

template <class Factors, Size V, class T = typename Factors::Entry>
[[gnu::always_inline]] inline void column_sums(const T* panel, Size rows, Size columns, bool adds,
                                               T* sums) {
  Lanes<T> total[V] = {};
  for (Size at = 0; at < rows * kPanel<T>; at += kPanel<T>) {
    OTBRIDGE_UNROLL
    for (Size v = 0; v < V; ++v) {
      Factors::add_product(Factors::one(), load(panel + at + v * kLanes<T>), total[v]);
    }
  }
  store_columns<T, V>(total, columns, adds, sums);
}

// Of one panel of the gradient the rows of inputs first .. first + R, of those that there are. The
// layer by value: for all the compiler knows, what is stored could otherwise change it.
template <class Factors, Size V, Size R, class T = typename Factors::Entry>
[[gnu::always_inline]] inline void weight_gradient_rows(const WeightGradient<T> layer, Size first,
                                                        Size panel, T* weights) {
  const T* const gradients = layer.gradients + panel * layer.rows * kPanel<T>;
  const auto column_of = [&](Size j) {
    return layer.activations + j / kPanel<T> * (layer.rows * kPanel<T>)+j % kPanel<T>;
  };
  const T* column[R];
  OTBRIDGE_UNROLL
  for (Size r = 0; r < R; ++r) {
    if constexpr (kPanel<T> % R == 0) {
      column[r] = column_of(first) + r;  // of one panel; past the last input, its padding
    } else {
      column[r] = column_of(first + r < layer.inputs ? first + r : layer.inputs - 1);
    }
  }
  SumTile<T, V, R> sum;
  clear_tile<T>(sum);
  for (Size at = 0; at < layer.used * kPanel<T>; at += kPanel<T>) {
    add_outer<Factors>(
        gradients + at, [&](Size r) { return column[r][at]; }, sum);
  }
  const Size columns = layer.outputs - panel * kPanel<T>;
  T* const out = weights + first * layer.outputs + panel * kPanel<T>;
  const Size present = layer.inputs - first;
  OTBRIDGE_UNROLL
  for (Size r = 0; r < R; ++r) {
    if (r < present) store_columns<T, V>(sum[r], columns, layer.adds, out + r * layer.outputs);
  }
}

template <class Factors, Size V, class T = typename Factors::Entry>
void weight_gradient_panel(const WeightGradient<T>& layer, Size panel, T* weights, T* bias) {
  constexpr Size kHalf = kRowBlock / 2;
  Size i = 0;
  for (; i + kHalf < layer.inputs; i += kRowBlock) {
    weight_gradient_rows<Factors, V, kRowBlock>(layer, i, panel, weights);
  }
  // A rest that half a tile holds.
  if (i < layer.inputs) weight_gradient_rows<Factors, V, kHalf>(layer, i, panel, weights);
  const Size first = panel * kPanel<T>;
  column_sums<Factors, V>(layer.gradients + first * layer.rows, layer.used, layer.outputs - first,
                          layer.adds, bias + first);
}

// The same entries by the same operations, from tiles of the transpose.
template <class Factors, class T = typename Factors::Entry>
void few_columns_gradient(const WeightGradient<T>& layer, T* weights, T* bias) {
  constexpr Size V = kPanelVectors;
  Size column[kFewColumns];  // past the last one, that one again
  for (Size c = 0; c < kFewColumns; ++c) column[c] = c < layer.outputs ? c : layer.outputs - 1;
  for (Size first = 0; first < layer.inputs; first += kPanel<T>) {
    const T* const activations = layer.activations + first * layer.rows;
    SumTile<T, V, kFewColumns> sum;
    clear_tile<T>(sum);
    for (Size at = 0; at < layer.used * kPanel<T>; at += kPanel<T>) {
      add_outer<Factors>(
          activations + at, [&](Size c) { return layer.gradients[at + column[c]]; }, sum);
    }
    const Size rows = layer.inputs - first < kPanel<T> ? layer.inputs - first : kPanel<T>;
    T* const out = weights + first * layer.outputs;
    for (Size c = 0; c < layer.outputs; ++c) {
      for (Size j = 0; j < rows; ++j) {
        const T value = sum[c][j / kLanes<T>][j % kLanes<T>];
        T& at = out[j * layer.outputs + c];
        at = layer.adds ? at + value : value;
      }
    }
  }
  column_sums<Factors, V>(layer.gradients, layer.used, layer.outputs, layer.adds, bias);
}

template <class Factors, class T = typename Factors::Entry>
void weight_gradient(const WeightGradient<T>& layer, T* weights, T* bias) {
  if (layer.outputs <= kFewColumns) return few_columns_gradient<Factors>(layer, weights, bias);
  for (Size panel = 0; panel * kPanel<T> < layer.outputs; ++panel) {
    if (layer.outputs - panel * kPanel < T >> kLanes<T>) {
      weight_gradient_panel<Factors, 2>(layer, panel, weights, bias);
    } else {
      weight_gradient_panel<Factors, 1>(layer, panel, weights, bias);
    }
  }
}

// Lanes of a and b in turn, from their first or their second halves.
template <class T, Size first, Size... k>
[[gnu::always_inline]] inline Lanes<T> interleaved(Lanes<T> a, Lanes<T> b, Indices<k...>) {
  return __builtin_shufflevector(a, b, (first + k / 2 + k % 2 * kLanes<T>)...);
}

// A square of kLanes columns, each of them side by side at `across`, to rows of panels.
template <class T>
[[gnu::always_inline]] inline void pack_square(const T* columns, Size across, T* panels) {
  constexpr Size n = kLanes<T>;
  constexpr AllLanes<T> all;
  Lanes<T> square[n], next[n];
  OTBRIDGE_UNROLL
  for (Size j = 0; j < n; ++j) __builtin_memcpy(&square[j], columns + j * across, sizeof(Lanes<T>));
  // Each pass turns one bit of the place of an entry from its column's into its row's.
  OTBRIDGE_UNROLL
  for (Size done = 1; done < n; done *= 2) {
    OTBRIDGE_UNROLL
    for (Size k = 0; k < n / 2; ++k) {
      next[2 * k] = interleaved<T, 0>(square[k], square[k + n / 2], all);
      next[2 * k + 1] = interleaved<T, n / 2>(square[k], square[k + n / 2], all);
    }
    OTBRIDGE_UNROLL
    for (Size k = 0; k < n; ++k) square[k] = next[k];
  }
  OTBRIDGE_UNROLL
  for (Size i = 0; i < n; ++i) store(panels + i * kPanel<T>, square[i]);
}

template <class T>
void pack(const T* matrix, Size rows, Size columns, Size down, Size across, T* panels) {
  for (Size first = 0; first < columns; first += kPanel<T>) {
    const Size here = columns - first < kPanel<T> ? columns - first : kPanel<T>;
    Size i = 0;
    if (down == 1 && here == kPanel<T>) {
      for (; i + kLanes<T> <= rows; i += kLanes<T>, panels += kLanes<T> * kPanel<T>) {
        for (Size j = 0; j < kPanel<T>; j += kLanes<T>) {
          pack_square<T>(matrix + i + (first + j) * across, across, panels + j);
        }
      }
    }
    for (; i < rows; ++i, panels += kPanel<T>) {
      const T* const row = matrix + i * down + first * across;
      if (across == 1 && here == kPanel<T>) {
        __builtin_memcpy(panels, row, kPanel<T> * sizeof(T));
        continue;
      }
      for (Size j = 0; j < here; ++j) panels[j] = row[j * across];
      for (Size j = here; j < kPanel<T>; ++j) panels[j] = T(0);
    }
  }
}

}  // namespace
}  // namespace otbridge::kernels::OTBRIDGE_KERNEL_NAMESPACE
