#include "entropic/coarsening.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "../relative.hpp"
#include "problems.hpp"

using namespace otbridge;

namespace {

// As mathematics has it: the variance within points [begin, end) times the root of their mass.
double width(const Points& x, const Vector& w, Index begin, Index end) {
  const auto points = x.middleRows(begin, end - begin);
  const auto weights = w.segment(begin, end - begin);
  const double mass = weights.sum();
  const Eigen::RowVectorXd mean = weights.transpose() * points / mass;
  const double squares = weights.dot((points.rowwise() - mean).rowwise().squaredNorm());
  return squares / mass * std::sqrt(mass);
}

// The least number of groups, no box of which, nor any within, is wider: by trying both at each.
Index fewest(const Points& x, const Vector& w, Index begin, Index size, double widest) {
  const Index end = std::min(begin + size, x.rows());
  if (begin >= end) return 0;
  const auto narrow = [&](auto&& self, Index from, Index length) -> bool {
    if (length == 1 || from >= x.rows()) return true;
    return width(x, w, from, std::min(from + length, x.rows())) <= widest &&
           self(self, from, length / 2) && self(self, from + length / 2, length / 2);
  };
  if (narrow(narrow, begin, size)) return 1;
  return fewest(x, w, begin, size / 2, widest) + fewest(x, w, begin + size / 2, size / 2, widest);
}

double widest_of(const Points& x, const Vector& w, const Grouping& groups) {
  double widest = 0.0;
  for (const auto& [begin, size] : groups.runs()) {
    for (Index part = 2; part < 2 * size; part *= 2) {
      for (Index from = begin; from < begin + size; from += part) {
        widest = std::max(widest, width(x, w, from, std::min(from + part, begin + size)));
      }
    }
  }
  return widest;
}

}  // namespace

TEST_CASE("coarse clouds keep mass and mean, and their variance is that within the groups") {
  const DiscreteProblem fine = clustered_problem(77, 130, 3);
  const Coarsening clouds(fine);
  for (const Index group : {1, 4, 16, 128, 1024}) {
    CAPTURE(group);
    const DiscreteProblem coarse = clouds.coarsened(group);
    CHECK(coarse.a.size() <= (77 + group - 1) / group);
    CHECK(coarse.a.size() >= (77 + 2 * group - 1) / (2 * group));
    CHECK(coarse.a.sum() == relative(1.0, 1e-14));
    CHECK((coarse.x.transpose() * coarse.a - fine.x.transpose() * fine.a).norm() < 1e-14);
    // The law of total variance.
    const auto second = [](const Points& x, const Vector& w) {
      return x.rowwise().squaredNorm().dot(w);
    };
    const double within = std::max(second(fine.x, fine.a) - second(coarse.x, coarse.a),
                                   second(fine.y, fine.b) - second(coarse.y, coarse.b));
    // A difference of second moments near 1: its rounding is absolute, and for groups of 1 it is 0.
    CHECK(std::abs(clouds.variance(group) - within) < 1e-14);
  }
}

TEST_CASE("groups are boxes, each point in one, and no others so few are all as narrow") {
  for (const Index n : {64, 77, 80}) {
    DiscreteProblem p = clustered_problem(n, 5, 2);
    p.x = p.x.array().cube();  // in the same order, and thin away from the centre
    // Heavy twins midway between a light pair, which the box of all four is narrower than.
    for (Index i = 0; n == 80 && i < n; i += 4) {
      const Eigen::RowVectorXd middle = 0.5 * (p.x.row(i) + p.x.row(i + 1));
      p.x.middleRows(i + 2, 2).rowwise() = middle;
      p.a.segment(i + 2, 2) *= 50.0;
    }
    p.a /= p.a.sum();
    const CloudCoarsening cloud(p.x, p.a);
    for (const Index group : {2, 4, 8}) {
      CAPTURE(n);
      CAPTURE(group);
      const Grouping groups = cloud.groups(group);
      std::vector<int> seen(to_size(n), 0);
      bool differ = false;
      for (const auto& [begin, size] : groups.runs()) {
        CHECK((begin % size == 0 || begin + size == n));
        differ |= size != groups.runs().front().size;
        for (Index i = begin; i < begin + size; ++i) ++seen[to_size(i)];
      }
      CHECK(std::ranges::count(seen, 1) == n);
      CHECK(differ);
      const double widest = widest_of(p.x, p.a, groups);
      CHECK(fewest(p.x, p.a, 0, 128, (1.0 + 1e-12) * widest) == groups.size());
      CHECK(fewest(p.x, p.a, 0, 128, (1.0 - 1e-12) * widest) > (n + group - 1) / group);
      // Values per point go with the points.
      const Points means = groups.means(p.x, p.a);
      CHECK((groups.means(p.x.col(1), p.a) - means.col(1)).cwiseAbs().maxCoeff() < 1e-15);
      const Vector masses = groups.sums(p.a);
      for (Index k = 0; k < groups.size(); ++k) {
        const auto& [begin, size] = groups.runs()[to_size(k)];
        CHECK(masses[k] == relative(p.a.segment(begin, size).sum(), 1e-15));
      }
    }
  }
}

TEST_CASE("points in one place are one group, a point alone is itself") {
  const Points here = Points::Constant(20, 2, 0.5);
  const Vector weights = Vector::Constant(20, 0.05);
  const CloudCoarsening cloud(here, weights);
  CHECK(cloud.groups(4).size() == 1);
  CHECK(cloud.groups(1).size() == 20);
  CHECK(cloud.variance(8) == 0.0);
  const Points one = here.topRows(1);
  const Vector all = Vector::Ones(1);
  CHECK(CloudCoarsening(one, all).groups(8).size() == 1);
}

TEST_CASE("in many dimensions groups are runs of one size, whose middle point stands for them") {
  const DiscreteProblem p = clustered_problem(50, 60, 9);
  const Coarsening clouds(p);
  const DiscreteProblem coarse = clouds.coarsened(8);
  CHECK(coarse.x.rows() == 7);
  CHECK(coarse.x.row(1) == p.x.row(12));
  CHECK(coarse.x.row(6) == p.x.row(49));  // of 48 and 49
  CHECK(coarse.b[7] == relative(p.b.segment(56, 4).sum(), 1e-15));
  CHECK(clouds.variance(8) == 0.0);
}
