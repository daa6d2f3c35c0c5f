// Figures of the literature for the problems of the tables.
#pragma once

#include <string>
#include <vector>

#include "otbridge/tables/table.hpp"

namespace otbridge {

// In the order of the publications; empty for a table without any.
std::vector<PublishedFigure> published_figures(const std::string& table);

}  // namespace otbridge
