#include "measure/sliced_distance.hpp"

#include <algorithm>
#include <cmath>

#include "otbridge/core/parallel.hpp"

namespace otbridge {

double relative_sliced_error(ConstPoints moved, const Measure& law, double fallback,
                             const RandomStream& stream) {
  const Index n = moved.rows(), d = moved.cols();
  const Points fresh = law->sample(n, stream.fork(0));
  const Index directions = d == 1 ? 1 : 64;
  const Points normals = normal_points(directions, d, stream.fork(1));
  const double total = parallel_sum(directions, 1, [&](Index begin, Index) {
    const Vector direction = normals.row(begin).transpose().normalized();
    Vector a = moved * direction, b = fresh * direction;
    std::sort(a.begin(), a.end());
    std::sort(b.begin(), b.end());
    return (a - b).squaredNorm() / static_cast<double>(n);
  });
  const double variance =
      (fresh.rowwise() - fresh.colwise().mean()).squaredNorm() / static_cast<double>(n * d);
  const double unit = variance > 0.0 ? std::sqrt(variance) : fallback;
  return std::sqrt(total / static_cast<double>(directions)) / unit;
}

}  // namespace otbridge
