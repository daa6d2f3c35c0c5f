#include "sde/chain.hpp"

#include <cmath>
#include <utility>
#include <vector>

#include "otbridge/core/error.hpp"
#include "otbridge/core/parallel.hpp"

namespace otbridge {
namespace {

// h g(u) D by row, see the header.
Points heun_correction(double h, double most, Points change, ConstPoints kick) {
  for (Index i = 0; i < change.rows(); ++i) {
    const double against = -change.row(i).dot(kick.row(i));
    const double pull = h * change.row(i).squaredNorm();
    const double u = pull < most * against ? pull / against : (against > 0.0 ? most : 0.0);
    const double root = std::sqrt(1.0 + u);
    change.row(i) *= h / (root * (1.0 + root));
  }
  return change;
}

}  // namespace

Points arrive(ConstPoints mean, double variance, Index j, const ChainNoise& noise) {
  const double deviation = noise.sign * std::sqrt(variance);
  Points next(mean.rows(), mean.cols());
  // 256 rows: enough work for a thread, and the draws do not depend on it.
  parallel_for(mean.rows(), 256, [&](Index begin, Index end, Index) {
    std::vector<Index> rows(to_size(end - begin));
    for (Index i = begin; i < end; ++i) rows[to_size(i - begin)] = noise.row(i);
    next.middleRows(begin, end - begin) = mean.middleRows(begin, end - begin) +
                                          deviation * noise.stream.normals(rows, j, mean.cols());
  });
  return next;
}

Stepper named_stepper(const std::string& name) {
  if (name == "euler") return Stepper::euler;
  if (name == "heun") return Stepper::heun;
  throw InvalidInput("stepper \"" + name + "\"", "must be one of euler, heun");
}

Points simulate_chain(const StepGrid& grid, const BatchDrift& drift, ConstPoints start,
                      Direction direction, const ChainNoise& noise, const ChainVisitor& visit,
                      const ChainMethod& method) {
  const Index n = grid.steps();
  const bool forward = direction == Direction::forward;
  Points x = start;
  for (Index j = 0; j < n; ++j) {
    // Step k of the grid lies between its nodes k and k + 1; a backward chain takes the last first.
    const Index k = forward ? j : n - 1 - j;
    const Index from = forward ? k : k + 1, to = forward ? k + 1 : k;
    const bool last = j == n - 1;
    const double h = grid.length(k);
    const bool noisy = noise.epsilon > 0.0 && !(last && method.denoise_last);
    const Points here = drift(grid.time(from), x);
    Points mean = x + h * here;
    Points next = noisy ? arrive(mean, noise.epsilon * h, j, noise) : mean;
    if (method.stepper == Stepper::heun && !last) {
      // The drift where the Euler step arrives, noise and all, corrects that of the departure.
      const double left = forward ? 1.0 - grid.time(to) : grid.time(to);
      const Points correction =
          heun_correction(h, h / left, drift(grid.time(to), next) - here, next - mean);
      mean += correction;
      next += correction;
    }
    if (method.correct && !last) next = method.correct(grid.time(to), next, j, noise);
    if (visit) visit({j, from, to, h, x, mean, next});
    x = std::move(next);
  }
  return x;
}

}  // namespace otbridge
