#include "page/comparison_verdict.hpp"

#include <algorithm>
#include <cmath>

#include "otbridge/io/comparison_table.hpp"
#include "otbridge/solve/report_text.hpp"

namespace otbridge {
namespace {

using Number = std::optional<double>;

// A row with where it stands: its error is what decides which one is nearest.
struct Entry {
  const Comparison* comparison;
  const ComparisonRow* row;
  std::string name;
  Number error;
};

Number error_of(const Comparison& comparison, const ComparisonRow& row) {
  if (row.refused() || !row.score) return std::nullopt;
  if (comparison.reference != ReferenceKind::truth) return row.score->sliced_w2;
  return row.bridge ? row.bridge->map_rmse : std::nullopt;
}

std::string epsilon_text(const Comparison& comparison) {
  return "epsilon " + short_number(comparison.problem.reference().epsilon());
}

std::vector<Entry> entries_of(std::span<const Comparison> grid) {
  std::vector<Entry> entries;
  for (const Comparison& comparison : grid) {
    for (const ComparisonRow& row : comparison.rows) {
      std::string name = row_name(row);
      if (grid.size() > 1 && row.regularised) name += ", " + epsilon_text(comparison);
      entries.push_back({&comparison, &row, name, error_of(comparison, row)});
    }
  }
  return entries;
}

// Of one comparison; null where no row has an error.
const Entry* nearest(const std::vector<Entry>& entries, const Comparison& comparison) {
  const Entry* best = nullptr;
  for (const Entry& entry : entries) {
    if (entry.comparison != &comparison || !entry.error || !std::isfinite(*entry.error)) continue;
    if (best == nullptr || *entry.error < *best->error) best = &entry;
  }
  return best;
}

std::string time_text(const ComparisonRow& row) {
  return row.plan_file.empty() ? duration_text(row.report.seconds) : "-";
}

// "dsb: off by 0.25, 3.1 times as far, in 26 s."
std::string beside(const Entry& entry, const Entry& best) {
  const bool truth = entry.comparison->reference == ReferenceKind::truth;
  std::string text =
      entry.name + (truth ? ": off by " : ": sliced W2 ") + short_number(*entry.error);
  if (*best.error > 0.0) {
    const double ratio = *entry.error / *best.error;
    text += ratio < 1.05 ? ", as near" : ", " + short_number(ratio) + " times as far";
  }
  return text + ", in " + time_text(*entry.row) + ".";
}

// One problem at one epsilon: who is nearest, and the others beside it.
void say_nearest(ReportPage& page, const std::vector<Entry>& entries,
                 const Comparison& comparison) {
  const Entry* best = nearest(entries, comparison);
  if (best == nullptr) {
    page.headline = "No solver has an error that could be compared.";
    return;
  }
  const ComparisonRow& row = *best->row;
  // The way that points go, to which errors of the map are compared.
  const double way = std::sqrt(2.0 * row.score->transport_cost);
  const bool truth = comparison.reference == ReferenceKind::truth;
  page.headline = best->name +
                  (truth ? " is nearest to the true bridge: its map is off by "
                         : " comes nearest to the target: sliced W2 ") +
                  short_number(*best->error);
  if (truth && way > 0.0 && *best->error > 0.0) {
    page.headline +=
        ", " + short_number(100.0 * *best->error / way) + " % of the way that points go";
  } else if (!truth && comparison.floors) {
    page.headline +=
        ", where exact draws score " + short_number(comparison.floors->distances.sliced_w2);
  }
  page.headline += ". It took " + time_text(row) + ".";
  for (const Entry& entry : entries) {
    if (&entry == best || !entry.error) continue;
    page.sentences.push_back(beside(entry, *best));
  }
}

// Of several epsilons: who is nearest at each.
void say_grid(ReportPage& page, const std::vector<Entry>& entries,
              std::span<const Comparison> grid) {
  std::string best_everywhere;
  bool same = true;
  for (const Comparison& comparison : grid) {
    const Entry* best = nearest(entries, comparison);
    if (best == nullptr) continue;
    const std::string name = row_name(*best->row);
    same = same && (best_everywhere.empty() || best_everywhere == name);
    best_everywhere = name;
    const bool truth = comparison.reference == ReferenceKind::truth;
    page.sentences.push_back("At " + epsilon_text(comparison) + " " + name +
                             (truth ? " is nearest, off by " : " comes nearest, sliced W2 ") +
                             short_number(*best->error) + ", in " + time_text(*best->row) + ".");
  }
  const char* aim =
      grid.front().reference == ReferenceKind::truth ? "the true bridge" : "the target";
  page.headline = same && !best_everywhere.empty()
                      ? best_everywhere + " is nearest to " + aim + " at every epsilon."
                      : "Which solver is nearest to " + std::string(aim) + " depends on epsilon.";
}

PageScore score_of(const Entry& entry, bool truth, bool reference) {
  const ComparisonRow& row = *entry.row;
  PageScore score{.solver = entry.name, .values = {}, .words = {}};
  const auto add = [&](const Number& value, const std::string& missing = "-") {
    score.values.push_back(value);
    score.words.push_back(value ? short_number(*value) : missing);
  };
  const bool there = !row.refused() && row.score;
  if (truth || reference) {
    const bool is_reference = reference && there && row.solver == "sinkhorn" && !row.bridge;
    add(row.bridge ? row.bridge->map_rmse : std::nullopt, is_reference       ? "the reference"
                                                          : row.comparable() ? "-"
                                                                             : "not compared");
  }
  add(there ? Number(row.score->w2) : std::nullopt, row.refused() ? "refused" : "-");
  add(there && row.plan_file.empty() ? Number(row.report.seconds) : std::nullopt);
  if (score.values.back()) score.words.back() = duration_text(*score.values.back());
  // Which cost is the right one the problem says: no bar.
  score.values.push_back(std::nullopt);
  score.words.push_back(there ? short_number(row.score->transport_cost) : "-");
  return score;
}

}  // namespace

void add_verdict(ReportPage& page, std::span<const Comparison> grid) {
  const std::vector<Entry> entries = entries_of(grid);
  if (grid.size() > 1) {
    say_grid(page, entries, grid);
  } else {
    say_nearest(page, entries, grid.front());
  }
  const ReferenceKind kind = grid.front().reference;
  const bool truth = kind == ReferenceKind::truth, reference = kind == ReferenceKind::sinkhorn;
  if (truth) page.measures.emplace_back("off the true map (RMSE)");
  if (reference) page.measures.emplace_back("off the map of sinkhorn (RMSE)");
  for (const char* name : {"W2 to the target", "time", "mean cost"})
    page.measures.emplace_back(name);
  for (const Entry& entry : entries) {
    page.scores.push_back(score_of(entry, truth, reference));
    page.scores.back().best = nearest(entries, *entry.comparison) == &entry;
    const ComparisonRow& row = *entry.row;
    if (row.refused()) {
      page.verdict = Verdict::warning;
      page.sentences.push_back(entry.name + " refused: " + row.refusal);
    } else if (row.reported && row.report.stop_reason != StopReason::converged) {
      page.verdict = Verdict::warning;
      page.sentences.push_back(entry.name + " did not converge (" +
                               std::string(name_of(row.report.stop_reason)) + ").");
    }
  }
  if (!truth) page.sentences.emplace_back("The true bridge of this problem is not known.");
}

}  // namespace otbridge
