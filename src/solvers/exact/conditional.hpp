// ExactConditional: one end of a sparse coupling given the other.
//
// At a point of the near cloud (bitwise, its duplicates taken together): the far ends of its flows,
// in proportion to their masses. Anywhere else, and at points without mass: the far point that
// attains the hard c-transform min_j |far_factor y_j - near_factor x|^2 / 2 - potential_j, the
// first one if several do. Far points of weight 0 are left out. A point with flows O(log n +
// flows), another O(m d); parallel over rows, each of which depends on nothing but itself.
#pragma once

#include <span>

#include "otbridge/core/flow.hpp"
#include "otbridge/core/random.hpp"
#include "plan/cloud_side.hpp"

namespace otbridge {

class ExactConditional {
 public:
  // Keeps references to both sides. flows: source indexes the near side.
  ExactConditional(const CloudSide& near, double near_factor, const CloudSide& far,
                   double far_factor, std::span<const Flow> flows);

  Points mean(ConstPoints x) const;
  // Row i by inversion with the uniform number (first_row + i, 0, 0).
  Points sample(ConstPoints x, const RandomStream& stream, Index first_row) const;
  // The hard c-transform of the far potential.
  Vector transform(ConstPoints x) const;

 private:
  struct End {
    Index far;
    double mass;
  };
  struct Nearest {
    Index far;
    double value;
  };

  template <class Row>
  std::vector<End> ends_of(const Row& x) const;
  template <class Row>
  Nearest nearest(const Row& x, Eigen::ArrayXd& values) const;
  template <class Body>
  void for_rows(ConstPoints x, Body&& body) const;

  const CloudSide &near_, &far_;
  double near_factor_;
  std::vector<Index> sorted_;       // rows of the near cloud in lexicographic order
  std::vector<std::size_t> begin_;  // ends of near row i: ends_[begin_[i] .. begin_[i + 1])
  std::vector<End> ends_;
  std::vector<Index> kept_;  // far points of positive weight
  Matrix columns_;           // those, scaled: column-major, so that a sweep runs along the points
  Eigen::ArrayXd levels_;    // minus their potentials
};

}  // namespace otbridge
