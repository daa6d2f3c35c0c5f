// An orthonormal basis, and rows of coordinates turned into it and back.
#pragma once

#include <optional>

#include "sweep/panels.hpp"

namespace otbridge {

// Immutable. What becomes of a row does not depend on the others, whatever their number.
class Basis {
 public:
  Basis() = default;                  // the axes: nothing is turned
  explicit Basis(Matrix directions);  // columns, d x d

  bool is_axes() const { return directions_.size() == 0; }
  const Matrix& directions() const { return directions_; }

  // rows * directions and rows * directions^T; O(n d^2). From a dozen dimensions on by the kernels.
  Matrix along(const Matrix& rows) const;
  Matrix back(const Matrix& rows) const;

 private:
  Matrix directions_;
  std::optional<Panels<double>> along_, back_;  // as right factors of the kernels
};

}  // namespace otbridge
