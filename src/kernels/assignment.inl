// The kernels of assignment_table.hpp. All arrays are aligned to tiles.
namespace otbridge::kernels::OTBRIDGE_KERNEL_NAMESPACE {
namespace {

static_assert(kTile % kLanes<double> == 0);

void assignment_costs(const double* x, const double* y, Size d, Size columns, Size padded,
                      bool distance, double* costs) {
  for (Size j = 0; j < padded; j += kLanes<double>) {
    DoubleLanes sum = {};
    for (Size k = 0; k < d; ++k) {
      const DoubleLanes apart = x[k] - load(y + k * padded + j);
      sum += apart * apart;
    }
    const DoubleLanes cost = distance ? square_root(sum) : 0.5 * sum;
    __builtin_memcpy(costs + j, &cost, sizeof(cost));
  }
  for (Size j = columns; j < padded; ++j) costs[j] = kNoCost;
}

void assignment_tile_minima(const double* costs, const double* g, Size tiles, double* minima) {
  for (Size t = 0; t < tiles; ++t) {
    DoubleLanes least = broadcast(2.0 * kNoCost);
    for (Size j = t * kTile; j < (t + 1) * kTile; j += kLanes<double>) {
      least = smaller(least, load(costs + j) - load(g + j));
    }
    minima[t] = smallest(least);
  }
}

void assignment_shorten(const double* costs, double shift, Size padded, double* distances) {
  for (Size j = 0; j < padded; j += kLanes<double>) {
    const DoubleLanes after = smaller(load(costs + j) + shift, load(distances + j));
    __builtin_memcpy(distances + j, &after, sizeof(after));
  }
}

Size assignment_first(const double* costs, const double* g, double value) {
  for (Size j = 0; j < kTile; j += kLanes<double>) {
    const unsigned bits = equal_lanes(load(costs + j) - load(g + j), broadcast(value));
    if (bits != 0) return j + static_cast<Size>(__builtin_ctz(bits));
  }
  return kTile;
}

// Of one tile; the least of its distances, and of its free columns'.
struct LeastOfTile {
  double any, free;
};
[[gnu::always_inline]] inline LeastOfTile relax_tile(const double* costs, const double* g,
                                                     double shift, const double* taken,
                                                     double* distances) {
  DoubleLanes least = broadcast(2.0 * kNoCost), free = least;
  OTBRIDGE_UNROLL
  for (Size j = 0; j < kTile; j += kLanes<double>) {
    const DoubleLanes after = smaller(load(costs + j) - load(g + j) + shift, load(distances + j));
    __builtin_memcpy(distances + j, &after, sizeof(after));
    least = smaller(least, after);
    free = smaller(free, after + load(taken + j));
  }
  return {smallest(least), smallest(free)};
}

AssignmentTable::Nearest assignment_relax(const double* costs, const double* g,
                                          const double* bounds, double shift, Size own, Size tiles,
                                          AssignmentTable::Search& search) {
  const auto [distances, tile_distances, taken, before] = search;
  double free = before, value = 2.0 * kNoCost;
  Size nearest = 0;
  for (Size t = 0; t < tiles; ++t) {
    if (bounds[t] + shift < free || t == own) {
      const Size j = t * kTile;
      const LeastOfTile least = relax_tile(costs + j, g + j, shift, taken + j, distances + j);
      tile_distances[t] = least.any;
      free = least.free < free ? least.free : free;
    }
    nearest = tile_distances[t] < value ? t : nearest;
    value = tile_distances[t] < value ? tile_distances[t] : value;
  }
  search.free = free;
  constexpr Tile<double> kZeros{};
  return {nearest * kTile + assignment_first(distances + nearest * kTile, kZeros.values, value),
          value};
}

}  // namespace
}  // namespace otbridge::kernels::OTBRIDGE_KERNEL_NAMESPACE
