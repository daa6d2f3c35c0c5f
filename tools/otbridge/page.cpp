#include "page.hpp"

#include "exit_code.hpp"
#include "moving.hpp"
#include "otbridge/io/atomic_file.hpp"
#include "output.hpp"

namespace otbridge::cli {

void add_report(CLI::App& command, std::string& target) {
  add_text(command, "--report", "FILE", target,
           "write a page that shows all of it, to open in a browser, offline (.html)");
}

void check_report(const std::string& path) {
  check_ending("--report", path, ".html");
  check_outputs({path});
}

RowParts parts_shown(const RunOptions& run) {
  return [&run](Index n, const std::string& what,
                const std::function<void(Index begin, Index end)>& part) {
    return for_parts(n, what, run, part, false);
  };
}

bool write_page(const std::string& path, const std::optional<std::string>& html) {
  if (html) write_file(path, *html);
  return html.has_value();
}

}  // namespace otbridge::cli
