#include "io/transform_json.hpp"

#include <cmath>
#include <numbers>

namespace otbridge {
namespace {

Affine read_one(const JsonPlace& place, Index d) {
  place.allow_only(transform_keys());
  if (place.size() != 1) place.fail("must be exactly one of shift, scale, rotate, matrix");
  Affine map{Matrix::Identity(d, d), Vector::Zero(d)};
  if (place.has("shift")) {
    map.shift = place.at("shift").vector();
    if (map.shift.size() != d) {
      place.at("shift").fail("must have " + std::to_string(d) + " entries");
    }
  } else if (place.has("scale")) {
    // One factor for all coordinates, or one for each.
    const JsonPlace scale = place.at("scale");
    const Vector factors =
        scale.value().is_array() ? scale.vector() : Vector::Constant(d, scale.number());
    if (factors.size() != d) scale.fail("must have " + std::to_string(d) + " entries");
    map.matrix = factors.asDiagonal();
  } else if (place.has("rotate")) {
    // Degrees, counter-clockwise; an angle names a rotation in the plane only.
    if (d != 2) place.at("rotate").fail("is for dimension 2; use matrix");
    const double angle = place.at("rotate").number() * std::numbers::pi / 180.0;
    map.matrix << std::cos(angle), -std::sin(angle), std::sin(angle), std::cos(angle);
  } else {
    map.matrix = place.at("matrix").matrix();
    if (map.matrix.cols() != d) {
      place.at("matrix").fail("must have " + std::to_string(d) + " columns");
    }
    map.shift = Vector::Zero(map.matrix.rows());  // a matrix may change the dimension
  }
  return map;
}

}  // namespace

std::vector<std::string> transform_keys() { return {"shift", "scale", "rotate", "matrix"}; }

Affine read_transforms(const JsonPlace& list, Index d) {
  if (!list.value().is_array()) list.fail("must be an array of transforms");
  Affine whole{Matrix::Identity(d, d), Vector::Zero(d)};
  for (std::size_t k = 0; k < list.size(); ++k) {
    const Affine step = read_one(list.at(k), whole.shift.size());
    // step(whole(x)) = M (A x + b) + c.
    whole.matrix = step.matrix * whole.matrix;
    whole.shift = step.matrix * whole.shift + step.shift;
  }
  return whole;
}

Json transforms_to_json(const Affine& map) {
  return Json::array(
      {Json{{"matrix", matrix_to_json(map.matrix)}}, Json{{"shift", vector_to_json(map.shift)}}});
}

}  // namespace otbridge
