#include "neural/posterior_mean.hpp"

#include <cmath>
#include <numbers>

#include "sweep/tiled_cloud.hpp"

namespace otbridge {

Points posterior_means(const Candidates& candidates, double variance, ConstPoints x) {
  // In the kernels' units: binary exponents -|u - w|^2 of scaled points about a common centre.
  const double scale = std::sqrt(std::numbers::log2e / (2.0 * variance));
  const Eigen::RowVectorXd centre = candidates.support.colwise().mean();
  const Points support = scale * (candidates.support.rowwise() - centre);
  const Points rows = scale * (x.rowwise() - centre);

  Vector levels = -support.rowwise().squaredNorm();
  if (candidates.levels.size() > 0) levels += std::numbers::log2e * candidates.levels;
  const auto coordinates = points_as_tiles<double>(support);
  const auto values = points_as_tiles<double>(candidates.values);
  const auto padded = as_tiles<double>(levels, kernels::kPaddedLevel<double>);
  const kernels::Columns<double> columns{coordinates.data(), padded.data(), to_size(x.cols())};
  const kernels::TileRange all{0, padded.size()};
  const kernels::TileRanges ranges{&all, 1};
  const auto& kernel = kernels::select_kernel_set().f64;

  // The largest exponent of a row becomes 0, so that no sum overflows and none is lost.
  Vector shifts = -rows.rowwise().squaredNorm(), maxima(x.rows()), sums(x.rows());
  const std::size_t n = to_size(x.rows());
  kernel.row_maxima(columns, ranges, {rows.data(), shifts.data(), n}, maxima.data());
  shifts -= maxima;
  Points means(x.rows(), candidates.values.cols());
  kernel.row_means(columns, ranges, {rows.data(), shifts.data(), n}, values.data(),
                   to_size(candidates.values.cols()), sums.data(), means.data());
  return sums.cwiseInverse().asDiagonal() * means;
}

}  // namespace otbridge
