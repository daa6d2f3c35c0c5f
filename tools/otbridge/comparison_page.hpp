// The report page of a comparison: solvers side by side on the same starting points.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "otbridge/metrics/comparison.hpp"
#include "page.hpp"

namespace otbridge::cli {

// Gathers the panels while plans are there, epsilon by epsilon, and writes the page at the end.
class ComparisonPage {
 public:
  // An empty path: nothing is gathered or written. panels: how many there may be in all.
  ComparisonPage(std::string path, const RunOptions& run, std::size_t panels)
      : path_(std::move(path)), run_(run), panels_(panels) {}

  // truth: the plan of the known answer, or null.
  void add(const Job& job, const Comparison& comparison, const TransportPlan* truth);
  // Of a grid one comparison for each epsilon, in the order in which they were added. picture: of
  // --plot. inputs: that may be files.
  void write(const Job& job, std::span<const Comparison> grid, const std::string& picture,
             const std::vector<std::string>& inputs, const std::vector<PageFacts>& settings);

 private:
  std::string path_;
  const RunOptions& run_;
  std::size_t panels_;
  std::optional<PageView> view_ = {};
  std::vector<std::string> left_out_ = {};  // remarks
  bool interrupted_ = false;
};

}  // namespace otbridge::cli
