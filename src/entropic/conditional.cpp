#include "entropic/conditional.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>

#include "core/equal_rows.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"
#include "otbridge/core/parallel.hpp"
#include "sweep/largest_exponents.hpp"

namespace otbridge {
namespace {

// Rows whose weights are had together, so that they share the loads of the cloud: at most so many,
// fewer where that would be more than so many weights, but no less than a block of the kernels.
constexpr Index kRows = 32, kWeights = 1 << 20, kFewestRows = 8;
constexpr double kNothing = 0x1p-90;  // a weight that no sum of weights to 1 knows of
constexpr double kRoundingOfSums = 0x1p-53;
constexpr Index kFewPoints = 4096;  // of which all may be weighed for a draw or a sum
// Rows that go over near points alone, in one chunk: about so many points, if all were near.
constexpr Index kLocalPairs = 1 << 20, kMostLocalRows = 1024;

// Of rows so far away that squared distances overflow no weight is known: neither mean nor draw.
Vector known_log2_sums(const PairSweep<double>& sweep) {
  Vector log2_sums;
  sweep.log2_sums(nullptr, 0.0, log2_sums);
  if (!log2_sums.allFinite()) {
    throw InvalidInput("squared distances between the points and the plan's cloud", "overflow");
  }
  return log2_sums;
}

// visit(begin, end, weights 2^(exponent + shifts_i) of these rows), in parallel; it may write over
// them.
template <class Visit>
void for_weights(const PairSweep<double>& sweep, const Vector& shifts, Visit&& visit) {
  const Index m = sweep.columns();
  const Index chunk = std::clamp(kWeights / m, kFewestRows, kRows);
  parallel_for(shifts.size(), chunk, [&](Index begin, Index end, Index) {
    std::vector<double> weights(to_size((end - begin) * m));
    sweep.row_weights(begin, end, shifts.data() + begin, weights.data());
    visit(begin, end, std::span(weights));
  });
}

// visit(i, weights of row i).
template <class Visit>
void for_row_weights(const PairSweep<double>& sweep, const Vector& shifts, Visit&& visit) {
  const auto m = to_size(sweep.columns());
  for_weights(sweep, shifts, [&](Index begin, Index end, std::span<double> weights) {
    for (Index i = begin; i < end; ++i) visit(i, weights.subspan(to_size(i - begin) * m, m));
  });
}

// Rows side by side, padded to what the kernels read at a time, with a one after each.
std::vector<double> with_ones(const Points& values, Index width) {
  std::vector<double> rows(to_size(values.rows() * width), 0.0);
  for (Index i = 0; i < values.rows(); ++i) {
    double* const row = rows.data() + i * width;
    std::copy_n(values.data() + i * values.cols(), values.cols(), row);
    row[values.cols()] = 1.0;
  }
  return rows;
}

}  // namespace

struct EntropicConditional::Lazy {
  std::once_flag made;
  std::optional<LocalSweep> sweep;
};

// In kernel coordinates |support y - query x|^2 / (2 variance) is a squared distance in binary
// logarithms. Both clouds are moved by the centre of the cloud.
EntropicConditional::EntropicConditional(std::shared_ptr<const TiltedCloud> cloud,
                                         const ConditionalKernel& kernel)
    : cloud_(std::move(cloud)),
      kernel_(kernel),
      scale_(kernel_scale(kernel.variance)),
      columns_(kernel.support * cloud_->values(), scale_, false, !cloud_->has_local()),
      lazy_(std::make_unique<Lazy>()) {
  // Of a plan that was solved for they are; one that was read may hold anything.
  if (!columns_.squares().allFinite() || !cloud_->log2_weights().allFinite()) {
    throw InvalidInput(
        "potentials and squared distances of the cloud over s^2 = " + number_text(cloud_->s2()),
        "overflow");
  }
  ordinary_ =
      !columns_.any_far() && cloud_->log2_weights().cwiseAbs().maxCoeff() <= TiledCloud::kNear;
}

EntropicConditional::~EntropicConditional() = default;
EntropicConditional::EntropicConditional(EntropicConditional&&) noexcept = default;

// The coordinates that x has beside the cloud's, before they are scaled.
Points EntropicConditional::beside(ConstPoints x) const {
  return (kernel_.query * x).rowwise() - kernel_.support * cloud_->center();
}

// Swept whole: what a row meets does not depend on its company.
TiledCloud EntropicConditional::rows(const Points& beside) const {
  return {beside, scale_, false, !cloud_->has_local()};
}

PairSweep<double> EntropicConditional::sweep(const TiledCloud& rows) const {
  return {kernels::select_kernel_set(), rows, columns_, cloud_->log2_weights()};
}

// Rows that are far out are summed with more care, and apart: a tile is taken with the care that
// one of its rows needs.
EntropicConditional::Split EntropicConditional::split(const Points& beside) const {
  Split split;
  for (Index i = 0; i < beside.rows(); ++i) {
    const bool near = (scale_ * beside.row(i)).squaredNorm() <= TiledCloud::kNear;
    (near ? split.near : split.far).push_back(i);
  }
  return split;
}

bool EntropicConditional::goes_local() const {
  constexpr double kLeastSupport = 0x1p-300;  // by which coordinates can be divided
  return cloud_->has_local() && ordinary_ && kernel_.support > kLeastSupport;
}

bool EntropicConditional::sums_near() const {
  return goes_local() && cloud_->values().rows() >= kFewPoints;
}

const LocalSweep& EntropicConditional::local() const {
  std::call_once(lazy_->made, [this] {
    const LocalCloud& cloud = cloud_->local();
    const double factor = scale_ * kernel_.support;
    lazy_->sweep.emplace(kernels::select_kernel_set(), cloud, cloud_->log2_weights()(cloud.order()),
                         factor * factor, cloud_->precision());
  });
  return *lazy_->sweep;
}

// visit(i, the row in coordinates of the cloud, its sums) for the rows `near` of `beside`.
template <class Visit>
void EntropicConditional::for_local_rows(const Points& beside, const std::vector<Index>& near,
                                         Visit&& visit) const {
  const LocalSweep& sweep = local();
  const Index chunk = std::clamp<Index>(kLocalPairs / sweep.cloud().size(), 1, kMostLocalRows);
  parallel_for(static_cast<Index>(near.size()), chunk, [&](Index begin, Index end, Index) {
    LocalSweep::Row row(sweep);
    Eigen::RowVectorXd x;
    for (Index k = begin; k < end; ++k) {
      const Index i = near[to_size(k)];
      x = beside.row(i) / kernel_.support;
      visit(i, x, row);
    }
  });
}

// work(sweep of some rows of `beside` over the whole cloud, shifts that bring their largest weights
// near 1).
template <class Work>
void EntropicConditional::for_whole_rows(const Points& beside, const std::vector<Index>& some,
                                         bool near, Work&& work) const {
  if (some.empty()) return;
  const TiledCloud rows = this->rows(beside(some, Eigen::all));
  const PairSweep<double> sweep = this->sweep(rows);
  Vector largest;
  if (near && ordinary_ && !cloud_->has_local()) {
    // All that is asked of a shift: single precision will do.
    largest =
        largest_exponents(kernels::select_kernel_set(), rows, columns_, cloud_->log2_weights());
  } else {
    largest = known_log2_sums(sweep);
  }
  work(sweep, -largest);
}

Vector EntropicConditional::log_normaliser(ConstPoints x) const {
  const TiledCloud rows = this->rows(beside(x));
  Vector sums;
  sweep(rows).log2_sums(nullptr, 0.0, sums);
  return sums * kLn2;
}

Vector EntropicConditional::near_log_normaliser(ConstPoints x) const {
  if (!sums_near()) return log_normaliser(x);
  const Points beside = this->beside(x);
  const Split rows = split(beside);
  Vector logs(x.rows());
  for_local_rows(beside, rows.near,
                 [&](Index i, const Eigen::RowVectorXd& at, LocalSweep::Row& row) {
                   row.weigh(at.data());
                   logs[i] = row.log2_sum() * kLn2;
                 });
  if (!rows.far.empty()) logs(rows.far) = log_normaliser(x(rows.far, Eigen::all));
  return logs;
}

Points EntropicConditional::mean(ConstPoints x) const {
  const EqualRows equal(x);
  const Points beside = this->beside(x(equal.firsts(), Eigen::all));
  const Split rows = split(beside);
  Points means(beside.rows(), x.cols());
  const auto whole = [&](const std::vector<Index>& some, bool near) {
    for_whole_rows(beside, some, near, [&](const PairSweep<double>& sweep, const Vector& shifts) {
      whole_means(sweep, shifts, some, means);
    });
  };
  if (goes_local()) {
    for_local_rows(beside, rows.near,
                   [&](Index i, const Eigen::RowVectorXd& at, LocalSweep::Row& row) {
                     means.row(i) = row.mean(at.data());
                   });
  } else {
    whole(rows.near, true);
  }
  whole(rows.far, false);
  Points all(x.rows(), x.cols());
  for (Index k = 0; k < means.rows(); ++k) {
    for (const Index i : equal.members(k)) all.row(i) = means.row(k) + cloud_->center();
  }
  return all;
}

void EntropicConditional::whole_means(const PairSweep<double>& sweep, const Vector& shifts,
                                      const std::vector<Index>& some, Points& means) const {
  constexpr Index kPad = kTileSize / 4;
  const Index d = means.cols(), m = sweep.columns(), width = (d / kPad + 1) * kPad;
  const std::vector<double> values = with_ones(cloud_->values(), width);
  const auto weighted_sums = kernels::select_kernel_set().weighted_sums;
  for_weights(sweep, shifts, [&](Index begin, Index end, std::span<double> weights) {
    for (Index i = begin; i < end; ++i) {
      Eigen::Map<Vector> w(weights.data() + (i - begin) * m, m);
      // All that are below are as many as the cloud, and together below the rounding of the sum.
      const double least = kRoundingOfSums / static_cast<double>(m) * w.maxCoeff();
      w = (w.array() < least).select(0.0, w);
    }
    Points sums(end - begin, width);
    weighted_sums(weights.data(), to_size(end - begin), to_size(m), values.data(), to_size(width),
                  sums.data());
    for (Index i = begin; i < end; ++i) {
      means.row(some[to_size(i)]) = sums.row(i - begin).head(d) / sums(i - begin, d);
    }
  });
}

// About the mean itself, a block of points at a time.
Matrix EntropicConditional::covariance(ConstPoints x) const {
  constexpr Index kBlock = 256;
  const TiledCloud rows = this->rows(beside(x));
  const PairSweep<double> sweep = this->sweep(rows);
  const Points& values = cloud_->values();
  Matrix total = Matrix::Zero(x.cols(), x.cols());
  for_row_weights(sweep, -known_log2_sums(sweep), [&](Index, std::span<double> weights) {
    const Eigen::Map<const Vector> w(weights.data(), values.rows());
    const double sum = w.sum();
    const Eigen::RowVectorXd mean = (w.transpose() * values) / sum;
    for (Index begin = 0; begin < w.size(); begin += kBlock) {
      const auto part = w.segment(begin, std::min(kBlock, w.size() - begin));
      if (part.maxCoeff() < kNothing) continue;
      const Points apart = values.middleRows(begin, part.size()).rowwise() - mean;
      total += apart.transpose() * (part / sum).asDiagonal() * apart;
    }
  });
  return total;
}

// Weights are had once for equal rows.
Points EntropicConditional::sample(ConstPoints x, const RandomStream& stream, Index first_row,
                                   Vector* log_normaliser) const {
  return cloud_->points()(draw(x, stream, first_row, log_normaliser), Eigen::all);
}

std::vector<Index> EntropicConditional::draw(ConstPoints x, const RandomStream& stream,
                                             Index first_row, Vector* log_normaliser) const {
  const EqualRows equal(x);
  const Points beside = this->beside(x(equal.firsts(), Eigen::all));
  const Split rows = split(beside);
  std::vector<Index> drawn(to_size(x.rows()));
  if (log_normaliser != nullptr) log_normaliser->resize(x.rows());
  // number(u): that of a kept point.
  const auto fill = [&](Index k, double log2_sum, auto&& number) {
    for (const Index i : equal.members(k)) {
      drawn[to_size(i)] = cloud_->kept()[to_size(number(stream.uniform(first_row + i, 0, 0)))];
      if (log_normaliser != nullptr) (*log_normaliser)[i] = log2_sum * kLn2;
    }
  };
  const auto whole = [&](const std::vector<Index>& some, bool near) {
    for_whole_rows(beside, some, near, [&](const PairSweep<double>& sweep, const Vector& shifts) {
      for_row_weights(sweep, shifts, [&](Index k, std::span<double> cumulative) {
        double total = 0.0;
        for (double& weight : cumulative) weight = total += weight;
        // Inversion: the first j whose cumulative weight passes a uniform share of the total.
        fill(some[to_size(k)], std::log2(total) - shifts[k], [&](double u) {
          const auto found = std::ranges::upper_bound(cumulative, u * total) - cumulative.begin();
          return std::min(found, static_cast<std::ptrdiff_t>(cumulative.size()) - 1);
        });
      });
    });
  };
  // In the order of the cloud's pieces; of small clouds in that of the cloud itself.
  if (sums_near()) {
    const std::vector<Index>& order = local().cloud().order();
    for_local_rows(beside, rows.near,
                   [&](Index k, const Eigen::RowVectorXd& at, LocalSweep::Row& row) {
                     row.weigh(at.data());
                     fill(k, row.log2_sum(), [&](double u) { return order[to_size(row.draw(u))]; });
                   });
  } else {
    whole(rows.near, true);
  }
  whole(rows.far, false);
  return drawn;
}

Matrix EntropicConditional::weights(ConstPoints x, const Vector& shift) const {
  const TiledCloud rows = this->rows(beside(x));
  Matrix all = Matrix::Zero(x.rows(), cloud_->points().rows());
  const std::vector<Index>& kept = cloud_->kept();
  for_row_weights(sweep(rows), shift * kLog2E, [&](Index i, std::span<double> row) {
    for (std::size_t j = 0; j < row.size(); ++j) all(i, kept[j]) = row[j];
  });
  return all;
}

}  // namespace otbridge
