// Points in NPY files some rows at a time: clouds that are larger than memory.
#pragma once

#include <optional>
#include <string>

#include "otbridge/core/points.hpp"
#include "otbridge/io/atomic_file.hpp"

namespace otbridge {

// The rows of a plain array (n, d), or (n,), which is d = 1, of numbers of any type that read_cloud
// takes.
class NpyRowReader {
 public:
  // Empty for anything else, which read_cloud takes or refuses: records, Fortran order, a size that
  // is not that of the shape, what is no regular file. Reads the file once. Throws IoFailure where
  // it cannot be read, and InvalidInput for entries that are not finite, as read_cloud does.
  static std::optional<NpyRowReader> open(const std::string& path);

  Index rows() const { return rows_; }
  Index cols() const { return cols_; }
  // Rows [begin, end) of them, (end - begin) x d. Throws IoFailure where the file has become
  // shorter.
  Points read(Index begin, Index end) const;

 private:
  NpyRowReader() = default;

  std::string path_, header_;  // all that comes before the numbers
  Index rows_ = 0, cols_ = 0;
};

// What write_cloud writes to a .npy of the same points; the file appears when it is finished.
class NpyRowWriter {
 public:
  // cols >= 1. Throws IoFailure as write_cloud does.
  NpyRowWriter(const std::string& path, Index cols);
  // points: k x cols.
  void append(const Points& points);
  void finish();

 private:
  GrowingFile file_;
  Index rows_ = 0, cols_;
};

}  // namespace otbridge
