#include "sweep/cost_sweep.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

#include "otbridge/core/exchange.hpp"
#include "otbridge/core/parallel.hpp"
#include "sweep/tiled_cloud.hpp"

namespace otbridge {
namespace {

constexpr Index kRowsPerChunk = 32;  // of a parallel loop
static_assert(kRowsPerChunk % kTileSize == 0);

// A flagged arc of one row, on its way into the result.
struct Candidate {
  double reduced;
  std::int32_t sink;
};

// The `most` candidates of least reduced cost, by sink. Among equals those whose place in the
// target's order is next after the row's in the source's: ties spread over the sinks.
void keep_least(std::vector<Candidate>& row, std::size_t most, Index place, Index m) {
  if (row.size() <= most) return;
  const auto distance = [&](const Candidate& c) { return (c.sink - place + m) % m; };
  std::nth_element(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(most), row.end(),
                   [&](const Candidate& p, const Candidate& q) {
                     return p.reduced < q.reduced ||
                            (p.reduced == q.reduced && distance(p) < distance(q));
                   });
  row.resize(most);
  std::ranges::sort(row, {}, &Candidate::sink);
}

// Row k of a sample of so many, spread evenly over the order of all.
Index sampled_row(Index k, Index count, Index all) { return k * all / count; }

// Every column of every row: none of the padding.
void flag_all(std::vector<kernels::Hits>& hits, Index columns) {
  const std::size_t tiles = to_size(tile_count(columns));
  constexpr auto kAll = static_cast<kernels::Hits>(~kernels::Hits{0});
  const Index last = columns - (static_cast<Index>(tiles) - 1) * kTileSize;
  for (std::size_t k = 0; k < hits.size(); ++k) {
    hits[k] = k % tiles + 1 < tiles || last == kTileSize
                  ? kAll
                  : static_cast<kernels::Hits>((kernels::Hits{1} << last) - 1);
  }
}

// The same columns from tile `begin` on.
kernels::Columns<double> from_tile(const kernels::Columns<double>& columns, std::size_t begin) {
  return {columns.coordinates + begin * columns.d, columns.levels + begin, columns.d};
}

// Which columns of some ranges of tiles are flagged, for each of a tile of rows.
class Flags {
 public:
  // None are; masks() is to be filled range by range, in a range row by row.
  void clear(const kernels::TileRanges& ranges, std::size_t rows) {
    ranges_ = ranges;
    rows_ = rows;
    std::size_t tiles = 0;
    for (std::size_t r = 0; r < ranges.count; ++r) tiles += length(r);
    masks_.assign(rows * tiles, 0);
  }
  std::vector<kernels::Hits>& masks() { return masks_; }

  template <class Visit>  // visit(column), ascending
  void for_row(std::size_t row, Visit&& visit) const {
    const kernels::Hits* of_range = masks_.data();
    for (std::size_t r = 0; r < ranges_.count; ++r) {
      const kernels::Hits* const mine = of_range + row * length(r);
      for (std::size_t t = 0; t < length(r); ++t) {
        const Index first = static_cast<Index>(ranges_.data[r].begin + t) * kTileSize;
        for (kernels::Hits left = mine[t]; left != 0; left &= left - 1) {
          visit(first + std::countr_zero(left));
        }
      }
      of_range += rows_ * length(r);
    }
  }

 private:
  std::size_t length(std::size_t r) const { return ranges_.data[r].end - ranges_.data[r].begin; }

  kernels::TileRanges ranges_{nullptr, 0};
  std::size_t rows_ = 0;
  std::vector<kernels::Hits> masks_;
};

}  // namespace

CostSweep::CostSweep(const Points& rows, const Points& columns, Ground ground)
    : rows_(rows),
      columns_(columns),
      ground_(ground),
      row_squares_(rows.rowwise().squaredNorm()),
      column_squares_(columns.rowwise().squaredNorm()),
      tiles_(to_size(tile_count(columns.rows()))),
      coordinates_(points_as_tiles<double>(columns)),
      kernel_(kernels::table<double>(kernels::select_kernel_set())) {
  if (ground == Ground::distance || rows.cols() > kLargestSpatialDimension) return;
  row_boxes_ = Boxes(rows, kTileSize);
  column_boxes_ = Boxes(columns, kTileSize);
  super_boxes_ = Boxes(columns, kTileSize * TiledCloud::kSuper);
}

std::optional<ColumnBounds> CostSweep::bounds(const Vector& values) const {
  if (!bounded()) return std::nullopt;
  return ColumnBounds(columns_, column_boxes_, super_boxes_, values);
}

TileSelection CostSweep::selection(const std::optional<ColumnBounds>& bounds) const {
  return {rows_, row_boxes_, bounds ? &*bounds : nullptr, static_cast<Index>(tiles_)};
}

// A few roundings of the largest term, and one or two per coordinate.
double CostSweep::rounding(double largest) const {
  return (32.0 + 2.0 * static_cast<double>(columns_.cols())) *
         std::numeric_limits<double>::epsilon() *
         (row_squares_.maxCoeff() + column_squares_.maxCoeff() + largest);
}

// Twice the negated cost of a pair is shift_i + level_j + 2 <x_i, y_j>, shift = -|x|^2,
// level = 2 g - |y|^2: the kernels' exponent (kernels/kernel_set.hpp). Padding is below all.
std::vector<kernels::Tile<double>> CostSweep::kernel_levels(const Vector& g) const {
  return as_tiles<double>(2.0 * g - column_squares_, kernels::kPaddedLevel<double>);
}

// min_j c_ij - g_j = -max_j (2 g_j - 2 c_ij) / 2. The maxima over one tile of columns first: then
// over those that may hold more.
Vector CostSweep::transform(const Vector& g) const {
  if (ground_ == Ground::distance) return plain_transform(g);
  const auto column_levels = kernel_levels(g);
  const kernels::Columns<double> columns{coordinates_.data(), column_levels.data(),
                                         to_size(columns_.cols())};
  const auto bounds = this->bounds(2.0 * g - column_squares_);
  const double margin = rounding(g.cwiseAbs().maxCoeff());
  const Vector shifts = -row_squares_;
  Vector maxima(rows_.rows());
  shared_for(rows_.rows(), kRowsPerChunk, {rows_of_loop(maxima.data())},
             [&](Index begin, Index end, Index) {
               TileSelection selection = this->selection(bounds);
               Vector values(kTileSize), more(kTileSize);
               for (Index i = begin; i < end; i += kTileSize) {
                 const Index count = std::min(kTileSize, end - i);
                 const kernels::Rows<double> tile{rows_.data() + i * rows_.cols(),
                                                  shifts.data() + i, to_size(count)};
                 selection.select_promising(i / kTileSize);
                 kernel_.row_maxima(columns, selection.ranges(), tile, maxima.data() + i);
                 if (!bounded()) continue;
                 auto most = maxima.segment(i, count);
                 values.head(count) = shifts.segment(i, count) - most;
                 selection.select(i / kTileSize, values.data(), 0.0, margin);
                 if (selection.ranges().count == 0) continue;
                 kernel_.row_maxima(columns, selection.ranges(), tile, more.data());
                 most = most.cwiseMax(more.head(count));
               }
             });
  return -0.5 * maxima;
}

Vector CostSweep::plain_transform(const Vector& g) const {
  Vector minima(rows_.rows());
  shared_for(rows_.rows(), kRowsPerChunk, {rows_of_loop(minima.data())},
             [&](Index begin, Index end, Index) {
               for (Index i = begin; i < end; ++i) {
                 double least = std::numeric_limits<double>::infinity();
                 for (Index j = 0; j < columns_.rows(); ++j)
                   least = std::min(least, cost(i, j) - g[j]);
                 minima[i] = least;
               }
             });
  return minima;
}

void CostSweep::set_flags(const kernels::Columns<double>& columns,
                          const kernels::TileRanges& ranges, const kernels::Rows<double>& rows,
                          kernels::Hits* masks) const {
  for (std::size_t r = 0; r < ranges.count; ++r) {
    const auto [begin, end] = ranges.data[r];
    kernel_.row_hits(from_tile(columns, begin), end - begin, rows, masks);
    masks += rows.count * (end - begin);
  }
}

CostSweep::Found CostSweep::below(double level, const Vector& f, const Vector& g,
                                  std::size_t most) const {
  const Index n = rows_.rows(), m = columns_.rows();
  const auto column_levels = kernel_levels(g);
  const kernels::Columns<double> columns{coordinates_.data(), column_levels.data(),
                                         to_size(columns_.cols())};
  const double margin = rounding(f.cwiseAbs().maxCoeff() + g.cwiseAbs().maxCoeff());
  // An arc is flagged where 2 (max(level, 0) - (c - f - g)) + margin > 0: none below the level is
  // missed, nor one with c - f - g < 0; some others are looked at in vain.
  const Vector shifts =
      2.0 * f - row_squares_ + Vector::Constant(n, 2.0 * std::max(level, 0.0) + margin);
  const auto bounds = this->bounds(2.0 * g - column_squares_);
  struct Counts {
    Index total = 0;
    double least = 0.0;
  };
  const std::size_t chunks = to_size(chunk_count(n, kRowsPerChunk));
  std::vector<Counts> counts(chunks);
  std::vector<std::vector<std::int32_t>> sinks(chunks);  // row after row
  std::vector<std::int32_t> of_row(to_size(n));          // how many
  shared_for(n, kRowsPerChunk, {chunks_of_loop(counts.data()), rows_of_loop(of_row.data())},
             [&](Index begin, Index end, Index chunk) {
               Counts& found = counts[to_size(chunk)];
               TileSelection selection = this->selection(bounds);
               Flags flags;
               std::vector<Candidate> row;
               for (Index first = begin; first < end; first += kTileSize) {
                 const std::size_t count = to_size(std::min(kTileSize, end - first));
                 selection.select(first / kTileSize, shifts.data() + first, 0.0, margin);
                 flags.clear(selection.ranges(), count);
                 if (ground_ == Ground::half_squared) {
                   const kernels::Rows<double> tile{rows_.data() + first * rows_.cols(),
                                                    shifts.data() + first, count};
                   set_flags(columns, selection.ranges(), tile, flags.masks().data());
                 } else {
                   flag_all(flags.masks(), m);
                 }
                 for (Index i = first; i < first + static_cast<Index>(count); ++i) {
                   row.clear();
                   flags.for_row(to_size(i - first), [&](Index j) {
                     // Decided from differences of coordinates, as promised.
                     const double reduced = cost(i, j) - f[i] - g[j];
                     found.least = std::min(found.least, reduced);
                     if (reduced < level) row.push_back({reduced, static_cast<std::int32_t>(j)});
                   });
                   found.total += static_cast<Index>(row.size());
                   keep_least(row, most, i * m / n, m);
                   of_row[to_size(i)] = static_cast<std::int32_t>(row.size());
                   for (const Candidate& c : row) sinks[to_size(chunk)].push_back(c.sink);
                 }
               }
             });

  // In chunk order, so that arcs are by source whatever the number of threads. Costs are found once
  // more: other ranks are sent the sinks alone, a quarter of the bytes.
  share_lists(sinks);
  Found all;
  std::vector<std::size_t> places(chunks);  // of the first arc of each
  std::size_t arcs = 0;
  for (std::size_t c = 0; c < chunks; ++c) {
    places[c] = arcs;
    arcs += sinks[c].size();
    all.total += counts[c].total;
    all.least = std::min(all.least, counts[c].least);
  }
  all.arcs.resize(arcs);
  parallel_for(n, kRowsPerChunk, [&](Index begin, Index end, Index chunk) {
    CostArc* arc = all.arcs.data() + places[to_size(chunk)];
    const std::int32_t* sink = sinks[to_size(chunk)].data();
    for (Index i = begin; i < end; ++i) {
      for (std::int32_t k = 0; k < of_row[to_size(i)]; ++k, ++sink) {
        *arc++ = {static_cast<std::int32_t>(i), *sink, cost(i, *sink)};
      }
    }
  });
  return all;
}

double CostSweep::level_of(double share, const Vector& f, const Vector& g) const {
  const Index m = columns_.rows(), count = std::min<Index>(rows_.rows(), 64);
  Vector reduced(count * m);
  parallel_for(count, 4, [&](Index begin, Index end, Index) {
    for (Index k = begin; k < end; ++k) {
      const Index i = sampled_row(k, count, rows_.rows());
      for (Index j = 0; j < m; ++j) reduced[k * m + j] = cost(i, j) - f[i] - g[j];
    }
  });
  const Index rank =
      std::min(reduced.size() - 1, static_cast<Index>(share * static_cast<double>(reduced.size())));
  std::nth_element(reduced.begin(), reduced.begin() + rank, reduced.end());
  return reduced[rank];
}

double CostSweep::share_below(double level, const Vector& f, const Vector& g) const {
  const Index m = columns_.rows(), count = std::min<Index>(rows_.rows(), 16);
  std::vector<Index> hits(to_size(count));
  shared_for(count, 1, {rows_of_loop(hits.data())}, [&](Index k, Index, Index) {
    const Index i = sampled_row(k, count, rows_.rows());
    Index of_row = 0;
    for (Index j = 0; j < m; ++j) of_row += cost(i, j) - f[i] - g[j] < level ? 1 : 0;
    hits[to_size(k)] = of_row;
  });
  return static_cast<double>(std::reduce(hits.begin(), hits.end())) /
         static_cast<double>(count * m);
}

}  // namespace otbridge
