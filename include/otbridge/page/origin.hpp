// What the pictures and pages of results have in common: where they come from.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "otbridge/plot/figure.hpp"

namespace otbridge {

struct Origin {
  std::string source, target;  // what the laws are called: "moons@torchcfm"
  // Of the clouds that were read: names of coordinates, and ids of points; or empty.
  std::vector<std::string> columns = {}, source_ids = {}, target_ids = {};
  std::string command;  // that makes it again
  std::uint64_t seed = 0;
  std::vector<std::string> inputs = {};  // names that may be files, whose checksums are told

  std::string title() const { return source + " to " + target; }
};

// With command, seed and version in its metadata.
FigureText figure_text(const Origin& origin, const std::string& title, const std::string& subtitle,
                       const std::string& description);

// Calls part(begin, end) for all rows [0, n) in ascending parts, which are called `what`. Returns
// the number of rows that are done: of fewer than n the page is left out.
using RowParts = std::function<Index(Index n, const std::string& what,
                                     const std::function<void(Index begin, Index end)>& part)>;
inline Index in_one_part(Index n, const std::string&,
                         const std::function<void(Index begin, Index end)>& part) {
  part(0, n);
  return n;
}

}  // namespace otbridge
