// The parts of the page that are plain HTML.
#pragma once

#include <string>
#include <string_view>

#include "otbridge/page/report_page.hpp"

namespace otbridge {

// Text as it may stand in HTML, between tags and in attributes with quotes.
std::string html_text(std::string_view words);

std::string verdict_markup(const ReportPage& page);
// An image; of: "view" or "charts", which takes its place on a screen with scripts, or "numbers".
std::string drawing_markup(const PageDrawing& drawing, std::string_view of);
std::string tables_markup(const ReportPage& page);
std::string facts_markup(const ReportPage& page);
std::string origin_markup(const ReportPage& page, std::string_view licences);

}  // namespace otbridge
