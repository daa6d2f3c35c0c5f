// What a comparison says, in a sentence and in bars.
#pragma once

#include <span>

#include "otbridge/metrics/comparison.hpp"
#include "otbridge/page/report_page.hpp"

namespace otbridge {

// Fills verdict, headline, sentences and scores. Nearer is: to the true bridge by the map, where
// that is known; else to the target, by sliced W2.
void add_verdict(ReportPage& page, std::span<const Comparison> grid);

}  // namespace otbridge
