// Clouds of formats whose points are records of named numbers: PLY, PCD, structured NPY.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "io/columns.hpp"
#include "otbridge/io/cloud.hpp"

namespace otbridge {

constexpr std::string_view kRecordAxes = "xyz";
constexpr Index kMostRecordAxes = kRecordAxes.size();

struct Field {
  std::string name;
  ScalarType type;
};

// Takes the numbers of n points in any order. x, y and z are coordinates unless the options name
// others, a field with the name of a weight is one, the rest are attributes.
class RecordCloud {
 public:
  // Throws InvalidInput where roles_of does, and where there is no x. Messages call point i
  // "ROW_WORD i".
  RecordCloud(std::vector<Field> fields, Index n, const ReadOptions& options,
              const std::string& name, const char* row_word);

  void put(Index point, std::size_t field, const char* bytes, bool big_endian);  // as stored
  // As a text says. Throws InvalidInput for an attribute whose type has no such number.
  void put(Index point, std::size_t field, double value);

  Cloud take();  // once all are put; throws as check_cloud

 private:
  enum class Role { coordinate, weight, id, attribute };
  struct Place {
    Role role;
    std::size_t at;  // which coordinate, which attribute
  };
  void put_number(Index point, std::size_t field, double value);

  std::vector<Field> fields_;
  const std::string& name_;
  const char* row_word_;
  std::vector<Place> places_;
  Cloud cloud_;
  bool given_ = false;  // by the options: told in a note
};

// A field in the bytes of a record.
struct StoredField {
  Field field;
  std::size_t offset = 0;  // bytes from the start of the record
  bool big_endian = false;
};

// n records one after another, each of `size` bytes.
Cloud read_records(const char* data, Index n, std::size_t size,
                   const std::vector<StoredField>& fields, const ReadOptions& options,
                   const std::string& name, const char* row_word);

// The fields of a cloud as PLY and PCD write them: coordinates, weight, attributes. Coordinates
// with the names of axes are those, others x, y, z in their order. Axes that it has not got are
// written as 0 where no attribute is called so, since programs expect three.
struct RecordLayout {
  std::vector<Field> fields;
  std::string bytes;  // packed, little-endian
  std::string axes;   // of "xyz", which the cloud has; all where none is such a zero
};
RecordLayout encode_records(const Cloud& cloud, const std::string& format);

// Said in a comment of the header where axes are missing, so that a cloud is read back as it was:
// the zeros of the others are no coordinates.
std::string padding_words(std::string_view axes);
// The axes of a comment that says so, or none.
std::string padded_axes(std::string_view comment);
Cloud without_padding(Cloud cloud, std::string_view axes);

}  // namespace otbridge
