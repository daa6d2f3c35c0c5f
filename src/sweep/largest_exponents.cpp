#include "sweep/largest_exponents.hpp"

#include "otbridge/core/exchange.hpp"
#include "otbridge/core/parallel.hpp"

namespace otbridge {

Vector largest_exponents(const kernels::KernelSet& set, const TiledCloud& rows,
                         const TiledCloud& columns, const Vector& log2_weights) {
  constexpr Index kRowsOfChunk = 4 * kTileSize;
  const auto levels =
      as_tiles<float>(log2_weights - columns.squares(), kernels::kPaddedLevel<float>);
  const kernels::Columns<float> read{columns.columns<float>().data(), levels.data(),
                                     to_size(columns.dimension())};
  const kernels::TileRange all{0, to_size(columns.tiles())};
  Vector largest(rows.size());
  shared_for(rows.size(), kRowsOfChunk, {rows_of_loop(largest.data())},
             [&](Index begin, Index end, Index) {
               const std::vector<float> none(to_size(end - begin), 0.0F);
               kernels::table<float>(set).row_maxima(
                   read, {&all, 1},
                   {rows.rows<float>().data() + begin * rows.dimension(), none.data(), none.size()},
                   largest.data() + begin);
             });
  return largest - rows.squares();
}

}  // namespace otbridge
