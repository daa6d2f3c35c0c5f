#include "entropic/coarsening.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

#include "core/spatial_order.hpp"
#include "sweep/tiled_cloud.hpp"

namespace otbridge {
namespace {

// How wide a box of that mass is, whose points have that sum_i w_i |x_i - mean|^2. Groups up to a
// bound of the variance alone are alike, but many where the cloud is thin; up to one of mass times
// variance, that sum, they are the fewest of their variance in all, and wide where it is thin.
// Between the two the ascent is the quickest, in the plane and in space.
double width(double mass, double squares) { return squares / std::sqrt(mass); }

Index groups_of(Index n, Index group) { return (n + group - 1) / group; }

// Of 2 in the group, no more than there are entries for.
std::size_t exponent(Index group, const std::vector<double>& entries) {
  const auto k = static_cast<std::size_t>(std::countr_zero(static_cast<std::uint64_t>(group)));
  return std::min(k, entries.size() - 1);
}

}  // namespace

Vector Grouping::sums(const Vector& values) const {
  Vector sums(size());
  for (Index k = 0; k < size(); ++k) {
    const Run& run = runs_[to_size(k)];
    sums[k] = values.segment(run.begin, run.size).sum();
  }
  return sums;
}

Points Grouping::means(const Points& values, const Vector& weights) const {
  Points means(size(), values.cols());
  for (Index k = 0; k < size(); ++k) {
    const Run& run = runs_[to_size(k)];
    const auto w = weights.segment(run.begin, run.size);
    means.row(k) = w.transpose() * values.middleRows(run.begin, run.size) / w.sum();
  }
  return means;
}

// From the points up, each box of two halves (Chan, Golub, LeVeque 1983).
CloudCoarsening::CloudCoarsening(const Points& points, const Vector& weights)
    : points_(points), weights_(weights), widest_{0.0}, variances_{0.0} {
  if (points.cols() > kLargestSpatialDimension) return;
  Points means = points;  // those of the level, in the first rows; masses likewise
  Vector masses = weights;
  std::vector<std::vector<double>> squares{std::vector<double>(to_size(points.rows()), 0.0)};
  widths_ = squares;
  std::vector<double> of_two;  // widths of all boxes of two halves: as one they are a point less
  while (squares.back().size() > 1) {
    const std::vector<double>&halves = squares.back(), &half_widths = widths_.back();
    std::vector<double> sums, widths;
    for (std::size_t left = 0; left < halves.size(); left += 2) {
      const auto k = static_cast<Index>(left / 2), i = static_cast<Index>(left);
      sums.push_back(halves[left]);
      widths.push_back(half_widths[left]);
      const double mass = masses[i];
      masses[k] = mass;
      means.row(k) = means.row(i);
      if (const std::size_t right = left + 1; right < halves.size()) {
        const double share = masses[i + 1] / (mass + masses[i + 1]);
        sums.back() +=
            halves[right] + mass * share * (means.row(i + 1) - means.row(k)).squaredNorm();
        masses[k] += masses[i + 1];
        means.row(k) += share * (means.row(i + 1) - means.row(k));
        widths.back() =
            std::max({widths.back(), half_widths[right], width(masses[k], sums.back())});
        of_two.push_back(widths.back());
      }
    }
    squares.push_back(std::move(sums));
    widths_.push_back(std::move(widths));
  }
  const Index n = points.rows();
  auto first = of_two.begin();
  for (Index group = 2; group / 2 < n; group *= 2) {
    const auto last = of_two.begin() + static_cast<std::ptrdiff_t>(n - groups_of(n, group) - 1);
    std::nth_element(first, last, of_two.end());
    first = last;
    widest_.push_back(*last);
    double total = 0.0;
    largest_boxes(squares.size() - 1, 0, *last,
                  [&](std::size_t level, std::size_t box) { total += squares[level][box]; });
    variances_.push_back(total);
  }
}

// From left to right, below this one.
template <class See>
void CloudCoarsening::largest_boxes(std::size_t level, std::size_t box, double widest,
                                    const See& see) const {
  if (level == 0 || widths_[level][box] <= widest) return see(level, box);
  largest_boxes(level - 1, 2 * box, widest, see);
  if (2 * box + 1 < widths_[level - 1].size()) largest_boxes(level - 1, 2 * box + 1, widest, see);
}

std::vector<Grouping::Run> CloudCoarsening::boxes(Index group) const {
  const Index n = points_.rows();
  std::vector<Grouping::Run> runs;
  runs.reserve(to_size(groups_of(n, group)));
  const auto add = [&](Index begin, Index size) {
    runs.push_back({begin, std::min(size, n - begin)});
  };
  if (group > 1 && spatial()) {
    largest_boxes(widths_.size() - 1, 0, widest_[exponent(group, widest_)],
                  [&](std::size_t level, std::size_t box) {
                    add(static_cast<Index>(box << level), Index{1} << level);
                  });
  } else {
    for (Index begin = 0; begin < n; begin += group) add(begin, group);
  }
  return runs;
}

Grouping CloudCoarsening::groups(Index group) const {
  Grouping groups(boxes(group));
  if (group == 1 || !spatial()) return groups;
  // Boxes of many sizes, so many of which in a row are no box of the tree.
  std::vector<Grouping::Run> ordered;
  ordered.reserve(groups.runs().size());
  for (const Index k : spatial_order(points(groups))) ordered.push_back(groups.runs()[to_size(k)]);
  return Grouping(std::move(ordered));
}

double CloudCoarsening::variance(Index group) const {
  return variances_[exponent(group, variances_)];
}

Points CloudCoarsening::points(const Grouping& groups) const {
  if (spatial()) return groups.means(points_, weights_);
  Points middle(groups.size(), points_.cols());
  for (Index k = 0; k < groups.size(); ++k) {
    const auto& [begin, size] = groups.runs()[to_size(k)];
    middle.row(k) = points_.row(begin + size / 2);
  }
  return middle;
}

DiscreteProblem Coarsening::coarsened(Index group) const {
  const Grouping rows = source_.groups(group), columns = target_.groups(group);
  return {source_.points(rows), target_.points(columns), rows.sums(problem_.a),
          columns.sums(problem_.b)};
}

double Coarsening::variance(Index group) const {
  return std::max(source_.variance(group), target_.variance(group));
}

}  // namespace otbridge
