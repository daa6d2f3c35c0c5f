// What the cloud formats share: names of coordinates, checks, and the encoders behind encode_cloud.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "otbridge/io/cloud.hpp"

namespace otbridge {

std::vector<std::string> numbered_names(Index d);                      // x0, x1, ...
std::string csv_field(const std::string& text, char separator = ',');  // quoted where it must be
std::string short_field(const std::string& field);  // for a message: short, control characters as ?

// A whole field as a number, in any locale; empty if it is not one. "nan" and "inf" are numbers
// here.
std::optional<double> parse_double(std::string_view field);

// Throws InvalidInput unless there is at least one point, every coordinate is finite, and weights
// are finite and >= 0. Row i is called "ROW_WORD FIRST_ROW + i" in the message: "vertex 17".
void check_cloud(const Cloud& cloud, const std::string& file, const char* row_word,
                 Index first_row);

// A plain array (n,) or (n, d) of NPY. Throws InvalidInput for anything else.
Points parse_npy_matrix(std::string_view bytes, const std::string& name);
// The columns x0, x1, ... of an array with the roles that the options give them. Throws as
// check_cloud, whose points are "row"s here.
Cloud cloud_of_columns(Points columns, const ReadOptions& options, const std::string& name);

// To a file, whole or not at all, or to standard output for "-". Throws IoFailure.
void write_text(const std::string& path, const std::string& bytes);

// How delimited text is written: with a header, ids and weights; or, as programs of scanners want
// it, coordinates alone, perhaps below their number.
struct TextStyle {
  char separator = ',';
  bool header = true, count = false;
};
std::string encode_csv(const Cloud& cloud, TextStyle style = {});
std::string encode_npy(const std::vector<Index>& shape, std::span<const double> values);
std::string encode_npz(const Cloud& cloud);
std::string encode_ply(const Cloud& cloud);
std::string encode_pcd(const Cloud& cloud);

}  // namespace otbridge
