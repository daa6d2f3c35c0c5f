#include "mixture/refinement.hpp"

#include <algorithm>
#include <cmath>

#include "otbridge/measure/weighted_points.hpp"

namespace otbridge {
namespace {

constexpr Index kMostNumbers = 100000000;  // of all batches
constexpr Index kBlock = 4096;             // draws between two looks at the clock

}  // namespace

FreshDraws::FreshDraws(const TransportProblem& problem, Eigen::RowVectorXd near_origin,
                       Eigen::RowVectorXd far_origin, double s, const RandomStream& stream)
    : problem_(problem),
      near_origin_(std::move(near_origin)),
      far_origin_(std::move(far_origin)),
      s_(s),
      stream_(stream) {}

Index FreshDraws::batches(Index n, Index times) const {
  const auto is_cloud = [](const Measure& law) { return law.as<WeightedPoints>() != nullptr; };
  if (is_cloud(problem_.source()) || is_cloud(problem_.target())) return 0;
  return std::min(times, kMostNumbers / problem_.dimension() / n);
}

std::optional<MixtureData> FreshDraws::draw(Index n, Index batch,
                                            const std::function<bool()>& stopped) const {
  const auto side = [&](const Measure& law, double decay, const Eigen::RowVectorXd& origin,
                        const RandomStream& stream) {
    Points x(n, problem_.dimension());
    for (Index begin = 0; begin < n && !stopped(); begin += kBlock) {
      const Index count = std::min(kBlock, n - begin);
      const Points drawn = law->sample(count, stream.fork(static_cast<std::uint64_t>(begin)));
      x.middleRows(begin, count) = ((decay * drawn).rowwise() - origin) / s_;
    }
    return x;
  };
  const RandomStream own = stream_.fork(static_cast<std::uint64_t>(batch));
  const double decay = problem_.reference().endpoint_decay();
  const Vector weights = Vector::Constant(n, 1.0 / static_cast<double>(n));
  MixtureData data{side(problem_.source(), decay, near_origin_, own.fork(0)),
                   side(problem_.target(), 1.0, far_origin_, own.fork(1)), weights, weights};
  if (stopped()) return std::nullopt;
  return data;
}

}  // namespace otbridge
