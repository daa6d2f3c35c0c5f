#include "neural/drift_network.hpp"

#include <algorithm>

#include "neural/time_embedding.hpp"
#include "otbridge/core/parallel.hpp"

namespace otbridge {

DriftNetwork::DriftNetwork(std::shared_ptr<const DriftDesign> design, Direction direction)
    : design_(std::move(design)),
      direction_(direction),
      // In: the state and the embedding of the time; out: one number per coordinate.
      network_(design_->source.mean.size() + design_->network.time_features,
               design_->network.hidden, design_->source.mean.size()) {}

void DriftNetwork::set_weights(Flat<float> weights) {
  weights_ = std::move(weights);
  packed_ = network_.weights();
  network_.pack(weights_, packed_);
}

DriftNetwork::Slice DriftNetwork::slice(double t) const {
  const DriftDesign& design = *design_;
  const ReferenceProcess& reference = design.reference;
  const bool forward = direction_ == Direction::forward;
  // A forward drift is trained at t_0 .. t_{N-1}, a backward one at t_1 .. t_N.
  t = forward ? std::min(t, design.grid.time(design.grid.steps() - 1))
              : std::max(t, design.grid.time(1));
  const double eps = reference.epsilon(), theta = reference.theta();
  const double left = forward ? 1.0 - t : t;
  const double a = reference.decay(left), v = reference.variance(left);

  Slice slice;
  if (forward) {
    // eps grad log N(m_1; a x, S_1 + v): steering the reference towards a Gaussian target.
    const RowVector pull = eps * a / (design.target.variance.array() + v);
    slice.slope = -a * pull.array() - theta;
    slice.offset = pull.cwiseProduct(design.target.mean);
  } else {
    // eps grad log N(x; a m_0, a^2 S_0 + v): reversing the reference started at a Gaussian source.
    const RowVector pull = eps / (a * a * design.source.variance.array() + v);
    slice.slope = theta - pull.array();
    slice.offset = a * pull.cwiseProduct(design.source.mean);
  }

  // Size of what is left to learn: the displacement per unit time, and near the end the score of
  // the far law blurred over sqrt(eps left).
  const auto& far = forward ? design.target : design.source;
  const RowVector apart = design.target.mean - reference.endpoint_decay() * design.source.mean;
  const RowVector displacement =
      design.source.variance + design.target.variance + apart.cwiseAbs2();
  const auto blurred = far.variance.array() / (far.variance.array() + v);
  slice.scale = (displacement.array() + eps / left * blurred + 1e-6 * eps).sqrt();

  // Where the bridge is at time t, by interpolation of the two laws' moments; eps t (1 - t) is the
  // variance of a Brownian bridge, 0.01 eps keeps the spread of a single point away from 0.
  slice.shift = (1.0 - t) * design.source.mean + t * design.target.mean;
  const RowVector spread = (1.0 - t) * design.source.variance.array() +
                           t * design.target.variance.array() + eps * (t * (1.0 - t) + 0.01);
  slice.inverse_spread = spread.cwiseSqrt().cwiseInverse();
  slice.embedding = time_embedding(t, design.network.time_features);
  return slice;
}

void DriftNetwork::Slice::encode(const Eigen::Ref<const RowVector>& x,
                                 Eigen::Ref<Eigen::RowVectorXf> input) const {
  input.head(x.size()) = (x - shift).cwiseProduct(inverse_spread).cast<float>();
  input.tail(embedding.size()) = embedding.cast<float>();
}

RowVector DriftNetwork::Slice::output_for(const Eigen::Ref<const RowVector>& x,
                                          const Eigen::Ref<const RowVector>& drift) const {
  return (drift - slope.cwiseProduct(x) - offset).cwiseQuotient(scale);
}

Points DriftNetwork::at(double t, ConstPoints x) const {
  if (!fitted()) return -design_->reference.theta() * x;
  const Slice here = slice(t);
  const Index d = x.cols();
  // The time is the same for all rows.
  const auto first = network_.with_last_inputs(weights_, here.embedding.transpose().cast<float>());
  Points drift(x.rows(), d);
  // Chunks are whole tiles, so that only the last tile of all is short. Its surplus rows hold what
  // the tile before left there and are not read.
  parallel_for(x.rows(), 4 * kTileRows, [&](Index begin, Index end, Index) {
    auto tape = network_.forward_tape(std::min(kTileRows, end - begin), d);
    auto& input = tape.input();
    for (Index tile = begin; tile < end; tile += kTileRows) {
      const Index rows = std::min(kTileRows, end - tile);
      for (Index i = 0; i < rows; ++i) {
        for (Index j = 0; j < d; ++j) {
          input(i, j) =
              static_cast<float>((x(tile + i, j) - here.shift[j]) * here.inverse_spread[j]);
        }
      }
      network_.forward(packed_, first, tape);
      for (Index i = 0; i < rows; ++i) {
        for (Index j = 0; j < d; ++j) {
          drift(tile + i, j) = here.slope[j] * x(tile + i, j) + here.offset[j] +
                               here.scale[j] * static_cast<double>(tape.output()(i, j));
        }
      }
    }
  });
  return drift;
}

}  // namespace otbridge
