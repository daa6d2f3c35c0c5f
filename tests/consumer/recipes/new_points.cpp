// A recipe of docs/recipes.md, which shows what is below this line.
#include <iostream>
#include <vector>

#include "otbridge/otbridge.hpp"

int main() {
  using namespace otbridge;
  const Measure source = Gaussian(Vector::Zero(2), Matrix::Identity(2, 2));
  const Measure target = Gaussian(Vector::Constant(2, 4.0), 0.25 * Matrix::Identity(2, 2));
  const Solution solution = solve_gaussian(TransportProblem(source, target, ReferenceProcess(1.0)));
  const TransportPlan& plan = *solution.plan;

  // Points that the solver has not seen, one a row.
  Points x(2, 2), y(2, 2);
  x << 1, 0, -1, 2;
  y << 4.5, 3, 5, 4.5;
  const Eigen::IOFormat table(3, 0, "  ", "\n");
  std::cout << "the mean of where x goes\n"
            << plan.map(x, Direction::forward).format(table) << "\n";
  std::cout << "and of where y comes from\n"
            << plan.map(y, Direction::backward).format(table) << "\n";

  // A draw of where each goes, and its way there. Row i depends on x_i, i and the stream alone.
  const RandomStream stream(1);
  const Points drawn = plan.sample(x, Direction::forward, stream);
  const std::vector<double> times{0.0, 0.25, 0.5, 0.75, 1.0};
  const Paths paths = plan.sample_paths(x, times, Direction::forward, stream);
  std::cout << std::boolalpha << "a path of " << paths.at.size()
            << " points begins at its x: " << (paths.at.front() == x) << "\n";

  // A large batch may be cut anywhere, where first_row says which row comes first.
  const Points second = plan.sample(x.bottomRows(1), Direction::forward, stream, 1);
  std::cout << "the second row alone is the same: " << (second == drawn.bottomRows(1)) << "\n";
}
