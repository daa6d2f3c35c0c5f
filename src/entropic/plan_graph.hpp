// PlanGraph: a sparse factorisation that stands for the Hessian of the dual.
//
// A plan on few pairs is a bipartite graph of sources and targets whose edges are its entries p_ij.
// The Hessian in (f, -g) is the graph's Laplacian, and with f eliminated its Schur complement
// S = diag(c) - p^T diag(1/r) p, with r and c the degrees. Without the weakest edges, but for a
// spanning forest of the strongest, the Laplacian has a sparse Cholesky factor; solving with it
// preconditions conjugate gradients on S, which then take a few products where the diagonal takes
// hundreds. Sources: Spielman, Teng 2004 (subgraph preconditioners); Tang, Shavlovsky, Rahmanian,
// Tardini, Thekumparampil, Xiao, Ying 2024 (Sinkhorn-Newton-Sparse).
#pragma once

#include <memory>

#include "sweep/kept_pairs.hpp"

namespace otbridge {

class PlanGraph {
 public:
  // Of as many edges as a factor of moderate fill allows; null where those are too little of the
  // plan to stand for it. visited: the pairs that a product with S visits, in plan or not: where
  // they are many a denser factor pays. O(pairs), and the factorisation.
  static std::unique_ptr<const PlanGraph> factorised(const KeptPlan& plan, double damping,
                                                     Index visited);

  ~PlanGraph();
  // z with (S + damping diag(c)) z = residual, about.
  Vector solve(const Vector& residual) const;

 private:
  struct Factor;
  explicit PlanGraph(std::unique_ptr<const Factor> factor);
  std::unique_ptr<const Factor> factor_;
};

}  // namespace otbridge
