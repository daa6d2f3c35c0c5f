// Mlp: a multilayer perceptron with SiLU units, its forward pass and its gradient, by hand.
//
// Batches are row-major, one row per input. A layer is Z = A W + 1 b^T, W: in x out; every layer
// but the last is followed by SiLU(z) = z sigmoid(z). All parameters live in one flat vector (for
// each layer W row by row, then b), so optimisers and files see a plain array. O(rows x
// parameters).
#pragma once

#include <vector>

#include "neural/arrays.hpp"
#include "otbridge/core/random.hpp"

namespace otbridge {

// Rows per evaluation. Batches are cut into tiles of exactly this many rows (the last one padded),
// so every product has the same shape and a row's result cannot depend on the rows around it.
inline constexpr Index kTileRows = 64;

template <class Scalar>
class Mlp {
 public:
  Mlp(Index inputs, std::vector<Index> hidden, Index outputs);

  Index inputs() const { return widths_.front(); }
  Index outputs() const { return widths_.back(); }
  Index parameter_count() const { return offsets_.back(); }

  // Weights N(0, 2 / inputs of the layer) (He et al. 2015), biases zero; the last layer is zero, so
  // that a fresh network is the zero function.
  Flat<Scalar> initial_parameters(const RandomStream& stream) const;

  // What the forward pass of one tile leaves behind for the backward pass.
  struct Tape {
    std::vector<Rows<Scalar>> activation;  // [0] is the input, to be filled by the caller
    std::vector<Rows<Scalar>> sigmoid;     // of the pre-activations, hidden layers only
    std::vector<Rows<Scalar>> gradient;    // of the pre-activations; the caller fills the last
    Rows<Scalar>& input() { return activation.front(); }
    const Rows<Scalar>& output() const { return activation.back(); }
    Rows<Scalar>& output_gradient() { return gradient.back(); }
  };
  Tape tape(Index rows = kTileRows) const;

  // activation[0] -> output().
  void forward(const Flat<Scalar>& parameters, Tape& tape) const;
  // output_gradient() -> the gradient by the parameters, summed over rows; overwrites `gradient`.
  void backward(const Flat<Scalar>& parameters, Tape& tape, Flat<Scalar>& gradient) const;

 private:
  using ConstWeights = Eigen::Map<const Rows<Scalar>>;
  using ConstBias = Eigen::Map<const Eigen::Matrix<Scalar, 1, Eigen::Dynamic>>;

  std::size_t layers() const { return widths_.size() - 1; }
  Index bias_offset(std::size_t layer) const {
    return offsets_[layer] + widths_[layer] * widths_[layer + 1];
  }
  ConstWeights weights(const Flat<Scalar>& parameters, std::size_t layer) const {
    return {parameters.data() + offsets_[layer], widths_[layer], widths_[layer + 1]};
  }

  std::vector<Index> widths_;   // inputs, hidden ..., outputs
  std::vector<Index> offsets_;  // of each layer in the flat vector, and the total
};

extern template class Mlp<float>;
extern template class Mlp<double>;

}  // namespace otbridge
