#include "mixture/merging.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>
#include <map>
#include <utility>

#include "mixture/shares.hpp"
#include "mixture/terms.hpp"
#include "otbridge/core/parallel.hpp"

namespace otbridge {
namespace {

using Pair = std::pair<Index, Index>;

// How the shapes share the points of one side.
struct Shared {
  const Points& points;
  const Vector& weights;
  Matrix shares;    // n x K
  Vector log_sums;  // of h or phi

  Shared(const Points& x, const Vector& w, const std::vector<PotentialShape>& shapes,
         BridgeSide side)
      : points(x), weights(w), shares(log_terms(x, shapes, side)) {
    log_sums = normalise_rows(shares);
  }

  // Of the terms k and l together, what one with these logs is: r beside p.
  struct Replaced {
    Eigen::ArrayXd was, is;
    // Change of the mean of log h or log phi.
    double change(const Vector& weights) const { return (is - was).log1p().matrix().dot(weights); }
  };
  Replaced replaced(const Pair& pair, const Vector& log_term) const {
    return {shares.col(pair.first) + shares.col(pair.second), (log_term - log_sums).array().exp()};
  }
  void replace(const Pair& pair, const Vector& log_term) {
    const auto [was, is] = replaced(pair, log_term);
    const Eigen::ArrayXd sum = 1.0 + (is - was);
    shares.col(pair.first) = is;
    // The last one takes the place that is free.
    shares.col(pair.second) = shares.col(shares.cols() - 1).eval();
    shares.conservativeResize(Eigen::NoChange, shares.cols() - 1);
    shares.array().colwise() /= sum;
    log_sums.array() += sum.log();
  }
};

// Two shapes as one, and its log terms at the points kept aside.
struct Union {
  PotentialShape shape;
  ShareMoments near_moments, far_moments;
  Vector near, far;
};

class Merging {
 public:
  Merging(const MixtureData& data, const MixtureData& aside, const MixtureControl& control,
          std::vector<PotentialShape> shapes)
      : near_(aside.near, aside.near_weights, shapes, BridgeSide::near),
        far_(aside.far, aside.far_weights, shapes, BridgeSide::far),
        narrowest_(narrowest_share(data)),
        shapes_(std::move(shapes)) {
    const auto moments = [&](const Points& x, const Vector& weights, BridgeSide side) {
      Matrix shares = log_terms(x, shapes_, side);
      normalise_rows(shares);
      return moments_of_shares(x, weights, shares, control.full);
    };
    near_moments_ = moments(data.near, data.near_weights, BridgeSide::near);
    far_moments_ = moments(data.far, data.far_weights, BridgeSide::far);
    prior_ = {control.shrinkage, mean_variance(near_moments_), mean_variance(far_moments_)};
  }

  // Unites the best pair, if the loss rises by no more; false: it would.
  bool unite_best(double rise);
  std::vector<PotentialShape> shapes() && { return std::move(shapes_); }

 private:
  std::vector<Pair> candidates() const;
  Union united(const Pair& pair) const;
  double rise(const Pair& pair, const Union& one) const;
  void accept(const Pair& pair, Union one);

  Shared near_, far_;
  double narrowest_;
  std::vector<PotentialShape> shapes_;
  std::vector<ShareMoments> near_moments_, far_moments_;
  SharePrior prior_;
  std::map<Pair, Union> tried_;  // of shapes that are as they were
};

// Of each shape the one with which it shares the largest part of the lesser's mass.
std::vector<Pair> Merging::candidates() const {
  const Matrix weighted = far_.weights.asDiagonal() * far_.shares;
  const Vector masses = weighted.colwise().sum();
  const Matrix overlap = far_.shares.transpose() * weighted;
  std::vector<Pair> pairs;
  const Index count = masses.size();
  for (Index k = 0; k < count; ++k) {
    Index partner = k;
    double most = -1.0;
    for (Index l = 0; l < count; ++l) {
      const double part = overlap(k, l) / std::max(std::min(masses[k], masses[l]),
                                                   std::numeric_limits<double>::min());
      if (l != k && part > most) {
        most = part;
        partner = l;
      }
    }
    pairs.emplace_back(std::minmax(k, partner));
  }
  std::ranges::sort(pairs);
  const auto again = std::ranges::unique(pairs);
  pairs.erase(again.begin(), again.end());
  return pairs;
}

Union Merging::united(const Pair& pair) const {
  const auto both = [&](const std::vector<ShareMoments>& moments) {
    const ShareMoments &a = moments[to_size(pair.first)], &b = moments[to_size(pair.second)];
    ShareMoments sum = mixed(a, b, 0.5);
    sum.mass *= 2.0;
    return sum;
  };
  Union one{{}, both(near_moments_), both(far_moments_), {}, {}};
  if (!(one.near_moments.mass > 0.0 && one.far_moments.mass > 0.0)) {
    one.shape = shapes_[to_size(pair.first)];
  } else {
    one.shape = gaussian_share(one.near_moments, one.far_moments, prior_, narrowest_);
  }
  one.near = log_terms(near_.points, {one.shape}, BridgeSide::near);
  one.far = log_terms(far_.points, {one.shape}, BridgeSide::far);
  // The weight with which its log term is in the mean what that of both was.
  const auto replaced = near_.replaced(pair, one.near);
  double apart = 0.0, mass = 0.0;
  for (Index i = 0; i < replaced.was.size(); ++i) {
    const double part = near_.weights[i] * replaced.was[i];
    if (!(part > 0.0)) continue;
    apart += part * (std::log(replaced.was[i]) + near_.log_sums[i] - one.near[i]);
    mass += part;
  }
  const double shift = mass > 0.0 ? apart / mass : 0.0;
  one.shape.log_weight += shift;
  one.near.array() += shift;
  one.far.array() += shift;
  return one;
}

double Merging::rise(const Pair& pair, const Union& one) const {
  return near_.replaced(pair, one.near).change(near_.weights) -
         far_.replaced(pair, one.far).change(far_.weights);
}

void Merging::accept(const Pair& pair, Union one) {
  const Index last = static_cast<Index>(shapes_.size()) - 1;
  near_.replace(pair, one.near);
  far_.replace(pair, one.far);
  const auto put = [&](auto& all, auto&& first) {
    all[to_size(pair.first)] = std::move(first);
    if (pair.second != last) all[to_size(pair.second)] = std::move(all.back());
    all.pop_back();
  };
  put(shapes_, std::move(one.shape));
  put(near_moments_, std::move(one.near_moments));
  put(far_moments_, std::move(one.far_moments));
  std::erase_if(tried_, [&](const auto& tried) {
    const auto [k, l] = tried.first;
    return std::ranges::any_of(std::array{k, l}, [&](Index at) {
      return at == pair.first || at == pair.second || at == last;
    });
  });
}

bool Merging::unite_best(double allowed) {
  if (shapes_.size() < 2) return false;
  const std::vector<Pair> pairs = candidates();
  std::vector<Pair> untried;
  std::ranges::copy_if(pairs, std::back_inserter(untried),
                       [&](const Pair& pair) { return !tried_.contains(pair); });
  std::vector<Union> unions(untried.size());
  parallel_for(static_cast<Index>(untried.size()), 1,
               [&](Index c, Index, Index) { unions[to_size(c)] = united(untried[to_size(c)]); });
  for (std::size_t c = 0; c < untried.size(); ++c) tried_[untried[c]] = std::move(unions[c]);
  double least = std::numeric_limits<double>::infinity();
  Pair best{};
  for (const Pair& pair : pairs) {
    const double found = rise(pair, tried_.at(pair));
    if (found < least) {
      least = found;
      best = pair;
    }
  }
  if (!(least <= allowed)) return false;
  accept(best, std::move(tried_.extract(best).mapped()));
  return true;
}

}  // namespace

std::vector<PotentialShape> merge_alike(const MixtureData& data, const MixtureData& aside,
                                        const MixtureControl& control, double rise,
                                        std::vector<PotentialShape> shapes) {
  Merging merging(data, aside, control, std::move(shapes));
  while (!(control.stopped && control.stopped()) && merging.unite_best(rise)) {
  }
  return std::move(merging).shapes();
}

}  // namespace otbridge
