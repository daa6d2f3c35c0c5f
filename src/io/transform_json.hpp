// The transforms of a pushforward in JSON: shift, scale, rotate, matrix, one after another.
#pragma once

#include <string>
#include <vector>

#include "otbridge/io/json.hpp"

namespace otbridge {

// x -> matrix x + shift.
struct Affine {
  Matrix matrix;
  Vector shift;
};

std::vector<std::string> transform_keys();
// The whole of a list of transforms, the first of them applied first, on points of dimension d.
Affine read_transforms(const JsonPlace& list, Index d);
// Refuses a list of another form than that of transforms_to_json, whose size bounds its map's.
void check_written_transforms(const JsonPlace& list);
Json transforms_to_json(const Affine& map);

}  // namespace otbridge
