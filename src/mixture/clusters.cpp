#include "mixture/clusters.hpp"

#include <algorithm>
#include <limits>

#include "otbridge/core/parallel.hpp"

namespace otbridge {
namespace {

constexpr Index kRounds = 12, kChunk = 256, kCandidates = 8;

// Each centre is the best of a few candidates, drawn with chances proportional to the weight times
// the squared distance to the nearest centre before: the one that leaves the least of these.
Points seeds(const Points& x, const Vector& weights, Index count, const RandomStream& stream,
             const std::function<bool()>& stopped) {
  Points centres(count, x.cols());
  Vector nearest = Vector::Ones(x.rows());
  for (Index k = 0; k < count; ++k) {
    if (stopped && k > 0 && stopped()) return centres.topRows(k);
    const Vector chances = weights.cwiseProduct(nearest);
    const double all = chances.sum();
    double least = std::numeric_limits<double>::infinity();
    Vector best;
    for (Index candidate = 0; candidate < (k == 0 ? 1 : kCandidates); ++candidate) {
      double left = stream.uniform(k, candidate, 0) * all;
      Index chosen = 0;
      while (chosen + 1 < x.rows() && (left -= chances[chosen]) > 0.0) ++chosen;
      Vector squares(x.rows());
      parallel_for(x.rows(), kChunk, [&](Index begin, Index end, Index) {
        squares.segment(begin, end - begin) =
            (x.middleRows(begin, end - begin).rowwise() - x.row(chosen)).rowwise().squaredNorm();
      });
      if (k > 0) squares = nearest.cwiseMin(squares);
      const double rest = weights.dot(squares);
      if (rest < least || candidate == 0) {
        least = rest;
        best = std::move(squares);
        centres.row(k) = x.row(chosen);
      }
    }
    nearest = std::move(best);
  }
  return centres;
}

}  // namespace

std::vector<Index> clusters(const Points& x, const Vector& weights, Index count,
                            const RandomStream& stream, const std::function<bool()>& stopped) {
  Points centres = seeds(x, weights, count, stream, stopped);
  count = centres.rows();
  std::vector<Index> labels(to_size(x.rows()), 0);
  for (Index round = 0; round < kRounds; ++round) {
    if (stopped && round > 0 && stopped()) break;
    parallel_for(x.rows(), kChunk, [&](Index begin, Index end, Index) {
      for (Index i = begin; i < end; ++i) {
        double least = std::numeric_limits<double>::infinity();
        for (Index k = 0; k < count; ++k) {
          const double square = (x.row(i) - centres.row(k)).squaredNorm();
          if (square < least) {
            least = square;
            labels[to_size(i)] = k;
          }
        }
      }
    });
    Points sums = Points::Zero(count, x.cols());
    Vector masses = Vector::Zero(count);
    for (Index i = 0; i < x.rows(); ++i) {
      const Index k = labels[to_size(i)];
      sums.row(k) += weights[i] * x.row(i);
      masses[k] += weights[i];
    }
    for (Index k = 0; k < count; ++k) {
      if (masses[k] > 0.0) centres.row(k) = sums.row(k) / masses[k];
    }
  }
  return labels;
}

}  // namespace otbridge
