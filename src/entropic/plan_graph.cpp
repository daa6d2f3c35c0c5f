#include "entropic/plan_graph.hpp"

#include <Eigen/SparseCholesky>
#include <algorithm>
#include <numeric>
#include <vector>

#include "otbridge/core/index.hpp"

namespace otbridge {
namespace {

// Edges below this share of the smaller of their two degrees are left out: the first of these
// shares whose factor is small enough.
constexpr double kShares[] = {1e-4, 1e-3, 1e-2, 0.02, 0.03, 0.045, 0.06, 0.08, 0.1, 0.13};
// Per point: the entries of the factor at most, and the edges, more than which are not worth a look
// at their fill; both where a product visits few pairs, and where it visits many.
constexpr struct { Index fill, edges; } kCheap{40, 4}, kDear{64, 8};
constexpr Index kManyVisited = 64;
constexpr double kShareLeft = 0.5;  // of the mass: less does not stand for the plan
// Of the largest degree: the diagonal of a point without edges.
constexpr double kNothing = 1e-13;

using Symmetric = Eigen::SparseMatrix<double>;  // its lower triangle

struct Cholesky : Eigen::SimplicialLDLT<Symmetric, Eigen::Lower> {
  Index fill() const { return m_matrix.nonZeros(); }  // known once the pattern is
};

struct Edge {
  Index source, target;
  double mass;
};

// Connected parts (Tarjan 1975).
class Parts {
 public:
  explicit Parts(Index n) : parent_(to_size(n)) { std::iota(parent_.begin(), parent_.end(), 0); }
  // False if they were connected before.
  bool join(Index a, Index b) {
    const Index p = find(a), q = find(b);
    parent_[to_size(p)] = q;
    return p != q;
  }
  Index find(Index a) {
    while (parent_[to_size(a)] != a)
      a = parent_[to_size(a)] = parent_[to_size(parent_[to_size(a)])];
    return a;
  }

 private:
  std::vector<Index> parent_;
};

// Sums of a plan's rows and columns: the degrees of its graph.
struct Degrees {
  Vector rows, columns;

  Degrees(Index n, Index m) : rows(Vector::Zero(n)), columns(Vector::Zero(m)) {}
  void add(const Edge& edge) {
    rows[edge.source] += edge.mass;
    columns[edge.target] += edge.mass;
  }
  double smaller(const Edge& edge) const {
    return std::min(rows[edge.source], columns[edge.target]);
  }
};

template <class Visit>
void for_each_edge(const KeptPlan& plan, Visit&& visit) {
  for (Index i = 0; i < plan.rows.size(); ++i) {
    for (Index k = plan.rows.begin[to_size(i)]; k < plan.rows.begin[to_size(i) + 1]; ++k) {
      const double mass = plan.by_row[to_size(k)];
      if (mass > 0.0) visit(Edge{i, plan.rows.others[to_size(k)], mass});
    }
  }
}

// Graphs of fewer and fewer edges of one plan.
class Sparsifier {
 public:
  explicit Sparsifier(const KeptPlan& plan)
      : plan_(plan), degrees_(plan.rows.size(), plan.columns.size()) {
    for_each_edge(plan, [&](const Edge& edge) { degrees_.add(edge); });
    for_each_edge(plan, [&](const Edge& edge) {
      if (edge.mass >= kShares[0] * degrees_.smaller(edge)) strong_.push_back(edge);
    });
  }

  // Leaves the edges of at least the share. Shares come in ascending order.
  Index keep(double share) {
    std::erase_if(strong_, [&](const Edge& e) { return e.mass < share * degrees_.smaller(e); });
    return static_cast<Index>(strong_.size());
  }

  // Of the mass of the plan.
  double share_left() const {
    double left = 0.0;
    for (const Edge& edge : strong_) left += edge.mass;
    return left / degrees_.rows.sum();
  }

  // Those that are left, and of the others the strongest that connect what is not. All are scaled
  // so that what was left out is about made up for at either end.
  std::vector<Edge> edges() const {
    const Index n = plan_.rows.size(), m = plan_.columns.size();
    Parts parts(n + m);
    for (const Edge& edge : strong_) parts.join(edge.source, n + edge.target);
    std::vector<Edge> chosen = strong_, weak;
    for_each_edge(plan_, [&](const Edge& edge) {
      if (parts.find(edge.source) != parts.find(n + edge.target)) weak.push_back(edge);
    });
    std::ranges::stable_sort(weak, std::ranges::greater(), &Edge::mass);
    for (const Edge& edge : weak) {
      if (parts.join(edge.source, n + edge.target)) chosen.push_back(edge);
    }
    Degrees left(n, m);
    for (const Edge& edge : chosen) left.add(edge);
    const Vector rows = degrees_.rows.cwiseQuotient(left.rows).cwiseSqrt();
    const Vector columns = degrees_.columns.cwiseQuotient(left.columns).cwiseSqrt();
    for (Edge& edge : chosen) edge.mass *= rows[edge.source] * columns[edge.target];
    return chosen;
  }

 private:
  const KeptPlan& plan_;
  Degrees degrees_;
  std::vector<Edge> strong_;
};

// With the degrees of the targets raised by the factor 1 + damping.
Symmetric laplacian(const std::vector<Edge>& edges, Index n, Index m, double damping) {
  std::vector<Eigen::Triplet<double>> entries;
  entries.reserve(edges.size() + to_size(n + m));
  Vector degrees = Vector::Zero(n + m);
  for (const Edge& edge : edges) {
    entries.emplace_back(n + edge.target, edge.source, -edge.mass);
    degrees[edge.source] += edge.mass;
    degrees[n + edge.target] += edge.mass;
  }
  degrees.tail(m) *= 1.0 + damping;
  const double least = degrees.maxCoeff() * kNothing;
  for (Index k = 0; k < n + m; ++k) entries.emplace_back(k, k, std::max(degrees[k], least));
  Symmetric matrix(n + m, n + m);
  matrix.setFromTriplets(entries.begin(), entries.end());
  return matrix;
}

}  // namespace

struct PlanGraph::Factor {
  Cholesky cholesky;
  Index sources = 0;
};

PlanGraph::PlanGraph(std::unique_ptr<const Factor> factor) : factor_(std::move(factor)) {}
PlanGraph::~PlanGraph() = default;

std::unique_ptr<const PlanGraph> PlanGraph::factorised(const KeptPlan& plan, double damping,
                                                       Index visited) {
  const Index n = plan.rows.size(), m = plan.columns.size();
  const auto& most = visited > kManyVisited * (n + m) ? kDear : kCheap;
  Sparsifier graph(plan);
  for (const double share : kShares) {
    if (graph.keep(share) > most.edges * (n + m)) continue;
    if (graph.share_left() < kShareLeft) return nullptr;
    const Symmetric matrix = laplacian(graph.edges(), n, m, damping);
    auto factor = std::make_unique<Factor>();
    factor->sources = n;
    factor->cholesky.analyzePattern(matrix);
    // What the order of elimination will fill is known before it is done.
    if (factor->cholesky.fill() > most.fill * (n + m)) continue;
    factor->cholesky.factorize(matrix);
    if (factor->cholesky.info() != Eigen::Success) return nullptr;
    return std::unique_ptr<const PlanGraph>(new PlanGraph(std::move(factor)));
  }
  return nullptr;
}

// The block of targets of the inverse is that of the Schur complement.
Vector PlanGraph::solve(const Vector& residual) const {
  Vector right = Vector::Zero(factor_->sources + residual.size());
  right.tail(residual.size()) = residual;
  return Vector(factor_->cholesky.solve(right)).tail(residual.size());
}

}  // namespace otbridge
