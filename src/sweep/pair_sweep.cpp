#include "sweep/pair_sweep.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "otbridge/core/exchange.hpp"
#include "otbridge/core/parallel.hpp"

namespace otbridge {
namespace {

constexpr double kPairsPerChunk = 2e5;  // smaller work is not worth a thread
// Of the truncation, what is left out by a guess: a sum that turns out smaller than it says, down
// to this share, is still good.
constexpr double kGuessed = 0.25;

// Adds what the groups have summed, in their order.
template <class T>
void add_tiles(const std::vector<std::vector<kernels::Tile<T>>>& groups, Vector& sums) {
  for (const auto& part : groups) {
    if (part.empty()) continue;  // a group without rows of this kind
    for (Index j = 0; j < sums.size(); ++j) {
      sums[j] += static_cast<double>(part[to_size(j / kTileSize)].values[j % kTileSize]);
    }
  }
}

// Within what the kernels promise for their sums.
bool is_safe(double sum) { return sum > 0x1p-60 && sum < 0x1p60; }
static_assert(kernels::kSafe == 60.0);

}  // namespace

template <class T>
PairSweep<T>::PairSweep(const kernels::KernelSet& set, const TiledCloud& rows,
                        const TiledCloud& columns, const Vector& log2_weights)
    : set_(set), kernels_(kernels::table<T>(set)), rows_(rows), columns_(columns) {
  // |y_j|^2 joins the log-weight, so that the kernel adds inner products only.
  const Vector reduced = log2_weights - columns.squares();
  levels_ = as_tiles<T>(reduced, kernels::kPaddedLevel<T>);
  if (rows.bounded() && columns.bounded()) {
    bounds_.emplace(columns.points(), columns.boxes(), columns.super_boxes(), reduced);
  }
  // Rows near the centre meet columns that are far out only where potentials make up for that.
  large_weights_ = !(log2_weights.cwiseAbs().maxCoeff() <= TiledCloud::kNear);
  if (large_weights_ || rows_.any_far()) {
    full_log2_weights_ = as_tiles<double>(log2_weights, kernels::kPaddedLevel<double>);
    largest_term_ = log2_weights.cwiseAbs().maxCoeff() + columns.squares().maxCoeff();
  }
}

// What rounding may take off a bound on exponents of the rows of a tile: a bound is a sum of some
// dozen terms, each below the sum of these.
template <class T>
double PairSweep<T>::bound_error(Index tile) const {
  const Index first = tile * kTileSize;
  const double squares =
      rows_.squares().segment(first, std::min(kTileSize, rows_.size() - first)).maxCoeff();
  return 0x1p-46 * (squares + largest_term_);
}

template <class T>
TileSelection PairSweep<T>::selection() const {
  return {rows_.points(), rows_.boxes(), bounds_ ? &*bounds_ : nullptr, columns_.tiles()};
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
  shared_for(rows_.size(), chunk_rows(), {rows_of_loop(out.data())},
             [&](Index begin, Index end, Index) {
               TileSelection selection = this->selection();
               std::optional<RowExponents> exponents;
               for (Index i = begin; i < end; i += kTileSize) {
                 const Index tile = i / kTileSize;
                 if (careful(tile)) {
                   careful_log2_sums(tile, guess, truncation, out.data() + i, selection,
                                     careful_exponents(exponents));
                 } else {
                   log2_sums(tile, guess, truncation, out.data() + i, selection);
                 }
               }
             });
}

// Made when the first far tile of a chunk needs it: it has a number for each column.
template <class T>
RowExponents& PairSweep<T>::careful_exponents(std::optional<RowExponents>& exponents) const {
  if (!exponents) {
    exponents.emplace(kernels::table<double>(set_), rows_, columns_, full_log2_weights_);
  }
  return *exponents;
}

// As for other tiles; exponents are relative to the largest, so that no sum leaves the safe range,
// and the guess only says which tiles to look at.
template <class T>
void PairSweep<T>::careful_log2_sums(Index tile, const Vector* guess, double truncation,
                                     double* out, TileSelection& selection,
                                     RowExponents& exponents) const {
  constexpr int kTries = 3;
  const Index first = tile * kTileSize, count = std::min(kTileSize, rows_.size() - first);
  std::array<double, kernels::kTile> reduced{};
  const auto learn = [&] {  // shifts from what is selected; whether those of select() would do
    bool good = true;
    for (Index r = 0; r < count; ++r) {
      const double square = rows_.squares()[first + r];
      exponents.compute(first + r, selection.ranges());
      out[r] = exponents.log2_sum();
      const double shift = reduced[to_size(r)] + square;
      good = good && selection.missed() <= truncation * std::exp2(out[r] + shift);
      reduced[to_size(r)] = -out[r] - square;
    }
    return good;
  };
  if (guess != nullptr) {
    for (Index r = 0; r < count; ++r) {
      reduced[to_size(r)] = (*guess)[first + r] - rows_.squares()[first + r];
    }
  } else {
    selection.select_promising(tile);
    learn();
  }
  for (int attempt = 1; attempt <= kTries; ++attempt) {
    selection.select_share(tile, reduced.data(), attempt == kTries ? 0.0 : kGuessed * truncation,
                           bound_error(tile));
    if (selection.ranges().count == 0) selection.select_promising(tile);
    if (learn()) return;
  }
}

// Tries the guess; where it was so bad that sums left the safe range, or that the truncation was
// too much of them, goes on from what was learnt; the last try is over all columns with the largest
// exponents as shifts, which cannot fail. The shift that was used is taken out exactly.
template <class T>
void PairSweep<T>::log2_sums(Index tile, const Vector* guess, double truncation, double* out,
                             TileSelection& selection) const {
  constexpr int kTries = 4;
  const Index first = tile * kTileSize, count = std::min(kTileSize, rows_.size() - first);
  const auto columns = kernel_columns();
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
    selection.select_promising(tile);
    set_from_maxima([](std::size_t) { return true; });
  }
  for (int attempt = 1; attempt <= kTries; ++attempt) {
    const bool last = attempt == kTries;
    // With shifts that make the sum 1, that much of it.
    selection.select_share(tile, reduced.data(), last ? 0.0 : kGuessed * truncation, 0.0);
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
      selection.select_promising(tile);
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

// near(first, rows, ranges, chunk) for each tile of rows, far(row, exponents, ranges, chunk) for
// each row of a far one; returns the bound on all that was left out.
template <class T>
template <class Near, class Far>
double PairSweep<T>::for_row_tiles(const Vector& shifts, double truncation, Index rows_per_chunk,
                                   std::vector<SharedArray> filled, Near&& near, Far&& far) const {
  const Index n = rows_.size();
  std::vector<double> missed(to_size(chunk_count(n, rows_per_chunk)), 0.0);
  filled.push_back(chunks_of_loop(missed.data()));
  shared_for(n, rows_per_chunk, filled, [&](Index begin, Index end, Index chunk) {
    TileSelection selection = this->selection();
    std::optional<RowExponents> exponents;
    std::array<double, kernels::kTile> reduced{};
    std::array<T, kernels::kTile> rounded{};
    for (Index i = begin; i < end; i += kTileSize) {
      const Index count = std::min(kTileSize, end - i);
      for (Index r = 0; r < count; ++r) {
        reduced[to_size(r)] = shifts[i + r] - rows_.squares()[i + r];
        rounded[to_size(r)] = static_cast<T>(reduced[to_size(r)]);
      }
      const Index tile = i / kTileSize;
      selection.select_share(tile, reduced.data(), truncation,
                             careful(tile) ? bound_error(tile) : 0.0);
      missed[to_size(chunk)] += static_cast<double>(count) * selection.missed();
      if (!careful(tile)) {
        near(i,
             kernels::Rows<T>{rows_.rows<T>().data() + i * rows_.dimension(), rounded.data(),
                              to_size(count)},
             selection.ranges(), chunk);
        continue;
      }
      for (Index row = i; row < i + count; ++row) {
        RowExponents& of_row = careful_exponents(exponents);
        of_row.compute(row, selection.ranges());
        far(row, of_row, selection.ranges(), chunk);
      }
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
  const auto& full = kernels::table<double>(set_);
  const auto full_tiles = !full_log2_weights_.empty() ? points_as_tiles<double>(values)
                                                      : std::vector<kernels::Tile<double>>();
  return for_row_tiles(
      shifts, truncation, chunk_rows(),
      {rows_of_loop(sums.data()), rows_of_loop(means.data(), width)},
      [&](Index i, const auto& rows, const auto& ranges, Index) {
        kernels_.row_means(columns, ranges, rows, tiles.data(), to_size(width), sums.data() + i,
                           means.data() + i * width);
      },
      [&](Index i, RowExponents& exponents, const auto& ranges, Index) {
        const double shift = exponents.relative_shift(shifts[i]);
        full.row_means(exponents.relative(), ranges, {nullptr, &shift, 1}, full_tiles.data(),
                       to_size(width), sums.data() + i, means.data() + i * width);
      });
}

template <class T>
double PairSweep<T>::pair_sums(const Vector& shifts, const Vector& log2_row_weights,
                               double truncation, Vector& sums, Vector& column_sums,
                               double& cost) const {
  // Column sums are private to a group of rows and added in the order of the groups; there are few
  // of them, since each takes memory for all columns.
  Vector costs(rows_.size());
  sums.resize(rows_.size());
  const Index row_tiles = rows_.tiles();
  const Index per_group =
      std::max(chunk_rows(), (row_tiles + kColumnSumGroups - 1) / kColumnSumGroups * kTileSize);
  const Index groups = chunk_count(rows_.size(), per_group);
  std::vector<std::vector<kernels::Tile<T>>> partial(to_size(groups));
  std::vector<std::vector<kernels::Tile<double>>> far_partial(to_size(groups));
  const auto columns = kernel_columns();
  const auto& full = kernels::table<double>(set_);
  const double missed = for_row_tiles(
      shifts + log2_row_weights, truncation, per_group,
      {rows_of_loop(sums.data()), rows_of_loop(costs.data())},
      [&](Index i, const auto& rows, const auto& ranges, Index group) {
        auto& mine = partial[to_size(group)];
        if (mine.empty()) mine.resize(to_size(columns_.tiles()));
        kernels_.pair_sums(columns, ranges, rows, sums.data() + i, costs.data() + i, mine.data());
        // sum w |x - y|^2 from its terms, less |y|^2; the kernel gives 2 <x, y>.
        const auto part = Eigen::seqN(i, static_cast<Index>(rows.count));
        costs(part) = rows_.squares()(part).cwiseProduct(sums(part)) - costs(part);
      },
      [&](Index i, RowExponents& exponents, const auto& ranges, Index group) {
        auto& mine = far_partial[to_size(group)];
        if (mine.empty()) mine.resize(to_size(columns_.tiles()));
        const double shift = exponents.relative_shift(shifts[i]) + log2_row_weights[i];
        const kernels::Rows<double> row{nullptr, &shift, 1};
        full.row_means(exponents.relative(), ranges, row, exponents.squares().data(), 1,
                       sums.data() + i, costs.data() + i);
        double inner = 0.0;  // of no coordinates
        full.pair_sums(exponents.relative(), ranges, row, sums.data() + i, &inner, mine.data());
      });
  share_lists(partial);
  share_lists(far_partial);
  column_sums = Vector::Zero(columns_.size());
  add_tiles(partial, column_sums);
  cost = costs.sum() + columns_.squares().dot(column_sums);
  add_tiles(far_partial, column_sums);
  return missed;
}

template <class T>
void PairSweep<T>::careful_row_weights(Index row, double shift, double* weights) const {
  std::optional<RowExponents> unmade;
  RowExponents& exponents = careful_exponents(unmade);
  const kernels::TileRange all{0, to_size(columns_.tiles())};
  exponents.compute(row, {&all, 1});
  const double relative = exponents.relative_shift(shift);
  kernels::table<double>(set_).row_weights(exponents.relative(), {nullptr, &relative, 1},
                                           to_size(columns_.size()), weights);
}

template <class T>
void PairSweep<T>::row_weights(Index begin, Index end, const double* shifts,
                               double* weights) const {
  const auto out = [&](Index i) { return weights + (i - begin) * columns_.size(); };
  std::vector<T> rounded;
  for (Index i = begin; i < end;) {
    if (careful(i / kTileSize)) {
      careful_row_weights(i, shifts[i - begin], out(i));
      ++i;
      continue;
    }
    // The kernel reads the columns once for all rows up to the next that takes care.
    const Index first = i;
    rounded.clear();
    for (; i < end && !careful(i / kTileSize); ++i)
      rounded.push_back(static_cast<T>(shifts[i - begin] - rows_.squares()[i]));
    kernels_.row_weights(
        kernel_columns(),
        {rows_.rows<T>().data() + first * rows_.dimension(), rounded.data(), rounded.size()},
        to_size(columns_.size()), out(first));
  }
}

template class PairSweep<float>;
template class PairSweep<double>;

}  // namespace otbridge
