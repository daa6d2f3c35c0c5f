// The safetensors container: named float64 tensors of two dimensions, and string metadata.
//
// A checksum of everything that is read back travels in the metadata. Layout: docs/formats.md.
#pragma once

#include <map>
#include <string>

#include "otbridge/core/points.hpp"

namespace otbridge {

struct TensorFile {
  std::map<std::string, std::string> metadata;
  std::map<std::string, Points> tensors;
};
// Throws InvalidInput for a name or a text that is not UTF-8.
std::string encode_tensors(const TensorFile& file);
// Throws InvalidInput naming the fault: truncated, overlapping, holes, wrong sizes, unknown dtype.
TensorFile parse_tensors(const std::string& bytes, const std::string& name);

}  // namespace otbridge
