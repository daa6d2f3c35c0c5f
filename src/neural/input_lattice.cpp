#include "neural/input_lattice.hpp"

#include <cmath>

namespace otbridge {

InputLattice::InputLattice(Index d, Index nodes, double side,
                           const std::function<Points(ConstPoints)>& of)
    : nodes_(nodes),
      lines_(d == 1 ? 1 : nodes),
      first_(static_cast<float>(-side / std::sqrt(1.0 + side * side / 9.0))),
      spacing_(-2.0F * first_ / static_cast<float>(nodes - 1)),
      interpolate_(kernels::select_kernel_set().interpolate) {
  const auto input_at = [&](Index k) {
    const double w =
        static_cast<double>(first_) + static_cast<double>(spacing_) * static_cast<double>(k);
    return w / std::sqrt(1.0 - w * w / 9.0);
  };
  Points inputs(nodes_ * lines_, d);
  for (Index i = 0; i < inputs.rows(); ++i) {
    inputs(i, 0) = input_at(i % nodes_);
    if (d > 1) inputs(i, 1) = input_at(i / nodes_);
  }
  const Points outputs = of(inputs);
  values_.resize(to_size(2 * inputs.rows()));
  for (Index i = 0; i < inputs.rows(); ++i) {
    for (Index j = 0; j < d; ++j) values_[to_size(2 * i + j)] = static_cast<float>(outputs(i, j));
  }
}

void InputLattice::interpolate(Index rows, const Pairs& inputs, Pairs& outputs) const {
  interpolate_({values_.data(), to_size(nodes_), to_size(lines_), first_, spacing_}, to_size(rows),
               inputs.data(), outputs.data());
}

}  // namespace otbridge
