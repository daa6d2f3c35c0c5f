#include "io/transform_json.hpp"

#include <cmath>
#include <numbers>

namespace otbridge {
namespace {

// M (A x + b) = M A x + M b. An A of no size is the identity, which is large in many dimensions.
void apply(const Matrix& matrix, Affine& map) {
  map.matrix = map.matrix.size() == 0 ? matrix : Matrix(matrix * map.matrix);
  map.shift = matrix * map.shift;
}

// The map and then the step at place.
void take_step(const JsonPlace& place, Affine& map) {
  place.allow_only(transform_keys());
  if (place.size() != 1) place.fail("must be exactly one of shift, scale, rotate, matrix");
  const Index d = map.shift.size();
  const auto must_have = [d](const JsonPlace& at, bool right) {
    if (!right) at.fail("must have " + std::to_string(d) + " entries");
  };
  if (place.has("shift")) {
    const Vector shift = place.at("shift").vector();
    must_have(place.at("shift"), shift.size() == d);
    map.shift += shift;
  } else if (place.has("scale")) {
    // One factor for all coordinates, or one for each.
    const JsonPlace scale = place.at("scale");
    const Vector factors =
        scale.value().is_array() ? scale.vector() : Vector::Constant(d, scale.number());
    must_have(scale, factors.size() == d);
    map.matrix = map.matrix.size() == 0 ? Matrix(factors.asDiagonal())
                                        : Matrix(factors.asDiagonal() * map.matrix);
    map.shift = factors.cwiseProduct(map.shift);
  } else if (place.has("rotate")) {
    // Degrees, counter-clockwise; an angle names a rotation in the plane only.
    if (d != 2) place.at("rotate").fail("is for dimension 2; use matrix");
    const double angle = place.at("rotate").number() * std::numbers::pi / 180.0;
    Matrix rotation(2, 2);
    rotation << std::cos(angle), -std::sin(angle), std::sin(angle), std::cos(angle);
    apply(rotation, map);
  } else {
    const Matrix matrix = place.at("matrix").matrix();  // may change the dimension
    if (matrix.cols() != d) place.at("matrix").fail("must have " + std::to_string(d) + " columns");
    apply(matrix, map);
  }
}

}  // namespace

std::vector<std::string> transform_keys() { return {"shift", "scale", "rotate", "matrix"}; }

Affine read_transforms(const JsonPlace& list, Index d) {
  if (!list.value().is_array()) list.fail("must be an array of transforms");
  Affine whole{Matrix(), Vector::Zero(d)};
  for (std::size_t k = 0; k < list.size(); ++k) take_step(list.at(k), whole);
  if (whole.matrix.size() == 0) whole.matrix = Matrix::Identity(d, d);
  return whole;
}

void check_written_transforms(const JsonPlace& list) {
  if (!list.value().is_array() || list.size() != 2 || !list.at(0).has("matrix") ||
      !list.at(1).has("shift")) {
    list.fail("must be one matrix and one shift here");
  }
}

Json transforms_to_json(const Affine& map) {
  return Json::array(
      {Json{{"matrix", matrix_to_json(map.matrix)}}, Json{{"shift", vector_to_json(map.shift)}}});
}

}  // namespace otbridge
