// Clouds in files: CSV, NPY and PLY (ascii and binary), with weights and ids carried through.
//
// Formats are documented in docs/formats.md. Numbers round-trip exactly. Reading checks everything
// and names file, row and column; a non-finite coordinate, a ragged row or an empty cloud is
// InvalidInput.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "otbridge/core/points.hpp"

namespace otbridge {

struct Cloud {
  Points points;                     // n x d
  Vector weights;                    // n, or empty: not given
  std::vector<std::string> ids;      // n, or empty
  std::vector<std::string> columns;  // d coordinate names, or empty: x0, x1, ...
  // What of a file was read otherwise than its format plainly says, in a line that names the file:
  // a separator that is no comma, ids from an index without a name. Not written.
  std::vector<std::string> notes = {};
};

enum class CloudFormat { csv, npy, ply };
// By extension (case-insensitive). Throws InvalidInput for another one, naming the known ones.
CloudFormat cloud_format(const std::string& path);

Cloud read_cloud(const std::string& path);  // "-" reads CSV from standard input
Cloud parse_csv(const std::string& bytes, const std::string& name);
Cloud parse_npy(const std::string& bytes, const std::string& name);
Cloud parse_ply(const std::string& bytes, const std::string& name);

std::string encode_cloud(const Cloud& cloud, CloudFormat format);
// Atomic. "-" writes CSV to standard output and throws IoFailure if that fails.
void write_cloud(const Cloud& cloud, const std::string& path);

// Paths: .npy as (T, n, d), .csv as rows t,id,x0,x1,...; ids default to the row number.
void write_paths(const Paths& paths, const Cloud& start, const std::string& path);

}  // namespace otbridge
