#include "entropic/coarsening.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "../relative.hpp"
#include "problems.hpp"

using namespace otbridge;

TEST_CASE("coarse clouds keep mass and mean, and their variance is that within the runs") {
  const DiscreteProblem fine = clustered_problem(77, 130, 3);
  for (const Index group : {1, 4, 16}) {
    const DiscreteProblem coarse = coarsened(fine, group);
    CHECK(coarse.a.size() == (77 + group - 1) / group);
    CHECK(coarse.a.sum() == relative(1.0, 1e-14));
    CHECK((coarse.x.transpose() * coarse.a - fine.x.transpose() * fine.a).norm() < 1e-14);
    // The law of total variance.
    const auto second = [](const Points& x, const Vector& w) {
      return x.rowwise().squaredNorm().dot(w);
    };
    const double within = std::max(second(fine.x, fine.a) - second(coarse.x, coarse.a),
                                   second(fine.y, fine.b) - second(coarse.y, coarse.b));
    CHECK(std::abs(group_variance(fine, group) - within) < 1e-13);  // differences of order 1
  }
}
