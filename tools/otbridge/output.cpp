#include "output.hpp"

#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <map>
#include <sstream>

#include "exit_code.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/exchange.hpp"
#include "otbridge/io/atomic_file.hpp"
#include "otbridge/io/json.hpp"
#include "otbridge/solve/report_text.hpp"
#include "ranks.hpp"

namespace otbridge::cli {

void check_outputs(std::initializer_list<std::string> paths) {
  for (const auto& path : paths) {
    if (!path.empty() && path != "-") probe_output(path);
  }
}

std::string extension_of(const std::string& path) {
  const auto dot = path.find_last_of('.');
  if (dot == std::string::npos || path.find('/', dot) != std::string::npos) return "";
  std::string extension = path.substr(dot);
  for (char& c : extension) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return extension;
}

void check_ending(const std::string& option, const std::string& path, const std::string& ending,
                  bool text) {
  if (path.empty() || (text && path == "-")) return;
  if (extension_of(path) == ending) return;
  throw UsageError(option + " " + path +
                   (path == "-"
                        ? ": is not text, which standard output takes; name a file with the "
                          "extension "
                        : ": the extension must be ") +
                   ending);
}

void check_cloud_ending(const std::string& path, bool pictures) {
  if (path == "-") return;
  try {
    cloud_format(path);
  } catch (const InvalidInput& refusal) {
    throw UsageError(std::string("-o ") + refusal.what());
  }
  if (pictures || !is_image(path)) return;
  throw UsageError("-o " + path +
                   ": is a picture, which transport and apply write, of one that they move; the "
                   "points are written as .csv, .npy, .ply, ...");
}

namespace {

// Where a path leads, there or not.
std::string place_of(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code failed;
  const fs::path whole = fs::weakly_canonical(fs::absolute(behind_links(path), failed), failed);
  return failed || whole.empty() ? path : whole.string();
}

}  // namespace

void check_distinct(NamedOutputs outputs, const RunOptions& run) {
  if (run.json) {
    // The cloud gives way to the report.
    std::erase_if(outputs,
                  [](const auto& output) { return output.first == "-o" && output.second == "-"; });
    outputs.emplace(outputs.begin(), "--json", "-");
  }
  namespace fs = std::filesystem;
  std::map<std::string, std::string> taken;  // by the file that a path leads to: the option
  for (const auto& [option, path] : outputs) {
    // A checkpoint is refused there by its own rule.
    if (path.empty() || (option == "--checkpoint" && path == "-")) continue;
    std::error_code failed;
    // Of the first rank: the others have no standard output.
    if (path != "-" && of_first_rank(fs::is_character_file(path, failed))) continue;
    const auto [other, free] = taken.emplace(path == "-" ? path : place_of(path), option);
    if (free) continue;
    throw UsageError(option + " " + path + ": " + (path == "-" ? "standard output" : "this file") +
                     " is taken by " + other->second);
  }
}

namespace {

// Open MPI gives its processes a terminal of its own for a standard output that may be a file.
bool prints_on_terminal() { return !started_as_rank() && isatty(STDOUT_FILENO) == 1; }

// The first rows, cut where they are longer than a line of a terminal.
std::string rows_as_text(const Cloud& cloud, Index count) {
  constexpr std::size_t kWidth = 120;
  std::vector<Index> rows(to_size(count));
  for (Index i = 0; i < count; ++i) rows[to_size(i)] = i;
  std::istringstream lines(encode_cloud(rows_of(cloud, rows), CloudFormat::csv));
  std::string text;
  for (std::string line; std::getline(lines, line);) {
    // The file's own bytes do not steer the terminal.
    line = printable(std::move(line));
    text += (line.size() <= kWidth ? line : line.substr(0, kWidth) + " ...") + "\n";
  }
  return text;
}

}  // namespace

void write_result(const Cloud& cloud, const std::string& what, const RunOptions& run) {
  constexpr Index kFirst = 10;
  const Index n = cloud.points.rows(), d = cloud.points.cols();
  if (is_image(run.output) && !cloud.pixels) {
    return print_notes({run.output + ": not written, a picture takes all of its colours"},
                       run.quiet);
  }
  if (run.output_given || run.output != "-" || !prints_on_terminal() || n <= 2 * kFirst) {
    return write_cloud(cloud, run.output);
  }
  std::string names;
  for (const std::string& name : coordinate_names(cloud)) {
    if (names.size() > 60) {
      names += ", ...";
      break;
    }
    names += (names.empty() ? "" : ", ") + name;
  }
  print_text(std::to_string(n) + " " + (what.empty() ? "points" : what) + ", dimension " +
             std::to_string(d) + " (" + printable(names) + "), the first " +
             std::to_string(kFirst) + ":\n" + rows_as_text(cloud, kFirst) +
             std::to_string(n - kFirst) + " more: -o FILE or a pipe takes all\n");
}

void print_text(const std::string& text) {
  // Flushed here, so that a full disk or a closed pipe is noticed while an exit code can say so.
  on_first_rank([&] {
    std::cout << text << std::flush;
    if (!std::cout) throw IoFailure("standard output", "could not be written");
  });
}

// File names may be any bytes, JSON is UTF-8: what is none of it is replaced.
void print_json(const Json& json) {
  print_text(json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

void print_notes(const std::vector<std::string>& notes, bool quiet) {
  if (quiet) return;
  for (const auto& note : notes) std::cerr << "note: " << printable(note) << "\n";
}

}  // namespace otbridge::cli
