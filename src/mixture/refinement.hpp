// Fresh draws for a fit: what is wrong with one to a few thousand is mostly what so few leave open.
#pragma once

#include <functional>
#include <optional>

#include "mixture/fit.hpp"
#include "otbridge/problem/problem.hpp"

namespace otbridge {

// Of both laws, with the origins and the unit of the clouds that were fitted before.
class FreshDraws {
 public:
  FreshDraws(const TransportProblem& problem, Eigen::RowVectorXd near_origin,
             Eigen::RowVectorXd far_origin, double s, const RandomStream& stream);

  // How many batches of n draws a side there are: `times`, and at most 1e8 numbers; none where a
  // law is a cloud, of which there is no more.
  Index batches(Index n, Index times) const;

  // n draws a side, others for every batch. Empty where `stopped` said so on the way.
  std::optional<MixtureData> draw(Index n, Index batch, const std::function<bool()>& stopped) const;

 private:
  const TransportProblem& problem_;
  Eigen::RowVectorXd near_origin_, far_origin_;
  double s_;
  RandomStream stream_;
};

}  // namespace otbridge
