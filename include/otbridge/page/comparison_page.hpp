// The report page of a comparison: solvers side by side on the same starting points.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "otbridge/metrics/comparison.hpp"
#include "otbridge/page/origin.hpp"
#include "otbridge/page/report_page.hpp"

namespace otbridge {

// Gathers the panels while plans are there, epsilon by epsilon, and makes the page at the end.
class ComparisonPage {
 public:
  // panels: how many there may be in all.
  explicit ComparisonPage(std::size_t panels, RowParts parts = in_one_part)
      : panels_(panels), parts_(std::move(parts)) {}

  // truth: the plan of the known answer, or null.
  void add(const Origin& origin, const Comparison& comparison, const TransportPlan* truth);
  // As HTML; nothing where `parts` did not do all. Of a grid one comparison for each epsilon, in
  // the order in which they were added. picture: of what is compared, comparison_picture or
  // epsilons_picture. contenders: whose settings are told, but for those of saved plans.
  std::optional<std::string> html(const Origin& origin, std::span<const Comparison> grid,
                                  const std::string& picture,
                                  const std::vector<Contender>& contenders);

 private:
  std::size_t panels_;
  RowParts parts_;
  std::optional<PageView> view_ = {};
  std::vector<std::string> left_out_ = {};  // remarks
  bool interrupted_ = false;
};

}  // namespace otbridge
