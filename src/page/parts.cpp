#include "page/parts.hpp"

#include <algorithm>
#include <filesystem>

#include "otbridge/core/chosen_rows.hpp"
#include "otbridge/core/exchange.hpp"
#include "otbridge/core/sha256.hpp"
#include "otbridge/io/atomic_file.hpp"
#include "otbridge/io/json.hpp"
#include "otbridge/io/report_json.hpp"
#include "otbridge/solve/report_text.hpp"

namespace otbridge {

PageView page_view(const PlotEnds& ends, const PlotCloud& start, std::size_t panels,
                   std::uint64_t seed) {
  PageView view{.ends = ends, .start = {}, .rows = {}, .total = start.points.rows(), .panels = {}};
  view.rows =
      chosen_rows(view.total, page_start_limit(panels), RandomStream(seed, Purpose::plot).fork(3));
  view.start.points = start.points(view.rows, Eigen::all);
  if (start.weights.size() > 0) view.start.weights = start.weights(view.rows);
  for (const Index row : view.rows) {
    if (!start.ids.empty()) view.start.ids.push_back(start.ids[static_cast<std::size_t>(row)]);
  }
  return view;
}

std::optional<PagePanel> bridge_panel(const std::string& name, const TransportPlan& plan,
                                      const PageView& view, std::size_t panels, const Points& moved,
                                      Direction direction, std::uint64_t seed,
                                      const RowParts& parts) {
  const Points& start = view.start.points;
  const Index n = start.rows(), times = page_times(n, panels);
  PagePanel panel{.name = name, .paths = {}};
  for (Index k = 0; k < times; ++k)
    panel.paths.times.push_back(static_cast<double>(k) / static_cast<double>(times - 1));
  panel.paths.at.assign(static_cast<std::size_t>(times), Points(n, start.cols()));
  const RandomStream stream(seed, Purpose::paths);
  const Index done = parts(n, "paths of the report", [&](Index begin, Index end) {
    const Paths part = plan.sample_paths(start.middleRows(begin, end - begin), panel.paths.times,
                                         direction, stream, begin);
    for (std::size_t k = 0; k < part.at.size(); ++k)
      panel.paths.at[k].middleRows(begin, end - begin) = part.at[k];
  });
  if (done < n) return std::nullopt;
  if (moved.size() > 0) panel.moved = moved(view.rows, Eigen::all);
  return panel;
}

PageFacts setting_facts(const Solver& solver, const SettingAssignments& settings) {
  PageFacts facts{"Settings of " + std::string(solver.name()), {}};
  for (const SettingRow& row : solver.settings()) {
    std::string text = row.default_value;
    // Later assignments win.
    for (const auto& [key, value] : settings) {
      if (key == row.name) text = setting_text(value) + " (given)";
    }
    facts.rows.emplace_back(row.name, text);
  }
  return facts;
}

PageFacts report_facts(const std::string& title, const SolveReport& report) {
  PageFacts facts{title, {}};
  const Json json = report_to_json(report);
  for (const auto& [key, value] : json.items()) {
    if (value.is_null() || key == "rounds" || key == "notes") continue;
    facts.rows.emplace_back(key, value.is_string() ? value.get<std::string>() : value.dump());
  }
  for (const std::string& note : report.notes) facts.rows.emplace_back("note", note);
  return facts;
}

void add_origin(ReportPage& page, const Origin& origin) {
  page.command = printable(origin.command);
  page.seed = origin.seed;
  for (const std::string& file : origin.inputs) {
    // Toys and literal laws are no files, and a stream is read once.
    std::error_code ignored;
    if (!of_first_rank(std::filesystem::is_regular_file(file, ignored))) continue;
    const auto same = [&](const auto& sum) { return sum.first == file; };
    if (std::ranges::any_of(page.checksums, same)) continue;
    page.checksums.emplace_back(file, sha256_text(read_file(file)));
  }
}

}  // namespace otbridge
