#include "plan/cloud_pair.hpp"

namespace otbridge {

CloudPair::CloudPair(CloudSide source, CloudSide target)
    : source_(std::move(source)), target_(std::move(target)) {}

CloudPair::CloudPair(const PlanState& state, const TransportProblem& problem)
    : source_(read_cloud_side(state, *problem.source(), "x", "a", "f")),
      target_(read_cloud_side(state, *problem.target(), "y", "b", "g")) {}

void CloudPair::fix_gauge() {
  // f + g, and with it the coupling, stays what it is.
  const double gauge = source_.potential.dot(source_.weights);
  source_.potential.array() -= gauge;
  target_.potential.array() += gauge;
}

std::map<std::string, Points> CloudPair::arrays() const {
  return {{"x", source_.points}, {"a", source_.weights}, {"f", source_.potential},
          {"y", target_.points}, {"b", target_.weights}, {"g", target_.potential}};
}

}  // namespace otbridge
