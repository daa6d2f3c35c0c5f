#include "otbridge/plan/faces.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "otbridge/core/error.hpp"
#include "otbridge/core/machine.hpp"
#include "otbridge/core/number_text.hpp"
#include "plan/check_batch.hpp"

namespace otbridge {
namespace {

void check_drift_batch(double t, ConstPoints x, Index dimension) {
  // Written so that NaN fails too.
  if (!(t >= 0.0 && t <= 1.0)) throw InvalidInput("t = " + number_text(t), "must be within [0, 1]");
  check_batch(x, dimension);
}

}  // namespace

Matrix Coupling::rows(Index begin, Index end) const {
  const Index n = source_weights().size();
  if (!(0 <= begin && begin <= end && end <= n)) {
    throw InvalidInput("rows [" + std::to_string(begin) + ", " + std::to_string(end) + ")",
                       "must be a range within the " + std::to_string(n) + " source points");
  }
  // An empty range has a shape all the same: callers stack blocks.
  if (begin == end) return Matrix(0, target_weights().size());
  return do_rows(begin, end);
}

std::vector<Flow> Coupling::flows(double least) const {
  if (!(least >= 0.0)) throw InvalidInput("least = " + number_text(least), "must be >= 0");
  return do_flows(least);
}

std::vector<Flow> Coupling::do_flows(double least) const {
  constexpr Index kEntries = Index{1} << 20;  // 8 MiB of dense rows at a time
  const Index n = source_weights().size(), m = target_weights().size();
  const Index rows_at_once = std::max<Index>(1, kEntries / m);
  std::vector<Flow> flows;
  for (Index begin = 0; begin < n; begin += rows_at_once) {
    const Matrix block = do_rows(begin, std::min(n, begin + rows_at_once));
    // Of large clouds at a large epsilon they are all pairs; the caller has a copy of them.
    check_bytes("flows of a coupling", 3.0 * sizeof(Flow) * static_cast<double>(flows.size()));
    for (Index i = 0; i < block.rows(); ++i) {
      for (Index j = 0; j < m; ++j) {
        // Entries that underflowed to 0 are no flows, whatever is asked for.
        if (block(i, j) > 0.0 && block(i, j) >= least) flows.push_back({begin + i, j, block(i, j)});
      }
    }
  }
  return flows;
}

std::vector<Index> Coupling::partners(const RandomStream& stream) const {
  return do_partners(stream);
}

std::vector<Index> Coupling::do_partners(const RandomStream& stream) const {
  const std::vector<Flow> flows = this->flows();
  std::vector<Index> partners(to_size(source_weights().size()), -1);
  for (auto begin = flows.begin(); begin != flows.end();) {
    const Index i = begin->source;
    const auto end = std::find_if(begin, flows.end(), [i](const Flow& f) { return f.source != i; });
    double total = 0.0, passed = 0.0;
    for (auto flow = begin; flow != end; ++flow) total += flow->mass;
    const double level = stream.uniform(i, 0, 0) * total;
    const auto found =
        std::find_if(begin, end, [&](const Flow& flow) { return (passed += flow.mass) > level; });
    partners[to_size(i)] = (found == end ? end - 1 : found)->target;
    begin = end;
  }
  return partners;
}

Vector Potentials::f(ConstPoints x) const {
  check_batch(x, dimension_);
  return x.rows() == 0 ? Vector(0) : do_f(x);
}

Vector Potentials::g(ConstPoints y) const {
  check_batch(y, dimension_);
  return y.rows() == 0 ? Vector(0) : do_g(y);
}

Points Drift::at(double t, ConstPoints x, Direction direction) const {
  check_drift_batch(t, x, dimension_);
  return x.rows() == 0 ? Points(0, dimension_) : do_at(t, x, direction);
}

Points Drift::along_chains(double t, ConstPoints x, Direction direction) const {
  check_drift_batch(t, x, dimension_);
  return x.rows() == 0 ? Points(0, dimension_) : do_along_chains(t, x, direction);
}

std::optional<Matrix> Conditionals::covariance(ConstPoints x, Direction direction) const {
  if (x.rows() != 1) {
    throw InvalidInput("conditional covariance of " + std::to_string(x.rows()) + " points",
                       "must be of one point");
  }
  check_batch(x, dimension_);
  std::optional<Matrix> covariance = do_covariance(x, direction);
  if (covariance && !covariance->allFinite()) {
    throw InvalidInput("conditional covariance of a point", "is beyond the doubles");
  }
  return covariance;
}

std::optional<Vector> Conditionals::log_density(ConstPoints x, ConstPoints y,
                                                Direction direction) const {
  check_batch(x, dimension_);
  check_batch(y, dimension_);
  if (x.rows() != y.rows()) {
    throw InvalidInput("conditional density at " + std::to_string(y.rows()) + " points",
                       "must be given one point each, not " + std::to_string(x.rows()));
  }
  return do_log_density(x, y, direction);
}

LogDensity Density::log_at(ConstPoints y, Direction direction,
                           const DensitySettings& settings) const {
  constexpr Index kMostProbes = 4096, kMostChains = 1000000;
  if (!(settings.probes >= 1 && settings.probes <= kMostProbes)) {
    throw InvalidInput("density, probes = " + std::to_string(settings.probes),
                       "must be within [1, " + std::to_string(kMostProbes) + "]");
  }
  if (!(settings.chains >= 0 && settings.chains <= kMostChains)) {
    throw InvalidInput("density, chains = " + std::to_string(settings.chains),
                       "must be within [0, " + std::to_string(kMostChains) + "]");
  }
  check_batch(y, dimension_);
  LogDensity found = do_log_at(y, direction, settings);
  for (Index i = 0; i < y.rows(); ++i) {
    if (!std::isnan(found.value[i])) continue;
    throw InvalidInput("row " + std::to_string(i + 1), "its log density is beyond the doubles");
  }
  return found;
}

std::string Density::place(Direction direction, std::string_view name) {
  return std::string("log density ") + (direction == Direction::forward ? "forward" : "backward") +
         " of a plan of " + std::string(name);
}

}  // namespace otbridge
