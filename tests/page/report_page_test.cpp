#include "otbridge/page/report_page.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include "otbridge/io/json.hpp"
#include "page/base64.hpp"
#include "page/bundle.hpp"

using namespace otbridge;

namespace {

const RandomStream kStream(1);

std::string file_text(const std::string& path) {
  std::ifstream in(OTBRIDGE_SOURCE_DIR + ("/" + path), std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// The inverse of base64, by its definition.
std::string bytes_of(const std::string& text) {
  const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  unsigned group = 0;
  int bits = 0;
  for (const char c : text) {
    if (c == '=') break;
    group = group << 6 | static_cast<unsigned>(digits.find(c));
    if ((bits += 6) < 8) continue;
    bits -= 8;
    bytes += static_cast<char>(group >> bits & 255U);
  }
  return bytes;
}

int count_of(const std::string& text, const std::string& words) {
  int count = 0;
  for (auto at = text.find(words); at != std::string::npos; at = text.find(words, at + 1)) ++count;
  return count;
}

ReportPage small_page(const Points& source, const Points& target) {
  PageView view{.ends = {{source}, {target}, {}},
                .start = {source},
                .rows = {},
                .total = source.rows(),
                .panels = {{.name = "one", .paths = {{0.0, 1.0}, {source, target}}}}};
  for (Index i = 0; i < source.rows(); ++i) view.rows.push_back(i);
  ReportPage page{.title = "a to b", .subtitle = "n 2", .headline = "Done.", .command = "otbridge"};
  page.view = std::move(view);
  return page;
}

// The JSON that the script reads.
Json data_of(const std::string& html) {
  const std::string open = "<script type=\"application/json\" id=\"data\">";
  const auto begin = html.find(open) + open.size();
  return Json::parse(html.substr(begin, html.find("</script>", begin) - begin));
}

std::vector<double> coordinates(const Json& view, const std::string& text) {
  const std::string bytes = bytes_of(text);
  const std::size_t d = view["low"].size();
  std::vector<double> values;
  for (std::size_t k = 0; 2 * k < bytes.size(); ++k) {
    const double step = static_cast<unsigned char>(bytes[2 * k]) +
                        256.0 * static_cast<unsigned char>(bytes[2 * k + 1]);
    const double low = view["low"][k % d], high = view["high"][k % d];
    values.push_back(step == 65535.0 ? 1e300 : low + step / 65534.0 * (high - low));
  }
  return values;
}

}  // namespace

// RFC 4648, section 10.
TEST_CASE("base64: published vectors") {
  CHECK(base64("") == "");
  CHECK(base64("f") == "Zg==");
  CHECK(base64("fo") == "Zm8=");
  CHECK(base64("foo") == "Zm9v");
  CHECK(base64("foobar") == "Zm9vYmFy");
  CHECK(base64("\xff\xfe\xfd") == "//79");
}

TEST_CASE("page: script and style are those of page/bundle, and cannot end their elements") {
  CHECK(page_script() == file_text("page/bundle/page.js"));
  CHECK(page_style() == file_text("page/bundle/page.css"));
  for (const std::string_view text : {page_script(), page_style()}) {
    CHECK(text.find("</script") == std::string_view::npos);
    CHECK(text.find("</style") == std::string_view::npos);
    CHECK(text.find("<!--") == std::string_view::npos);
    CHECK(text.size() > 1000);
  }
}

TEST_CASE("page: points are within half a step of where they are") {
  Points source(3, 2), target(3, 2);
  source << -1.0, 7.25, 0.3, 8.0, 2.0, 9.5;
  target << 5.0, 7.5, 4.0, 9.0, 3.0, 8.5;
  const Json view = data_of(report_page(small_page(source, target), kStream))["view"];
  CHECK(view["low"] == Json({-1.0, 7.25}));
  CHECK(view["high"] == Json({5.0, 9.5}));
  const auto paths = coordinates(view, view["panels"][0]["paths"]);
  REQUIRE(paths.size() == 12);
  for (std::size_t k = 0; k < 6; ++k) {
    const double half = 0.5 * (k % 2 == 0 ? 6.0 : 2.25) / 65534.0;
    CHECK(std::abs(paths[k] - source.data()[k]) <= half + 1e-15);
    CHECK(std::abs(paths[6 + k] - target.data()[k]) <= half + 1e-15);
  }
  CHECK(coordinates(view, view["clouds"][0]["points"]).size() == 6);
  CHECK(view["clouds"][0]["role"] == "target");
}

TEST_CASE("page: what is not finite is hidden, and one place has a box") {
  Points source(2, 1), target(2, 1);
  source << 3.0, std::nan("");
  target << 3.0, 3.0;
  const Json view = data_of(report_page(small_page(source, target), kStream))["view"];
  CHECK(double(view["low"][0]) < double(view["high"][0]));
  const auto paths = coordinates(view, view["panels"][0]["paths"]);
  CHECK(std::abs(paths[0] - 3.0) < 1e-6);
  CHECK(paths[1] == 1e300);
}

TEST_CASE("page: names of any bytes are text and nothing else") {
  const std::string hostile = "</script><script>alert(1)</script><img src=x onerror=\"x\"> & '\xff";
  Points cloud(2, 2);
  cloud << 0.0, 0.0, 1.0, 1.0;
  ReportPage page = small_page(cloud, cloud);
  page.title = page.subtitle = page.headline = page.command = hostile;
  page.sentences = page.remarks = page.measures = {hostile};
  page.tiles = page.checksums = {{hostile, hostile}};
  page.scores = {{.solver = hostile, .values = {1.0}, .words = {hostile}}};
  page.tables = {{hostile, {{hostile}, {hostile}}}};
  page.facts = {{hostile, {{hostile, hostile}}}};
  page.view_drawings = {{hostile, "<svg/>"}};
  Progress record;
  record.iteration = 1, record.marginal_error_source = 0.5;
  page.runs = {{hostile, hostile, {record}}};
  page.view->ends.columns = {hostile, hostile};
  page.view->choices = {hostile};
  page.view->start.ids = {hostile, hostile};
  page.view->panels[0].name = hostile;
  page.view->panels[0].remarks = {hostile};
  const std::string html = report_page(page, kStream);
  CHECK(count_of(html, "<script") == 2);
  CHECK(count_of(html, "</script>") == 2);
  CHECK(count_of(html, "<img ") == 1);
  CHECK(count_of(html, "alert(1)") > 10);
  const Json data = data_of(html);
  CHECK(data["view"]["panels"][0]["name"] ==
        hostile.substr(0, hostile.size() - 1) + "\xEF\xBF\xBD");
}

TEST_CASE("page: nothing is asked for, and only its own script runs") {
  Points cloud(2, 3);
  cloud << 0.0, 0.0, 0.0, 1.0, 2.0, 3.0;
  const std::string html = report_page(small_page(cloud, cloud), kStream);
  CHECK(html == report_page(small_page(cloud, cloud), kStream));
  CHECK(html.find("content=\"default-src 'none'; img-src data:; style-src 'sha256-") !=
        std::string::npos);
  CHECK(html.find("unsafe") == std::string::npos);
  CHECK(count_of(html, " src=\"") == 0);
  CHECK(count_of(html, "href=\"") == 1);  // an icon without content
  CHECK(html.find("style=\"") == std::string::npos);
}

TEST_CASE("page: a million points are a page of some megabytes") {
  const Points source = normal_points(1000000, 3, RandomStream(5)), target = source.reverse();
  const Index most = page_start_limit(1);
  ReportPage page = small_page(source.topRows(most), target.topRows(most));
  page.view->ends = {{source}, {target}, {}};
  const Index times = page_times(most, 1);
  CHECK(times >= 9);
  page.view->panels[0].paths.times.clear();
  page.view->panels[0].paths.at.assign(static_cast<std::size_t>(times), source.topRows(most));
  for (Index k = 0; k < times; ++k) page.view->panels[0].paths.times.push_back(double(k));
  const std::string html = report_page(page, kStream);
  CHECK(html.size() < 8000000);
  CHECK(data_of(html)["view"]["clouds"][0]["total"] == 1000000);
}

TEST_CASE("page: many panels share the room for paths") {
  for (const std::size_t panels : {1U, 2U, 4U, 12U, 40U}) {
    const Index n = page_start_limit(panels);
    CHECK(n >= 200);
    CHECK(page_times(n, panels) >= 9);
    CHECK(page_times(200, panels) <= 61);
    CHECK(static_cast<Index>(panels) * n * page_times(n, panels) <= 420000);
  }
}
