// What the script of the page reads: points and errors as JSON.
#pragma once

#include "otbridge/io/json_fwd.hpp"
#include "otbridge/page/report_page.hpp"

namespace otbridge {

// Of the view the coordinates are whole numbers of 16 bits, little-endian in base64: 0 to 65534
// from the lowest to the highest coordinate of all that is shown, far finer than a pixel; 65535 for
// what is not shown. Of more than three dimensions they are those on the first two principal axes.
Json view_json(const PageView& view, const RandomStream& stream);
Json run_json(const PageRun& run);

}  // namespace otbridge
