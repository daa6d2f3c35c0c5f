// The cells of a table that are done, in a file: what an interrupted table goes on from.
#pragma once

#include <string>
#include <vector>

#include "otbridge/io/json.hpp"
#include "otbridge/tables/summary.hpp"

namespace otbridge::cli {

// Numbers keep all of their digits.
Json cell_json(const TableCell& cell);
// Throws InvalidInput naming the place.
TableCell cell_from_json(const JsonPlace& place);

class CellFile {
 public:
  // Reads the file where it is there; an empty path keeps nothing. Throws InvalidInput where it
  // holds another table, or cells of another version of the program.
  CellFile(std::string path, std::string table);

  const std::string& path() const { return path_; }
  // Of whatever table the file is; throws InvalidInput where there is none.
  explicit CellFile(std::string path);
  const std::string& table() const { return table_; }
  // Adds the cells of another file of the same table that are not here, without writing them.
  // Throws InvalidInput for another table.
  void take(const CellFile& other);
  void write() const;  // the file, whole or not at all
  std::size_t size() const { return entries_.size(); }

  // settings: of the solver, as text; null if the cell is not there.
  const TableCell* find(const std::string& problem, const std::string& solver,
                        const std::string& settings, std::uint64_t seed) const;
  // Adds it and replaces the file, whole or not at all.
  void add(FilledCell cell, const std::string& settings);

 private:
  struct Entry {
    FilledCell filled;
    std::string settings;
  };
  void read();

  std::string path_, table_;
  std::vector<Entry> entries_;
};

}  // namespace otbridge::cli
