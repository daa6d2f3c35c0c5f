// The kernels themselves, included once per instruction set with OTBRIDGE_KERNEL_NAMESPACE set.
//
// Only static loops over raw memory: nothing here may call an inline function of another header,
// whose vectorised copy the linker could give to the whole program.
#include "kernels/lanes.inl"

namespace otbridge::kernels::OTBRIDGE_KERNEL_NAMESPACE {
namespace {

// A block of rows shares the loads of the columns; a stripe of kWidth vectors of columns is held in
// registers at a time. In high dimension the inner products want as many accumulators as there are.
constexpr Size kWidth = OTBRIDGE_VECTOR_BYTES == 16 ? 1 : 2;
template <Size D>
constexpr Size kBlock = OTBRIDGE_VECTOR_BYTES == 64 && D == 0 ? 8 : 4;
constexpr Size kTilesInT = 16;  // tiles whose sum is kept in T before it is added in double

// Exponents of R rows against one stripe. D is the dimension, or 0 for any.
template <class T, Size D, Size R>
class RowBlock {
 public:
  static constexpr Size kRows = R;
  using Stripe = Lanes<T>[R][kWidth];

  // Rows [first, first + R); beyond the last one, rows of weight 2^-125 that no sum notices.
  RowBlock(const Columns<T>& columns, const Rows<T>& rows, Size first) : columns_(columns) {
    OTBRIDGE_UNROLL
    for (Size r = 0; r < R; ++r) {
      const bool there = first + r < rows.count;
      x_[r] = rows.coordinates + (there ? first + r : first) * columns.d;
      shift_[r] = there ? rows.shifts[first + r] : kPaddedLevel<T>;
      if constexpr (D > 0) {
        OTBRIDGE_UNROLL
        // The factor 2 of z here, once per block, not once per pair.
        for (Size k = 0; k < D; ++k) twice_[r][k] = T(2) * x_[r][k];
      }
    }
  }

  // Exponents, and inner = 2 <x, y>, which costs nothing where it is not used.
  [[gnu::always_inline]] void exponents(Size tile, Size first, Stripe& z, Stripe& inner) const {
    const Tile<T>* const y = columns_.coordinates + tile * (D > 0 ? D : columns_.d);
    Lanes<T> level[kWidth];
    OTBRIDGE_UNROLL
    for (Size v = 0; v < kWidth; ++v) level[v] = at(columns_.levels[tile], first, v);
    if constexpr (D > 0) {
      OTBRIDGE_UNROLL
      for (Size r = 0; r < R; ++r) {
        OTBRIDGE_UNROLL
        for (Size v = 0; v < kWidth; ++v) {
          // Built apart: where inner is not used it is left out, and z is D fused operations.
          z[r][v] = level[v] + shift_[r];
          inner[r][v] = Lanes<T>{};
          OTBRIDGE_UNROLL
          for (Size k = 0; k < D; ++k) {
            z[r][v] += twice_[r][k] * at(y[k], first, v);
            inner[r][v] += twice_[r][k] * at(y[k], first, v);
          }
        }
      }
    } else {
      Stripe product = {};
      for (Size k = 0; k < columns_.d; ++k) {
        Lanes<T> column[kWidth];
        OTBRIDGE_UNROLL
        for (Size v = 0; v < kWidth; ++v) column[v] = at(y[k], first, v);
        OTBRIDGE_UNROLL
        for (Size r = 0; r < R; ++r) {
          OTBRIDGE_UNROLL
          for (Size v = 0; v < kWidth; ++v) product[r][v] += x_[r][k] * column[v];
        }
      }
      OTBRIDGE_UNROLL
      for (Size r = 0; r < R; ++r) {
        OTBRIDGE_UNROLL
        for (Size v = 0; v < kWidth; ++v) {
          z[r][v] = T(2) * product[r][v] + (level[v] + shift_[r]);
          inner[r][v] = T(2) * product[r][v];
        }
      }
    }
  }

  [[gnu::always_inline]] static Lanes<T> at(const Tile<T>& tile, Size first, Size v) {
    return load(tile.values + first + v * kLanes<T>);
  }

 private:
  const Columns<T>& columns_;
  const T* x_[R];
  T shift_[R];
  T twice_[R][D > 0 ? D : 1];
};

// Row sums in T over some tiles, then in double.
template <class T, Size R>
class RowSums {
 public:
  [[gnu::always_inline]] void add(Size r, Lanes<T> w) { part_[r] += w; }
  void flush() {
    OTBRIDGE_UNROLL
    for (Size r = 0; r < R; ++r) {
      sum_[r] += total<T>(part_[r]);
      part_[r] = Lanes<T>{};
    }
  }
  double operator[](Size r) const { return sum_[r]; }

 private:
  Lanes<T> part_[R] = {};
  double sum_[R] = {};
};

// What the kernels do with the exponents of a stripe. visit() sees each stripe once; flush() comes
// after every kTilesInT tiles and at the end; store() after the last flush.

template <class T, class Block>
struct SumVisitor {
  double* sums;
  RowSums<T, Block::kRows> row = {};

  [[gnu::always_inline]] void visit(Size, Size, typename Block::Stripe& z,
                                    typename Block::Stripe&) {
    OTBRIDGE_UNROLL
    for (Size r = 0; r < Block::kRows; ++r) {
      OTBRIDGE_UNROLL
      for (Size v = 0; v < kWidth; ++v) row.add(r, exp2_lanes(z[r][v]));
    }
  }
  void flush() { row.flush(); }
  void store(Size i, Size r) { sums[i] = row[r]; }
};

template <class T, class Block>
struct MaximumVisitor {
  double* maxima;
  Lanes<T> most[Block::kRows];

  explicit MaximumVisitor(double* out) : maxima(out) {
    for (Size r = 0; r < Block::kRows; ++r) most[r] = broadcast(T(-3e38));
  }
  [[gnu::always_inline]] void visit(Size, Size, typename Block::Stripe& z,
                                    typename Block::Stripe&) {
    OTBRIDGE_UNROLL
    for (Size r = 0; r < Block::kRows; ++r) {
      OTBRIDGE_UNROLL
      for (Size v = 0; v < kWidth; ++v) most[r] = larger(most[r], z[r][v]);
    }
  }
  void flush() {}
  void store(Size i, Size r) { maxima[i] = largest<T>(most[r]); }
};

template <class T, class Block>
struct HitVisitor {
  Hits* hits;
  Size tiles, first_row, rows;

  [[gnu::always_inline]] void visit(Size tile, Size first, typename Block::Stripe& z,
                                    typename Block::Stripe&) {
    OTBRIDGE_UNROLL
    for (Size r = 0; r < Block::kRows; ++r) {
      Hits bits = 0;
      OTBRIDGE_UNROLL
      for (Size v = 0; v < kWidth; ++v) bits |= positive_lanes(z[r][v]) << (v * kLanes<T>);
      if (r >= rows) continue;
      Hits& all = hits[(first_row + r) * tiles + tile];
      // The first stripe of a tile overwrites: `hits` need not be cleared.
      all = first == 0 ? bits : all | bits << first;
    }
  }
  void flush() {}
  void store(Size, Size) {}
};

template <class T, class Block>
struct PairVisitor {
  double *sums, *inner_sums;
  Tile<T>* column_sums;
  RowSums<T, Block::kRows> row = {}, product = {};

  [[gnu::always_inline]] void visit(Size tile, Size first, typename Block::Stripe& z,
                                    typename Block::Stripe& inner) {
    OTBRIDGE_UNROLL
    for (Size v = 0; v < kWidth; ++v) {
      Lanes<T> column = {};
      OTBRIDGE_UNROLL
      for (Size r = 0; r < Block::kRows; ++r) {
        const Lanes<T> w = exp2_lanes(z[r][v]);
        row.add(r, w);
        product.add(r, w * inner[r][v]);
        column += w;
      }
      // In T over all rows that share the array: the caller gives each group of rows its own.
      auto& all = *reinterpret_cast<Lanes<T>*>(column_sums[tile].values + first + v * kLanes<T>);
      all += column;
    }
  }
  void flush() {
    row.flush();
    product.flush();
  }
  void store(Size i, Size r) {
    sums[i] = row[r];
    inner_sums[i] = product[r];
  }
};

// Values in groups of W, each group a sweep of its own with its exponentials: W is 4, 2 or 1.
template <class T, class Block, Size W>
struct MeanVisitor {
  const Tile<T>* values;
  Size width, offset;
  double *sums, *means;
  RowSums<T, Block::kRows> row = {}, mean[W] = {};

  [[gnu::always_inline]] void visit(Size tile, Size first, typename Block::Stripe& z,
                                    typename Block::Stripe&) {
    const Tile<T>* const value = values + tile * width + offset;
    OTBRIDGE_UNROLL
    for (Size r = 0; r < Block::kRows; ++r) {
      OTBRIDGE_UNROLL
      for (Size v = 0; v < kWidth; ++v) {
        const Lanes<T> w = exp2_lanes(z[r][v]);
        row.add(r, w);
        OTBRIDGE_UNROLL
        for (Size k = 0; k < W; ++k) mean[k].add(r, w * Block::at(value[k], first, v));
      }
    }
  }
  void flush() {
    row.flush();
    for (Size k = 0; k < W; ++k) mean[k].flush();
  }
  void store(Size i, Size r) {
    sums[i] = row[r];
    for (Size k = 0; k < W; ++k) means[i * width + offset + k] = mean[k][r];
  }
};

template <class T, class Block>
struct WeightVisitor {
  Size columns;
  double* weights;
  Size first_row, rows;

  void visit(Size tile, Size first, typename Block::Stripe& z, typename Block::Stripe&) {
    const Size begin = tile * kTile + first;
    for (Size r = 0; r < Block::kRows && r < rows; ++r) {
      for (Size v = 0; v < kWidth; ++v) {
        const Lanes<T> w = exp2_lanes(z[r][v]);
        for (Size lane = 0; lane < kLanes<T>; ++lane) {
          const Size j = begin + v * kLanes<T> + lane;
          if (j < columns) weights[(first_row + r) * columns + j] = static_cast<double>(w[lane]);
        }
      }
    }
  }
  void flush() {}
  void store(Size, Size) {}
};

template <class T, Size D>
using BlockOf = RowBlock<T, D, kBlock<D>>;

template <class Block, class Visitor>
[[gnu::always_inline]] inline void visit_stripe(const Block& block, Size tile, Size first,
                                                Visitor& visitor) {
  typename Block::Stripe z, inner;
  block.exponents(tile, first, z, inner);
  visitor.visit(tile, first, z, inner);
}

template <class T, Size D, class Visitor>
[[gnu::always_inline]] inline void sweep(const Columns<T>& columns, const TileRanges& ranges,
                                         const Rows<T>& rows, Size i, Visitor& visitor) {
  using Block = BlockOf<T, D>;
  const Block block(columns, rows, i);
  Size since = 0;
  for (Size range = 0; range < ranges.count; ++range) {
    for (Size tile = ranges.data[range].begin; tile < ranges.data[range].end; ++tile) {
      // Rolled where the coordinates are in registers: as fast, and a quarter of the code. Long
      // inner products are some percent faster unrolled.
      constexpr Size kStripe = kWidth * kLanes<T>;
      if constexpr (D > 0) {
        for (Size first = 0; first < kTile; first += kStripe) {
          visit_stripe(block, tile, first, visitor);
        }
      } else {
        OTBRIDGE_UNROLL
        for (Size first = 0; first < kTile; first += kStripe) {
          visit_stripe(block, tile, first, visitor);
        }
      }
      // At most 128 additions to a lane: their rounding stays near that of the exponents.
      if (++since == kTilesInT) {
        visitor.flush();
        since = 0;
      }
    }
  }
  visitor.flush();
  for (Size r = 0; r < Block::kRows && i + r < rows.count; ++r) visitor.store(i + r, r);
}

// Runs body<D>(first row) for each block of rows; D is the dimension up to 3, where the coordinates
// of a block stay in registers too, and 0 beyond.
template <class Body>
[[gnu::always_inline]] inline void for_blocks(Size d, Size count, Body body) {
  const auto all = [&]<Size D>() {
    for (Size i = 0; i < count; i += kBlock<D>) body.template operator()<D>(i);
  };
  if (d == 1) return all.template operator()<1>();
  if (d == 2) return all.template operator()<2>();
  if (d == 3) return all.template operator()<3>();
  all.template operator()<0>();
}

// Runs body(range) for runs of tiles whose coordinates stay in the cache while all rows meet them.
// For kernels that write what they find of a pair, and add nothing up.
template <class T, class Body>
[[gnu::always_inline]] inline void for_cached_tiles(Size d, Size tiles, Body body) {
  constexpr Size kCached = 1 << 18;              // bytes
  const Size bytes = (d + 1) * sizeof(Tile<T>);  // coordinates and levels of a tile
  const Size run = bytes < kCached ? kCached / bytes : 1;
  for (Size t = 0; t < tiles; t += run) body(TileRange{t, t + run < tiles ? t + run : tiles});
}

template <class T>
void row_sums(const Columns<T>& columns, const TileRanges& ranges, const Rows<T>& rows,
              double* sums) {
  for_blocks(columns.d, rows.count, [&]<Size D>(Size i) {
    SumVisitor<T, BlockOf<T, D>> visitor{sums};
    sweep<T, D>(columns, ranges, rows, i, visitor);
  });
}

template <class T>
void row_maxima(const Columns<T>& columns, const TileRanges& ranges, const Rows<T>& rows,
                double* maxima) {
  for_blocks(columns.d, rows.count, [&]<Size D>(Size i) {
    MaximumVisitor<T, BlockOf<T, D>> visitor(maxima);
    sweep<T, D>(columns, ranges, rows, i, visitor);
  });
}

template <class T>
void row_hits(const Columns<T>& columns, Size tiles, const Rows<T>& rows, Hits* hits) {
  for_cached_tiles<T>(columns.d, tiles, [&](const TileRange& range) {
    for_blocks(columns.d, rows.count, [&]<Size D>(Size i) {
      HitVisitor<T, BlockOf<T, D>> visitor{hits, tiles, i, rows.count - i};
      sweep<T, D>(columns, {&range, 1}, rows, i, visitor);
    });
  });
}

template <class T>
void pair_sums(const Columns<T>& columns, const TileRanges& ranges, const Rows<T>& rows,
               double* sums, double* inner_sums, Tile<T>* column_sums) {
  for_blocks(columns.d, rows.count, [&]<Size D>(Size i) {
    PairVisitor<T, BlockOf<T, D>> visitor{sums, inner_sums, column_sums};
    sweep<T, D>(columns, ranges, rows, i, visitor);
  });
}

template <class T>
void row_means(const Columns<T>& columns, const TileRanges& ranges, const Rows<T>& rows,
               const Tile<T>* values, Size width, double* sums, double* means) {
  for_blocks(columns.d, rows.count, [&]<Size D>(Size i) {
    Size k = 0;
    for (; k + 4 <= width; k += 4) {
      MeanVisitor<T, BlockOf<T, D>, 4> visitor{values, width, k, sums, means};
      sweep<T, D>(columns, ranges, rows, i, visitor);
    }
    if (k + 2 <= width) {
      MeanVisitor<T, BlockOf<T, D>, 2> visitor{values, width, k, sums, means};
      sweep<T, D>(columns, ranges, rows, i, visitor);
      k += 2;
    }
    if (k < width) {
      MeanVisitor<T, BlockOf<T, D>, 1> visitor{values, width, k, sums, means};
      sweep<T, D>(columns, ranges, rows, i, visitor);
    }
  });
}

template <class T>
void row_weights(const Columns<T>& columns, const Rows<T>& rows, Size count, double* weights) {
  for_cached_tiles<T>(columns.d, (count + kTile - 1) / kTile, [&](const TileRange& range) {
    for_blocks(columns.d, rows.count, [&]<Size D>(Size i) {
      WeightVisitor<T, BlockOf<T, D>> visitor{count, weights, i, rows.count - i};
      sweep<T, D>(columns, {&range, 1}, rows, i, visitor);
    });
  });
}

}  // namespace
}  // namespace otbridge::kernels::OTBRIDGE_KERNEL_NAMESPACE

#include "kernels/stored.inl"

namespace otbridge::kernels::OTBRIDGE_KERNEL_NAMESPACE {
namespace {

template <class T>
constexpr KernelTable<T> kTable{row_sums<T>,  row_maxima<T>, pair_sums<T>,
                                row_means<T>, row_hits<T>,   row_weights<T>};

#define OTBRIDGE_TEXT_OF(name) #name
#define OTBRIDGE_TEXT(name) OTBRIDGE_TEXT_OF(name)
constexpr KernelSet kSet{OTBRIDGE_TEXT(OTBRIDGE_KERNEL_NAMESPACE),
                         kTable<float>,
                         kTable<double>,
                         {store_weights, scale, stored_row_sums, stored_column_sums}};

}  // namespace

const KernelSet& kernel_set() { return kSet; }

}  // namespace otbridge::kernels::OTBRIDGE_KERNEL_NAMESPACE
