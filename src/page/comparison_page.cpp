#include "otbridge/page/comparison_page.hpp"

#include "otbridge/io/comparison_table.hpp"
#include "otbridge/page/comparison_picture.hpp"
#include "otbridge/solve/report_text.hpp"
#include "page/comparison_verdict.hpp"
#include "page/parts.hpp"

namespace otbridge {
namespace {

std::vector<std::string> remarks_of(const Comparison& comparison, const ComparisonRow& row) {
  std::vector<std::string> remarks;
  if (comparison.reference == ReferenceKind::truth && row.bridge && row.bridge->map_rmse)
    remarks.push_back("off the true map by " + short_number(*row.bridge->map_rmse));
  remarks.push_back("W2 " + short_number(row.score->w2));
  remarks.push_back("cost " + short_number(row.score->transport_cost));
  if (row.plan_file.empty()) remarks.push_back(duration_text(row.report.seconds));
  return remarks;
}

std::string choice_name(const Comparison& comparison) {
  return "epsilon " + short_number(comparison.problem.reference().epsilon());
}

}  // namespace

void ComparisonPage::add(const Origin& origin, const Comparison& comparison,
                         const TransportPlan* truth) {
  if (interrupted_) return;
  if (!view_) {
    const PlotEnds ends = comparison_ends(origin, comparison);
    view_ = page_view(ends, ends.source, panels_, origin.seed);
    view_->moved_name = "one draw each";
  } else if (view_->ends.source.points != comparison.start.points() ||
             view_->ends.target.points != comparison.fresh.points()) {
    // Laws that depend on epsilon have no view in common.
    left_out_.push_back("the view leaves " + choice_name(comparison) +
                        " out, whose laws are others");
    return;
  }
  view_->choices.push_back(choice_name(comparison));
  const auto take = [&](const std::string& name, const TransportPlan& plan, const Points& moved,
                        std::vector<std::string> remarks, int choice) {
    auto panel =
        bridge_panel(name, plan, *view_, panels_, moved, Direction::forward, origin.seed, parts_);
    if (!panel) {
      interrupted_ = true;
      return;
    }
    panel->remarks = std::move(remarks);
    panel->choice = choice;
    view_->panels.push_back(std::move(*panel));
  };
  const int here = static_cast<int>(view_->choices.size()) - 1;
  if (truth != nullptr && comparison.truth_row) {
    take("truth", *truth, comparison.truth_row->moved,
         {"W2 " + short_number(comparison.truth_row->score->w2),
          "cost " + short_number(comparison.truth_row->score->transport_cost)},
         here);
  }
  for (const ComparisonRow& row : comparison.rows) {
    if (interrupted_ || row.refused() || row.plan == nullptr || !row.score) continue;
    take(row_name(row), *row.plan, row.moved, remarks_of(comparison, row),
         row.regularised ? here : -1);
  }
}

std::optional<std::string> ComparisonPage::html(const Origin& origin,
                                                std::span<const Comparison> grid,
                                                const std::string& picture,
                                                const std::vector<Contender>& contenders) {
  if (interrupted_) return std::nullopt;
  const Comparison& first = grid.front();
  ReportPage page{.title = origin.title(), .subtitle = "", .headline = "", .command = ""};
  page.subtitle = "comparison of solvers, n " + std::to_string(first.start.size());
  for (const Comparison& comparison : grid) {
    if (comparison.regularised())
      page.subtitle += (&comparison == &first ? ", epsilon " : ", ") +
                       short_number(comparison.problem.reference().epsilon());
  }
  add_verdict(page, grid);
  if (view_ && !view_->panels.empty()) page.view = std::move(view_);
  if (page.view && grid.size() == 1) {
    page.view_drawings.push_back({"One panel per solver on the same problem", picture});
  } else if (page.view) {
    page.view_drawings.push_back(
        {"One panel per solver on the same problem", comparison_picture(origin, first)});
  }
  if (grid.size() > 1)
    page.number_drawings.push_back({"What the solvers score against epsilon", picture});
  for (const Comparison& comparison : grid) {
    for (const ComparisonRow& row : comparison.rows) {
      if (row.refused() || !row.reported) continue;
      const std::string where =
          grid.size() > 1 && row.regularised ? choice_name(comparison) : std::string();
      page.runs.push_back({row_name(row), where, row.report.trace});
      if (!row.report.trace.empty()) {
        const FigureText text = figure_text(origin, "Convergence of " + row_name(row), where,
                                            "Errors against iterations");
        page.run_drawings.push_back({text.title, draw_convergence(text, row.report.trace)});
      }
      page.facts.push_back(report_facts(
          "Report of " + row_name(row) + (where.empty() ? "" : ", " + where), row.report));
    }
  }
  for (TableCells& cells : comparison_cells(grid)) page.tables.push_back({"", std::move(cells)});
  page.remarks = comparison_remarks(grid);
  page.remarks.insert(page.remarks.end(), left_out_.begin(), left_out_.end());
  for (const Contender& contender : contenders) {
    if (contender.plan_file.empty())
      page.facts.push_back(setting_facts(*contender.solver, contender.settings));
  }
  add_origin(page, origin);
  return report_page(page, RandomStream(origin.seed, Purpose::plot));
}

}  // namespace otbridge
