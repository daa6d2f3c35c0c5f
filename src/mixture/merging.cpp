#include "mixture/merging.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>
#include <map>
#include <utility>

#include "mixture/selection.hpp"
#include "mixture/shares.hpp"
#include "mixture/terms.hpp"
#include "otbridge/core/parallel.hpp"

namespace otbridge {
namespace {

using ShapePair = std::pair<Index, Index>;

// How the shapes share the points of one side.
struct SharedSide {
  const Points& points;
  const Vector& weights;
  Matrix shares;    // n x K
  Vector log_sums;  // of h or phi

  SharedSide(const Points& x, const Vector& w, const std::vector<PotentialShape>& shapes,
             BridgeSide side)
      : points(x), weights(w), shares(log_terms(x, shapes, side)) {
    log_sums = normalise_rows(shares);
  }

  // Of the terms k and l together, what one with these logs is: r beside p.
  struct Replaced {
    Eigen::ArrayXd was, is;
    // Change of the mean of log h or log phi.
    double change(const Vector& of) const { return of.dot((is - was).log1p().matrix()); }
  };
  Replaced replaced(const ShapePair& pair, const Vector& log_term) const {
    return {shares.col(pair.first) + shares.col(pair.second), (log_term - log_sums).array().exp()};
  }
  void replace(const ShapePair& pair, const Vector& log_term) {
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

// Log terms of one shape at the points of both sides.
struct ShapeTerms {
  Vector near, far;
};

// Both sides of what a loss is the mean over.
struct BothSides {
  SharedSide near, far;

  BothSides(const MixtureData& data, const std::vector<PotentialShape>& shapes)
      : near(data.near, data.near_weights, shapes, BridgeSide::near),
        far(data.far, data.far_weights, shapes, BridgeSide::far) {}

  ShapeTerms terms(const PotentialShape& shape) const {
    return {log_terms(near.points, {shape}, BridgeSide::near),
            log_terms(far.points, {shape}, BridgeSide::far)};
  }
  // Of the loss.
  double rise(const ShapePair& pair, const ShapeTerms& one) const {
    return near.replaced(pair, one.near).change(near.weights) -
           far.replaced(pair, one.far).change(far.weights);
  }
  void replace(const ShapePair& pair, const ShapeTerms& one) {
    near.replace(pair, one.near);
    far.replace(pair, one.far);
  }
};

// Of as many points of equal weight the means of the lesser side scatter as much.
double size_of(const MixtureData& data) {
  return 1.0 / std::max(data.near_weights.squaredNorm(), data.far_weights.squaredNorm());
}

// Two shapes as one.
struct Union {
  PotentialShape shape;
  ShareMoments near, far;
  ShapeTerms seen, aside;
};

class Merging {
 public:
  Merging(const MixtureData& seen, const MixtureData& aside, double points,
          const MixtureControl& control, std::vector<PotentialShape> shapes)
      : seen_(seen, shapes),
        aside_(aside, shapes),
        near_(moments(seen_.near, control.full)),
        far_(moments(seen_.far, control.full)),
        prior_{control.shrinkage, mean_variance(near_), mean_variance(far_)},
        narrowest_(narrowest_share(seen)),
        shapes_(std::move(shapes)) {
    const double size = size_of(seen);
    part_of_seen_ = closed_gap(size, points);
    // Both losses scatter with the parameters of a shape, P, as chi^2_P / 2 over the points does.
    const double parameters = shape_parameters(seen.far.cols(), control.full);
    allowed_ = control.tolerance + std::sqrt(2.0 * parameters) / size;
  }

  // Unites the best pair, unless the law were explained worse; false: it would be.
  bool unite_best();
  std::vector<PotentialShape> shapes() && { return std::move(shapes_); }

 private:
  static std::vector<ShareMoments> moments(const SharedSide& side, bool full) {
    return moments_of_shares(side.points, side.weights, side.shares, full);
  }
  std::vector<ShapePair> candidates() const;
  Union united(const ShapePair& pair) const;
  double rise(const ShapePair& pair, const Union& one) const {
    return part_of_seen_ * seen_.rise(pair, one.seen) +
           (1.0 - part_of_seen_) * aside_.rise(pair, one.aside);
  }
  void accept(const ShapePair& pair, Union one);

  BothSides seen_, aside_;
  std::vector<ShareMoments> near_, far_;  // of what is seen
  SharePrior prior_;
  double narrowest_;
  std::vector<PotentialShape> shapes_;
  double part_of_seen_ = 0.0, allowed_ = 0.0;
  std::map<ShapePair, Union> tried_;  // of shapes that are as they were
};

// Of each shape the one with which it shares the largest part of the lesser's mass.
std::vector<ShapePair> Merging::candidates() const {
  const SharedSide& far = aside_.far;
  const Vector masses = far.shares.transpose() * far.weights;
  const Matrix overlap = shared_masses(far.shares, far.weights);
  std::vector<ShapePair> pairs;
  for (Index k = 0; k < masses.size(); ++k) {
    Index partner = k;
    double most = -1.0;
    for (Index l = 0; l < masses.size(); ++l) {
      const double lesser = std::min(masses[k], masses[l]);
      const double part = overlap(k, l) / std::max(lesser, std::numeric_limits<double>::min());
      if (l != k && part > most) {
        most = part;
        partner = l;
      }
    }
    pairs.emplace_back(std::minmax(k, partner));
  }
  std::ranges::sort(pairs);
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  return pairs;
}

Union Merging::united(const ShapePair& pair) const {
  const auto both = [&](const std::vector<ShareMoments>& shares) {
    ShareMoments sum = mixed(shares[to_size(pair.first)], shares[to_size(pair.second)], 0.5);
    sum.mass *= 2.0;
    return sum;
  };
  Union one{shapes_[to_size(pair.first)], both(near_), both(far_), {}, {}};
  if (one.near.mass > 0.0 && one.far.mass > 0.0) {
    one.shape = gaussian_share(one.near, one.far, prior_, narrowest_);
  }
  one.seen = seen_.terms(one.shape);
  one.aside = aside_.terms(one.shape);
  // The weight with which its log term is in the mean what that of both was.
  const SharedSide& near = seen_.near;
  const auto replaced = near.replaced(pair, one.seen.near);
  double apart = 0.0, mass = 0.0;
  for (Index i = 0; i < replaced.was.size(); ++i) {
    const double part = near.weights[i] * replaced.was[i];
    if (!(part > 0.0)) continue;
    apart += part * (std::log(replaced.was[i]) + near.log_sums[i] - one.seen.near[i]);
    mass += part;
  }
  const double shift = mass > 0.0 ? apart / mass : 0.0;
  one.shape.log_weight += shift;
  for (ShapeTerms* terms : {&one.seen, &one.aside}) {
    terms->near.array() += shift;
    terms->far.array() += shift;
  }
  return one;
}

void Merging::accept(const ShapePair& pair, Union one) {
  const Index last = static_cast<Index>(shapes_.size()) - 1;
  seen_.replace(pair, one.seen);
  aside_.replace(pair, one.aside);
  const auto put = [&](auto& all, auto&& first) {
    all[to_size(pair.first)] = std::move(first);
    if (pair.second != last) all[to_size(pair.second)] = std::move(all.back());
    all.pop_back();
  };
  put(shapes_, std::move(one.shape));
  put(near_, std::move(one.near));
  put(far_, std::move(one.far));
  std::erase_if(tried_, [&](const auto& tried) {
    const auto [k, l] = tried.first;
    return std::ranges::any_of(std::array{k, l}, [&](Index at) {
      return at == pair.first || at == pair.second || at == last;
    });
  });
}

bool Merging::unite_best() {
  if (shapes_.size() < 2) return false;
  const std::vector<ShapePair> pairs = candidates();
  std::vector<ShapePair> untried;
  std::ranges::copy_if(pairs, std::back_inserter(untried),
                       [&](const ShapePair& pair) { return !tried_.contains(pair); });
  std::vector<Union> unions(untried.size());
  parallel_for(static_cast<Index>(untried.size()), 1,
               [&](Index c, Index, Index) { unions[to_size(c)] = united(untried[to_size(c)]); });
  for (std::size_t c = 0; c < untried.size(); ++c) tried_[untried[c]] = std::move(unions[c]);
  std::vector<double> rises(pairs.size());
  parallel_for(static_cast<Index>(pairs.size()), 1, [&](Index c, Index, Index) {
    rises[to_size(c)] = rise(pairs[to_size(c)], tried_.at(pairs[to_size(c)]));
  });
  double least = std::numeric_limits<double>::infinity();
  ShapePair best{};
  for (std::size_t c = 0; c < pairs.size(); ++c) {
    if (std::isfinite(rises[c]) && rises[c] < least) {
      least = rises[c];
      best = pairs[c];
    }
  }
  if (!(least <= allowed_)) return false;
  accept(best, std::move(tried_.extract(best).mapped()));
  return true;
}

}  // namespace

std::vector<PotentialShape> merge_alike(const MixtureData& seen, const MixtureData& aside,
                                        double points, const MixtureControl& control,
                                        std::vector<PotentialShape> shapes) {
  const auto count = static_cast<Index>(shapes.size());
  if (underdetermined(count, seen.far.cols(), control.full, size_of(seen))) return shapes;
  Merging merging(seen, aside, points, control, std::move(shapes));
  while (!(control.stopped && control.stopped()) && merging.unite_best()) {
  }
  return std::move(merging).shapes();
}

}  // namespace otbridge
