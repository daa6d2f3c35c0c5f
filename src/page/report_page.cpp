#include "otbridge/page/report_page.hpp"

#include <algorithm>

#include "otbridge/core/sha256.hpp"
#include "otbridge/core/version.hpp"
#include "otbridge/io/json.hpp"
#include "page/base64.hpp"
#include "page/bundle.hpp"
#include "page/data.hpp"
#include "page/markup.hpp"

namespace otbridge {
namespace {

constexpr Index kPositions = 400000;  // of all paths of a page: 3 MB in space

constexpr const char* kLicences =
    "Drawn by otbridge (MIT licence) and uPlot (copyright 2022 Leon Sorokin, MIT licence, whose "
    "text is in the script). This file needs no network and sends nothing.";

// A script of type JSON ends at "</script" wherever that stands.
std::string json_in_markup(const Json& data) {
  std::string text;
  for (const char c : json_text(data)) {
    if (c == '<') {
      text += "\\u003c";
    } else {
      text += c;
    }
  }
  return text;
}

// As a content policy names what it allows.
std::string allowed(std::string_view text) {
  const auto digest = sha256(text);
  return "'sha256-" + base64({reinterpret_cast<const char*>(digest.data()), digest.size()}) + "'";
}

std::string head_of(const ReportPage& page) {
  const std::string policy = "default-src 'none'; img-src data:; style-src " +
                             allowed(page_style()) + "; script-src " + allowed(page_script()) +
                             "; base-uri 'none'; form-action 'none'";
  return "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"" +
         policy +
         "\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<meta name=\"generator\" content=\"otbridge " +
         std::string(kVersion) + "\">\n<link rel=\"icon\" href=\"data:,\">\n<title>" +
         html_text(page.title) + "</title>\n<style>" + std::string(page_style()) +
         "</style>\n</head>\n";
}

// A heading, the place that the script fills, and the drawings that stand there without it.
std::string moving_section(const char* heading, const char* id,
                           const std::vector<PageDrawing>& drawings) {
  std::string text =
      "<section>\n<h2>" + std::string(heading) + "</h2>\n<div id=\"" + id + "\"></div>\n";
  if (!drawings.empty())
    text += "<noscript><p class=\"sentence\">Without scripts: as a drawing.</p></noscript>\n";
  for (const PageDrawing& drawing : drawings) text += drawing_markup(drawing, id);
  return text + "</section>\n";
}

}  // namespace

Index page_start_limit(std::size_t panels) {
  const Index each = kPositions / static_cast<Index>(std::max<std::size_t>(panels, 1));
  constexpr Index kFewestTimes = 9;
  return std::clamp(each / kFewestTimes, Index{200}, panels > 1 ? Index{2000} : Index{20000});
}

Index page_times(Index starting_points, std::size_t panels) {
  const Index positions = starting_points * static_cast<Index>(std::max<std::size_t>(panels, 1));
  return std::clamp(kPositions / std::max(positions, Index{1}), Index{9}, Index{61});
}

std::string report_page(const ReportPage& page, const RandomStream& stream) {
  Json runs = Json::array();
  for (const PageRun& run : page.runs) {
    Json one = run_json(run);
    if (!one["tracks"].empty()) runs.push_back(std::move(one));
  }
  const bool converges = !runs.empty() || !page.run_drawings.empty();
  const Json data = {{"view", page.view ? view_json(*page.view, stream) : Json(nullptr)},
                     {"runs", std::move(runs)}};
  std::string text = head_of(page);
  text += "<body>\n<header>\n<h1>" + html_text(page.title) + "</h1>\n<p class=\"sub\">" +
          html_text(page.subtitle) +
          "</p>\n<button type=\"button\" id=\"dark\" hidden>Light or "
          "dark</button>\n</header>\n<main>\n";
  text += verdict_markup(page);
  if (page.view) text += moving_section("Where the points go", "view", page.view_drawings);
  if (converges) text += moving_section("How it converged", "charts", page.run_drawings);
  if (!page.tables.empty()) text += tables_markup(page);
  if (!page.facts.empty()) text += facts_markup(page);
  text += origin_markup(page, kLicences);
  text += "</main>\n<script type=\"application/json\" id=\"data\">" + json_in_markup(data) +
          "</script>\n<script>" + std::string(page_script()) + "</script>\n</body>\n</html>\n";
  return text;
}

}  // namespace otbridge
