// The kernels themselves, included once per instruction set with OTBRIDGE_KERNEL_NAMESPACE set.
//
// Only static loops over raw memory: nothing here may call an inline function of another header,
// whose vectorised copy the linker could give to the whole program.
#include "kernels/row_blocks.inl"

namespace otbridge::kernels::OTBRIDGE_KERNEL_NAMESPACE {
namespace {

// What the kernels do with the exponents of a stripe. visit() sees each stripe once; flush() comes
// after every kTilesInT tiles and at the end; store() after the last flush. Rows may meet their
// columns in several sweeps: what is stored is added to what is there.

template <class T, class Block>
struct SumVisitor {
  double* sums;
  RowSums<T, Block::kRows> row = {};

  [[gnu::always_inline]] void visit(Size, Size, typename Block::Stripe& z,
                                    typename Block::Stripe&) {
    OTBRIDGE_UNROLL
    for (Size r = 0; r < Block::kRows; ++r) {
      OTBRIDGE_UNROLL
      for (Size v = 0; v < Block::kWidth; ++v) row.add(r, exp2_lanes(z[r][v]));
    }
  }
  void flush() { row.flush(); }
  void store(Size i, Size r) { sums[i] += row[r]; }
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
      for (Size v = 0; v < Block::kWidth; ++v) most[r] = larger(most[r], z[r][v]);
    }
  }
  void flush() {}
  void store(Size i, Size r) {
    const double here = largest<T>(most[r]);
    if (here > maxima[i]) maxima[i] = here;
  }
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
      for (Size v = 0; v < Block::kWidth; ++v) bits |= positive_lanes(z[r][v]) << (v * kLanes<T>);
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
    for (Size v = 0; v < Block::kWidth; ++v) {
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
    sums[i] += row[r];
    inner_sums[i] += product[r];
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
      for (Size v = 0; v < Block::kWidth; ++v) {
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
    if (offset == 0) sums[i] += row[r];
    for (Size k = 0; k < W; ++k) means[i * width + offset + k] += mean[k][r];
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
      for (Size v = 0; v < Block::kWidth; ++v) {
        const Lanes<T> w = exp2_lanes(z[r][v]);
        const Size j = begin + v * kLanes<T>;
        const Size there = j < columns ? columns - j : 0;
        double wide[kLanes<T>];
        for (Size lane = 0; lane < kLanes<T>; ++lane) wide[lane] = static_cast<double>(w[lane]);
        // Of a size known here, but for the last columns.
        double* const out = weights + (first_row + r) * columns + j;
        if (there >= kLanes<T>) {
          __builtin_memcpy(out, wide, sizeof(wide));
        } else {
          for (Size lane = 0; lane < there; ++lane) out[lane] = wide[lane];
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
      constexpr Size kColumns = Block::kWidth * kLanes<T>;
      if constexpr (D > 0) {
        for (Size first = 0; first < kTile; first += kColumns) {
          visit_stripe(block, tile, first, visitor);
        }
      } else {
        OTBRIDGE_UNROLL
        for (Size first = 0; first < kTile; first += kColumns) {
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

// Runs body(ranges) for runs of tiles whose coordinates stay in the cache while all rows meet them.
template <class T, class Body>
[[gnu::always_inline]] inline void for_cached_tiles(Size d, const TileRanges& ranges, Body body) {
  constexpr Size kCached = 1 << 18;              // bytes
  const Size bytes = (d + 1) * sizeof(Tile<T>);  // coordinates and levels of a tile
  const Size most = bytes < kCached ? kCached / bytes : 1;
  for (Size range = 0; range < ranges.count; ++range) {
    const TileRange all = ranges.data[range];
    for (Size t = all.begin; t < all.end; t += most) {
      const TileRange run{t, t + most < all.end ? t + most : all.end};
      body(TileRanges{&run, 1});
    }
  }
}

// The same for sums: in few dimensions arithmetic hides the loads, and the ranges may be many and
// short, so that rows meet them all at once.
template <class T, class Body>
void for_sums(Size d, const TileRanges& ranges, Body body) {
  constexpr Size kFewCoordinates = 16;
  if (d <= kFewCoordinates) return body(ranges);
  for_cached_tiles<T>(d, ranges, body);
}

void clear(double* values, Size count, double value = 0.0) {
  for (Size i = 0; i < count; ++i) values[i] = value;
}

template <class T>
void row_sums(const Columns<T>& columns, const TileRanges& ranges, const Rows<T>& rows,
              double* sums) {
  clear(sums, rows.count);
  for_sums<T>(columns.d, ranges, [&](const TileRanges& run) {
    for_blocks(columns.d, rows.count, [&]<Size D>(Size i) {
      SumVisitor<T, BlockOf<T, D>> visitor{sums};
      sweep<T, D>(columns, run, rows, i, visitor);
    });
  });
}

template <class T>
void row_maxima(const Columns<T>& columns, const TileRanges& ranges, const Rows<T>& rows,
                double* maxima) {
  clear(maxima, rows.count, -3e38);
  for_sums<T>(columns.d, ranges, [&](const TileRanges& run) {
    for_blocks(columns.d, rows.count, [&]<Size D>(Size i) {
      MaximumVisitor<T, BlockOf<T, D>> visitor(maxima);
      sweep<T, D>(columns, run, rows, i, visitor);
    });
  });
}

template <class T>
void row_hits(const Columns<T>& columns, Size tiles, const Rows<T>& rows, Hits* hits) {
  const TileRange all{0, tiles};
  for_cached_tiles<T>(columns.d, {&all, 1}, [&](const TileRanges& run) {
    for_blocks(columns.d, rows.count, [&]<Size D>(Size i) {
      HitVisitor<T, BlockOf<T, D>> visitor{hits, tiles, i, rows.count - i};
      sweep<T, D>(columns, run, rows, i, visitor);
    });
  });
}

template <class T>
void pair_sums(const Columns<T>& columns, const TileRanges& ranges, const Rows<T>& rows,
               double* sums, double* inner_sums, Tile<T>* column_sums) {
  clear(sums, rows.count);
  clear(inner_sums, rows.count);
  for_sums<T>(columns.d, ranges, [&](const TileRanges& run) {
    for_blocks(columns.d, rows.count, [&]<Size D>(Size i) {
      PairVisitor<T, BlockOf<T, D>> visitor{sums, inner_sums, column_sums};
      sweep<T, D>(columns, run, rows, i, visitor);
    });
  });
}

template <class T>
void row_means(const Columns<T>& columns, const TileRanges& ranges, const Rows<T>& rows,
               const Tile<T>* values, Size width, double* sums, double* means) {
  clear(sums, rows.count);
  clear(means, rows.count * width);
  for_sums<T>(columns.d, ranges, [&](const TileRanges& run) {
    for_blocks(columns.d, rows.count, [&]<Size D>(Size i) {
      Size k = 0;
      for (; k + 4 <= width; k += 4) {
        MeanVisitor<T, BlockOf<T, D>, 4> visitor{values, width, k, sums, means};
        sweep<T, D>(columns, run, rows, i, visitor);
      }
      if (k + 2 <= width) {
        MeanVisitor<T, BlockOf<T, D>, 2> visitor{values, width, k, sums, means};
        sweep<T, D>(columns, run, rows, i, visitor);
        k += 2;
      }
      if (k < width) {
        MeanVisitor<T, BlockOf<T, D>, 1> visitor{values, width, k, sums, means};
        sweep<T, D>(columns, run, rows, i, visitor);
      }
    });
  });
}

template <class T>
void row_weights(const Columns<T>& columns, const Rows<T>& rows, Size count, double* weights) {
  const TileRange all{0, (count + kTile - 1) / kTile};
  for_cached_tiles<T>(columns.d, {&all, 1}, [&](const TileRanges& run) {
    for_blocks(columns.d, rows.count, [&]<Size D>(Size i) {
      WeightVisitor<T, BlockOf<T, D>> visitor{count, weights, i, rows.count - i};
      sweep<T, D>(columns, run, rows, i, visitor);
    });
  });
}

}  // namespace
}  // namespace otbridge::kernels::OTBRIDGE_KERNEL_NAMESPACE

#include "kernels/assignment.inl"
#include "kernels/local.inl"
#include "kernels/network.inl"
#include "kernels/optimizer.inl"
#include "kernels/stored.inl"
// Last: what loads and stores its vectors stands in the others.
#include "kernels/lattice.inl"

namespace otbridge::kernels::OTBRIDGE_KERNEL_NAMESPACE {
namespace {

template <class T>
constexpr KernelTable<T> kTable{row_sums<T>,  row_maxima<T>, pair_sums<T>,
                                row_means<T>, row_hits<T>,   row_weights<T>};

template <class T>
constexpr LocalKernelTable<T> kLocalTable{local_terms<T>, local_sums<T>, local_piece_sums<T>,
                                          local_maximum<T>, local_weights<T>};

template <class T>
constexpr NetworkTable<T> kNetworkTable{
    kPanel<T>,        kRowBlock,         pack<T>,
    affine<T>,        kFewColumns,       few_columns_affine<T>,
    silu<Numbers<T>>, chain<Numbers<T>>, weight_gradient<Numbers<T>>,
    add_parts<T>,     squared_norm<T>,   adam<T>,
    nullptr};

#define OTBRIDGE_TEXT_OF(name) #name
#define OTBRIDGE_TEXT(name) OTBRIDGE_TEXT_OF(name)
constexpr KernelSet kSet{OTBRIDGE_TEXT(OTBRIDGE_KERNEL_NAMESPACE),
                         kTable<float>,
                         kTable<double>,
                         {store_weights, scale, stored_row_sums, stored_column_sums},
                         box_bounds,
                         weighted_sums,
                         kLocalTable<float>,
                         kLocalTable<double>,
                         kNetworkTable<float>,
                         kNetworkTable<double>,
                         interpolate,
                         {assignment_costs, assignment_tile_minima, assignment_first,
                          assignment_shorten, assignment_relax}};

}  // namespace

const KernelSet& kernel_set() { return kSet; }

}  // namespace otbridge::kernels::OTBRIDGE_KERNEL_NAMESPACE
