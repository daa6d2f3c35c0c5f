// Which column of a file is what: a coordinate, the id, the weight, or nothing of ours.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "otbridge/io/cloud.hpp"

namespace otbridge {

std::string lower_case(std::string_view text);  // ASCII only, in any locale

// What a column is taken for by its name, in any case. An index without a name is what pandas and R
// write before the columns of a frame; read and written again, pandas names it.
bool names_id(const std::string& column);      // id, ids
bool names_index(const std::string& column);   // nothing, or "Unnamed: 0"
bool names_weight(const std::string& column);  // weight(s), w, mass, sample_weight(s)

// What scanners and pictures measure at a point: intensity, colours, normals, labels, times.
bool names_attribute(const std::string& column);

struct ColumnRoles {
  std::vector<std::size_t> coordinates;  // in order
  std::optional<std::size_t> id, weight;
  std::vector<std::size_t> others;
};

// What the options name, then what the names say. Without --columns the coordinates are all columns
// without another role (tables; attributes beside x and y are none), or x, y, z as far as they are
// there (records of a format in which other fields mean something else); records have ids only
// where the options say so. Throws InvalidInput, naming the file, for a name that is not there, is
// there twice or has two roles, and where no coordinate is left.
enum class CoordinateRule { all_columns, xyz };
ColumnRoles roles_of(const std::vector<std::string>& names, const ReadOptions& options,
                     CoordinateRule rule, const std::string& file);

}  // namespace otbridge
