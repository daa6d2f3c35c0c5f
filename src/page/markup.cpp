#include "page/markup.hpp"

#include <algorithm>

#include "otbridge/core/version.hpp"
#include "page/base64.hpp"
#include "plot/svg.hpp"

namespace otbridge {
namespace {

// name may carry attributes: "p class=\"sub\"".
std::string tagged(std::string_view name, const std::string& inside) {
  return "<" + std::string(name) + ">" + inside + "</" +
         std::string(name.substr(0, name.find(' '))) + ">\n";
}

std::string list_of_pairs(const char* kind,
                          const std::vector<std::pair<std::string, std::string>>& pairs) {
  std::string rows;
  for (const auto& [name, value] : pairs)
    rows += "<div><dt>" + html_text(name) + "</dt><dd>" + html_text(value) + "</dd></div>\n";
  return "<dl class=\"" + std::string(kind) + "\">\n" + rows + "</dl>\n";
}

// Bars against the largest of their column; a sliver where there is next to nothing.
std::string scores_markup(const ReportPage& page) {
  std::string head = "<th scope=\"col\">solver</th>";
  for (const std::string& measure : page.measures)
    head += "<th scope=\"col\">" + html_text(measure) + "</th>";
  std::string body;
  for (const PageScore& score : page.scores) {
    std::string row = "<th scope=\"row\">" + html_text(score.solver) + "</th>";
    for (std::size_t k = 0; k < score.values.size(); ++k) {
      double most = 0.0;
      for (const PageScore& other : page.scores)
        most = std::max(most, other.values[k].value_or(0.0));
      std::string bar;
      if (score.values[k] && most > 0.0) {
        bar =
            "<svg viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect "
            "width=\"" +
            svg_number(std::max(0.5, 100.0 * *score.values[k] / most)) + "\" height=\"10\"/></svg>";
      }
      row += "<td data-measure=\"" + html_text(page.measures[k]) + "\">" + bar +
             html_text(score.words[k]) + "</td>";
    }
    body += score.best ? "<tr class=\"best\">" + row + "</tr>\n" : tagged("tr", row);
  }
  return "<table class=\"scores\">\n<thead><tr>" + head + "</tr></thead>\n<tbody>\n" + body +
         "</tbody>\n</table>\n";
}

std::string table_markup(const PageTable& table) {
  std::string rows;
  for (std::size_t i = 0; i < table.cells.size(); ++i) {
    std::string row;
    for (std::size_t c = 0; c < table.cells[i].size(); ++c) {
      const char* tag = i == 0 ? "th scope=\"col\"" : c == 0 ? "th scope=\"row\"" : "td";
      row += "<" + std::string(tag) + ">" + html_text(table.cells[i][c]) +
             (i == 0 || c == 0 ? "</th>" : "</td>");
    }
    rows += tagged("tr", row);
  }
  const std::string caption =
      table.caption.empty() ? "" : tagged("caption", html_text(table.caption));
  return "<div class=\"scroll\"><table class=\"cells\">\n" + caption + rows + "</table></div>\n";
}

}  // namespace

std::string html_text(std::string_view words) { return svg_escaped(words); }

std::string verdict_markup(const ReportPage& page) {
  struct Look {
    const char *name, *mark, *words;
  };
  // In the order of the enum; a mark and words, since colours alone are not seen by all.
  static constexpr Look kLooks[] = {{"good", "\xE2\x9C\x93", "sound: "},
                                    {"warning", "!", "with care: "},
                                    {"bad", "\xC3\x97", "failed: "}};
  const Look& look = kLooks[static_cast<int>(page.verdict)];
  std::string inside = "<p class=\"headline\"><span class=\"mark\" aria-hidden=\"true\">" +
                       std::string(look.mark) + "</span><span class=\"hidden-text\">" + look.words +
                       "</span>" + html_text(page.headline) + "</p>\n";
  for (const std::string& sentence : page.sentences)
    inside += tagged("p class=\"sentence\"", html_text(sentence));
  if (!page.scores.empty()) inside += scores_markup(page);
  if (!page.tiles.empty()) inside += list_of_pairs("tiles", page.tiles);
  return "<section class=\"verdict " + std::string(look.name) + "\" aria-label=\"Verdict\">\n" +
         inside + "</section>\n";
}

std::string drawing_markup(const PageDrawing& drawing, std::string_view of) {
  return "<figure class=\"drawing of-" + std::string(of) +
         "\"><img src=\"data:image/svg+xml;base64," + base64(drawing.svg) + "\" alt=\"" +
         html_text(drawing.words) + "\"></figure>\n";
}

std::string tables_markup(const ReportPage& page) {
  std::string inside = tagged("h2", "Numbers");
  for (const PageDrawing& drawing : page.number_drawings)
    inside += drawing_markup(drawing, "numbers");
  for (const PageTable& table : page.tables) inside += table_markup(table);
  std::string remarks;
  for (const std::string& remark : page.remarks) remarks += tagged("li", html_text(remark));
  if (!remarks.empty()) inside += tagged("ul class=\"notes\"", remarks);
  return tagged("section", inside);
}

std::string facts_markup(const ReportPage& page) {
  std::string inside = tagged("h2", "Settings and report");
  for (const PageFacts& facts : page.facts) {
    inside += tagged(
        "details", tagged("summary", html_text(facts.title)) + list_of_pairs("facts", facts.rows));
  }
  return tagged("section", inside);
}

std::string origin_markup(const ReportPage& page, std::string_view licences) {
  std::vector<std::pair<std::string, std::string>> rows{{"otbridge", kVersion},
                                                        {"seed", std::to_string(page.seed)}};
  for (const auto& [file, sum] : page.checksums) rows.emplace_back(file, "SHA-256 " + sum);
  return tagged(
             "section",
             tagged("h2", "Make it again") + "<pre id=\"command\">" + html_text(page.command) +
                 "</pre>\n<button type=\"button\" data-copies=\"command\" hidden>Copy</button>\n" +
                 list_of_pairs("facts", rows)) +
         tagged("footer", tagged("p", std::string(licences)));
}

}  // namespace otbridge
