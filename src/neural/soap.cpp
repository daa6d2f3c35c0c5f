#include "neural/soap.hpp"

#include <algorithm>

#include "core/decompositions.hpp"
#include "otbridge/core/parallel.hpp"

namespace otbridge {
namespace {

// Squares of gradients change slowly: not every one has to be seen.
constexpr Index kObserved = 5;
constexpr double kSquaresKept = 0.95;  // each time: a memory of 100 steps
// Of Adam in the bases, whose coordinates change: shorter than its 1000 steps.
constexpr double kSoapBeta2 = 0.99;

}  // namespace

template <class Scalar>
Soap<Scalar>::Side::Side(Index length, const kernels::NetworkTable<Scalar>& kernels)
    : packed(kernels.panel, 0, 0), transpose(kernels.panel, 0, 0) {
  if (length < 2 || length > kLongestSide) return;
  square = Rows<Scalar>::Zero(length, length);
  packed = transpose = Panels<Scalar>(kernels.panel, length, length);
  set_basis(Rows<Scalar>::Identity(length, length), kernels);
}

template <class Scalar>
void Soap<Scalar>::Side::set_basis(const Rows<Scalar>& vectors,
                                   const kernels::NetworkTable<Scalar>& kernels) {
  basis = vectors;
  const kernels::Size n = to_size(basis.rows());
  kernels.pack(basis.data(), n, n, n, 1, packed.data());
  kernels.pack(basis.data(), n, n, 1, n, transpose.data());
}

template <class Scalar>
Soap<Scalar>::Layer::Layer(const MatrixPlace& at, bool in_bases,
                           const kernels::NetworkTable<Scalar>& kernels)
    : place(at),
      rows(in_bases ? at.rows : 0, kernels),
      columns(in_bases ? at.columns : 0, kernels),
      upright(kernels.panel, in_bases ? at.rows : 0, at.columns),
      turned(kernels.panel, in_bases ? at.columns : 0, at.rows) {
  const Index longest = std::max(rows.basis.rows(), columns.basis.rows());
  product.resize(longest, longest);
  column_sums.resize(std::max(longest, at.columns));
}

template <class Scalar>
Soap<Scalar>::Soap(Index parameters, const std::vector<MatrixPlace>& matrices, bool in_bases,
                   const kernels::KernelSet& kernels)
    : kernels_(&kernels::network_table<Scalar>(kernels)),
      in_bases_(in_bases),
      adam_(parameters, kernels, in_bases ? kSoapBeta2 : Adam<Scalar>::kBeta2),
      gradient_(parameters),
      move_(parameters) {
  for (const MatrixPlace& place : matrices) {
    layers_.emplace_back(place, in_bases, *kernels_);
    layers_.back().end = parameters;
    if (parts() < 2) continue;  // the first part begins at 0
    auto& before = layers_[layers_.size() - 2];
    layers_.back().begin = before.end = place.offset;
  }
}

template <class Scalar>
void Soap<Scalar>::multiply(Layer& layer, Panels<Scalar> Side::*part, Scalar* matrix) const {
  const kernels::Size rows = to_size(layer.place.rows), columns = to_size(layer.place.columns);
  // Both products by the kernel of a layer's gradient, which is A^T G of packed A and G.
  if (!layer.rows.empty()) {
    kernels_->pack(matrix, rows, columns, columns, 1, layer.upright.data());
    kernels_->weight_gradient(
        {(layer.rows.*part).data(), layer.upright.data(), rows, rows, rows, columns}, matrix,
        layer.column_sums.data());
  }
  if (!layer.columns.empty()) {
    kernels_->pack(matrix, columns, rows, 1, columns, layer.turned.data());
    kernels_->weight_gradient(
        {layer.turned.data(), (layer.columns.*part).data(), columns, columns, rows, columns},
        matrix, layer.column_sums.data());
  }
}

template <class Scalar>
void Soap<Scalar>::observe(Layer& layer, const Scalar* gradient) const {
  const kernels::Size rows = to_size(layer.place.rows), columns = to_size(layer.place.columns);
  const auto add = [&](Side& side, const Panels<Scalar>& a, kernels::Size inner) {
    const Index n = side.square.rows();
    kernels_->weight_gradient({a.data(), a.data(), inner, inner, to_size(n), to_size(n)},
                              layer.product.data(), layer.column_sums.data());
    side.square += static_cast<Scalar>(1.0 - kSquaresKept) *
                   (Eigen::Map<const Rows<Scalar>>(layer.product.data(), n, n) - side.square);
  };
  if (!layer.rows.empty()) {  // G G^T
    kernels_->pack(gradient, columns, rows, 1, columns, layer.turned.data());
    add(layer.rows, layer.turned, columns);
  }
  if (!layer.columns.empty()) {  // G^T G
    kernels_->pack(gradient, rows, columns, columns, 1, layer.upright.data());
    add(layer.columns, layer.upright, rows);
  }
}

template <class Scalar>
void Soap<Scalar>::renew(Layer& layer) {
  const auto between = [&](Side& side, Index length) -> Rows<Scalar> {  // old and new vectors
    const auto vectors = side.empty() ? std::nullopt : symmetric_eigenvectors<Scalar>(side.square);
    if (!vectors) return Rows<Scalar>::Identity(length, length);
    const Rows<Scalar> overlap = side.basis.transpose() * *vectors;
    side.set_basis(*vectors, *kernels_);
    return overlap;
  };
  const MatrixPlace& place = layer.place;
  const Rows<Scalar> left = between(layer.rows, place.rows),
                     right = between(layer.columns, place.columns);
  // The mean of gradients turns with the bases; that of their squares as if entries of old bases
  // were independent.
  Eigen::Map<Rows<Scalar>> first(adam_.first_moment().data() + place.offset, place.rows,
                                 place.columns),
      second(adam_.second_moment().data() + place.offset, place.rows, place.columns);
  first = (left.transpose() * first * right).eval();
  second = (left.cwiseAbs2().transpose() * second * right.cwiseAbs2()).eval();
}

template <class Scalar>
typename Soap<Scalar>::Step Soap<Scalar>::next_step(double learning_rate, double scale,
                                                    WeightAverage<Scalar>* average) {
  const Index done = steps_++;
  Step step{adam_.next_step(learning_rate, average), in_bases_ && done % kObserved == 0,
            in_bases_ && done > 0 && done % kRenewal == 0};
  step.adam.scale = static_cast<Scalar>(scale);
  return step;
}

template <class Scalar>
void Soap<Scalar>::step_part(const Step& step, Index part, const Flat<Scalar>& gradient,
                             Flat<Scalar>& parameters, WeightAverage<Scalar>* average) {
  Layer& layer = layers_[to_size(part)];
  const Index begin = layer.begin, count = layer.end - begin;
  if (!in_bases_) {
    adam_.step_range(step.adam, begin, layer.end, gradient, parameters, average);
    return;
  }
  gradient_.segment(begin, count) = step.adam.scale * gradient.segment(begin, count);
  Scalar* const g = gradient_.data() + layer.place.offset;
  if (step.observes) observe(layer, g);
  if (step.renews) renew(layer);
  multiply(layer, &Side::packed, g);
  move_.segment(begin, count).setZero();
  auto scaled = step.adam;
  scaled.scale = 1;
  adam_.step_range(scaled, begin, layer.end, gradient_, move_, nullptr);
  multiply(layer, &Side::transpose, move_.data() + layer.place.offset);
  auto moved = parameters.segment(begin, count);
  moved += move_.segment(begin, count);
  if (average != nullptr) {
    auto kept = average->value().segment(begin, count);
    kept += step.adam.forgotten * (moved - kept);
  }
}

template <class Scalar>
void Soap<Scalar>::step(Flat<Scalar>& parameters, const Flat<Scalar>& gradient,
                        double learning_rate, WeightAverage<Scalar>* average) {
  const Step step = next_step(learning_rate, 1.0, average);
  parallel_for(parts(), 1, [&](Index part, Index, Index) {
    step_part(step, part, gradient, parameters, average);
  });
}

template <class Scalar>
Index Soap<Scalar>::state_entries() const {
  Index entries = 0;
  for (const Layer& layer : layers_) {
    entries += 2 * (layer.rows.basis.size() + layer.columns.basis.size());
  }
  return entries;
}

template <class Scalar>
typename Soap<Scalar>::State Soap<Scalar>::state() const {
  State state{adam_.first_moment(), adam_.second_moment(), Flat<Scalar>(state_entries())};
  Scalar* to = state.bases.data();
  for (const Layer& layer : layers_) {
    for (const Side* side : {&layer.rows, &layer.columns}) {
      to = std::copy_n(side->square.data(), side->square.size(), to);
      to = std::copy_n(side->basis.data(), side->basis.size(), to);
    }
  }
  return state;
}

template <class Scalar>
void Soap<Scalar>::resume(const State& state, Index steps) {
  adam_.resume(state.first, state.second, steps);
  steps_ = steps;
  const Scalar* from = state.bases.data();
  for (Layer& layer : layers_) {
    for (Side* side : {&layer.rows, &layer.columns}) {
      const auto next = [&] {
        const Rows<Scalar> read =
            Eigen::Map<const Rows<Scalar>>(from, side->basis.rows(), side->basis.cols());
        from += read.size();
        return read;
      };
      side->square = next();
      if (!side->empty()) side->set_basis(next(), *kernels_);
    }
  }
}

template class Soap<float>;
template class Soap<double>;

}  // namespace otbridge
