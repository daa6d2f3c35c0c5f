#include "sweep/cost_sweep.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "otbridge/core/parallel.hpp"
#include "sweep/tiled_cloud.hpp"

namespace otbridge {
namespace {

constexpr Index kRowsPerChunk = 32;  // of a parallel loop; each row meets all columns

// A flagged arc of one row, on its way into the result.
struct Candidate {
  double reduced, cost;
  Index sink;
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

}  // namespace

CostSweep::CostSweep(const Points& rows, const Points& columns, Ground ground)
    : rows_(rows),
      columns_(columns),
      ground_(ground),
      row_squares_(rows.rowwise().squaredNorm()),
      column_squares_(columns.rowwise().squaredNorm()),
      tiles_(to_size(tile_count(columns.rows()))),
      coordinates_(points_as_tiles<double>(columns)),
      kernel_(kernels::table<double>(kernels::select_kernel_set())) {}

// Twice the negated cost of a pair is shift_i + level_j + 2 <x_i, y_j>, shift = -|x|^2,
// level = 2 g - |y|^2: the kernels' exponent (kernels/kernel_set.hpp). Padding is below all.
std::vector<kernels::Tile<double>> CostSweep::kernel_levels(const Vector& g) const {
  return as_tiles<double>(2.0 * g - column_squares_, kernels::kPaddedLevel<double>);
}

// min_j c_ij - g_j = -max_j (2 g_j - 2 c_ij) / 2.
Vector CostSweep::transform(const Vector& g) const {
  if (ground_ == Ground::distance) return plain_transform(g);
  const auto column_levels = kernel_levels(g);
  const kernels::Columns<double> columns{coordinates_.data(), column_levels.data(),
                                         to_size(columns_.cols())};
  const kernels::TileRange all{0, tiles_};
  const Vector shifts = -row_squares_;
  Vector maxima(rows_.rows());
  parallel_for(rows_.rows(), kRowsPerChunk, [&](Index begin, Index end, Index) {
    const kernels::Rows<double> part{rows_.data() + begin * rows_.cols(), shifts.data() + begin,
                                     to_size(end - begin)};
    kernel_.row_maxima(columns, {&all, 1}, part, maxima.data() + begin);
  });
  return -0.5 * maxima;
}

Vector CostSweep::plain_transform(const Vector& g) const {
  Vector minima(rows_.rows());
  parallel_for(rows_.rows(), kRowsPerChunk, [&](Index begin, Index end, Index) {
    for (Index i = begin; i < end; ++i) {
      double least = std::numeric_limits<double>::infinity();
      for (Index j = 0; j < columns_.rows(); ++j) least = std::min(least, cost(i, j) - g[j]);
      minima[i] = least;
    }
  });
  return minima;
}

CostSweep::Found CostSweep::below(double level, const Vector& f, const Vector& g,
                                  std::size_t most) const {
  const Index n = rows_.rows(), m = columns_.rows();
  const auto column_levels = kernel_levels(g);
  const kernels::Columns<double> columns{coordinates_.data(), column_levels.data(),
                                         to_size(columns_.cols())};
  // The kernel's exponent is off by a few roundings of its largest term, and one per coordinate.
  const double margin = (32.0 + 2.0 * static_cast<double>(columns_.cols())) *
                        std::numeric_limits<double>::epsilon() *
                        (row_squares_.maxCoeff() + column_squares_.maxCoeff() +
                         f.cwiseAbs().maxCoeff() + g.cwiseAbs().maxCoeff());
  // An arc is flagged where 2 (max(level, 0) - (c - f - g)) + margin > 0: none below the level is
  // missed, nor one with c - f - g < 0; some others are looked at in vain.
  const Vector shifts =
      2.0 * f - row_squares_ + Vector::Constant(n, 2.0 * std::max(level, 0.0) + margin);
  std::vector<Found> parts(to_size(chunk_count(n, kRowsPerChunk)));
  parallel_for(n, kRowsPerChunk, [&](Index begin, Index end, Index chunk) {
    const kernels::Rows<double> part{rows_.data() + begin * rows_.cols(), shifts.data() + begin,
                                     to_size(end - begin)};
    std::vector<kernels::Hits> hits(to_size(end - begin) * tiles_);
    if (ground_ == Ground::half_squared) {
      kernel_.row_hits(columns, tiles_, part, hits.data());
    } else {
      flag_all(hits, columns_.rows());
    }
    Found& found = parts[to_size(chunk)];
    std::vector<Candidate> row;
    for (Index i = begin; i < end; ++i) {
      row.clear();
      for (std::size_t t = 0; t < tiles_; ++t) {
        for (kernels::Hits left = hits[to_size(i - begin) * tiles_ + t]; left != 0;
             left &= left - 1) {
          const Index j = static_cast<Index>(t) * kTileSize + std::countr_zero(left);
          // Decided from differences of coordinates, as promised.
          const double c = cost(i, j), reduced = c - f[i] - g[j];
          found.least = std::min(found.least, reduced);
          if (reduced < level) row.push_back({reduced, c, j});
        }
      }
      found.total += static_cast<Index>(row.size());
      keep_least(row, most, i * m / n, m);
      for (const Candidate& c : row) {
        found.arcs.push_back(
            {static_cast<std::int32_t>(i), static_cast<std::int32_t>(c.sink), c.cost});
      }
    }
  });

  // In chunk order, so that arcs are by source whatever the number of threads.
  Found all;
  for (const Found& part : parts) {
    all.arcs.insert(all.arcs.end(), part.arcs.begin(), part.arcs.end());
    all.total += part.total;
    all.least = std::min(all.least, part.least);
  }
  return all;
}

// cost - f - g of all pairs of at most `most` rows, spread evenly over their order.
Vector CostSweep::sampled(Index most, const Vector& f, const Vector& g) const {
  const Index n = rows_.rows(), m = columns_.rows(), count = std::min(n, most);
  Vector reduced(count * m);
  parallel_for(count, 4, [&](Index begin, Index end, Index) {
    for (Index k = begin; k < end; ++k) {
      const Index i = k * n / count;
      for (Index j = 0; j < m; ++j) reduced[k * m + j] = cost(i, j) - f[i] - g[j];
    }
  });
  return reduced;
}

double CostSweep::level_of(double share, const Vector& f, const Vector& g) const {
  Vector reduced = sampled(64, f, g);
  const Index rank =
      std::min(reduced.size() - 1, static_cast<Index>(share * static_cast<double>(reduced.size())));
  std::nth_element(reduced.begin(), reduced.begin() + rank, reduced.end());
  return reduced[rank];
}

double CostSweep::share_below(double level, const Vector& f, const Vector& g) const {
  return (sampled(16, f, g).array() < level).cast<double>().mean();
}

}  // namespace otbridge
