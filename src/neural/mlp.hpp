// Mlp: a multilayer perceptron with SiLU units, its forward pass and its gradient, by hand.
//
// A layer is Z = A W + 1 b^T, W: in x out, one row per input; every layer but the last is followed
// by SiLU(z) = z sigmoid(z). All parameters live in one flat vector (for each layer W row by row,
// then b), so optimisers and files see a plain array; the kernels read a packed copy of it.
// O(rows x parameters).
#pragma once

#include <vector>

#include "neural/arrays.hpp"
#include "otbridge/core/random.hpp"

namespace otbridge {

// How the products of a network are computed.
enum class ProductPrecision {
  single,
  // Of layers from hidden units to hidden units, forward and backward, from factors rounded to
  // bfloat16, where the kernels have that (MixedTable); parameters, sums, activations and the
  // layers at both ends in single precision.
  mixed
};

// Rows per evaluation: activations of 64 rows stay in a core's cache.
inline constexpr Index kTileRows = 64;

// A matrix inside a flat vector, row after row; or rows of one that follow each other.
struct MatrixPlace {
  Index offset, rows, columns;
};

template <class Scalar>
class Mlp {
 public:
  // Throws what select_kernel_set() throws.
  Mlp(Index inputs, std::vector<Index> hidden, Index outputs,
      const kernels::KernelSet& kernels = kernels::select_kernel_set());

  Index inputs() const { return widths_.front(); }
  Index outputs() const { return widths_.back(); }
  Index parameter_count() const { return offsets_.back(); }
  // Of the weights of each layer, in x out.
  std::vector<MatrixPlace> matrices() const;
  // The same in pieces for several threads: runs of rows that fill a panel of the kernels.
  std::vector<MatrixPlace> blocks() const;

  // Weights N(0, 2 / inputs of the layer) (He et al. 2015), biases zero; the last layer is zero, so
  // that a fresh network is the zero function.
  Flat<Scalar> initial_parameters(const RandomStream& stream) const;

  // The parameters as the kernels read them, layer by layer. Packing is O(parameters): once for all
  // the tiles that see the same parameters.
  struct Weights {
    std::vector<Panels<Scalar>> forward;   // W
    std::vector<Panels<Scalar>> backward;  // W^T; not of the first layer
    std::vector<Panels<Scalar>> bias;      // 1 x out
    // W and W^T by pairs of rows, of the layers that are in mixed precision; no rows of others.
    std::vector<Panels<Scalar>> forward_pairs, backward_pairs;
    bool paired(std::size_t layer) const { return forward_pairs[layer].rows() > 0; }
  };
  Weights weights(ProductPrecision precision = ProductPrecision::single) const;  // zero
  void pack(const Flat<Scalar>& parameters, Weights& weights) const;
  // One of matrices() or blocks(), and the bias if it stands behind. Of several, side by side.
  void pack(const MatrixPlace& place, const Flat<Scalar>& parameters, Weights& weights) const;
  std::size_t layers() const { return widths_.size() - 1; }

  // The first layer for rows whose last inputs are the same: W of the first `left` inputs, and b
  // with what the others add of their values, once for all rows; O(values x outputs of the layer).
  Panels<Scalar> first_weights(const Flat<Scalar>& parameters, Index left) const;
  Panels<Scalar> first_bias(const Flat<Scalar>& parameters, const Flat<Scalar>& values) const;
  struct FirstLayer {
    const Panels<Scalar>&forward, &bias;
  };

  // What the forward pass of one tile leaves behind for the backward pass. All matrices have its
  // rows, rounded up to whole blocks of the kernels; of those beyond nothing reaches a result.
  struct Tape {
    Index rows;  // that count
    // [0] is the input, to be filled by the caller; then those of all layers. Without slopes hidden
    // layers of one width take turns in two, so that less of a core's cache is taken.
    std::vector<Panels<Scalar>> activation;
    // By the pre-activations of each layer. The forward pass leaves the slopes SiLU' of hidden
    // units here, to be multiplied in place; the caller fills the last. Empty: no backward pass.
    std::vector<Panels<Scalar>> gradient;
    // Room for the pairs of one factor of a product, or of both: weights in mixed precision need
    // it.
    std::vector<Panels<Scalar>> pairs;
    Panels<Scalar>& input() { return activation.front(); }
    const Panels<Scalar>& output() const { return activation.back(); }
    Panels<Scalar>& output_gradient() { return gradient.back(); }
  };
  Tape tape(Index rows = kTileRows, ProductPrecision precision = ProductPrecision::single) const {
    return sloped_tape(rows, inputs(), precision);
  }
  // For the forward pass alone, of rows with this many inputs.
  Tape forward_tape(Index rows, Index inputs,
                    ProductPrecision precision = ProductPrecision::single) const;
  // For such rows too, with room for the slopes that derivative() reads.
  Tape sloped_tape(Index rows, Index inputs,
                   ProductPrecision precision = ProductPrecision::single) const;

  // activation[0] -> output(). The result of a row does not depend on the rows around it.
  void forward(const Weights& weights, Tape& tape) const { forward(weights, nullptr, tape); }
  // The same for rows without the inputs that the first layer holds.
  void forward(const Weights& weights, const FirstLayer& first, Tape& tape) const {
    forward(weights, &first, tape);
  }
  // output_gradient() -> the gradient by the parameters, summed over rows; overwrites `gradient`,
  // of parameter_count() entries, or `adds` to it. Once after each forward pass.
  void backward(const Weights& weights, Tape& tape, Flat<Scalar>& gradient,
                bool adds = false) const;

  // A direction for each row of a tape, and what becomes of it layer by layer: a matrix for each of
  // the tape's activations, the derivative of that one along the direction.
  struct Tangents {
    std::vector<Panels<Scalar>> layer;
    Panels<Scalar>& input() { return layer.front(); }  // to be filled by the caller
    const Panels<Scalar>& output() const { return layer.back(); }
  };
  Tangents tangents(const Tape& tape) const { return {tape.activation}; }
  // input() -> output() of the tangents: J v in each row, by the chain rule forward. After a
  // forward pass with the same first layer over a tape with slopes, which are left as they are. The
  // cost of a forward pass.
  void derivative(const Weights& weights, const FirstLayer& first, const Tape& tape,
                  Tangents& tangents) const;

  const kernels::NetworkTable<Scalar>& kernels() const { return *kernels_; }

 private:
  void forward(const Weights& weights, const FirstLayer* first, Tape& tape) const;
  // Room for the pairs of so many matrices as large as the largest of the tape's hidden layers.
  void make_room(std::size_t factors, Tape& tape) const;
  // The same product in mixed precision, its right factor given by pairs; and the same gradient by
  // the weights. The tape's pairs hold what is rounded here.
  kernels::Product<Scalar> paired(kernels::Product<Scalar> product, const Panels<Scalar>& right,
                                  Tape& tape) const;
  kernels::WeightGradient<Scalar> paired(kernels::WeightGradient<Scalar> layer, Tape& tape) const;
  Index bias_offset(std::size_t layer) const {
    return offsets_[layer] + widths_[layer] * widths_[layer + 1];
  }

  std::vector<Index> widths_;   // inputs, hidden ..., outputs
  std::vector<Index> offsets_;  // of each layer in the flat vector, and the total
  const kernels::NetworkTable<Scalar>* kernels_;
};

extern template class Mlp<float>;
extern template class Mlp<double>;

}  // namespace otbridge
