// BridgePairs: bridge matching, what the bridges between the ends of a coupling say about a drift.
//
// Shi, De Bortoli, Campbell, Doucet 2023 (Algorithm 1); Peluchetti 2023. X_t is drawn on the
// reference bridge between ends (x_0, x_1), and the drift at X_t is that of the bridge to the far
// end; its conditional mean given X_t is the drift of the Markov process with the same marginals.
//
// The far end is replaced by its mean over which of several pairs X_t came from, given all of them:
// the conditional mean of the target stays the same, most of its variance goes (Rao and Blackwell).
// Which pair it was is a posterior over the bridges of all pairs; where the coupling is a
// Schroedinger bridge of known potentials, the near ends need not be given, and the posterior
//   w_j proportional to exp(g_j / s^2) N(x_1j; a_{1-t} X_t, v_{1-t})   (forward; mirrored backward)
// is as wide as the process from X_t to its end: near it few of a block are met, and all draws are
// asked. Where that mean is known in closed form there is nothing to average over, and no variance
// is left.
#pragma once

#include <functional>
#include <optional>

#include "neural/training.hpp"

namespace otbridge {

// Row i of both is one draw of a coupling.
struct Endpoints {
  Points source, target;  // n x d
  // The potential over s^2 at the far ends, where the coupling is a Schroedinger bridge and the far
  // ends are draws of their own law; else empty.
  Vector far_levels = {};
  // The mean of the far end given X_t = x, n x d, at the times at which the coupling knows more of
  // it than a block of these draws; row i is a function of row i of x.
  std::function<std::optional<Points>(double t, ConstPoints x)> far_mean = {};
};

class EndpointSource {
 public:
  virtual ~EndpointSource() = default;
  // A pure function of its arguments; bytes do not depend on the number of threads or ranks.
  virtual Endpoints draw(Index n, const RandomStream& stream) const = 0;
};

class BridgePairs final : public PairSource {
 public:
  // For the drift of a direction; pairs are averaged in blocks of `candidates`, 1: not at all.
  // Keeps references to both arguments.
  BridgePairs(const DriftDesign& design, Direction direction, const EndpointSource& ends,
              Index candidates)
      : design_(design), direction_(direction), ends_(ends), candidates_(candidates) {}

  Index path_steps() const override { return design_.grid.steps(); }
  // O(paths N (candidates / thinning) d) beside the drawing of the ends.
  void fill(const ThinnedPaths& use, const RandomStream& stream, PairCache& cache) const override;

 private:
  // The far ends expected at the states x at time t, which come from paths of the block.
  Points far_ends(double t, ConstPoints x, const std::vector<Index>& paths,
                  const Endpoints& block) const;

  const DriftDesign& design_;
  Direction direction_;
  const EndpointSource& ends_;
  Index candidates_;
};

}  // namespace otbridge
