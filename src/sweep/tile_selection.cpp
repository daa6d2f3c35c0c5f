#include "sweep/tile_selection.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace otbridge {

// keep(tile, bound) for every tile of columns but those that are below the threshold.
template <class Keep>
void TileSelection::visit(Index tile, const double* values, double threshold, double margin,
                          Keep&& keep) {
  ranges_.clear();
  skipped_ = 0;
  missed_ = 0.0;
  if (columns_ == nullptr) return append(0, tiles_);
  row_boxes_.fit(rows_, values, tile, row_, 0);
  const auto bound = [&](const Boxes& boxes, const Majorants& majorants, Index c) {
    return Boxes::largest_exponent(row_boxes_, row_, tile, 0, boxes, majorants, c) + margin;
  };
  double largest = -std::numeric_limits<double>::infinity();  // bound of those left out
  const auto leave_out = [&](double of_some, Index tiles) {
    if (!(of_some < threshold)) return false;  // what cannot be bounded is summed
    skipped_ += tiles;
    largest = std::max(largest, of_some);
    return true;
  };
  // Runs of tiles first: most are far away and go at one comparison.
  for (Index s = 0; s < columns_->supers.count(); ++s) {
    const Index begin = s * TiledCloud::kSuper, end = std::min(begin + TiledCloud::kSuper, tiles_);
    const double of_run = bound(columns_->supers, columns_->super_values, s);
    if (leave_out(of_run, end - begin)) continue;
    for (Index c = begin; c < end; ++c) {
      const double of_tile = bound(columns_->tiles, columns_->tile_values, c);
      if (!leave_out(of_tile, 1)) keep(c, of_tile);
    }
  }
  missed_ = static_cast<double>(skipped_ * kTileSize) * std::exp2(largest);  // 0 without any
}

void TileSelection::select(Index tile, const double* values, double threshold, double margin) {
  visit(tile, values, threshold, margin, [&](Index c, double) { append(c, c + 1); });
}

// Most tiles lie so far away that all of them together are worth next to nothing; the weights of
// those about the edge fall so steeply that a sum of their bounds tells far more than the largest.
void TileSelection::select_share(Index tile, const double* values, double share, double margin) {
  constexpr double kNothing = 0.125;  // of the share
  constexpr int kOrders = 64;         // binary, of tiles that are looked at one by one
  const double lowest = std::log2(kNothing * share / static_cast<double>(tiles_ * kTileSize));
  std::array<Index, kOrders> tiles_of{};
  weak_.clear();
  visit(tile, values, lowest, margin, [&](Index c, double bound) {
    // Beyond the last order, and where it is not a number: kept.
    const int order = bound < lowest + kOrders ? static_cast<int>(bound - lowest) : kOrders;
    if (order < kOrders) ++tiles_of[to_size(order)];
    weak_.push_back({c, order});
  });
  double worth = 2.0 * static_cast<double>(kTileSize) * std::exp2(lowest);  // of a tile, at most
  double left = (1.0 - kNothing) * share;
  int order = 0;
  for (; order < kOrders; ++order, worth *= 2.0) {
    const double of_order = worth * static_cast<double>(tiles_of[to_size(order)]);
    if (!(of_order <= left)) break;
    left -= of_order;
    missed_ += of_order;
  }
  for (const Weak& weak : weak_) {
    if (weak.order < order) {
      ++skipped_;
    } else {
      append(weak.tile, weak.tile + 1);
    }
  }
}

void TileSelection::select_promising(Index tile) {
  ranges_.clear();
  if (columns_ == nullptr) return append(0, tiles_);
  Index best = 0;
  double most = -std::numeric_limits<double>::infinity();
  const auto x = row_boxes_.centre().row(tile);
  for (Index c = 0; c < tiles_; ++c) {
    const double z = columns_->tile_values.top[c] + 2.0 * x.dot(columns_->tiles.centre().row(c));
    if (z > most) {
      most = z;
      best = c;
    }
  }
  append(best, best + 1);
}

// Tiles come in increasing order; neighbours join, so that kernels run over long ranges.
void TileSelection::append(Index begin, Index end) {
  if (!ranges_.empty() && ranges_.back().end == to_size(begin)) {
    ranges_.back().end = to_size(end);
  } else {
    ranges_.push_back({to_size(begin), to_size(end)});
  }
}

}  // namespace otbridge
