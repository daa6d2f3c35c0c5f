#include "otbridge/core/parallel.hpp"
#include "sweep/pair_sweep.hpp"

namespace otbridge {

template <class T>
void PairSweep<T>::largest_exponents(Vector& out) const {
  out.resize(rows_.size());
  const kernels::TileRange all{0, to_size(columns_.tiles())};
  parallel_for(rows_.size(), chunk_rows(), [&](Index begin, Index end, Index) {
    const std::vector<T> none(to_size(end - begin), T(0));
    kernels_.row_maxima(
        kernel_columns(), {&all, 1},
        {rows_.rows<T>().data() + begin * rows_.dimension(), none.data(), none.size()},
        out.data() + begin);
  });
  out -= rows_.squares();
}

template void PairSweep<float>::largest_exponents(Vector&) const;

}  // namespace otbridge
