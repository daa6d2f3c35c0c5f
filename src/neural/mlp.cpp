#include "neural/mlp.hpp"

#include <cmath>

namespace otbridge {

template <class Scalar>
Mlp<Scalar>::Mlp(Index inputs, std::vector<Index> hidden, Index outputs) : offsets_{0} {
  widths_.push_back(inputs);
  widths_.insert(widths_.end(), hidden.begin(), hidden.end());
  widths_.push_back(outputs);
  for (std::size_t l = 0; l < layers(); ++l) {
    offsets_.push_back(bias_offset(l) + widths_[l + 1]);
  }
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
typename Mlp<Scalar>::Tape Mlp<Scalar>::tape(Index rows) const {
  Tape tape;
  tape.activation.push_back(Rows<Scalar>::Zero(rows, inputs()));
  for (std::size_t l = 0; l < layers(); ++l) {
    tape.activation.push_back(Rows<Scalar>::Zero(rows, widths_[l + 1]));
    tape.gradient.push_back(Rows<Scalar>::Zero(rows, widths_[l + 1]));
    if (l + 1 < layers()) tape.sigmoid.push_back(Rows<Scalar>::Zero(rows, widths_[l + 1]));
  }
  return tape;
}

template <class Scalar>
void Mlp<Scalar>::forward(const Flat<Scalar>& parameters, Tape& tape) const {
  for (std::size_t l = 0; l < layers(); ++l) {
    auto& z = tape.activation[l + 1];
    z.noalias() = tape.activation[l] * weights(parameters, l);
    z.rowwise() += ConstBias(parameters.data() + bias_offset(l), widths_[l + 1]);
    if (l + 1 == layers()) break;  // the last layer is linear
    // The sigmoid is kept beside SiLU(z) = z sigmoid(z): the gradient is made of these two alone.
    auto& sigmoid = tape.sigmoid[l];
    sigmoid = (Scalar(1) + (-z.array()).exp()).inverse();
    z.array() *= sigmoid.array();
  }
}

template <class Scalar>
void Mlp<Scalar>::backward(const Flat<Scalar>& parameters, Tape& tape,
                           Flat<Scalar>& gradient) const {
  // Z = A W + 1 b^T: dL/dW = A^T dL/dZ, dL/db = 1^T dL/dZ, dL/dA = dL/dZ W^T.
  for (std::size_t l = layers(); l-- > 0;) {
    const auto& by_z = tape.gradient[l];
    Eigen::Map<Rows<Scalar>>(gradient.data() + offsets_[l], widths_[l], widths_[l + 1]).noalias() =
        tape.activation[l].transpose() * by_z;
    Eigen::Map<Eigen::Matrix<Scalar, 1, Eigen::Dynamic>>(gradient.data() + bias_offset(l),
                                                         widths_[l + 1]) = by_z.colwise().sum();
    if (l == 0) break;  // nobody asks for the gradient by the inputs
    auto& below = tape.gradient[l - 1];
    below.noalias() = by_z * weights(parameters, l).transpose();
    // SiLU'(z) = s + z s (1 - s), with a = z s at hand: s + a (1 - s).
    const auto s = tape.sigmoid[l - 1].array();
    below.array() *= s + tape.activation[l].array() * (Scalar(1) - s);
  }
}

template class Mlp<float>;
template class Mlp<double>;

}  // namespace otbridge
