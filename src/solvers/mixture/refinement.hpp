// Fresh draws for a fit that has come to its end: what is wrong with it then is mostly what
// finitely many draws leave open.
#pragma once

#include <functional>
#include <optional>

#include "otbridge/problem/problem.hpp"
#include "solvers/mixture/fit.hpp"

namespace otbridge {

// Of both laws, with the origins and the unit of the clouds that were fitted before.
class FreshDraws {
 public:
  FreshDraws(const TransportProblem& problem, Eigen::RowVectorXd near_origin,
             Eigen::RowVectorXd far_origin, double s, const RandomStream& stream);

  // The most draws that a fit which began with `samples` goes on to: `times` as many, and at most
  // 1e7 numbers a side; no more than `samples` where a law is a cloud, of which there is no more.
  Index most(Index samples, Index times) const;

  // n draws a side, others for every stage. Empty where `stopped` said so on the way.
  std::optional<MixtureData> draw(Index n, Index stage, const std::function<bool()>& stopped) const;

 private:
  const TransportProblem& problem_;
  Eigen::RowVectorXd near_origin_, far_origin_;
  double s_;
  RandomStream stream_;
};

}  // namespace otbridge
