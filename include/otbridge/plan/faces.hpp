// The optional faces of a plan: what some solvers can say beyond sampling and mapping.
//
// What is asked for is checked here, once for every solver: InvalidInput for a wrong dimension, a
// non-finite coordinate, a time outside [0, 1], or rows beyond the end. The functions that plans
// implement see nothing but sound, non-empty batches.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "otbridge/core/flow.hpp"
#include "otbridge/core/points.hpp"
#include "otbridge/core/random.hpp"

namespace otbridge {

// A coupling of two finite supports: pi is n x m, rows are source points.
class Coupling {
 public:
  virtual ~Coupling() = default;
  virtual const Points& source_points() const = 0;   // n x d
  virtual const Points& target_points() const = 0;   // m x d
  virtual const Vector& source_weights() const = 0;  // n, the marginal asked for
  virtual const Vector& target_weights() const = 0;  // m
  // Dense rows [begin, end) of pi: (end - begin) x m, 0 <= begin <= end <= n. O((end - begin) m d).
  Matrix rows(Index begin, Index end) const;
  // The entries of pi above 0 and no smaller than `least`, by source, then by target. Memory
  // O(their number); time that of all rows, unless the coupling is sparse itself.
  std::vector<Flow> flows(double least = 0.0) const;
  // Entry i: the row of the target that source point i is paired with, drawn from its conditional
  // under the stream, as plan.sample draws the point itself; -1 for a point without mass. Time that
  // of sample.
  std::vector<Index> partners(const RandomStream& stream) const;

 private:
  virtual Matrix do_rows(Index begin, Index end) const = 0;
  // Default: from the rows, a block at a time.
  virtual std::vector<Flow> do_flows(double least) const;
  // Default: from the flows, by inversion with the uniform number (i, 0, 0).
  virtual std::vector<Index> do_partners(const RandomStream& stream) const;
};

// Potentials in cost units with respect to mu x nu:
// d pi = exp((f(x) + g(y) - |y - a x|^2 / 2) / s^2) d mu d nu, gauge E_mu f = 0. Of a plan without
// regularisation they are the limit: f + g <= |y - a x|^2 / 2, with equality where mass flows.
class Potentials {
 public:
  virtual ~Potentials() = default;
  Vector f(ConstPoints x) const;  // one value per row
  Vector g(ConstPoints y) const;

 protected:
  explicit Potentials(Index dimension) : dimension_(dimension) {}

 private:
  virtual Vector do_f(ConstPoints x) const = 0;
  virtual Vector do_g(ConstPoints y) const = 0;

  Index dimension_;
};

// The drift of the bridge per unit time, at the rows of x.
// Forward: dX = b dt + sqrt(epsilon) dW for t from 0 to 1. Backward: the same equation in the
// reversed time s = 1 - t, with t still the time of the forward process: valid for 0 < t <= 1.
// A plan may refuse the time of the far end, where the drift onto a law without density is
// unbounded.
class Drift {
 public:
  virtual ~Drift() = default;
  Points at(double t, ConstPoints x, Direction direction) const;
  // The same as chains ask for it: by tables of the drift where a plan has some, so near to at()
  // that it takes some 100000 chains of the bridge to tell the two apart (docs/sampling.md).
  Points along_chains(double t, ConstPoints x, Direction direction) const;
  // The times, from 0 to 1, that a learned drift was trained for: the nodes of its chain. Empty for
  // a drift that is computed.
  virtual std::vector<double> trained_times() const { return {}; }
  // False in a direction where nothing was trained and the drift is that of the reference process:
  // forward after one iteration of dsb.
  virtual bool trained(Direction) const { return true; }
  // Whether what was learned is a discrete chain, by Euler's steps between trained_times(), and not
  // the drift of continuous time.
  virtual bool of_discrete_chain() const { return false; }

 protected:
  explicit Drift(Index dimension) : dimension_(dimension) {}

 private:
  virtual Points do_at(double t, ConstPoints x, Direction direction) const = 0;
  virtual Points do_along_chains(double t, ConstPoints x, Direction direction) const {
    return do_at(t, x, direction);
  }

  Index dimension_;
};

// The law of the other end given one, beyond its mean (the map) and its draws (sample).
class Conditionals {
 public:
  virtual ~Conditionals() = default;
  // The exact covariance of X_1 given X_0 = x (forward), or of X_0 given X_1 = x (backward): d x d,
  // in squared units of length. x: one row, 1 x d. Empty in a direction that the plan knows by its
  // draws alone. InvalidInput for another number of rows, or where the answer is beyond the
  // doubles. O(m d^2) for a plan onto a cloud of m points, O(K d^3) for one onto K Gaussians.
  std::optional<Matrix> covariance(ConstPoints x, Direction direction) const;
  // Row by row the log density of X_1 at y_i given X_0 = x_i (forward), or of X_0 at y_i given X_1
  // = x_i. x, y: n x d. Empty in a direction where that law has no density in closed form, as that
  // of a plan onto a cloud. No simulation: O(n K d^2) for K Gaussians.
  std::optional<Vector> log_density(ConstPoints x, ConstPoints y, Direction direction) const;

 protected:
  explicit Conditionals(Index dimension) : dimension_(dimension) {}

 private:
  virtual std::optional<Matrix> do_covariance(ConstPoints x, Direction direction) const = 0;
  virtual std::optional<Vector> do_log_density(ConstPoints, ConstPoints, Direction) const {
    return std::nullopt;
  }

  Index dimension_;
};

// How the density of a law that is known by its process alone is computed; a closed form takes none
// of it.
struct DensitySettings {
  // The trace of a Jacobian is exact in up to so many dimensions, at one derivative each, and in
  // more a mean over so many Rademacher vectors (Hutchinson 1990), which are a function of the
  // point. 1 to 4096.
  Index probes = 8;
  // Paths behind each row of the bound, in antithetic pairs that are a function of the point; 0 for
  // no bound. At most a million.
  Index chains = 32;
};

// In nats, one number for each row.
struct LogDensity {
  Vector value;  // -inf outside the support
  // A mean of lower bounds of the log density that the chain of the direction ends with; empty for
  // a closed form, and where none was asked for. The chain's own log density less its expectation
  // is the KL divergence of the other direction's paths from y against its own that end in y
  // (Huang, Lim, Courville 2021).
  Vector bound;
};

// The law that the plan's process makes of the law at the other end.
class Density {
 public:
  virtual ~Density() = default;
  // At the rows of y, n x d: of X_1 with X_0 from the source (forward), or of X_0 with X_1 from the
  // target (backward). InvalidInput where that law has no density that the plan knows, and for
  // settings out of range.
  LogDensity log_at(ConstPoints y, Direction direction, const DensitySettings& settings = {}) const;

 protected:
  explicit Density(Index dimension) : dimension_(dimension) {}
  // What an implementation throws where it knows none: "log density forward of a plan of NAME".
  static std::string place(Direction direction, std::string_view name);

 private:
  virtual LogDensity do_log_at(ConstPoints y, Direction direction,
                               const DensitySettings& settings) const = 0;

  Index dimension_;
};

}  // namespace otbridge
