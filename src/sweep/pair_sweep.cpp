#include "sweep/pair_sweep.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "otbridge/core/parallel.hpp"

namespace otbridge {
namespace {

constexpr double kPairsPerChunk = 2e5;  // smaller work is not worth a thread
constexpr double kEverything = -1e300;  // a threshold that no exponent is below

// Within what the kernels promise for their sums.
bool is_safe(double sum) { return sum > 0x1p-60 && sum < 0x1p60; }
static_assert(kernels::kSafe == 60.0);

}  // namespace

// The tiles of columns that one tile of rows has to meet.
template <class T>
class PairSweep<T>::Selection {
 public:
  explicit Selection(const PairSweep& sweep) : sweep_(sweep), row_(1, sweep.rows_.dimension()) {}

  // reduced: shift_i - |x_i|^2 of the rows of the tile. Leaves out tiles whose exponents are below
  // `threshold`.
  void select(Index tile, const double* reduced, double threshold) {
    ranges_.clear();
    skipped_ = 0;
    largest_skipped_ = kEverything;
    if (!sweep_.bounded_) return append(0, sweep_.columns_.tiles());
    // Runs of tiles first: most are far away and go at one comparison.
    fit(tile, reduced);
    for (Index s = 0; s < sweep_.super_majorants_.top.size(); ++s) {
      const Index begin = s * TiledCloud::kSuper;
      const Index end = std::min(begin + TiledCloud::kSuper, sweep_.columns_.tiles());
      if (leave_out(super_bound(tile, s), threshold, end - begin)) continue;
      for (Index c = begin; c < end; ++c) {
        if (!leave_out(tile_bound(tile, c), threshold, 1)) append(c, c + 1);
      }
    }
  }

  // The one tile of columns, by exponents at the centres of the boxes, that is likely to hold the
  // largest exponents.
  void select_promising(Index tile, const double* reduced) {
    ranges_.clear();
    if (!sweep_.bounded_) return append(0, sweep_.columns_.tiles());
    fit(tile, reduced);
    Index best = 0;
    double most = -std::numeric_limits<double>::infinity();
    const auto x = sweep_.rows_.boxes().centre().row(tile);
    for (Index c = 0; c < sweep_.columns_.tiles(); ++c) {
      const double z =
          sweep_.tile_majorants_.top[c] + 2.0 * x.dot(sweep_.columns_.boxes().centre().row(c));
      if (z > most) {
        most = z;
        best = c;
      }
    }
    append(best, best + 1);
  }

  kernels::TileRanges ranges() const { return {ranges_.data(), ranges_.size()}; }
  // A bound on the sum of the weights of one row that select() left out: as if each were the
  // largest.
  double missed() const {
    return skipped_ == 0 ? 0.0
                         : static_cast<double>(skipped_ * kTileSize) * std::exp2(largest_skipped_);
  }

 private:
  void fit(Index tile, const double* reduced) {
    sweep_.rows_.boxes().fit(sweep_.rows_.points(), reduced, tile, row_, 0);
  }
  double tile_bound(Index tile, Index c) const {
    return Boxes::largest_exponent(sweep_.rows_.boxes(), row_, tile, 0, sweep_.columns_.boxes(),
                                   sweep_.tile_majorants_, c);
  }
  double super_bound(Index tile, Index s) const {
    return Boxes::largest_exponent(sweep_.rows_.boxes(), row_, tile, 0,
                                   sweep_.columns_.super_boxes(), sweep_.super_majorants_, s);
  }
  bool leave_out(double bound, double threshold, Index tiles) {
    if (!(bound < threshold)) return false;  // what cannot be bounded is summed
    skipped_ += tiles;
    largest_skipped_ = std::max(largest_skipped_, bound);
    return true;
  }
  // Tiles come in increasing order; neighbours join, so that kernels run over long ranges.
  void append(Index begin, Index end) {
    if (!ranges_.empty() && ranges_.back().end == to_size(begin)) {
      ranges_.back().end = to_size(end);
    } else {
      ranges_.push_back({to_size(begin), to_size(end)});
    }
  }

  const PairSweep& sweep_;
  Majorants row_;
  std::vector<kernels::TileRange> ranges_;
  Index skipped_ = 0;
  double largest_skipped_ = kEverything;
};

template <class T>
PairSweep<T>::PairSweep(const kernels::KernelSet& set, const TiledCloud& rows,
                        const TiledCloud& columns, const Vector& log2_weights)
    : kernels_(kernels::table<T>(set)),
      rows_(rows),
      columns_(columns),
      bounded_(rows.bounded() && columns.bounded()),
      tile_majorants_(0, columns.dimension()),
      super_majorants_(0, columns.dimension()) {
  // |y_j|^2 joins the log-weight, so that the kernel adds inner products only.
  const Vector reduced = log2_weights - columns.squares();
  levels_ = as_tiles<T>(reduced, kernels::kPaddedLevel<T>);
  if (bounded_) {
    tile_majorants_ = columns.boxes().majorants(columns.points(), reduced);
    super_majorants_ = columns.super_boxes().majorants(columns.points(), reduced);
  }
}

template <class T>
kernels::Columns<T> PairSweep<T>::kernel_columns() const {
  return {columns_.columns<T>().data(), levels_.data(),
          static_cast<kernels::Size>(columns_.dimension())};
}

template <class T>
Index PairSweep<T>::chunk_rows() const {
  const double pairs = static_cast<double>(kTileSize * columns_.size());
  return kTileSize * static_cast<Index>(std::max(1.0, std::ceil(kPairsPerChunk / pairs)));
}

template <class T>
void PairSweep<T>::log2_sums(const Vector* guess, double truncation, Vector& out) const {
  out.resize(rows_.size());
  parallel_for(rows_.size(), chunk_rows(), [&](Index begin, Index end, Index) {
    Selection selection(*this);
    for (Index i = begin; i < end; i += kTileSize) {
      log2_sums(i / kTileSize, guess, truncation, out.data() + i, selection);
    }
  });
}

// Tries the guess; where it was so bad that sums left the safe range, or that the truncation was
// too much of them, goes on from what was learnt; the last try is over all columns with the largest
// exponents as shifts, which cannot fail. The shift that was used is taken out exactly.
template <class T>
void PairSweep<T>::log2_sums(Index tile, const Vector* guess, double truncation, double* out,
                             Selection& selection) const {
  constexpr int kTries = 4;
  const Index first = tile * kTileSize, count = std::min(kTileSize, rows_.size() - first);
  const auto columns = kernel_columns();
  // With shifts that make the sum 1, m weights below truncation / m are at most truncation of it.
  const double threshold = std::log2(truncation / static_cast<double>(columns_.size()));
  std::array<double, kernels::kTile> reduced{}, sums{};
  std::array<T, kernels::kTile> shifts{};
  const T* const x = rows_.rows<T>().data() + first * rows_.dimension();
  const kernels::Rows<T> rows{x, shifts.data(), to_size(count)};
  // The shift that the kernel sees is the rounded one; that one is taken out below.
  const auto set_shifts = [&] {
    for (std::size_t i = 0; i < to_size(count); ++i) shifts[i] = static_cast<T>(reduced[i]);
  };
  const auto set_from_maxima = [&](auto&& wanted) {
    std::array<double, kernels::kTile> maxima{};
    shifts.fill(T(0));
    kernels_.row_maxima(columns, selection.ranges(), rows, maxima.data());
    for (std::size_t i = 0; i < to_size(count); ++i) {
      if (wanted(i)) reduced[i] = -maxima[i];
    }
  };

  if (guess != nullptr) {
    for (std::size_t i = 0; i < to_size(count); ++i) {
      const Index row = first + static_cast<Index>(i);
      reduced[i] = (*guess)[row] - rows_.squares()[row];
    }
  } else {
    selection.select_promising(tile, reduced.data());
    set_from_maxima([](std::size_t) { return true; });
  }
  for (int attempt = 1; attempt <= kTries; ++attempt) {
    const bool last = attempt == kTries;
    selection.select(tile, reduced.data(), last ? kEverything : threshold);
    if (last) set_from_maxima([](std::size_t) { return true; });
    set_shifts();
    kernels_.row_sums(columns, selection.ranges(), rows, sums.data());
    bool all_good = true, lost = false;
    const double missed = selection.missed();
    for (std::size_t i = 0; i < to_size(count); ++i) {
      if (is_safe(sums[i]) && missed <= truncation * sums[i]) continue;
      all_good = false;
      // A safe sum tells its own shift exactly; of a lost one only the largest term can be had.
      if (is_safe(sums[i])) {
        reduced[i] -= std::log2(sums[i]);
      } else {
        lost = true;
      }
    }
    if (all_good || last) break;
    if (lost) {
      selection.select_promising(tile, reduced.data());
      set_from_maxima([&](std::size_t i) { return !is_safe(sums[i]); });
    }
  }
  // Where even that is lost in rounding, the largest term is all there is: the hard transform.
  for (std::size_t i = 0; i < to_size(count); ++i) {
    const double shift =
        static_cast<double>(shifts[i]) + rows_.squares()[first + static_cast<Index>(i)];
    out[i] = (is_safe(sums[i]) ? std::log2(sums[i]) : 0.0) - shift;
  }
}

// visit(first, rows, ranges, chunk) for each tile of rows; returns the bound on all that was left
// out.
template <class T>
template <class Visit>
double PairSweep<T>::for_row_tiles(const Vector& shifts, double truncation, Index rows_per_chunk,
                                   Visit&& visit) const {
  const Index n = rows_.size();
  const double threshold = std::log2(truncation / static_cast<double>(columns_.size()));
  std::vector<double> missed(to_size(chunk_count(n, rows_per_chunk)), 0.0);
  parallel_for(n, rows_per_chunk, [&](Index begin, Index end, Index chunk) {
    Selection selection(*this);
    std::array<double, kernels::kTile> reduced{};
    std::array<T, kernels::kTile> rounded{};
    for (Index i = begin; i < end; i += kTileSize) {
      const Index count = std::min(kTileSize, end - i);
      for (Index r = 0; r < count; ++r) {
        reduced[to_size(r)] = shifts[i + r] - rows_.squares()[i + r];
        rounded[to_size(r)] = static_cast<T>(reduced[to_size(r)]);
      }
      selection.select(i / kTileSize, reduced.data(), threshold);
      missed[to_size(chunk)] += static_cast<double>(count) * selection.missed();
      visit(i,
            kernels::Rows<T>{rows_.rows<T>().data() + i * rows_.dimension(), rounded.data(),
                             to_size(count)},
            selection.ranges(), chunk);
    }
  });
  // In chunk order: the same for any number of threads.
  double total = 0.0;
  for (const double part : missed) total += part;
  return total;
}

template <class T>
double PairSweep<T>::row_means(const Vector& shifts, double truncation, const Points& values,
                               Vector& sums, Points& means) const {
  const Index width = values.cols();
  const std::vector<kernels::Tile<T>> tiles = points_as_tiles<T>(values);
  sums.resize(rows_.size());
  means.resize(rows_.size(), width);
  const auto columns = kernel_columns();
  return for_row_tiles(shifts, truncation, chunk_rows(),
                       [&](Index i, const auto& rows, const auto& ranges, Index) {
                         kernels_.row_means(columns, ranges, rows, tiles.data(), to_size(width),
                                            sums.data() + i, means.data() + i * width);
                       });
}

template <class T>
double PairSweep<T>::pair_sums(const Vector& shifts, double truncation, Vector& sums,
                               Vector& column_sums, double& cost) const {
  // Column sums are private to a group of rows and added in the order of the groups; there are few
  // of them, since each takes memory for all columns.
  Vector inner(rows_.size());
  sums.resize(rows_.size());
  const Index row_tiles = rows_.tiles();
  const Index per_group =
      std::max(chunk_rows(), (row_tiles + kColumnSumGroups - 1) / kColumnSumGroups * kTileSize);
  const Index groups = chunk_count(rows_.size(), per_group);
  std::vector<std::vector<kernels::Tile<T>>> partial(to_size(groups));
  const auto columns = kernel_columns();
  const double missed = for_row_tiles(
      shifts, truncation, per_group,
      [&](Index i, const auto& rows, const auto& ranges, Index group) {
        auto& mine = partial[to_size(group)];
        if (mine.empty()) mine.resize(to_size(columns_.tiles()));
        kernels_.pair_sums(columns, ranges, rows, sums.data() + i, inner.data() + i, mine.data());
      });
  column_sums = Vector::Zero(columns_.size());
  for (const auto& part : partial) {
    for (Index j = 0; j < columns_.size(); ++j) {
      column_sums[j] += static_cast<double>(part[to_size(j / kTileSize)].values[j % kTileSize]);
    }
  }
  // sum w |x - y|^2 from its three terms; the kernel gives 2 <x, y>.
  cost = rows_.squares().dot(sums) + columns_.squares().dot(column_sums) - inner.sum();
  return missed;
}

template <class T>
void PairSweep<T>::row_weights(Index row, double shift, double* weights) const {
  const T rounded = static_cast<T>(shift - rows_.squares()[row]);
  kernels_.row_weights(kernel_columns(),
                       {rows_.rows<T>().data() + row * rows_.dimension(), &rounded, 1},
                       to_size(columns_.size()), weights);
}

template class PairSweep<float>;
template class PairSweep<double>;

}  // namespace otbridge
