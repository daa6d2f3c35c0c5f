#include "neural/drift_network.hpp"

#include <algorithm>
#include <atomic>

#include "neural/drift_tables.hpp"
#include "neural/time_embedding.hpp"
#include "otbridge/core/exchange.hpp"
#include "otbridge/core/parallel.hpp"

namespace otbridge {

DriftNetwork::DriftNetwork(std::shared_ptr<const DriftDesign> design, Direction direction)
    : design_(std::move(design)),
      direction_(direction),
      // In: the state and the embedding of the time; out: one number per coordinate.
      network_(design_->source.mean.size() + design_->network.time_features,
               design_->network.hidden, design_->source.mean.size()),
      first_(network_.kernels().panel, 0, 0) {}

void DriftNetwork::set_weights(Flat<float> weights) {
  weights_ = std::move(weights);
  packed_ = network_.weights(precision());
  network_.pack(weights_, packed_);
  first_ = network_.first_weights(weights_, network_.outputs());
  tables_ = std::make_shared<Tables>();
}

namespace {

struct Line {  // slope x + offset, in each coordinate
  RowVector slope, offset;
};

Line reversal_drift(const DriftDesign& design, Direction direction, double t) {
  const ReferenceProcess& reference = design.reference;
  const double eps = reference.epsilon(), theta = reference.theta();
  if (direction == Direction::forward) {
    // eps grad log N(m_1; a x, S_1 + v): steering the reference towards a Gaussian target.
    const double a = reference.decay(1.0 - t), v = reference.variance(1.0 - t);
    const RowVector pull = eps * a / (design.target.variance.array() + v);
    return {-a * pull.array() - theta, pull.cwiseProduct(design.target.mean)};
  }
  // eps grad log N(x; a m_0, a^2 S_0 + v): reversing the reference started at a Gaussian source.
  const double a = reference.decay(t), v = reference.variance(t);
  const RowVector pull = eps / (a * a * design.source.variance.array() + v);
  return {theta - pull.array(), a * pull.cwiseProduct(design.source.mean)};
}

// Of two Gaussians in one dimension (Janati et al. 2020; docs/solvers/gaussian.md), with
//   sigma = a sqrt(S_0 S_1) / s^2, rho = 2 sigma / (1 + sqrt(1 + 4 sigma^2)) the correlation of the
//   ends, 1 - rho^2 = 2 / (1 + sqrt(1 + 4 sigma^2))
// and b = S_far (1 - rho^2) / s^2, the variance of the far end given the near one:
//   forward   -theta x + eps (a_1t / s^2) (m_1 - a m_0) - slope (x - m_t),
//             slope = eps a_1t^2 (1 - b) / (v_1t + a_1t^2 v_t b);
//   backward   theta x - eps (a_1t / s^2) (m_1 - a m_0) - slope (x - m_t),
//             slope = eps (1 - a^2 b) / (v_t + a_t^2 v_1t b).
Line bridge_drift(const DriftDesign& design, Direction direction, double t) {
  const ReferenceProcess& reference = design.reference;
  const bool forward = direction == Direction::forward;
  const double eps = reference.epsilon(), theta = reference.theta();
  const double a = reference.endpoint_decay(), s2 = reference.endpoint_variance();
  const double a_t = reference.decay(t), v_t = reference.variance(t);
  const double a_1t = reference.decay(1.0 - t), v_1t = reference.variance(1.0 - t);
  const Eigen::ArrayXXd s0 = design.source.variance, s1 = design.target.variance;  // 1 x d
  const Eigen::ArrayXXd sigma = a * (s0 * s1).sqrt() / s2;
  const Eigen::ArrayXXd not_shared = 2.0 / (1.0 + (1.0 + 4.0 * sigma.square()).sqrt());
  const Eigen::ArrayXXd b = (forward ? s1 : s0) * not_shared / s2;
  const double gain = forward ? a_1t * a_1t : 1.0, pull = forward ? 1.0 : a * a;
  const double ahead = forward ? v_1t : v_t,
               behind = forward ? a_1t * a_1t * v_t : a_t * a_t * v_1t;
  const Eigen::ArrayXXd slope = eps * gain * (1.0 - pull * b) / (ahead + behind * b);
  const auto between = reference.bridge(0.0, t, 1.0);
  const RowVector mean =
      between.from_start * design.source.mean + between.from_end * design.target.mean;
  const double sign = forward ? 1.0 : -1.0;
  const RowVector push = sign * eps * (a_1t / s2) * (design.target.mean - a * design.source.mean);
  return {(-sign * theta - slope).matrix(), push + slope.matrix().cwiseProduct(mean)};
}

}  // namespace

Points gaussian_bridge_drift(const DriftDesign& design, double t, ConstPoints x) {
  const Line line = bridge_drift(design, Direction::forward, t);
  return (x.array().rowwise() * line.slope.array()).rowwise() + line.offset.array();
}

DriftNetwork::Slice DriftNetwork::slice(double t) const {
  const DriftDesign& design = *design_;
  const ReferenceProcess& reference = design.reference;
  const bool forward = direction_ == Direction::forward;
  // A forward drift is trained at t_0 .. t_{N-1}, a backward one at t_1 .. t_N.
  t = forward ? std::min(t, design.grid.time(design.grid.steps() - 1))
              : std::max(t, design.grid.time(1));
  const double eps = reference.epsilon();
  const double left = forward ? 1.0 - t : t;
  const double v = reference.variance(left);

  Slice slice;
  const Line base = design.base == BaseDrift::bridge ? bridge_drift(design, direction_, t)
                                                     : reversal_drift(design, direction_, t);
  slice.slope = base.slope;
  slice.offset = base.offset;

  // Size of what is left to learn: the displacement per unit time, and near the end the score of
  // the far law blurred over sqrt(eps left). The base of a bridge carries one mean to the other.
  const auto& far = forward ? design.target : design.source;
  RowVector displacement = design.source.variance + design.target.variance;
  if (design.base == BaseDrift::reversal) {
    displacement +=
        (design.target.mean - reference.endpoint_decay() * design.source.mean).cwiseAbs2();
  }
  const auto blurred = far.variance.array() / (far.variance.array() + v);
  slice.scale = (displacement.array() + eps / left * blurred + 1e-6 * eps).sqrt();

  // Where the bridge is at time t, by the two laws' moments: a path's mean is from_start x0 +
  // from_end x1, whose variance is at most from_start S_0 + from_end S_1 as these sum to 1 at most;
  // eps own is that of the reference's bridge, and 0.01 eps keeps the spread of a single point away
  // from 0. Under mean reversion chains of mean matching begin elsewhere, along a_t x0, and learn
  // no better by that: theirs stays the Brownian one.
  double from_start = 1.0 - t, from_end = t, own = t * (1.0 - t);
  if (reference.theta() > 0.0 && design.base == BaseDrift::bridge) {
    const auto between = reference.bridge(0.0, t, 1.0);
    from_start = between.from_start;
    from_end = between.from_end;
    own = between.variance / eps;
  }
  slice.shift = from_start * design.source.mean + from_end * design.target.mean;
  const RowVector spread = from_start * design.source.variance.array() +
                           from_end * design.target.variance.array() + eps * (own + 0.01);
  slice.inverse_spread = spread.cwiseSqrt().cwiseInverse();
  slice.embedding = time_embedding(t, design.network.time_features);
  return slice;
}

void DriftNetwork::Slice::encode(const Eigen::Ref<const RowVector>& x,
                                 Eigen::Ref<Eigen::RowVectorXf> input) const {
  for (Index j = 0; j < x.size(); ++j) input[j] = input_of(x[j], j);
  input.tail(embedding.size()) = embedding.cast<float>();
}

RowVector DriftNetwork::Slice::output_for(const Eigen::Ref<const RowVector>& x,
                                          const Eigen::Ref<const RowVector>& drift) const {
  return (drift - slope.cwiseProduct(x) - offset).cwiseQuotient(scale);
}

DriftNetwork::Moment DriftNetwork::moment(double t) const {
  Slice fixed = slice(t);
  auto bias = network_.first_bias(weights_, fixed.embedding.transpose().cast<float>());
  return {std::move(fixed), std::move(bias)};
}

namespace {

// A tile's rows to and from the inputs and outputs of the network, or of a lattice: one number for
// each row and coordinate.
template <class Entry, class Inputs>
void encode(Index rows, Index d, Entry&& entry, Inputs& input) {
  for (Index i = 0; i < rows; ++i) {
    for (Index j = 0; j < d; ++j) input(i, j) = entry(i, j);
  }
}
// slope x + offset + scale output.
template <class Outputs>
void decode(const DriftNetwork::Slice& now, ConstPoints x, const RowVector& offset,
            const Outputs& output, Eigen::Ref<Points> to) {
  for (Index i = 0; i < x.rows(); ++i) {
    for (Index j = 0; j < x.cols(); ++j) {
      to(i, j) =
          now.slope[j] * x(i, j) + offset[j] + now.scale[j] * static_cast<double>(output(i, j));
    }
  }
}

}  // namespace

void DriftNetwork::fill_rows(const Moment& now, ConstPoints x,
                             std::optional<Mlp<float>::Tape>& tape,
                             Eigen::Ref<Points> value) const {
  if (!now.lattice && !tape) {
    tape = network_.forward_tape(std::min(x.rows(), kTileRows), network_.outputs(), precision());
  }
  for (Index begin = 0; begin < x.rows(); begin += kTileRows) {
    const Index rows = std::min(kTileRows, x.rows() - begin);
    const auto tile = x.middleRows(begin, rows);
    const auto entry = [&](Index i, Index j) { return now.slice.input_of(tile(i, j), j); };
    const auto finish = [&](const auto& output) {
      decode(now.slice, tile, now.slice.offset, output, value.middleRows(begin, rows));
    };
    if (now.lattice) {
      InputLattice::Pairs inputs, outputs;
      encode(rows, x.cols(), entry, inputs);
      now.lattice->interpolate(rows, inputs, outputs);
      finish(outputs);
    } else {
      encode(rows, x.cols(), entry, tape->input());
      network_.forward(packed_, {first_, now.bias}, *tape);
      finish(tape->output());
    }
  }
}

Points DriftNetwork::at(const Moment& now, ConstPoints x) const {
  Points value(x.rows(), x.cols());
  const auto fill = [&](Index begin, Index end, Index) {
    std::optional<Mlp<float>::Tape> tape;
    fill_rows(now, x.middleRows(begin, end - begin), tape, value.middleRows(begin, end - begin));
  };
  // Chunks are whole tiles, so that only the last tile of all is short. Its surplus rows hold what
  // the tile before left there and are not read.
  if (now.lattice) {
    parallel_for(x.rows(), 16 * kTileRows, fill);  // less work than ranks have with each other
  } else {
    shared_for(x.rows(), 4 * kTileRows, {rows_of_loop(value.data(), value.cols())}, fill);
  }
  return value;
}

DriftNetwork::Jet DriftNetwork::jet(double t, ConstPoints x,
                                    std::span<const Points> directions) const {
  Jet jet;
  if (!fitted()) {
    const double theta = design_->reference.theta();
    jet.value = -theta * x;
    for (const Points& v : directions) jet.along.emplace_back(-theta * v);
    return jet;
  }
  const Moment now = moment(t);
  if (directions.empty()) return {at(now, x), {}};
  const Index d = x.cols();
  jet.value.resize(x.rows(), d);
  jet.along.assign(directions.size(), Points(x.rows(), d));
  const RowVector none = RowVector::Zero(d);
  std::vector<SharedArray> filled{rows_of_loop(jet.value.data(), d)};
  for (Points& along : jet.along) filled.push_back(rows_of_loop(along.data(), d));
  shared_for(x.rows(), 4 * kTileRows, filled, [&](Index begin, Index end, Index) {
    std::optional tape = network_.sloped_tape(std::min(kTileRows, end - begin), d, precision());
    auto tangents = network_.tangents(*tape);
    for (Index tile = begin; tile < end; tile += kTileRows) {
      const Index rows = std::min(kTileRows, end - tile);
      fill_rows(now, x.middleRows(tile, rows), tape, jet.value.middleRows(tile, rows));
      for (std::size_t k = 0; k < directions.size(); ++k) {
        const auto v = directions[k].middleRows(tile, rows);
        // What is fixed falls out of a derivative.
        encode(
            rows, d,
            [&](Index i, Index j) {
              const double turned = v(i, j) * now.slice.inverse_spread[j];
              return now.slice.within(x(tile + i, j), j) ? static_cast<float>(turned) : 0.0F;
            },
            tangents.input());
        network_.derivative(packed_, {first_, now.bias}, *tape, tangents);
        decode(now.slice, v, none, tangents.output(), jet.along[k].middleRows(tile, rows));
      }
    }
  });
  return jet;
}

const DriftMoments& DriftNetwork::tables() const {
  const std::lock_guard lock(tables_->making);
  if (!tables_->moments) tables_->moments = tabulated_moments(*this);
  return *tables_->moments;
}

Points DriftNetwork::along_chains(double t, ConstPoints x) const {
  const auto node = design_->grid.node_at(t);
  const DriftMoments& tabulated = tables();
  return node && !tabulated.empty() ? at(tabulated[to_size(*node)], x) : at(t, x);
}

DriftMoments network_moments(const DriftNetwork& network, const StepGrid& grid) {
  DriftMoments all;
  if (!network.fitted()) return all;
  for (const double t : grid.times()) all.push_back(network.moment(t));
  return all;
}

DriftMoments chain_moments(const DriftNetwork& network, const StepGrid& grid) {
  const DriftMoments& tabulated = network.tables();
  if (tabulated.empty()) return network_moments(network, grid);
  DriftMoments all;
  for (const double t : grid.times()) {
    const auto node = network.design().grid.node_at(t);
    all.push_back(node ? tabulated[to_size(*node)] : network.moment(t));
  }
  return all;
}

Index chain_rows(Index rows) {
  return kTileRows * std::clamp<Index>(rows / (128 * kTileRows), 1, 16);
}

Points simulate_chain(const DriftNetwork& network, const StepGrid& grid,
                      const DriftMoments& moments, ConstPoints start, const ChainNoise& noise,
                      const ChainVisitor& visit) {
  const ChainMethod method{.stepper = network.design().stepper()};
  const auto moment_at = [&](double t) -> const DriftNetwork::Moment& {
    return moments[to_size(*grid.node_at(t))];
  };
  if (visit || !network.fitted()) {
    const auto drift = [&](double t, ConstPoints x) {
      return network.fitted() ? network.at(moment_at(t), x) : network.at(t, x);
    };
    return simulate_chain(grid, drift, start, network.direction(), noise, visit, method);
  }
  Points end(start.rows(), start.cols());
  std::atomic<bool> stopped{false};
  const auto chain = [&](ConstPoints from, const ChainNoise& own) {
    std::optional<Mlp<float>::Tape> tape;
    const auto drift = [&](double t, ConstPoints x) -> Points {
      // Where another chunk has failed nobody reads what becomes of this one.
      if (stopped.load(std::memory_order_relaxed)) return Points::Zero(x.rows(), x.cols());
      Points value(x.rows(), x.cols());
      network.fill_rows(moment_at(t), x, tape, value);
      return value;
    };
    return simulate_chain(grid, drift, from, network.direction(), own, {}, method);
  };
  shared_for(start.rows(), chain_rows(start.rows()), {rows_of_loop(end.data(), end.cols())},
             [&](Index first, Index last, Index) {
               const Index rows = last - first;
               try {
                 end.middleRows(first, rows) =
                     chain(start.middleRows(first, rows), noise.part(first, rows));
               } catch (...) {
                 stopped = true;
                 throw;
               }
             });
  return end;
}

}  // namespace otbridge
