// InputLattice: a function of one number or of two by its values on a lattice.
//
// Of inputs within +-side, one output for each. Inputs are deviations from a mean, most of them
// small: nodes are evenly spaced in w(u) = u / sqrt(1 + u^2 / 9), denser in the middle. Between
// them stands a polynomial in w of degree 7 along each coordinate, see kernels/lattice_table.hpp.
#pragma once

#include <array>
#include <functional>
#include <vector>

#include "kernels/kernel_set.hpp"
#include "neural/mlp.hpp"

namespace otbridge {

class InputLattice {
 public:
  static constexpr Index kMostInputs = 2;

  // nodes: along each of d <= kMostInputs coordinates, 8 at least. of: m x d to m x d, asked once
  // for all nodes.
  InputLattice(Index d, Index nodes, double side, const std::function<Points(ConstPoints)>& of);

  // The rows of a tile, each with room for two numbers.
  class Pairs {
   public:
    float& operator()(Index i, Index j) { return numbers_[to_size(2 * i + j)]; }
    float operator()(Index i, Index j) const { return numbers_[to_size(2 * i + j)]; }
    float* data() { return numbers_.data(); }
    const float* data() const { return numbers_.data(); }

   private:
    std::array<float, 2 * kTileRows> numbers_{};
  };
  // The result of a row does not depend on the rows around it. O(8^d rows).
  void interpolate(Index rows, const Pairs& inputs, Pairs& outputs) const;

 private:
  Index nodes_, lines_;
  float first_, spacing_;  // of w
  std::vector<float> values_;
  kernels::Interpolate interpolate_;
};

}  // namespace otbridge
