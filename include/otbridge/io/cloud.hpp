// Clouds in files: delimited text, NPY, NPZ, PLY, PCD and pictures, with weights, ids and
// attributes carried through.
//
// Formats are documented in docs/formats.md. Numbers round-trip exactly. Reading checks everything
// and names file, row and column; a non-finite coordinate, a ragged row or an empty cloud is
// InvalidInput.
#pragma once

#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "otbridge/core/points.hpp"

namespace otbridge {

// A number as files store it.
struct ScalarType {
  char kind = 'f';  // f: floating point, i: signed, u: unsigned
  int width = 8;    // bytes: 1, 2, 4 or 8; a float has 2 at least

  bool operator==(const ScalarType&) const = default;
};

// A scalar of each point that is no coordinate: a colour, an intensity, a part of a normal. Carried
// from the file that was read to the one that is written, bit by bit.
struct Attribute {
  std::string name;
  ScalarType type;
  std::string bytes;  // n values, little-endian
};

struct PixelGrid;  // otbridge/io/image.hpp

struct Cloud {
  Points points;                     // n x d
  Vector weights;                    // n, or empty: not given
  std::vector<std::string> ids;      // n, or empty
  std::vector<std::string> columns;  // d coordinate names, or empty: x0, x1, ...
  // What of a file was read otherwise than its format plainly says, in a line that names the file:
  // a separator that is no comma, ids from an index without a name. Not written.
  std::vector<std::string> notes = {};
  std::vector<Attribute> attributes = {};  // of PLY, PCD and structured NPY files
  bool single_precision = false;           // coordinates stored as 32-bit floats, by PLY and PCD
  std::string weights_from = {};           // the column of the weights; empty: uniform
  std::vector<std::string> ignored = {};   // columns that were not read
  // Of the colours of a picture: which pixel has which. Null otherwise.
  std::shared_ptr<const PixelGrid> pixels = {};
};

// csv: delimited text of any separator; image: PNG or JPEG, as the bytes say.
enum class CloudFormat { csv, npy, npz, ply, pcd, image };
// By name: "csv", "npy", "npz", "ply", "pcd", "image". Throws InvalidInput for another.
CloudFormat format_named(const std::string& name);
// By extension (case-insensitive): .csv .tsv .txt .dat .xyz .asc .pts .npy .npz .ply .pcd
// .png .jpg .jpeg. Throws InvalidInput for another one, naming the known ones.
CloudFormat cloud_format(const std::string& path);
bool has_cloud_format(const std::string& path);
bool is_image(const std::string& path);  // likewise: .png .jpg .jpeg
// "-", and /dev/stdin, /dev/fd/63, which have no extension: delimited text unless a format is
// named.
bool is_stream(const std::string& path);

// What a picture is to be: the law of its colours, or a density in the plane.
enum class ImageLaw { colours, density };
// By name: "colours", "density". Throws InvalidInput for another.
ImageLaw image_law_named(const std::string& name);

// What a file does not say itself, or says otherwise than it is meant. Names of columns are
// compared exactly first, then without regard to case.
struct ReadOptions {
  std::optional<CloudFormat> format = {};  // not by the extension
  std::vector<std::string> columns = {};   // the coordinates, in this order; empty: by their names
  std::string weight_column = {}, id_column = {};  // empty: by their names
  std::optional<ImageLaw> image = {};              // of a picture; else its colours

  bool named() const { return !columns.empty() || !weight_column.empty() || !id_column.empty(); }
  bool given() const { return format || named() || image; }
};

// "-" reads standard input.
Cloud read_cloud(const std::string& path, const ReadOptions& options = {});
Cloud parse_csv(const std::string& bytes, const std::string& name, const ReadOptions& options = {});
Cloud parse_npy(const std::string& bytes, const std::string& name, const ReadOptions& options = {});
Cloud parse_npz(const std::string& bytes, const std::string& name, const ReadOptions& options = {});
Cloud parse_ply(const std::string& bytes, const std::string& name, const ReadOptions& options = {});
Cloud parse_pcd(const std::string& bytes, const std::string& name, const ReadOptions& options = {});
// A picture as otbridge/io/image.hpp makes a cloud of it.
Cloud parse_picture(const std::string& bytes, const std::string& name,
                    const ReadOptions& options = {});

// What was read, in one line: points, dimension, names, where weights come from, what was ignored.
std::string summary_of(const Cloud& cloud, const std::string& name);

// The names of the coordinates as they are written: given, or x0, x1, ...
std::vector<std::string> coordinate_names(const Cloud& cloud);

// Where in `columns` each of `names` stands; empty unless these are the same ones, each once, in
// another order. Compared exactly, or else all without regard to case.
std::vector<Index> places_of(const std::vector<std::string>& names,
                             const std::vector<std::string>& columns);
// Puts the columns of the cloud in the order of `names`, if it has just these; whether any was
// moved.
bool put_in_order(const std::vector<std::string>& names, Cloud& cloud);

// The rows of the given numbers, in their order: points, weights, ids and attributes; no picture is
// made of some colours.
Cloud rows_of(const Cloud& cloud, const std::vector<Index>& rows);

// A file name decides separator and header of delimited text: commas and a header in .csv, tabs in
// .tsv, blanks in .txt and .dat, blanks without a header in .xyz, .asc and .pts.
std::string encode_cloud(const Cloud& cloud, CloudFormat format, const std::string& path = "");
// Atomic. "-" writes CSV to standard output and throws IoFailure if that fails.
void write_cloud(const Cloud& cloud, const std::string& path);

// The slices of paths, as write_paths leaves them in a .npy: the T clouds of n points of a plain
// array (T, n, d), whose times are in no file. Empty for an array of another number of axes, which
// may be a cloud. Throws InvalidInput as parse_npy does.
std::optional<std::vector<Points>> parse_npy_slices(const std::string& bytes,
                                                    const std::string& name);

// Throws InvalidInput, naming the file, where it is a picture that cannot be made of the cloud: one
// that has no pixels, or for .jpg pixels that are not opaque.
void check_pixels(const std::string& path, const Cloud& cloud);

// Throws InvalidInput, naming the file, where its format has no room for so many coordinates: PLY
// and PCD hold three.
void check_room(const std::string& path, Index dimension);

// By extension: whether write_paths takes the file.
bool holds_paths(const std::string& path);
// Paths: .npy as (T, n, d), .csv as rows t,id,x0,x1,...; ids default to the row number.
void write_paths(const Paths& paths, const Cloud& start, const std::string& path);

}  // namespace otbridge
