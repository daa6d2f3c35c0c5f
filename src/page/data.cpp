#include "page/data.hpp"

#include <algorithm>
#include <cmath>

#include "otbridge/core/chosen_rows.hpp"
#include "otbridge/core/number_text.hpp"
#include "otbridge/io/json.hpp"
#include "page/base64.hpp"
#include "plot/convergence_tracks.hpp"
#include "plot/paint.hpp"
#include "plot/view.hpp"

namespace otbridge {
namespace {

constexpr double kSteps = 65534.0;
constexpr std::uint16_t kHidden = 65535;

// As they are on the page: the coordinates of a cloud of up to three, else places on its plane.
Points shown_of(const View& view, const Points& points) {
  if (points.cols() <= 3) return points;
  return view.place(points).leftCols(2);
}

// The box around all that is shown.
struct Box {
  Eigen::RowVectorXd low, high;
};
Box box_of(const View& view, const std::vector<const Points*>& clouds) {
  Box box;
  for (const Points* cloud : clouds) {
    const Points shown = shown_of(view, *cloud);
    if (box.low.size() == 0) {
      box.low.setConstant(shown.cols(), 1e300);
      box.high.setConstant(shown.cols(), -1e300);
    }
    for (Index i = 0; i < shown.rows(); ++i) {
      if (!view.shows(*cloud, i)) continue;
      box.low = box.low.cwiseMin(shown.row(i)), box.high = box.high.cwiseMax(shown.row(i));
    }
  }
  for (Index c = 0; c < box.low.size(); ++c) {
    // Nothing, or one place: a box that has a size.
    if (box.low[c] > box.high[c]) box.low[c] = -1.0, box.high[c] = 1.0;
    const double least = 1e-9 * std::max(std::abs(box.low[c]), 1e-290);
    if (box.high[c] - box.low[c] < least) box.low[c] -= 0.5 * least, box.high[c] += 0.5 * least;
  }
  return box;
}

void append_points(std::string& bytes, const View& view, const Box& box, const Points& points) {
  const Points shown = shown_of(view, points);
  for (Index i = 0; i < shown.rows(); ++i) {
    const bool visible = view.shows(points, i);
    for (Index c = 0; c < shown.cols(); ++c) {
      std::uint16_t step = kHidden;
      if (visible) {
        const double share = (shown(i, c) - box.low[c]) / (box.high[c] - box.low[c]);
        step = static_cast<std::uint16_t>(std::lround(kSteps * std::clamp(share, 0.0, 1.0)));
      }
      bytes += static_cast<char>(step & 0xff);
      bytes += static_cast<char>(step >> 8);
    }
  }
}

std::string points_text(const View& view, const Box& box, const Points& points) {
  std::string bytes;
  append_points(bytes, view, box, points);
  return base64(bytes);
}

// Radii of points whose area is their weight, 255 for the heaviest; null where all are alike.
Json sizes_json(const Vector& weights, const std::vector<Index>& rows) {
  if (weights.size() == 0 || weights.maxCoeff() <= weights.minCoeff()) return nullptr;
  std::string bytes;
  for (const Index row : rows) {
    const double share = std::sqrt(std::max(weights[row], 0.0) / weights.maxCoeff());
    bytes += static_cast<char>(std::lround(255.0 * share));
  }
  return base64(bytes);
}

Json cloud_json(const View& view, const Box& box, const char* role, const PlotCloud& cloud,
                const RandomStream& stream) {
  const auto rows = chosen_rows(cloud.points.rows(), kPagePoints, stream);
  const Points chosen = cloud.points(rows, Eigen::all);
  return {{"role", role},
          {"total", cloud.points.rows()},
          {"points", points_text(view, box, chosen)},
          {"sizes", sizes_json(cloud.weights, rows)}};
}

// Where the script finds a colour of the theme, by the one of pictures.
const char* role_of(const std::string& stroke) {
  if (stroke == colour::kSource) return "source";
  if (stroke == colour::kTarget) return "target";
  if (stroke == colour::kMoved) return "moved";
  return stroke == colour::kLoss ? "means" : "";
}

Json series_json(const Series& series) {
  std::vector<double> across, values;
  for (const auto& [x, y] : series.points) across.push_back(x), values.push_back(y);
  return {{"name", series.name},
          {"stroke", series.stroke},
          {"role", role_of(series.stroke)},
          {"x", across},
          {"y", values},
          {"dashed", series.dashed}};
}

}  // namespace

Json view_json(const PageView& view, const RandomStream& stream) {
  const View seen(view.ends);
  std::vector<const Points*> clouds{&view.ends.source.points, &view.ends.target.points};
  for (const PagePanel& panel : view.panels) {
    for (const Points& slice : panel.paths.at) clouds.push_back(&slice);
    if (panel.moved.size() > 0) clouds.push_back(&panel.moved);
  }
  const Box box = box_of(seen, clouds);
  const Eigen::RowVectorXd side = box.high - box.low;
  // As in pictures: what spreads 20 times wider in one coordinate has no scale in common.
  const bool uneven = side.maxCoeff() > 20.0 * side.minCoeff();
  std::vector<Index> every(to_size(view.start.points.rows()));
  for (std::size_t i = 0; i < every.size(); ++i) every[i] = static_cast<Index>(i);
  std::string classes;
  for (const int k : start_classes(seen.project(view.start.points)))
    classes += static_cast<char>(k);
  Json panels = Json::array();
  for (const PagePanel& panel : view.panels) {
    std::string bytes;
    for (const Points& slice : panel.paths.at) append_points(bytes, seen, box, slice);
    panels.push_back({{"name", panel.name},
                      {"remarks", panel.remarks},
                      {"choice", panel.choice},
                      {"paths", base64(bytes)},
                      {"moved", panel.moved.size() > 0 ? Json(points_text(seen, box, panel.moved))
                                                       : Json(nullptr)}});
  }
  return {{"dimension", box.low.size()},
          {"names", seen.names()},
          {"low", vector_to_json(box.low)},
          {"high", vector_to_json(box.high)},
          {"uneven", uneven},
          {"colour", seen.colour_range()},
          {"clouds",
           {cloud_json(seen, box, "target", view.ends.target, stream.fork(1)),
            cloud_json(seen, box, "source", view.ends.source, stream.fork(2))}},
          {"count", view.start.points.rows()},
          {"total", view.total},
          {"backward", view.direction == Direction::backward},
          {"rows", view.rows},
          {"ids", view.start.ids.empty() ? Json(nullptr) : Json(view.start.ids)},
          {"sizes", sizes_json(view.start.weights, every)},
          {"classes", base64(classes)},
          {"times", view.panels.front().paths.times},
          {"moved", view.moved_name},
          {"choices", view.choices},
          {"panels", panels}};
}

Json run_json(const PageRun& run) {
  Json tracks = Json::array();
  for (const Track& track : convergence_tracks(run.trace, run.tolerance)) {
    Json series = Json::array();
    std::string words;
    double first = 1e300, last = -1e300;
    for (const Series& one : track.series) {
      series.push_back(series_json(one));
      words += (words.empty() ? "" : ", ") + one.name + " last " +
               plain_number(one.points.back().second, 3);
      first = std::min(first, one.points.front().first);
      last = std::max(last, one.points.back().first);
    }
    if (track.limit) {
      series.push_back(series_json(
          {track.limit_words, colour::kLine, {{first, *track.limit}, {last, *track.limit}}, true}));
    }
    tracks.push_back({{"axis", track.axis},
                      {"logarithmic", track.logarithmic},
                      {"words", words},
                      {"series", series}});
  }
  return {{"name", run.name}, {"remark", run.remark}, {"tracks", tracks}};
}

}  // namespace otbridge
