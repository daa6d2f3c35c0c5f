#include "simplex/distinct_points.hpp"

#include <doctest/doctest.h>

#include <map>
#include <set>

#include "otbridge/core/random.hpp"

using namespace otbridge;

TEST_CASE("copies are taken together, by value, and every row is one of them") {
  const Points x = (2.0 * normal_points(400, 2, RandomStream(1))).array().round();
  std::vector<Mass> masses(400);
  std::map<std::pair<double, double>, Mass> expected;
  for (Index i = 0; i < 400; ++i) {
    masses[std::size_t(i)] = 1 + i % 5;
    expected[{x(i, 0) + 0.0, x(i, 1) + 0.0}] += 1 + i % 5;
  }
  const DistinctPoints distinct = distinct_points(x, masses);
  REQUIRE(distinct.masses.size() == expected.size());
  std::set<Index> rows;
  for (std::size_t k = 0; k < distinct.masses.size(); ++k) {
    const auto point = distinct.points.row(Index(k));
    CHECK(distinct.masses[k] == expected.at({point[0] + 0.0, point[1] + 0.0}));
    for (std::size_t c = distinct.begin[k]; c < distinct.begin[k + 1]; ++c) {
      CHECK(x.row(distinct.copies[c]) == point);
      rows.insert(distinct.copies[c]);
    }
  }
  CHECK(rows.size() == 400);
  const Vector ones = distinct.expanded(Vector::Ones(Index(expected.size())));
  CHECK((ones.array() == 1.0).all());
}

TEST_CASE("flows between points become flows between their copies") {
  const Points x{{1.0}, {2.0}, {1.0}}, y{{5.0}, {5.0}, {4.0}};
  const std::vector<Mass> supply{3, 4, 2}, demand{1, 5, 3};
  const DistinctPoints from = distinct_points(x, supply), to = distinct_points(y, demand);
  REQUIRE((from.masses == std::vector<Mass>{5, 4} && to.masses == std::vector<Mass>{3, 6}));
  const std::vector<TransportTree::Flow> flows{{0, 0, 3}, {0, 1, 2}, {1, 1, 4}};
  Matrix pi = Matrix::Zero(3, 3);
  const auto split = flows_of_copies(flows, from, supply, to, demand);
  for (const auto& [i, j, amount] : split) pi(i, j) += double(amount);
  CHECK(split.size() <= 5);
  CHECK(pi.rowwise().sum() == Vector{{3.0, 4.0, 2.0}});
  CHECK(Vector(pi.colwise().sum()) == Vector{{1.0, 5.0, 3.0}});
  CHECK(pi(0, 2) + pi(2, 2) == 3.0);
  CHECK(pi(1, 0) + pi(1, 1) == 4.0);
}
