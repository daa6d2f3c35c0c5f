#include "table_cells.hpp"

#include <algorithm>

#include "otbridge/core/error.hpp"
#include "otbridge/core/version.hpp"
#include "otbridge/io/atomic_file.hpp"
#include "otbridge/solve/report_text.hpp"
#include "output.hpp"

namespace otbridge::cli {

Json cell_json(const TableCell& cell) {
  return {{"stop", cell.stop}, {"refusal", cell.refusal}, {"values", cell.values}};
}

TableCell cell_from_json(const JsonPlace& place) {
  TableCell cell;
  cell.stop = printable(place.at("stop").text());
  cell.refusal = printable(place.at("refusal").text());
  const JsonPlace values = place.at("values");
  for (const auto& item : values.value().items()) {
    cell.values[item.key()] = values.at(item.key()).number();
  }
  return cell;
}

CellFile::CellFile(std::string path, std::string table)
    : path_(std::move(path)), table_(std::move(table)) {
  if (!path_.empty() && file_exists(path_)) read();
}

CellFile::CellFile(std::string path) : path_(std::move(path)) { read(); }

void CellFile::take(const CellFile& other) {
  if (table_.empty()) table_ = other.table_;
  if (other.table_ != table_) {
    throw InvalidInput(other.path_ + ": /table = \"" + other.table_ + "\"",
                       "must be " + table_ + " as in the files before");
  }
  for (const Entry& entry : other.entries_) {
    const FilledCell& cell = entry.filled;
    if (find(cell.problem, cell.solver, entry.settings, cell.seed) == nullptr) {
      entries_.push_back(entry);
    }
  }
}

void CellFile::read() {
  const Json json = parse_json(read_file(path_), path_);
  const JsonPlace place(json, path_);
  if (table_.empty()) table_ = printable(place.at("table").text());
  if (place.at("table").text() != table_) {
    place.at("table").fail("must be " + table_ + "; name another file by --checkpoint");
  }
  if (place.at("version").text() != kVersion) {
    place.at("version").fail("must be that of this program, " + std::string(kVersion) +
                             "; name another file by --checkpoint");
  }
  const JsonPlace cells = place.at("cells");
  if (!cells.value().is_array()) cells.fail("must be an array");
  for (std::size_t k = 0; k < cells.size(); ++k) {
    const JsonPlace entry = cells.at(k);
    const long long seed = entry.at("seed").integer();
    if (seed < 0) entry.at("seed").fail("must be >= 0");
    entries_.push_back({{entry.at("problem").text(), entry.at("solver").text(),
                         static_cast<std::uint64_t>(seed), cell_from_json(entry)},
                        entry.at("settings").text()});
  }
}

const TableCell* CellFile::find(const std::string& problem, const std::string& solver,
                                const std::string& settings, std::uint64_t seed) const {
  const auto found = std::ranges::find_if(entries_, [&](const Entry& entry) {
    return entry.filled.problem == problem && entry.filled.solver == solver &&
           entry.settings == settings && entry.filled.seed == seed;
  });
  return found == entries_.end() ? nullptr : &found->filled.cell;
}

void CellFile::add(FilledCell cell, const std::string& settings) {
  entries_.push_back({std::move(cell), settings});
  if (!path_.empty()) write();
}

void CellFile::write() const {
  Json json{{"table", table_}, {"version", kVersion}, {"cells", Json::array()}};
  for (const Entry& entry : entries_) {
    Json written{{"problem", entry.filled.problem},
                 {"solver", entry.filled.solver},
                 {"settings", entry.settings},
                 {"seed", entry.filled.seed}};
    written.update(cell_json(entry.filled.cell));
    json["cells"].push_back(std::move(written));
  }
  write_file(path_, json.dump(1) + "\n");
}

}  // namespace otbridge::cli
