#include "measure/moments.hpp"

#include <algorithm>

#include "otbridge/measure/gaussian.hpp"
#include "otbridge/measure/weighted_points.hpp"

namespace otbridge {
namespace {

// known(mean, covariance) where the law gives both, else drawn(n draws). The draws are passed as
// they are: whether Eigen sums an expression or a stored matrix changes the order of the additions,
// and with it the last digit, so each form below keeps its own expression.
template <class Known, class Drawn>
auto known_or_drawn(const Law& law, Index n, const RandomStream& stream, const Known& known,
                    const Drawn& drawn) {
  const auto mean = law.mean();
  const auto covariance = law.covariance();
  if (mean && covariance) return known(*mean, *covariance);
  return drawn(law.sample(n, stream));
}

// For less of the second moment than the matrix: in more dimensions than a Gaussian has, none is
// made for its diagonal, and of draws there are no more than memory has room for.
constexpr Index kWide = Gaussian::kMostDimensions, kEntries = Index{1} << 26;

template <class Known, class Drawn>
auto part_known_or_drawn(const Law& law, Index n, const RandomStream& stream, const Known& known,
                         const Drawn& drawn) {
  const Index d = law.dimension();
  if (d <= kWide) return known_or_drawn(law, n, stream, known, drawn);
  return drawn(law.sample(std::min(n, std::max<Index>(2, kEntries / d)), stream));
}

}  // namespace

MeanCovariance mean_covariance(const Law& law, Index n, const RandomStream& stream) {
  return known_or_drawn(
      law, n, stream,
      [](const Vector& mean, const Matrix& covariance) -> MeanCovariance {
        return {mean, covariance, true};
      },
      [n](const Points& draws) -> MeanCovariance {
        const Vector mean = draws.colwise().mean();
        const Points centred = draws.rowwise() - mean.transpose();
        return {mean, centred.transpose() * centred / static_cast<double>(n), false};
      });
}

MeanVariances mean_variances(const Law& law, Index n, const RandomStream& stream) {
  if (const auto* cloud = dynamic_cast<const WeightedPoints*>(&law);
      cloud && law.dimension() > kWide) {
    const Eigen::RowVectorXd mean = cloud->mean()->transpose();
    const auto weights = cloud->weights().transpose();
    return {mean, weights * (cloud->points().rowwise() - mean).cwiseAbs2().matrix()};
  }
  return part_known_or_drawn(
      law, n, stream,
      [](const Vector& mean, const Matrix& covariance) -> MeanVariances {
        return {mean.transpose(), covariance.diagonal().transpose()};
      },
      [](const Points& draws) -> MeanVariances {
        const Eigen::RowVectorXd mean = draws.colwise().mean();
        return {mean, (draws.rowwise() - mean).array().square().colwise().mean()};
      });
}

MeanSpread mean_spread(const Law& law, Index n, const RandomStream& stream) {
  if (const auto* cloud = dynamic_cast<const WeightedPoints*>(&law)) {
    const Vector mean = *cloud->mean();
    const Vector squares = (cloud->points().rowwise() - mean.transpose()).rowwise().squaredNorm();
    return {mean, squares.dot(cloud->weights())};
  }
  return part_known_or_drawn(
      law, n, stream,
      [](const Vector& mean, const Matrix& covariance) -> MeanSpread {
        return {mean, covariance.trace()};
      },
      [](const Points& draws) -> MeanSpread {
        const Vector mean = draws.colwise().mean();
        return {mean, (draws.rowwise() - mean.transpose()).rowwise().squaredNorm().mean()};
      });
}

}  // namespace otbridge
