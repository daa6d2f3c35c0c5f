// A recipe of docs/recipes.md, which shows what is below this line.
#include <iomanip>
#include <iostream>
#include <limits>
#include <vector>

#include "otbridge/otbridge.hpp"

int main() {
  using namespace otbridge;
  // Row after row, as a C array, std::vector or NumPy array in C order holds them.
  const std::vector<double> shops{0, 0, 2, 0, 0, 2};         // 3 x 2
  const std::vector<double> stock{3, 1, 2};                  // one weight a point, of any sum
  const std::vector<double> homes{1, 0, 2, 2, -1, 1, 0, 3};  // 4 x 2
  const Points x = Eigen::Map<const Points>(shops.data(), 3, 2);
  const Vector w = Eigen::Map<const Vector>(stock.data(), 3);
  const Points y = Eigen::Map<const Points>(homes.data(), 4, 2);

  const Measure source = WeightedPoints(x, w);
  const Measure target = WeightedPoints(y);  // weights 1/4
  // Epsilon in the unit of the data: 0.2 times the mean of |x - y|^2 / 2.
  const double epsilon = 0.2 * relative_unit(source, target, 0);
  const TransportProblem problem(source, target, ReferenceProcess(epsilon));
  const Solution solution = solve_sinkhorn(problem);

  std::cout << std::fixed << std::setprecision(3) << "what each shop sends to each home\n"
            << solution.plan->coupling()->rows(0, 3) << "\n";

  // The results are Eigen arrays: .data() is row-major again, to be copied where it is wanted.
  const Points moved = solution.plan->map(x, Direction::forward);
  const std::vector<double> out(moved.data(), moved.data() + moved.size());
  std::cout << "mean home of the first shop: " << out[0] << " " << out[1] << "\n";

  try {
    Points broken = x;
    broken(1, 0) = std::numeric_limits<double>::quiet_NaN();
    const WeightedPoints refused(broken);
  } catch (const InvalidInput& error) {  // IoFailure and MemoryLimit are the other two kinds
    std::cout << error.what() << "\n";
  }
}
