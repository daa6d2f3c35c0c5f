#include "neural/mlp.hpp"

#include <algorithm>
#include <cmath>
#include <span>

namespace otbridge {
namespace {

template <class Scalar>
kernels::Product<Scalar> product_of(const Panels<Scalar>& left, const Panels<Scalar>& right) {
  return {left.data(), right.data(), to_size(left.rows()), to_size(left.columns()),
          to_size(right.columns())};
}

template <class Count>
Count pairs_of(Count count) {
  return (count + 1) / 2;
}

}  // namespace

template <class Scalar>
Mlp<Scalar>::Mlp(Index inputs, std::vector<Index> hidden, Index outputs,
                 const kernels::KernelSet& kernels)
    : offsets_{0}, kernels_(&kernels::network_table<Scalar>(kernels)) {
  widths_.push_back(inputs);
  widths_.insert(widths_.end(), hidden.begin(), hidden.end());
  widths_.push_back(outputs);
  for (std::size_t l = 0; l < layers(); ++l) {
    offsets_.push_back(bias_offset(l) + widths_[l + 1]);
  }
}

template <class Scalar>
std::vector<MatrixPlace> Mlp<Scalar>::matrices() const {
  std::vector<MatrixPlace> places;
  for (std::size_t l = 0; l < layers(); ++l) {
    places.push_back({offsets_[l], widths_[l], widths_[l + 1]});
  }
  return places;
}

template <class Scalar>
std::vector<MatrixPlace> Mlp<Scalar>::blocks() const {
  const auto panel = static_cast<Index>(kernels_->panel);
  std::vector<MatrixPlace> blocks;
  for (const auto& [offset, rows, columns] : matrices()) {
    for (Index row = 0; row < rows; row += panel) {
      blocks.push_back({offset + row * columns, std::min(panel, rows - row), columns});
    }
  }
  return blocks;
}

template <class Scalar>
Flat<Scalar> Mlp<Scalar>::initial_parameters(const RandomStream& stream) const {
  Flat<Scalar> parameters = Flat<Scalar>::Zero(parameter_count());
  // Without the last layer, which stays zero. The draw of a parameter is that of its place in the
  // flat vector, so it does not depend on later layers.
  for (std::size_t l = 0; l + 1 < layers(); ++l) {
    const double deviation = std::sqrt(2.0 / static_cast<double>(widths_[l]));
    for (Index i = offsets_[l]; i < bias_offset(l); ++i) {
      parameters[i] = static_cast<Scalar>(deviation * stream.normal(i, 0, 0));
    }
  }
  return parameters;
}

template <class Scalar>
typename Mlp<Scalar>::Weights Mlp<Scalar>::weights(ProductPrecision precision) const {
  Weights weights;
  for (std::size_t l = 0; l < layers(); ++l) {
    weights.forward.emplace_back(kernels_->panel, widths_[l], widths_[l + 1]);
    weights.backward.emplace_back(kernels_->panel, l > 0 ? widths_[l + 1] : 0, widths_[l]);
    weights.bias.emplace_back(kernels_->panel, 1, widths_[l + 1]);
    const bool hidden = l > 0 && l + 1 < layers();  // from hidden units to hidden units
    const bool paired =
        hidden && precision == ProductPrecision::mixed && kernels_->mixed != nullptr;
    weights.forward_pairs.emplace_back(kernels_->panel, paired ? pairs_of(widths_[l]) : 0,
                                       widths_[l + 1]);
    weights.backward_pairs.emplace_back(kernels_->panel, paired ? pairs_of(widths_[l + 1]) : 0,
                                        widths_[l]);
  }
  return weights;
}

template <class Scalar>
void Mlp<Scalar>::pack(const MatrixPlace& place, const Flat<Scalar>& parameters,
                       Weights& weights) const {
  const auto l = static_cast<std::size_t>(std::ranges::upper_bound(offsets_, place.offset) -
                                          offsets_.begin() - 1);
  const Index in = widths_[l], first = (place.offset - offsets_[l]) / place.columns;
  const kernels::Size rows = to_size(place.rows), out = to_size(place.columns);
  const Scalar* const w = parameters.data() + place.offset;
  // Of W these rows are a part of every panel; of W^T they are columns, and whole panels.
  for (kernels::Size j = 0; j < out; j += kernels_->panel) {
    kernels_->pack(w + j, rows, std::min(kernels_->panel, out - j), out, 1,
                   &weights.forward[l](first, static_cast<Index>(j)));
  }
  if (l > 0) kernels_->pack(w, out, rows, 1, out, &weights.backward[l](0, first));
  if (weights.paired(l)) {
    // A block begins at a multiple of a panel, so at an even row.
    for (kernels::Size j = 0; j < out; j += kernels_->panel) {
      const auto column = static_cast<Index>(j);
      kernels_->mixed->pair_rows(&weights.forward[l](first, column), rows, rows, 1,
                                 &weights.forward_pairs[l](first / 2, column));
    }
    kernels_->mixed->pair_rows(&weights.backward[l](0, first), out, out, rows,
                               &weights.backward_pairs[l](0, first));
  }
  if (first + place.rows == in) {
    kernels_->pack(parameters.data() + bias_offset(l), 1, out, out, 1, weights.bias[l].data());
  }
}

template <class Scalar>
void Mlp<Scalar>::pack(const Flat<Scalar>& parameters, Weights& weights) const {
  for (const MatrixPlace& matrix : matrices()) pack(matrix, parameters, weights);
}

template <class Scalar>
Panels<Scalar> Mlp<Scalar>::first_weights(const Flat<Scalar>& parameters, Index left) const {
  const Index out = widths_[1];
  Panels<Scalar> weights(kernels_->panel, left, out);
  kernels_->pack(parameters.data(), to_size(left), to_size(out), to_size(out), 1, weights.data());
  return weights;
}

template <class Scalar>
Panels<Scalar> Mlp<Scalar>::first_bias(const Flat<Scalar>& parameters,
                                       const Flat<Scalar>& values) const {
  const Index held = values.size(), out = widths_[1];
  Panels<Scalar> bias(kernels_->panel, 1, out);
  const Eigen::Map<const Rows<Scalar>> all(parameters.data(), inputs() + 1, out);  // W, then b
  bias.set_top_rows(
      Rows<Scalar>(all.bottomRows(1) + values.transpose() * all.middleRows(inputs() - held, held)));
  return bias;
}

template <class Scalar>
typename Mlp<Scalar>::Tape Mlp<Scalar>::forward_tape(Index rows, Index inputs,
                                                     ProductPrecision precision) const {
  const Index padded = whole_blocks(rows, kernels_->block);
  Tape tape{rows, {}, {}, {}};
  tape.activation.emplace_back(kernels_->panel, padded, inputs);
  // Only of one width: the padding of a narrower layer would be the numbers of a wider one.
  const std::span hidden(widths_.begin() + 1, widths_.end() - 1);
  const bool in_turn = std::ranges::all_of(hidden, [&](Index w) { return w == hidden.front(); });
  for (const Index width :
       hidden.first(in_turn ? std::min<std::size_t>(2, hidden.size()) : hidden.size())) {
    tape.activation.emplace_back(kernels_->panel, padded, width);
  }
  tape.activation.emplace_back(kernels_->panel, padded, outputs());
  if (precision == ProductPrecision::mixed) make_room(1, tape);
  return tape;
}

template <class Scalar>
typename Mlp<Scalar>::Tape Mlp<Scalar>::sloped_tape(Index rows, Index inputs,
                                                    ProductPrecision precision) const {
  const Index padded = whole_blocks(rows, kernels_->block);
  Tape tape{rows, {}, {}, {}};
  tape.activation.emplace_back(kernels_->panel, padded, inputs);
  for (std::size_t l = 0; l < layers(); ++l) {
    tape.activation.emplace_back(kernels_->panel, padded, widths_[l + 1]);
    tape.gradient.emplace_back(kernels_->panel, padded, widths_[l + 1]);
  }
  if (precision == ProductPrecision::mixed) make_room(2, tape);
  return tape;
}

template <class Scalar>
void Mlp<Scalar>::make_room(std::size_t factors, Tape& tape) const {
  if (kernels_->mixed == nullptr) return;
  // Pairs of columns of all rows; pairs of rows are half as many, of all columns.
  const Index widest = *std::max_element(widths_.begin() + 1, widths_.end() - 1);
  tape.pairs.assign(factors, {kernels_->panel, tape.activation.front().rows(), pairs_of(widest)});
}

template <class Scalar>
kernels::Product<Scalar> Mlp<Scalar>::paired(kernels::Product<Scalar> product,
                                             const Panels<Scalar>& right, Tape& tape) const {
  Scalar* const pairs = tape.pairs[0].data();
  kernels_->mixed->pair_columns(product.left, product.rows, product.inner, pairs);
  product.left = pairs;
  product.right = right.data();
  product.inner = to_size(right.rows());
  return product;
}

template <class Scalar>
kernels::WeightGradient<Scalar> Mlp<Scalar>::paired(kernels::WeightGradient<Scalar> layer,
                                                    Tape& tape) const {
  Scalar *const activations = tape.pairs[0].data(), *const gradients = tape.pairs[1].data();
  kernels_->mixed->pair_rows(layer.activations, layer.rows, layer.used, layer.inputs, activations);
  kernels_->mixed->pair_rows(layer.gradients, layer.rows, layer.used, layer.outputs, gradients);
  layer.activations = activations;
  layer.gradients = gradients;
  layer.rows = pairs_of(layer.rows);
  layer.used = pairs_of(layer.used);
  return layer;
}

template <class Scalar>
void Mlp<Scalar>::forward(const Weights& weights, const FirstLayer* first, Tape& tape) const {
  // The place of activation l. Where there are not as many the two between the ends take turns.
  const bool in_turn = tape.activation.size() <= layers();
  const auto place = [&](std::size_t l) {
    if (l == layers()) return tape.activation.size() - 1;
    return in_turn && l > 0 ? 1 + (l - 1) % 2 : l;
  };
  for (std::size_t l = 0; l < layers(); ++l) {
    const bool replaced = l == 0 && first != nullptr;
    const auto product =
        product_of(tape.activation[place(l)], replaced ? first->forward : weights.forward[l]);
    const Scalar* const bias = (replaced ? first->bias : weights.bias[l]).data();
    Scalar* const out = tape.activation[place(l + 1)].data();
    if (l + 1 == layers() && l > 0 && product.columns <= kernels_->few) {
      kernels_->few_columns_affine(
          {product.left, weights.backward[l].data(), product.rows, product.inner, product.columns},
          bias, out);
    } else if (l + 1 == layers()) {
      kernels_->affine(product, bias, out);  // the last layer is linear
    } else {
      Scalar* const slopes = tape.gradient.empty() ? nullptr : tape.gradient[l].data();
      if (weights.paired(l)) {
        kernels_->mixed->silu(paired(product, weights.forward_pairs[l], tape), bias, out, slopes);
      } else {
        kernels_->silu(product, bias, out, slopes);
      }
    }
  }
}

template <class Scalar>
void Mlp<Scalar>::backward(const Weights& weights, Tape& tape, Flat<Scalar>& gradient,
                           bool adds) const {
  // Z = A W + 1 b^T: dL/dW = A^T dL/dZ, dL/db = 1^T dL/dZ, dL/dA = dL/dZ W^T.
  for (std::size_t l = layers(); l-- > 0;) {
    const auto& by_z = tape.gradient[l];
    const kernels::WeightGradient<Scalar> layer{tape.activation[l].data(),
                                                by_z.data(),
                                                to_size(by_z.rows()),
                                                to_size(tape.rows),
                                                to_size(widths_[l]),
                                                to_size(widths_[l + 1]),
                                                adds};
    Scalar *const by_weights = gradient.data() + offsets_[l], *const by_bias =
                                                                  gradient.data() + bias_offset(l);
    const bool in_pairs = weights.paired(l);
    if (in_pairs) {
      kernels_->mixed->weight_gradient(paired(layer, tape), by_weights, by_bias);
    } else {
      kernels_->weight_gradient(layer, by_weights, by_bias);
    }
    if (l == 0) break;  // nobody asks for the gradient by the inputs
    const auto product = product_of(by_z, weights.backward[l]);
    Scalar* const slopes = tape.gradient[l - 1].data();
    if (in_pairs) {
      kernels_->mixed->chain(paired(product, weights.backward_pairs[l], tape), slopes);
    } else {
      kernels_->chain(product, slopes);
    }
  }
}

template <class Scalar>
void Mlp<Scalar>::derivative(const Weights& weights, const FirstLayer& first, const Tape& tape,
                             Tangents& tangents) const {
  // Z = A W + 1 b^T: dZ = dA W, dSiLU(Z) = SiLU'(Z) dZ. The kernel multiplies its product into what
  // it finds: the slopes of hidden units, ones of the last layer, which is linear.
  for (std::size_t l = 0; l < layers(); ++l) {
    auto& out = tangents.layer[l + 1];
    if (l + 1 < layers()) {
      out = tape.gradient[l];
    } else {
      out.fill(Scalar(1));
    }
    kernels_->chain(product_of(tangents.layer[l], l == 0 ? first.forward : weights.forward[l]),
                    out.data());
  }
}

template class Mlp<float>;
template class Mlp<double>;

}  // namespace otbridge
