#include "solvers/exact/conditional.hpp"

#include <algorithm>
#include <cmath>

#include "core/lexicographic_order.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/parallel.hpp"
#include "otbridge/measure/weighted_points.hpp"

namespace otbridge {
namespace {

constexpr Index kChunk = 32;  // rows; one off the cloud meets every far point

}  // namespace

ExactConditional::ExactConditional(const CloudSide& near, double near_factor, const CloudSide& far,
                                   double far_factor, std::span<const Flow> flows)
    : near_(near),
      far_(far),
      near_factor_(near_factor),
      sorted_(lexicographic_order(near.points)),
      ends_(flows.size()),
      kept_(support(far.weights)) {
  // Flows gathered by source: counts, their sums, then filled from the back, which keeps the order.
  begin_.assign(to_size(near.points.rows()) + 1, 0);
  for (const Flow& flow : flows) ++begin_[to_size(flow.source)];
  std::size_t total = 0;
  for (std::size_t& entry : begin_) entry = total += entry;
  for (std::size_t k = flows.size(); k-- > 0;) {
    ends_[--begin_[to_size(flows[k].source)]] = {flows[k].target, flows[k].mass};
  }

  columns_ = far_factor * far.points(kept_, Eigen::all);
  levels_ = -far.potential(kept_).array();
}

template <class Row>
std::vector<ExactConditional::End> ExactConditional::ends_of(const Row& x) const {
  auto row = std::ranges::lower_bound(
      sorted_, x, [](const auto& p, const auto& q) { return lexicographically_before(p, q); },
      [&](Index i) { return near_.points.row(i); });
  std::vector<End> ends;
  for (; row != sorted_.end() && near_.points.row(*row) == x; ++row) {
    const auto first = ends_.begin();
    ends.insert(ends.end(), first + static_cast<std::ptrdiff_t>(begin_[to_size(*row)]),
                first + static_cast<std::ptrdiff_t>(begin_[to_size(*row) + 1]));
  }
  return ends;
}

template <class Row>
ExactConditional::Nearest ExactConditional::nearest(const Row& x, Eigen::ArrayXd& values) const {
  values = levels_;
  for (Index k = 0; k < columns_.cols(); ++k) {
    values += 0.5 * (columns_.col(k).array() - near_factor_ * x[k]).square();
  }
  Index best = 0;
  const double value = values.minCoeff(&best);
  // All of them infinite: which is the least is not known.
  if (!std::isfinite(value)) {
    throw InvalidInput("squared distances between the points and the plan's cloud", "overflow");
  }
  return {kept_[to_size(best)], value};
}

// body(i, ends, values): the flows from row i, and room for a sweep over the far points.
template <class Body>
void ExactConditional::for_rows(ConstPoints x, Body&& body) const {
  parallel_for(x.rows(), kChunk, [&](Index begin, Index end, Index) {
    Eigen::ArrayXd values;
    for (Index i = begin; i < end; ++i) body(i, ends_of(x.row(i)), values);
  });
}

Points ExactConditional::mean(ConstPoints x) const {
  Points means(x.rows(), x.cols());
  for_rows(x, [&](Index i, const std::vector<End>& ends, Eigen::ArrayXd& values) {
    if (ends.size() <= 1) {
      const Index j = ends.empty() ? nearest(x.row(i), values).far : ends.front().far;
      means.row(i) = far_.points.row(j);
      return;
    }
    // A running mean: far ends that are equal give their point to the bit.
    double mass = 0.0;
    means.row(i).setZero();
    for (const End& end : ends) {
      mass += end.mass;
      means.row(i) += (end.mass / mass) * (far_.points.row(end.far) - means.row(i));
    }
  });
  return means;
}

Points ExactConditional::sample(ConstPoints x, const RandomStream& stream, Index first_row) const {
  Points drawn(x.rows(), x.cols());
  for_rows(x, [&](Index i, const std::vector<End>& ends, Eigen::ArrayXd& values) {
    if (ends.empty()) {
      drawn.row(i) = far_.points.row(nearest(x.row(i), values).far);
      return;
    }
    double total = 0.0, passed = 0.0;
    for (const End& end : ends) total += end.mass;
    const double level = stream.uniform(first_row + i, 0, 0) * total;
    const auto found =
        std::ranges::find_if(ends, [&](const End& end) { return (passed += end.mass) > level; });
    drawn.row(i) = far_.points.row((found == ends.end() ? ends.back() : *found).far);
  });
  return drawn;
}

Vector ExactConditional::transform(ConstPoints x) const {
  Vector result(x.rows());
  parallel_for(x.rows(), kChunk, [&](Index begin, Index end, Index) {
    Eigen::ArrayXd values;
    for (Index i = begin; i < end; ++i) result[i] = nearest(x.row(i), values).value;
  });
  return result;
}

}  // namespace otbridge
