#include "sweep/local_sweep.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

namespace otbridge {
namespace {

constexpr Index kSmallCloud = 4096;  // points
constexpr double kSingleTerms = 32.0;
// Of wide pieces times their share of the sum: they lie several deviations from the mean.
constexpr double kWideTerms = 4.0;
constexpr double kSingleTruncation = 0x1p-22, kFullTruncation = 0x1p-50;
// Pieces whose bound is so far below the largest exponent are weak: summed after the others, when
// the size of the sum is known. Those so far above it, if any, are searched for a larger one.
constexpr double kStrong = 2.0, kLoose = 30.0;
constexpr int kOrders = 128;      // of weak pieces; none is met that is further down
constexpr double kMargin = 1e-3;  // for the rounding of bounds

template <class T>
std::vector<kernels::Tile<T>> residuals(const LocalCloud& cloud, const Vector& values,
                                        const Majorants& fits) {
  Vector rest(values.size());
  for (Index i = 0; i < rest.size(); ++i) {
    const Index p = i / LocalCloud::kPiece;
    const auto offset = cloud.points().row(i) - cloud.pieces().boxes.centre().row(p);
    rest[i] = values[i] - fits.top[p] - fits.slope.row(p).dot(offset);
  }
  std::vector<kernels::Tile<T>> tiles = as_tiles<T>(rest, kernels::kPaddedLevel<T>);
  kernels::Tile<T> padding;
  std::ranges::fill(padding.values, kernels::kPaddedLevel<T>);
  tiles.resize(to_size(cloud.pieces().boxes.count()) * kernels::kLocalTiles, padding);
  return tiles;
}

Vector about_centres(const Points& points, const LocalCloud::Layer& layer,
                     const Vector& log2_weights, double q) {
  Vector values(points.rows());
  for (Index i = 0; i < values.size(); ++i) {
    values[i] = log2_weights[i] -
                q * (points.row(i) - layer.boxes.centre().row(i / layer.run)).squaredNorm();
  }
  return values;
}

}  // namespace

LocalSweep::Fits::Fits(const Points& points, const LocalCloud::Layer& of,
                       const Vector& log2_weights, double q)
    : layer(of),
      values(about_centres(points, of, log2_weights, q)),
      majorants(of.boxes.majorants(points, values)),
      slopes(points_as_tiles<double>(majorants.slope)),
      levels(as_tiles<double>(majorants.top, kernels::kPaddedLevel<double>)) {}

kernels::BoxFits LocalSweep::Fits::view() const {
  return {layer.centres.data(), layer.halves.data(), slopes.data(), levels.data(),
          to_size(majorants.slope.cols())};
}

LocalSweep::LocalSweep(const kernels::KernelSet& set, const LocalCloud& cloud,
                       const Vector& log2_weights, double q, LocalPrecision precision)
    : set_(set),
      cloud_(cloud),
      q_(q),
      pieces_(cloud.points(), cloud.pieces(), log2_weights, q),
      runs_(cloud.points(), cloud.runs(), log2_weights, q),
      single_(precision == LocalPrecision::mixed && cloud.size() >= kSmallCloud),
      // Half for the pieces that are not met, as many as all; half for those that are not counted.
      truncation_(0.5 * (single_ ? kSingleTruncation : kFullTruncation)),
      log2_share_(std::log2(truncation_ / static_cast<double>(cloud.size())) - kMargin),
      full_residuals_(residuals<double>(cloud, pieces_.values, pieces_.majorants)) {
  if (single_) single_residuals_ = residuals<float>(cloud, pieces_.values, pieces_.majorants);
}

template <class T>
kernels::LocalColumns<T> LocalSweep::columns() const {
  const auto d = to_size(cloud_.dimension());
  if constexpr (std::is_same_v<T, float>) {
    return {cloud_.offsets<T>().data(), single_residuals_.data(), d};
  } else {
    return {cloud_.offsets<T>().data(), full_residuals_.data(), d};
  }
}

LocalSweep::Row::Row(const LocalSweep& sweep)
    : sweep_(sweep),
      run_exponents_(sweep.runs_.levels.size()),
      run_bounds_(run_exponents_.size()),
      of_order_(kOrders),
      moments_(sweep.cloud_.dimension()),
      part_(sweep.cloud_.dimension()) {
  // One more than there are: split() writes before it knows.
  const auto room = to_size(sweep.cloud_.pieces().boxes.count() + 1);
  for (Pieces* pieces : {&met_, &counted_, &weak_, &wide_}) {
    pieces->numbers.resize(room);
    pieces->exponents.resize(room);
  }
  weak_.orders.resize(room);
  met_bounds_.resize(room);
}

// body(vector of terms) in the precision of the row; T is that of the terms.
template <class Body>
auto LocalSweep::Row::in_precision(Body&& body) {
  if (sweep_.single_ && size_of_terms_ <= kSingleTerms) return body(single_terms_);
  return body(full_terms_);
}

const Eigen::RowVectorXd& LocalSweep::Row::mean(const double* x) {
  x_ = x;
  find();
  split();
  const double of_strong = in_precision([&](auto& terms) { return sum_from(0, terms, moments_); });
  const std::size_t strong = counted_.count;
  count_weak(of_strong);
  const double of_weak = sweep_.single_ ? sum_from(strong, single_terms_, part_)
                                        : sum_from(strong, full_terms_, part_);
  moments_ += part_;
  double sum = of_strong + of_weak;
  if (wide_.count > 0) {
    const std::size_t others = counted_.count;
    count_wide();
    double of_wide = sum_from(others, single_terms_, part_);
    // Negated: what is not a number is not right.
    if (!(of_wide * wide_terms_ <= kWideTerms * (sum + of_wide))) {
      of_wide = sum_from(others, full_terms_, part_);
    }
    moments_ += part_;
    sum += of_wide;
  }
  moments_ = centre_ + moments_ / sum;
  return moments_;
}

// Of the pieces counted from the first on.
template <class T>
double LocalSweep::Row::sum_from(std::size_t first, std::vector<T>& terms,
                                 Eigen::RowVectorXd& moments) {
  double sum = 0.0;
  kernels::local_table<T>(sweep_.set_)
      .sums(sweep_.columns<T>(), row_of(first, terms), &sum, moments.data());
  return sum;
}

void LocalSweep::Row::weigh(const double* x) {
  x_ = x;
  find();
  split();
  in_precision([&]<class T>(std::vector<T>& terms) {
    const auto columns = sweep_.columns<T>();
    const auto sums_of = kernels::local_table<T>(sweep_.set_).piece_sums;
    cumulative_.resize(met_.count);
    sums_of(columns, row_of(0, terms), cumulative_.data());
    const std::size_t strong = counted_.count;
    double sum = 0.0;
    for (std::size_t p = 0; p < strong; ++p) cumulative_[p] = sum += cumulative_[p];
    count_weak(sum);
    count_wide();
    sums_of(columns, row_of(strong, terms), cumulative_.data() + strong);
    for (std::size_t p = strong; p < counted_.count; ++p) cumulative_[p] = sum += cumulative_[p];
    cumulative_.resize(counted_.count);
  });
}

Index LocalSweep::Row::draw(double u) {
  const double passed = u * cumulative_.back();
  const std::size_t piece =
      std::min(to_size(std::ranges::upper_bound(cumulative_, passed) - cumulative_.begin()),
               cumulative_.size() - 1);
  std::array<kernels::Tile<double>, kernels::kLocalTiles> weights;
  in_precision([&]<class T>(std::vector<T>& terms) {
    const auto width = to_size(1 + 2 * sweep_.cloud_.dimension());
    const kernels::LocalRow<T> alone{&counted_.numbers[piece], terms.data() + piece * width, 1};
    kernels::local_table<T>(sweep_.set_).weights(sweep_.columns<T>(), alone, weights.data());
  });
  const double before = piece == 0 ? 0.0 : cumulative_[piece - 1];
  const double share = (passed - before) / (cumulative_[piece] - before);
  const Index first = static_cast<Index>(counted_.numbers[piece]) * LocalCloud::kPiece;
  const Index count = std::min(LocalCloud::kPiece, sweep_.cloud_.size() - first);
  const auto weight = [&](Index k) {
    return weights[to_size(k / kTileSize)].values[k % kTileSize];
  };
  double total = 0.0;
  for (Index k = 0; k < count; ++k) total += weight(k);
  double sum = 0.0;
  for (Index k = 0; k < count; ++k) {
    sum += weight(k);
    if (sum > share * total) return first + k;
  }
  return first + count - 1;
}

// The pieces that may matter, with the largest exponent or one near it. It is first looked for in
// the piece that has it by the exponents at the centres; where bounds leave room for larger ones,
// in all that may have them.
void LocalSweep::Row::find() {
  constexpr double kNone = -std::numeric_limits<double>::infinity();
  const LocalCloud& cloud = sweep_.cloud_;
  const kernels::BoxFits runs = sweep_.runs_.view(), pieces = sweep_.pieces_.view();
  const auto bounds_of = sweep_.set_.box_bounds;
  const auto largest_of = [](const kernels::Tile<double>& numbers) {
    return std::max_element(numbers.values, numbers.values + kTileSize) - numbers.values;
  };
  const Index run_count = cloud.runs().boxes.count();
  Index best_run = 0;
  double most = kNone;
  for (std::size_t g = 0; g < run_exponents_.size(); ++g) {
    bounds_of(runs, g, x_, sweep_.q_, kNone, run_exponents_[g], run_bounds_[g]);
    const Index k = largest_of(run_exponents_[g]);
    if (run_exponents_[g].values[k] > most) {
      most = run_exponents_[g].values[k];
      best_run = static_cast<Index>(g) * kTileSize + k;
    }
  }
  bounds_of(pieces, to_size(best_run), x_, sweep_.q_, kNone, exponents_, bounds_);
  const Index best = largest_of(exponents_), promising = best_run * LocalCloud::kRun + best;
  centre_ = cloud.pieces().boxes.centre().row(promising);
  largest_ = exponents_.values[best];
  counted_.count = 1;
  counted_.numbers[0] = to_size(promising);
  counted_.exponents[0] = largest_;
  largest_ = maximum();

  const double lowest = largest_ + sweep_.log2_share_;
  double highest = kNone;
  std::size_t met = 0;
  for (Index r = 0; r < run_count; ++r) {
    if (run_bounds_[to_size(r / kTileSize)].values[r % kTileSize] < lowest) continue;
    kernels::Hits above = bounds_of(pieces, to_size(r), x_, sweep_.q_, lowest, exponents_, bounds_);
    for (; above != 0; above &= above - 1, ++met) {
      const int k = std::countr_zero(above);
      met_.numbers[met] = to_size(r * LocalCloud::kRun + k);
      met_.exponents[met] = exponents_.values[k];
      met_bounds_[met] = bounds_.values[k];
      highest = std::max(highest, bounds_.values[k]);
    }
  }
  met_.count = met;
  if (highest > largest_ + kLoose) {
    counted_.count = 0;
    for (std::size_t m = 0; m < met; ++m) {
      if (met_bounds_[m] < largest_) continue;
      counted_.numbers[counted_.count] = met_.numbers[m];
      counted_.exponents[counted_.count++] = met_.exponents[m];
    }
    largest_ = std::max(largest_, maximum());
  }
}

// The pieces met into those that are strong and counted, and weak ones. Every piece is written to
// both lists and stays in one: no branch, which could not be foretold.
void LocalSweep::Row::split() {
  const double strong = largest_ - kStrong;
  const kernels::Size* const numbers = met_.numbers.data();
  const double *const exponents = met_.exponents.data(), *const bounds = met_bounds_.data();
  kernels::Size *const counted = counted_.numbers.data(), *const weak = weak_.numbers.data();
  double *const counted_exponents = counted_.exponents.data(), *const weak_exponents =
                                                                   weak_.exponents.data();
  int* const orders = weak_.orders.data();
  Index* const of_order = of_order_.data();
  std::ranges::fill(of_order_, 0);
  std::size_t strong_count = 0, weak_count = 0;
  double size = 0.0;
  for (std::size_t m = 0; m < met_.count; ++m) {
    const bool is_strong = bounds[m] >= strong;
    const double above = largest_ - bounds[m];
    const int order = static_cast<int>(std::min(std::max(above, 0.0), kOrders - 1.0));
    counted[strong_count] = weak[weak_count] = numbers[m];
    counted_exponents[strong_count] = weak_exponents[weak_count] = exponents[m];
    orders[weak_count] = order;
    of_order[order] += is_strong ? 0 : 1;
    const double terms = std::max(std::abs(exponents[m] - largest_), bounds[m] - exponents[m]);
    size = std::max(size, is_strong ? terms : 0.0);
    strong_count += is_strong ? 1 : 0;
    weak_count += is_strong ? 0 : 1;
  }
  counted_.count = strong_count;
  weak_.count = weak_count;
  size_of_terms_ = size;
}

// Adds the weak pieces that may have more than their part of the sum, which is known but for them;
// of these the wide ones are kept apart, where anything is had in single precision.
void LocalSweep::Row::count_weak(double sum) {
  wide_.count = 0;
  wide_terms_ = 0.0;
  if (weak_.count == 0) return;
  // From the weakest on, as many as have nothing to say: each column as if its weight were the
  // bound.
  double left_out = sweep_.truncation_ * sum, bound = std::exp2(1 - kOrders);
  int order = kOrders;
  for (; order > 0; --order, bound *= 2.0) {
    left_out -= bound * static_cast<double>(of_order_[to_size(order - 1)] * LocalCloud::kPiece);
    if (left_out < 0.0) break;
  }
  std::size_t count = counted_.count, wide_count = 0;
  for (std::size_t m = 0; m < weak_.count; ++m) {
    counted_.numbers[count] = wide_.numbers[wide_count] = weak_.numbers[m];
    counted_.exponents[count] = wide_.exponents[wide_count] = weak_.exponents[m];
    const bool counts = weak_.orders[m] < order;
    // The exponent at the centre is below the bound, and that below the largest.
    const double terms = largest_ - weak_.exponents[m];
    const bool is_wide = sweep_.single_ && counts && terms > kSingleTerms;
    wide_terms_ = std::max(wide_terms_, is_wide ? terms : 0.0);
    count += counts && !is_wide ? 1 : 0;
    wide_count += is_wide ? 1 : 0;
  }
  counted_.count = count;
  wide_.count = wide_count;
}

void LocalSweep::Row::count_wide() {
  std::copy_n(wide_.numbers.data(), wide_.count, counted_.numbers.data() + counted_.count);
  std::copy_n(wide_.exponents.data(), wide_.count, counted_.exponents.data() + counted_.count);
  counted_.count += wide_.count;
}

template <class T>
kernels::LocalRow<T> LocalSweep::Row::row_of(std::size_t first, std::vector<T>& terms) const {
  const LocalCloud& cloud = sweep_.cloud_;
  const auto d = to_size(cloud.dimension()), width = 1 + 2 * d;
  const std::size_t count = counted_.count - first;
  terms.resize(std::max(terms.size(), counted_.count * width));
  const kernels::Size* const numbers = counted_.numbers.data() + first;
  T* const mine = terms.data() + first * width;
  kernels::local_table<T>(sweep_.set_)
      .terms({x_, cloud.pieces().boxes.centre().data(), sweep_.pieces_.majorants.slope.data(),
              centre_.data(), sweep_.q_, -largest_, d},
             numbers, counted_.exponents.data() + first, count, mine);
  return {numbers, mine, count};
}

double LocalSweep::Row::maximum() {
  return largest_ + kernels::local_table<double>(sweep_.set_)
                        .maximum(sweep_.columns<double>(), row_of(0, full_terms_));
}

}  // namespace otbridge
