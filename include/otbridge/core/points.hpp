// Points: the one array type that clouds, samples and path slices are made of.
//
// Shapes: n x d, row i is point i, doubles in row-major order (the bytes of a C-order NumPy array).
#pragma once

#include <Eigen/Core>
#include <type_traits>
#include <vector>

#include "otbridge/core/index.hpp"

namespace otbridge {

static_assert(std::is_same_v<Index, Eigen::Index>);
using Points = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using ConstPoints = const Eigen::Ref<const Points>&;
using Vector = Eigen::VectorXd;
using Matrix = Eigen::MatrixXd;

// Paths of a process at given times: at[k] is n x d, row i is path i at times[k].
struct Paths {
  std::vector<double> times;
  std::vector<Points> at;
};

// Which end of the problem is given and which is asked for.
enum class Direction { forward, backward };

constexpr Direction opposite(Direction direction) {
  return direction == Direction::forward ? Direction::backward : Direction::forward;
}

}  // namespace otbridge
