#include "known/posterior.hpp"

#include <cmath>
#include <numbers>
#include <vector>

#include "core/spatial_order.hpp"
#include "entropic/conditional.hpp"
#include "measure/mixture_potential.hpp"
#include "measure/mixture_shapes.hpp"
#include "measure/toy_nodes.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/measure/gaussian.hpp"
#include "otbridge/measure/mixture.hpp"
#include "otbridge/measure/product.hpp"
#include "otbridge/measure/pushforward.hpp"
#include "otbridge/measure/weighted_points.hpp"

namespace otbridge {
namespace {

constexpr Index kDraws = 20000;  // of a law that has no closed form
// In so few dimensions neighbours among many draws are near each other: the means of runs of 16
// have a sixteenth of the variance of draws, and what they leave out is far below the noise.
constexpr Index kFewDimensions = 3, kRun = 16;
// The quadrature of a marginal: the trapezoidal rule in z for levels 1 / (1 + exp(-z)), which
// converges exponentially for smooth marginals, in the tails too, from -30 to 30.
constexpr Index kNodes = 2048;
constexpr double kFarthest = 30.0;

// Draws that no solver sees, the same in every program.
RandomStream posterior_stream() { return RandomStream(0, Purpose::metrics).fork(0x9057); }

double log_normal_constant(Index d, double v) {
  return -0.5 * static_cast<double>(d) * std::log(2.0 * std::numbers::pi * v);
}

// Means of spatial runs of draws, which stand for all of them where sums are smooth.
WeightedPoints means_of_runs(ConstPoints draws) {
  const Points ordered = draws(spatial_order(draws), Eigen::all);
  Points means;
  Vector masses;
  coarsen(ordered, Vector::Ones(ordered.rows()), kRun, means, masses);
  return {std::move(means), std::move(masses)};
}

class CloudPosterior final : public Posterior {
 public:
  explicit CloudPosterior(WeightedPoints cloud)
      : cloud_(std::move(cloud)),
        flat_(std::make_shared<const TiltedCloud>(cloud_.points(), cloud_.weights(),
                                                  Vector::Zero(cloud_.size()), 1.0,
                                                  LocalPrecision::full)) {}
  // The cloud stands for another law, and so do the halves, drawn apart.
  CloudPosterior(WeightedPoints cloud, WeightedPoints half, WeightedPoints other_half)
      : CloudPosterior(std::move(cloud)) {
    halves_.emplace_back(std::move(half));
    halves_.emplace_back(std::move(other_half));
  }
  // Sums over the cloud, draws of Y among these points.
  void draw_among(WeightedPoints points) {
    among_ = std::make_unique<const CloudPosterior>(std::move(points));
  }

  Points mean(ConstPoints w, double v) const override { return kernel(v).mean(w); }
  Points sample(ConstPoints w, double v, const RandomStream& stream,
                Index first_row) const override {
    if (among_ != nullptr) return among_->sample(w, v, stream, first_row);
    return kernel(v).sample(w, stream, first_row);
  }
  Matrix covariance(ConstPoints w, double v) const override { return kernel(v).covariance(w); }
  Vector log_density(ConstPoints w, double v) const override {
    return kernel(v).log_normaliser(w).array() + log_normal_constant(w.cols(), v);
  }
  Points score(ConstPoints w, double v) const override { return (mean(w, v) - w) / v; }

  // Of the mean of two halves that know nothing of each other.
  std::optional<double> standard_error(ConstPoints w, double v) const override {
    if (halves_.empty()) return std::nullopt;
    const Points difference = halves_[0].mean(w, v) - halves_[1].mean(w, v);
    return 0.5 * std::sqrt(difference.rowwise().squaredNorm().mean());
  }
  // The logarithm of a sum over n draws is too small by something of order 1 / n, twice that for a
  // half.
  double log_density_error(ConstPoints w, double v) const override {
    if (halves_.empty()) return 0.0;
    const double whole = log_density(w, v).mean();
    const double one = halves_[0].log_density(w, v).mean();
    const double other = halves_[1].log_density(w, v).mean();
    return std::hypot(whole - 0.5 * (one + other), 0.5 * (one - other));
  }

 private:
  EntropicConditional kernel(double v) const { return {flat_, {1.0, 1.0, v}}; }

  WeightedPoints cloud_;
  std::shared_ptr<const TiltedCloud> flat_;  // refers to the points, which all copies share
  std::vector<CloudPosterior> halves_;
  std::unique_ptr<const CloudPosterior> among_;  // null: the cloud itself
};

WeightedPoints every_second(const WeightedPoints& cloud, Index first) {
  const auto rows = Eigen::seq(first, cloud.size() - 1, 2);
  return {Points(cloud.points()(rows, Eigen::all)), Vector(cloud.weights()(rows))};
}

// A law by points that stand for it.
CloudPosterior halved(const WeightedPoints& points) {
  return {points, every_second(points, 0), every_second(points, 1)};
}

std::unique_ptr<const Posterior> drawn_posterior(const Measure& law) {
  if (law->dimension() > kFewDimensions) {
    return std::make_unique<const CloudPosterior>(
        halved(WeightedPoints(law->sample(kDraws, posterior_stream()))));
  }
  const Points draws = law->sample(kDraws * kRun, posterior_stream());
  const Index half = draws.rows() / 2;
  auto posterior =
      std::make_unique<CloudPosterior>(means_of_runs(draws), means_of_runs(draws.topRows(half)),
                                       means_of_runs(draws.bottomRows(half)));
  posterior->draw_among(WeightedPoints(Points(draws.topRows(kDraws))));
  return posterior;
}

// Of a law that is nodes and one Gaussian noise of variance s around all of them: given w, the node
// P has the weights of a kernel of variance v + s, and Y is normal about P + s / (s + v) (w - P)
// with variance s v / (s + v).
class NodesPosterior final : public Posterior {
 public:
  // From coarse to fine.
  explicit NodesPosterior(const std::vector<ToyNodes>& levels) {
    for (const ToyNodes& nodes : levels) {
      levels_.push_back({CloudPosterior(nodes.points), nodes.spacing});
    }
    noise_ = levels.back().variance;
  }

  Points mean(ConstPoints w, double v) const override { return mean_at(level(v), w, v); }
  Points sample(ConstPoints w, double v, const RandomStream& stream,
                Index first_row) const override {
    const double kept = noise_ / (noise_ + v), deviation = std::sqrt(kept * v);
    // Of the finest, whose nodes may be the draws themselves.
    Points drawn = levels_.back().nodes.sample(w, v + noise_, stream.fork(0), first_row);
    if (noise_ == 0.0) return drawn;
    const RandomStream noise = stream.fork(1);
    drawn +=
        kept * (w - drawn) + deviation * normal_points(w.rows(), w.cols(), noise, 0, first_row);
    return drawn;
  }
  Matrix covariance(ConstPoints w, double v) const override {
    const double kept = noise_ / (noise_ + v), moved = 1.0 - kept;
    return moved * moved * levels_[level(v)].nodes.covariance(w, v + noise_) +
           kept * v * Matrix::Identity(w.cols(), w.cols());
  }
  Vector log_density(ConstPoints w, double v) const override {
    return levels_[level(v)].nodes.log_density(w, v + noise_);
  }
  Points score(ConstPoints w, double v) const override {
    return levels_[level(v)].nodes.score(w, v + noise_);
  }
  bool bounded() const override { return noise_ > 0.0; }

  // Of the level in use and its neighbour, which is farther off: a bound.
  std::optional<double> standard_error(ConstPoints w, double v) const override {
    if (levels_.size() == 1) return std::nullopt;
    const std::size_t here = level(v);
    const Points apart = mean_at(here, w, v) - mean_at(beside(here), w, v);
    return std::sqrt(apart.rowwise().squaredNorm().mean());
  }
  double log_density_error(ConstPoints w, double v) const override {
    if (levels_.size() == 1) return 0.0;
    const std::size_t here = level(v);
    const auto density = [&](std::size_t k) {
      return levels_[k].nodes.log_density(w, v + noise_).mean();
    };
    return std::abs(density(here) - density(beside(here)));
  }

 private:
  struct Level {
    CloudPosterior nodes;
    double spacing;
  };

  // The first one fine enough for such a kernel: what its edges are off by is then 1 / 384.
  std::size_t level(double v) const {
    constexpr double kFine = 0.25;
    std::size_t k = 0;
    while (k + 1 < levels_.size() && levels_[k].spacing > kFine * std::sqrt(v + noise_)) ++k;
    return k;
  }
  static std::size_t beside(std::size_t k) { return k > 0 ? k - 1 : 1; }
  Points mean_at(std::size_t k, ConstPoints w, double v) const {
    return (v * levels_[k].nodes.mean(w, v + noise_) + noise_ * w) / (v + noise_);
  }

  std::vector<Level> levels_;
  double noise_;
};

// None for a toy that is a law of its sample.
std::unique_ptr<const Posterior> toy_posterior(const Toy& toy) {
  constexpr Index kCoarsest = 1024, kFinest = 262144;
  std::vector<ToyNodes> levels;
  for (Index count = kCoarsest; count <= kFinest; count *= 4) {
    auto nodes = toy_nodes(toy, count);
    if (!nodes) return nullptr;
    levels.push_back(*std::move(nodes));
    if (levels.back().spacing == 0.0) break;  // no finer ones
  }
  return std::make_unique<const NodesPosterior>(levels);
}

// The density of the law is the potential.
class MixturePosterior final : public Posterior {
 public:
  MixturePosterior(const Mixture& law, double largest)
      : MixturePosterior(mixture_shapes(law, largest), largest) {}

  Points mean(ConstPoints w, double v) const override { return potential_.mean(w, {1.0, v}); }
  Points sample(ConstPoints w, double v, const RandomStream& stream,
                Index first_row) const override {
    return potential_.sample(w, {1.0, v}, stream, first_row);
  }
  Matrix covariance(ConstPoints w, double v) const override {
    return potential_.covariance(w, {1.0, v});
  }
  Vector log_density(ConstPoints w, double v) const override {
    return potential_.log_sum(w, {1.0, v});
  }
  Points score(ConstPoints w, double v) const override { return potential_.score(w, {1.0, v}); }
  std::optional<Vector> log_conditional(ConstPoints w, ConstPoints y, double v) const override {
    return potential_.log_conditional(w, y, {1.0, v});
  }
  bool bounded() const override { return true; }

 private:
  MixturePosterior(const MixtureShapes& shapes, double largest)
      : potential_(shapes.center, largest, shapes.shapes) {}

  MixturePotential potential_;
};

// The coordinates of Y given w are independent, each given its own.
class ProductPosterior final : public Posterior {
 public:
  // Of scales_c Y_c + shifts_c.
  ProductPosterior(const Product& law, const Vector& scales, const Vector& shifts) {
    const Eigen::ArrayXd z = Eigen::ArrayXd::LinSpaced(kNodes, -kFarthest, kFarthest);
    const Eigen::ArrayXd levels = 1.0 / (1.0 + (-z).exp());
    const Points quantiles = law.quantiles(levels);
    for (Index c = 0; c < law.dimension(); ++c) {
      const Points moved = scales[c] * quantiles.col(c).array() + shifts[c];
      marginals_.push_back(halved(WeightedPoints(moved, Vector(levels * (1.0 - levels)))));
    }
  }

  Points mean(ConstPoints w, double v) const override {
    return by_coordinate(
        w, [&](const CloudPosterior& p, ConstPoints x, Index) -> Points { return p.mean(x, v); });
  }
  Points sample(ConstPoints w, double v, const RandomStream& stream,
                Index first_row) const override {
    return by_coordinate(w, [&](const CloudPosterior& p, ConstPoints x, Index c) -> Points {
      return p.sample(x, v, stream.fork(static_cast<std::uint64_t>(c)), first_row);
    });
  }
  Points score(ConstPoints w, double v) const override { return (mean(w, v) - w) / v; }
  Matrix covariance(ConstPoints w, double v) const override {
    const Points variances =
        by_coordinate(w, [&](const CloudPosterior& p, ConstPoints x, Index) -> Points {
          return p.covariance(x, v);
        });
    return variances.row(0).asDiagonal();
  }
  Vector log_density(ConstPoints w, double v) const override {
    return by_coordinate(w,
                         [&](const CloudPosterior& p, ConstPoints x, Index) -> Points {
                           return p.log_density(x, v);
                         })
        .rowwise()
        .sum();
  }
  std::optional<double> standard_error(ConstPoints w, double v) const override {
    double square = 0.0;
    for (Index c = 0; c < w.cols(); ++c) {
      square += std::pow(*marginals_[to_size(c)].standard_error(Points(w.col(c)), v), 2);
    }
    return std::sqrt(square);
  }
  double log_density_error(ConstPoints w, double v) const override {
    double sum = 0.0;
    for (Index c = 0; c < w.cols(); ++c) {
      sum += marginals_[to_size(c)].log_density_error(Points(w.col(c)), v);
    }
    return sum;
  }

 private:
  template <class Answer>
  Points by_coordinate(ConstPoints w, Answer&& answer) const {
    Points result(w.rows(), w.cols());
    for (Index c = 0; c < w.cols(); ++c) {
      result.col(c) = answer(marginals_[to_size(c)], Points(w.col(c)), c);
    }
    return result;
  }

  std::vector<CloudPosterior> marginals_;
};

std::unique_ptr<const Posterior> closed_form(const Mixture& law, double largest) {
  if (!has_shapes(law)) return nullptr;
  return std::make_unique<const MixturePosterior>(law, largest);
}

// Of a moved law, where moving keeps what it is made of; else null.
std::unique_ptr<const Posterior> moved_posterior(const Pushforward& law, double largest) {
  if (const auto* mixture = law.base().as<Mixture>()) {
    std::vector<Measure> components;
    for (const Measure& component : mixture->components()) {
      components.push_back(push_forward(component, law.matrix(), law.shift()));
    }
    return closed_form({mixture->weights(), std::move(components)}, largest);
  }
  const Vector scales = law.matrix().diagonal();
  const bool square = law.matrix().rows() == law.matrix().cols();
  if (const auto* product = law.base().as<Product>();
      product != nullptr && square && Matrix(scales.asDiagonal()) == law.matrix()) {
    return std::make_unique<const ProductPosterior>(*product, scales, law.shift());
  }
  return nullptr;
}

}  // namespace

std::unique_ptr<const Posterior> posterior_of(const Measure& law, double largest) {
  if (const auto* cloud = law.as<WeightedPoints>()) {
    return std::make_unique<const CloudPosterior>(*cloud);
  }
  std::unique_ptr<const Posterior> closed;
  if (law.as<Gaussian>()) {
    closed = closed_form({Vector::Ones(1), {law}}, largest);
  } else if (const auto* mixture = law.as<Mixture>()) {
    closed = closed_form(*mixture, largest);
  } else if (const auto* product = law.as<Product>()) {
    closed = std::make_unique<const ProductPosterior>(*product, Vector::Ones(law->dimension()),
                                                      Vector::Zero(law->dimension()));
  } else if (const auto* toy = law.as<Toy>()) {
    closed = toy_posterior(*toy);
  } else if (const auto* moved = law.as<Pushforward>()) {
    closed = moved_posterior(*moved, largest);
  }
  if (closed != nullptr) return closed;
  return drawn_posterior(law);
}

}  // namespace otbridge
