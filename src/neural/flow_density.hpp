// The density of what two drift networks make of a law: by the probability-flow ordinary equation,
// and a bound of it by chains.
//
// With f and b the drifts of both directions, X_t moved by v = (f - b) / 2 has the laws p_t of the
// bridge, and log p at the end y of a path is log p at its start less the integral of div v (Song
// et al. 2021, section 4.3): as far as f + b is epsilon times the score. The bound (Huang, Lim,
// Courville 2021, for chains of two kernels each way) needs no such thing:
//   log p(y) >= E over the other direction's chains from y of
//     [ log p_start(x_0) + sum_k log N(x_{k+1}; F_k(x_k), eps h_k I) - log N(x_k; B_{k+1}(x_{k+1}),
//     eps h_k I) ],
// p the law at the end of the chain of F from p_start.
#pragma once

#include "neural/drift_network.hpp"
#include "otbridge/measure/measure.hpp"

namespace otbridge {

struct DriftPair {
  const DriftNetwork &own, &other;  // of the direction that leads to the law, and the way back
};

// log p at the rows of y, in nats. start: the law at the beginning of own's direction, with a
// density. probes: see DensitySettings. Over the trained steps by the Runge-Kutta method of order
// 4; network and derivatives in single precision. O(4 n N min(d, probes) network).
Vector flow_log_density(const DriftPair& drifts, const Measure& start, ConstPoints y, Index probes);

// The bound, as a mean over chains of each row, in antithetic pairs. O(chains n N network).
Vector path_bound(const DriftPair& drifts, const Measure& start, ConstPoints y, Index chains);

}  // namespace otbridge
