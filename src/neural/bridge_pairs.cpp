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

  // First pair of each node: forward drifts are learnt at t_0 .. t_{N-1}, backward at t_1 .. t_N.
  std::vector<Index> first_pair{0};
  for (Index j = 0; j < grid.steps(); ++j) first_pair.push_back(first_pair.back() + use.count(j));
  const Index d = ends.source.cols();

  // A job is a block of paths at one node.
  const Index blocks = (use.paths + candidates_ - 1) / candidates_, jobs = blocks * grid.steps();
  // How many paths before the job's are stored at its node, and the number of its first pair.
  const auto skipped_of = [&](Index job) {
    const Index first = use.first(job / blocks), begin = job % blocks * candidates_;
    return std::max<Index>(0, begin - first + use.thinning - 1) / use.thinning;
  };
  const auto pair_of = [&](Index job) {
    return first_pair[to_size(job / blocks)] + skipped_of(job);
  };
  const auto fill_job = [&](Index job) {
    const Index j = job / blocks, begin = job % blocks * candidates_;
    const Index end = std::min(use.paths, begin + candidates_);
    const double t = grid.time(forward ? j : j + 1);
    // Paths of the block that are stored at this node.
    std::vector<Index> paths;
    for (Index i = use.first(j) + skipped_of(job) * use.thinning; i < end; i += use.thinning) {
      paths.push_back(i - begin);
    }
    if (paths.empty()) return;

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
    const Index pair = pair_of(job);
    for (Index row = 0; row < x.rows(); ++row) {
      const RowVector drift = to_far * far.row(row) + to_state * x.row(row);
      cache.store(2 * pair + row, slice, x.row(row), drift);
    }
  };
  const Index together = std::max<Index>(1, 64 / candidates_);  // jobs, lest chunks be tiny
  std::vector<std::span<float>> inputs, targets;                // of each chunk, pairs in a row
  for (Index job = 0; job < jobs; job += together) {
    const Index first = 2 * pair_of(job),
                rows = 2 * pair_of(std::min(jobs, job + together)) - first;
    inputs.push_back(cache.inputs_of(first, rows));
    targets.push_back(cache.targets_of(first, rows));
  }
  shared_for(jobs, together, {arrays_of_loop(inputs), arrays_of_loop(targets)},
             [&](Index begin, Index end, Index) {
               for (Index job = begin; job < end; ++job) fill_job(job);
             });
}

}  // namespace otbridge
