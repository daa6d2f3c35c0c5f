#include "neural/bridge_pairs.hpp"

#include <algorithm>
#include <cmath>

#include "neural/posterior_mean.hpp"
#include "otbridge/core/exchange.hpp"

namespace otbridge {

namespace {

// Of the weights of candidates: far below the scatter of a mean over a few hundred of them.
constexpr double kWeightAccuracy = 0x1p-12;

}  // namespace

Points BridgePairs::far_ends(double t, ConstPoints x, const std::vector<Index>& paths,
                             const Endpoints& block) const {
  const ReferenceProcess& reference = design_.reference;
  const bool forward = direction_ == Direction::forward;
  const Points& far = forward ? block.target : block.source;
  const auto between = reference.bridge(0.0, t, 1.0);
  if (block.far_levels.size() > 0 && far.rows() > 1) {
    // From X_t alone: N(x_1; a_{1-t} X_t, v_{1-t}) forward, N(X_t; a_t x_0, v_t) backward.
    if (forward) {
      const double a = reference.decay(1.0 - t);
      return posterior_means({far, block.far_levels, far}, reference.variance(1.0 - t), a * x,
                             kWeightAccuracy);
    }
    return posterior_means({reference.decay(t) * far, block.far_levels, far}, reference.variance(t),
                           x, kWeightAccuracy);
  }
  // At its near end a bridge is at the end of its own pair.
  if (far.rows() == 1 || !(between.variance > 0.0)) return far(paths, Eigen::all);
  return posterior_means(
      {between.from_start * block.source + between.from_end * block.target, {}, far},
      between.variance, x, kWeightAccuracy);
}

void BridgePairs::fill(const ThinnedPaths& use, const RandomStream& stream,
                       PairCache& cache) const {
  const StepGrid& grid = design_.grid;
  const ReferenceProcess& reference = design_.reference;
  const bool forward = direction_ == Direction::forward;
  const double theta = reference.theta(), eps = reference.epsilon();
  const Endpoints ends = ends_.draw(use.paths, stream.fork(0));
  const RandomStream noise = stream.fork(1).fork(0);
  cache.resize(use.pairs(grid.steps()));

  // A job is a block of paths at one node. Forward drifts are learnt at t_0 .. t_{N-1}, backward at
  // t_1 .. t_N. Pairs are stored node by node, the paths of each in their order.
  struct Job {
    Index node, begin, end;         // paths of the block
    Index first_pair;               // of those that are stored at this node
    std::vector<Index> paths = {};  // these, counted from the block's first
  };
  std::vector<Job> jobs;
  std::vector<std::span<float>> inputs, targets;
  Index stored = 0;
  for (Index j = 0; j < grid.steps(); ++j) {
    Index next = use.first(j);
    for (Index begin = 0; begin < use.paths; begin += candidates_) {
      Job job{j, begin, std::min(use.paths, begin + candidates_), stored};
      for (; next < job.end; next += use.thinning) job.paths.push_back(next - begin);
      if (job.paths.empty()) continue;
      const auto pairs = static_cast<Index>(job.paths.size());
      inputs.push_back(cache.inputs_of(2 * stored, 2 * pairs));
      targets.push_back(cache.targets_of(2 * stored, 2 * pairs));
      stored += pairs;
      jobs.push_back(std::move(job));
    }
  }

  const Index d = ends.source.cols();
  const auto fill_job = [&](const Job& job) {
    const auto& [j, begin, end, pair, paths] = job;
    const double t = grid.time(forward ? j : j + 1);
    Endpoints block{ends.source.middleRows(begin, end - begin),
                    ends.target.middleRows(begin, end - begin)};
    if (ends.far_levels.size() > 0) block.far_levels = ends.far_levels.segment(begin, end - begin);

    // Rows 2p and 2p + 1: antithetic states of one bridge.
    const auto between = reference.bridge(0.0, t, 1.0);
    const double deviation = std::sqrt(between.variance);
    Points x(2 * static_cast<Index>(paths.size()), d);
    std::vector<Index> own;
    std::vector<Index> rows = paths;
    for (Index& row : rows) row += begin;
    const Points z = noise.normals(rows, j, d);
    for (std::size_t p = 0; p < paths.size(); ++p) {
      const Index i = paths[p], at = static_cast<Index>(p), row = 2 * at;
      const Eigen::RowVectorXd mean =
          between.from_start * block.source.row(i) + between.from_end * block.target.row(i);
      x.row(row) = mean + deviation * z.row(at);
      x.row(row + 1) = mean - deviation * z.row(at);
      own.insert(own.end(), 2, i);
    }

    // Drift of the reference bridge to an end, linear in that end, so at its mean:
    //   forward   -theta x + eps a (x_1 - a x) / v, a and v those of the time left;
    //   backward   theta x + eps (a x_0 - x) / v.
    const double left = forward ? 1.0 - t : t;
    const double a = reference.decay(left), v = reference.variance(left);
    const double to_far = eps * a / v,
                 to_state = forward ? -theta - eps * a * a / v : theta - eps / v;
    auto known = ends.far_mean ? ends.far_mean(t, x) : std::nullopt;
    const Points far = known ? *std::move(known) : far_ends(t, x, own, block);
    const auto slice = cache.slice(t);
    for (Index row = 0; row < x.rows(); ++row) {
      const RowVector drift = to_far * far.row(row) + to_state * x.row(row);
      cache.store(2 * pair + row, slice, x.row(row), drift);
    }
  };
  shared_for(static_cast<Index>(jobs.size()), 1, {arrays_of_loop(inputs), arrays_of_loop(targets)},
             [&](Index k, Index, Index) { fill_job(jobs[to_size(k)]); });
}

}  // namespace otbridge
