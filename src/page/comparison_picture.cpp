#include "otbridge/page/comparison_picture.hpp"

#include <algorithm>

#include "otbridge/io/comparison_table.hpp"
#include "otbridge/solve/report_text.hpp"

namespace otbridge {
namespace {

// The third number of a panel: how far the bridge is from the reference, else its draws from the
// target.
std::string third_number(const ComparisonRow& row) {
  const BridgeScore bridge = row.bridge.value_or(BridgeScore{});
  if (bridge.path_kl) return "path KL " + short_number(*bridge.path_kl) + " nats";
  if (bridge.map_rmse) return "map RMSE " + short_number(*bridge.map_rmse);
  return "sliced W2 " + short_number(row.score->sliced_w2);
}

// A number of a row that has a score.
struct DrawnMeasure {
  const char* name;
  std::optional<double> (*of)(const ComparisonRow&);
  std::optional<double> (*floor)(const Comparison&);
};
const std::vector<DrawnMeasure> kMeasures{
    {"W2", [](const ComparisonRow& row) { return std::optional(row.score->w2); },
     [](const Comparison& c) {
       return c.floors ? std::optional(c.floors->distances.w2) : std::nullopt;
     }},
    {"sliced W2", [](const ComparisonRow& row) { return std::optional(row.score->sliced_w2); },
     [](const Comparison& c) {
       return c.floors ? std::optional(c.floors->distances.sliced_w2) : std::nullopt;
     }},
    {"cost", [](const ComparisonRow& row) { return std::optional(row.score->transport_cost); },
     [](const Comparison&) { return std::optional<double>(); }},
    {"path KL",
     [](const ComparisonRow& row) { return row.bridge ? row.bridge->path_kl : std::nullopt; },
     [](const Comparison&) { return std::optional<double>(); }}};

// Rows of one name over the grid; of one that leaves epsilon out the one row that there is.
EpsilonScores scores_of(const std::string& name, const DrawnMeasure& measure,
                        std::span<const Comparison> grid) {
  EpsilonScores scores{name, {}, true};
  for (const Comparison& comparison : grid) {
    const auto row = std::ranges::find_if(comparison.rows, [&](const ComparisonRow& r) {
      return row_name(r) == name && !r.refused();
    });
    const bool there = row != comparison.rows.end();
    if (there) scores.regularised = row->regularised;
    scores.values.push_back(there ? measure.of(*row) : std::nullopt);
  }
  if (!scores.regularised) {
    const auto given =
        std::ranges::find_if(scores.values, [](const auto& value) { return value.has_value(); });
    if (given != scores.values.end()) std::ranges::fill(scores.values, std::optional(*given));
  }
  return scores;
}

}  // namespace

PlotEnds comparison_ends(const Origin& origin, const Comparison& comparison) {
  const auto cloud = [](const WeightedPoints& law, const std::vector<std::string>& ids) {
    return PlotCloud{law.points(), law.weights(), ids};
  };
  return {cloud(comparison.start, origin.source_ids), cloud(comparison.fresh, origin.target_ids),
          origin.columns};
}

std::string comparison_picture(const Origin& origin, const Comparison& comparison) {
  const PlotEnds ends = comparison_ends(origin, comparison);
  const PlotCloud &start = ends.source, &fresh = ends.target;
  std::vector<ComparisonPanel> panels;
  const auto add = [&](const ComparisonRow& row) {
    if (row.refused()) return;
    panels.push_back(
        {row_name(row),
         {start, row.moved, "one draw each"},
         {"W2 " + short_number(row.score->w2) + ", cost " + short_number(row.score->transport_cost),
          third_number(row)}});
  };
  if (comparison.truth_row) {
    add(*comparison.truth_row);
  } else if (comparison.floors && ends.source.points.cols() > 1) {
    // On a line panels show maps, and draws of the target are none.
    const CloudDistances& floor = comparison.floors->distances;
    panels.push_back(
        {"floor: draws of the target",
         {fresh, fresh.points, "one draw each"},
         {"W2 " + short_number(floor.w2), "sliced W2 " + short_number(floor.sliced_w2)}});
  }
  for (const ComparisonRow& row : comparison.rows) add(row);
  // No seconds: the same input draws the same bytes.
  const std::string epsilon =
      comparison.regularised()
          ? "epsilon " + short_number(comparison.problem.reference().epsilon()) + ", "
          : "";
  const FigureText text = figure_text(origin, origin.title(),
                                      epsilon + "n " + std::to_string(comparison.start.size()) +
                                          ", one draw of the far end per point",
                                      "One panel per solver on the same problem");
  return draw_comparison(text, ends, panels, RandomStream(origin.seed, Purpose::plot));
}

std::string epsilons_picture(const Origin& origin, std::span<const Comparison> grid) {
  // Ascending, whatever the order they were given in.
  std::vector<Comparison> ascending(grid.begin(), grid.end());
  std::vector<double> epsilons;
  std::ranges::sort(ascending, {},
                    [](const Comparison& c) { return c.problem.reference().epsilon(); });
  std::vector<std::string> names;
  for (const Comparison& comparison : ascending) {
    epsilons.push_back(comparison.problem.reference().epsilon());
    for (const ComparisonRow& row : comparison.rows) {
      const std::string name = row_name(row);
      if (!row.refused() && std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
  }
  std::vector<EpsilonMeasure> measures;
  for (const DrawnMeasure& measure : kMeasures) {
    EpsilonMeasure drawn{measure.name, {}, measure.floor(ascending.front())};
    // A floor that depends on epsilon, as where the laws do, is no line across.
    if (std::ranges::any_of(ascending,
                            [&](const Comparison& c) { return measure.floor(c) != drawn.floor; })) {
      drawn.floor.reset();
    }
    for (const std::string& name : names)
      drawn.solvers.push_back(scores_of(name, measure, ascending));
    measures.push_back(std::move(drawn));
  }
  const FigureText text = figure_text(
      origin, origin.title(),
      "n " + std::to_string(grid.front().start.size()) + ", one draw of the far end per point",
      "What the solvers score against epsilon");
  return draw_epsilons(text, epsilons, measures);
}

}  // namespace otbridge
