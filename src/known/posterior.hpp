// Posterior: the law of Y given W = Y + sqrt(v) Z, for Y of a law and Z a standard normal: what a
// blurred law takes back.
//
// Closed form for Gaussian laws of full rank and their mixtures, moved or not; for finite points
// the weights are those of a Gaussian kernel; a product of marginals is taken coordinate by
// coordinate, each by a quadrature over its quantiles, a toy by one over what it is made of; any
// other law is a large draw of itself. Quadratures and draws say how far they are off.
#pragma once

#include <memory>
#include <optional>

#include "otbridge/measure/measure.hpp"

namespace otbridge {

// Immutable. Rows of w are n x d; v > 0. Row i depends on row i alone. Throws InvalidInput where w
// is so far from the law that nothing is known of it.
class Posterior {
 public:
  virtual ~Posterior() = default;
  virtual Points mean(ConstPoints w, double v) const = 0;
  // Row i: a draw of Y given w_i, by the numbers of row first_row + i of the stream.
  virtual Points sample(ConstPoints w, double v, const RandomStream& stream,
                        Index first_row) const = 0;
  virtual Matrix covariance(ConstPoints w, double v) const = 0;   // of one row, d x d
  virtual Vector log_density(ConstPoints w, double v) const = 0;  // of W
  // Its gradient, (E[Y | w] - w) / v; v may be 0 where bounded() is true.
  virtual Points score(ConstPoints w, double v) const = 0;
  // log density of Y at y_i given w_i, where the law has one in closed form.
  virtual std::optional<Vector> log_conditional(ConstPoints /*w*/, ConstPoints /*y*/,
                                                double /*v*/) const {
    return std::nullopt;
  }
  virtual bool bounded() const { return false; }
  // Root mean square over the rows of the error of mean() that stands for the law being a finite
  // draw; empty where the law is taken as it is.
  virtual std::optional<double> standard_error(ConstPoints, double) const { return std::nullopt; }
  // Likewise of the mean of log_density() over the rows: its bias and its standard error, 0 where
  // the law is taken as it is.
  virtual double log_density_error(ConstPoints /*w*/, double /*v*/) const { return 0.0; }
};

// largest: the largest v that will be asked for.
std::unique_ptr<const Posterior> posterior_of(const Measure& law, double largest);

}  // namespace otbridge
