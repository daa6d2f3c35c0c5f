#include "simplex/line_transport.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace otbridge {
namespace {

// Sums along the staircase in more digits than the answer holds.
using Wide = long double;

std::vector<Index> ascending(const Points& points) {
  std::vector<Index> order(to_size(points.rows()));
  std::iota(order.begin(), order.end(), Index{0});
  std::ranges::sort(order, {}, [&](Index i) { return std::pair(points(i, 0), i); });
  return order;
}

Wide cost_of(Ground ground, double x, double y) {
  const Wide apart = static_cast<Wide>(x) - static_cast<Wide>(y);
  return ground == Ground::distance ? std::abs(apart) : apart * apart / 2;
}

}  // namespace

SimplexAnswer solve_on_line(const SimplexProblem& problem) {
  const auto rows = ascending(problem.x), columns = ascending(problem.y);
  const auto cost = [&](std::size_t k, std::size_t l) {
    return cost_of(problem.ground, problem.x(rows[k], 0), problem.y(columns[l], 0));
  };
  SimplexAnswer answer;
  answer.flows.reserve(rows.size() + columns.size());
  answer.f.resize(problem.x.rows());
  answer.g.resize(problem.y.rows());
  // f_k + g_l = c_kl at every step; where source and target end together the step through (k, l+1)
  // carries nothing and is tight all the same.
  std::size_t k = 0, l = 0;
  Mass left = problem.supply[to_size(rows[0])], wanted = problem.demand[to_size(columns[0])];
  Wide f = 0, g = cost(0, 0), largest = std::abs(g);
  const auto store = [&] {
    answer.f[rows[k]] = static_cast<double>(f);
    answer.g[columns[l]] = static_cast<double>(g);
    largest = std::max({largest, std::abs(f), std::abs(g)});
  };
  store();
  for (;;) {
    const Mass moved = std::min(left, wanted);
    if (moved > 0) {
      answer.flows.push_back({static_cast<TransportTree::Node>(rows[k]),
                              static_cast<TransportTree::Node>(columns[l]), moved});
    }
    left -= moved;
    wanted -= moved;
    if (wanted == 0 && l + 1 < columns.size()) {
      wanted = problem.demand[to_size(columns[++l])];
      g = cost(k, l) - f;
    } else if (k + 1 < rows.size()) {
      left = problem.supply[to_size(rows[++k])];
      f = cost(k, l) - g;
    } else {
      break;
    }
    store();
  }
  // One rounding of each sum on the way, in wide arithmetic, then that of the result to a double.
  const Wide steps = static_cast<Wide>(rows.size() + columns.size());
  answer.worst_violation =
      static_cast<double>(largest * (2 * steps * std::numeric_limits<Wide>::epsilon() +
                                     2 * Wide{std::numeric_limits<double>::epsilon()}));
  return answer;
}

}  // namespace otbridge
