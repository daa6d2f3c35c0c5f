// Measure: a probability law on R^d, held by value and shared cheaply.
//
// A Measure wraps one of the laws of this room (WeightedPoints, Gaussian, Mixture, Uniform*,
// Sphere, Product, Toy, Pushforward). Every law samples; moments and log-density are given where
// they are known.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "otbridge/core/points.hpp"
#include "otbridge/core/random.hpp"

namespace otbridge {

// The interface of a law, and below it what a law implements. Immutable, safe to call from several
// threads.
class Law {
 public:
  virtual ~Law() = default;

  virtual std::string_view type() const = 0;  // the "type" of its JSON form
  virtual Index dimension() const = 0;
  // n x d, n >= 0. Row i depends on the stream and on i alone, so a longer sample begins with a
  // shorter one. Throws InvalidInput where a draw lies beyond the doubles, or the law breaks its
  // contract.
  Points sample(Index n, const RandomStream& stream) const;

  // Empty where they are not known, do not exist, or lie beyond the doubles.
  std::optional<Vector> mean() const;
  std::optional<Matrix> covariance() const;
  virtual bool has_density() const { return false; }
  // log density at each row of x, which has dimension() columns; only where has_density(). -inf
  // outside the support.
  Vector log_density(ConstPoints x) const;

 protected:
  // Refuses, naming the type.
  virtual Vector do_log_density(ConstPoints x) const;

 private:
  virtual Points do_sample(Index n, const RandomStream& stream) const = 0;
  virtual std::optional<Vector> do_mean() const { return std::nullopt; }
  virtual std::optional<Matrix> do_covariance() const { return std::nullopt; }
};

class Measure {
 public:
  template <class L>
  requires std::derived_from<L, Law> Measure(L law)
      : law_(std::make_shared<const L>(std::move(law))) {}  // NOLINT: a law is a measure
  // Throws InvalidInput for a null pointer.
  explicit Measure(std::shared_ptr<const Law> law);

  const Law* operator->() const { return law_.get(); }
  const Law& operator*() const { return *law_; }

  // The law as an L, or null if it is another kind.
  template <class L>
  const L* as() const {
    return dynamic_cast<const L*>(law_.get());
  }

 private:
  std::shared_ptr<const Law> law_;
};

}  // namespace otbridge
