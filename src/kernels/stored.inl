// Making stored weights, with the sweep of kernels.inl, and sums of them.
namespace otbridge::kernels::OTBRIDGE_KERNEL_NAMESPACE {
namespace {

template <class Block>
struct StoreVisitor {
  Tile<float>* weights;
  Size tiles, first_row, rows;

  [[gnu::always_inline]] void visit(Size tile, Size first, typename Block::Stripe& z,
                                    typename Block::Stripe&) {
    OTBRIDGE_UNROLL
    // No sums: each stripe is written to its place, and nothing for rows past the last.
    for (Size r = 0; r < Block::kRows; ++r) {
      if (r >= rows) continue;
      float* const out = weights[(first_row + r) * tiles + tile].values + first;
      OTBRIDGE_UNROLL
      for (Size v = 0; v < Block::kWidth; ++v) {
        // Exponents in double, so that rounding to float is the only error of a weight: 2^-24.
        const DoubleLanes w = exp2_lanes(larger(z[r][v], broadcast(kLeastStored)));
        *reinterpret_cast<HalfFloatLanes*>(out + v * kLanes<double>) =
            __builtin_convertvector(w, HalfFloatLanes);
      }
    }
  }
  void flush() {}
  void store(Size, Size) {}
};

void store_weights(const Columns<double>& columns, Size tiles, const Rows<double>& rows,
                   Tile<float>* weights) {
  const TileRange all{0, tiles};
  for_cached_tiles<double>(columns.d, {&all, 1}, [&](const TileRanges& run) {
    for_blocks(columns.d, rows.count, [&]<Size D>(Size i) {
      StoreVisitor<BlockOf<double, D>> visitor{weights, tiles, i, rows.count - i};
      sweep<double, D>(columns, run, rows, i, visitor);
    });
  });
}

void scale(const double* exponents, Size count, double* values) {
  const auto step = [&](Size i, Size bytes) {
    DoubleLanes z = {}, v = {};
    // The arrays are not aligned, and the last vector is not full; its other lanes are 2^0 times 0.
    __builtin_memcpy(&z, exponents + i, bytes);
    __builtin_memcpy(&v, values + i, bytes);
    v *= exp2_lanes(z);
    __builtin_memcpy(values + i, &v, bytes);
  };
  Size i = 0;
  for (; i + kLanes<double> <= count; i += kLanes<double>) step(i, sizeof(DoubleLanes));
  if (i < count) step(i, (count - i) * sizeof(double));
}

void stored_row_sums(const Tile<float>* weights, Size rows, Size tiles, const Tile<float>* values,
                     double* sums) {
  // Four rows share each load of the values; more would not fit the registers of AVX2.
  constexpr Size kRows = 4, kVectors = kTile / kLanes<float>;
  for (Size i = 0; i < rows; i += kRows) {
    const Tile<float>* row[kRows];
    // Past the last row: row i again, whose sum is not written.
    for (Size r = 0; r < kRows; ++r) row[r] = weights + (i + r < rows ? i + r : i) * tiles;
    RowSums<float, kRows> sum;
    for (Size t = 0; t < tiles; ++t) {
      OTBRIDGE_UNROLL
      for (Size v = 0; v < kVectors; ++v) {
        const FloatLanes value = load(values[t].values + v * kLanes<float>);
        OTBRIDGE_UNROLL
        for (Size r = 0; r < kRows; ++r) {
          sum.add(r, load(row[r][t].values + v * kLanes<float>) * value);
        }
      }
      if ((t + 1) % kTilesInT == 0) sum.flush();
    }
    sum.flush();
    for (Size r = 0; r < kRows && i + r < rows; ++r) sums[i + r] = sum[r];
  }
}

// By as many rows as a lane may add up before the sum goes on in double; columns by eight
// registers.
void stored_column_sums(const Tile<float>* weights, Size rows, Size tiles, const float* values,
                        double* sums) {
  constexpr Size kVectors = 8, kRowsInT = 32;
  const Size stride = tiles * kTile, width = kVectors * kLanes<float>;
  const float* const first = weights->values;
  for (Size begin = 0; begin < rows; begin += kRowsInT) {
    const Size end = begin + kRowsInT < rows ? begin + kRowsInT : rows;
    const auto add = [&]<Size V>(Size j) {
      FloatLanes part[V] = {};
      for (Size i = begin; i < end; ++i) {
        const float* const w = first + i * stride + j;
        OTBRIDGE_UNROLL
        for (Size v = 0; v < V; ++v) part[v] += values[i] * load(w + v * kLanes<float>);
      }
      // Once per 32 rows: the way through memory costs nothing beside them.
      float flat[V * kLanes<float>];
      __builtin_memcpy(flat, part, sizeof(part));
      for (Size k = 0; k < V * kLanes<float>; ++k) sums[j + k] += static_cast<double>(flat[k]);
    };
    Size j = 0;
    // Whole groups of eight vectors, then the rest one by one; a tile is at least one vector.
    for (; j + width <= stride; j += width) add.template operator()<kVectors>(j);
    for (; j < stride; j += kLanes<float>) add.template operator()<1>(j);
  }
}

}  // namespace
}  // namespace otbridge::kernels::OTBRIDGE_KERNEL_NAMESPACE
