#include "distance_report.hpp"

#include <algorithm>
#include <array>

#include "otbridge/io/json.hpp"
#include "otbridge/solve/report_text.hpp"
#include "text_grid.hpp"

namespace otbridge::cli {
namespace {

struct Row {
  const char *title, *key;
  Distance Distances::*distance;
};
constexpr std::array kRows{
    Row{"W2", "w2", &Distances::w2}, Row{"W1", "w1", &Distances::w1},
    Row{"sliced W2", "sliced_w2", &Distances::sliced_w2},
    Row{"energy distance", "energy_distance", &Distances::energy_distance},
    Row{"Sinkhorn divergence", "sinkhorn_divergence", &Distances::sinkhorn_divergence}};

std::string shown(const Distance& distance) {
  if (distance.value) return table_number(distance.value);
  return table_number(distance.lower) + " .. " + table_number(distance.upper);
}

// Of a pair of positions, in either order; null on the diagonal.
const Distances* between(const DistanceReport& report, std::size_t i, std::size_t j) {
  const auto found = std::ranges::find_if(report.pairs, [&](const auto& pair) {
    return pair.first == std::min(i, j) && pair.second == std::max(i, j);
  });
  return i == j || found == report.pairs.end() ? nullptr : &found->distances;
}

std::string of_two(const DistanceReport& report) {
  const Distances& found = report.pairs.front().distances;
  Cells cells{{"distance", "value", "floor", "time"}};
  for (const Row& row : kRows) {
    const Distance& distance = found.*row.distance;
    cells.push_back({row.title, shown(distance),
                     report.floor ? shown((*report.floor).*row.distance) : "-",
                     duration_text(distance.seconds)});
  }
  return aligned(cells);
}

std::string of_many(const DistanceReport& report) {
  std::string text;
  for (const Row& row : kRows) {
    Cells cells{{row.title}};
    for (const std::string& label : report.labels) cells[0].push_back(label);
    for (std::size_t i = 0; i < report.labels.size(); ++i) {
      cells.push_back({report.labels[i]});
      for (std::size_t j = 0; j < report.labels.size(); ++j) {
        const Distances* pair = between(report, i, j);
        cells.back().push_back(pair != nullptr ? shown(pair->*row.distance) : "0");
      }
    }
    text += aligned(cells) + "\n";
  }
  return text;
}

bool has_bounds(const Row& row) {
  return row.distance == &Distances::w2 || row.distance == &Distances::w1;
}

// of(distances) of each pair of laws, 0 on the diagonal.
template <class Of>
Json square(const DistanceReport& report, const Of& of) {
  Json rows = Json::array();
  for (std::size_t i = 0; i < report.labels.size(); ++i) {
    Json row = Json::array();
    for (std::size_t j = 0; j < report.labels.size(); ++j) {
      const Distances* pair = between(report, i, j);
      row.push_back(pair != nullptr ? Json(of(*pair)) : Json(0.0));
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

void put_distance(Json& json, const Row& row, const Distance& distance) {
  json[row.key] = number_or_null(distance.value);
  if (has_bounds(row)) {
    json[std::string(row.key) + "_lower"] = distance.lower;
    json[std::string(row.key) + "_upper"] = distance.upper;
  }
}

}  // namespace

std::string distance_text(const DistanceReport& report) {
  std::string text = report.pairs.size() == 1 ? of_two(report) : of_many(report);
  std::string points;
  for (std::size_t k = 0; k < report.sizes.size(); ++k)
    points += (k > 0 ? ", " : "") + std::to_string(report.sizes[k]);
  text += points +
          " points; W2, W1 and sliced W2 are lengths, energy distance is 2 E|x-y| - E|x-x'| - "
          "E|y-y'|,\nSinkhorn divergence has cost |x-y|^2/2 and epsilon " +
          short_number(report.epsilon) + "\n";
  const bool bounds = std::ranges::any_of(report.pairs, [](const auto& pair) {
    return !pair.distances.w2.value || !pair.distances.w1.value;
  });
  if (bounds) text += "a .. b: bounds, since the clouds are large; --exact waits for the value\n";
  if (report.floor) text += "floor: of two independent draws of " + report.floor_of + "\n";
  return text;
}

Json distance_json(const DistanceReport& report) {
  Json json{{"labels", report.labels},
            {"points", report.sizes},
            {"epsilon", report.epsilon},
            {"mean_cost", report.mean_cost}};
  if (report.pairs.size() == 1) {
    Json seconds;
    for (const Row& row : kRows) {
      const Distance& distance = report.pairs.front().distances.*row.distance;
      put_distance(json, row, distance);
      if (row.distance == &Distances::sinkhorn_divergence)
        json["sinkhorn_divergence_error"] = distance.upper - *distance.value;
      seconds[row.key] = distance.seconds;
      json[std::string(row.key) + "_floor"] =
          report.floor ? number_or_null(((*report.floor).*row.distance).value) : Json();
    }
    json["floor_of"] = report.floor ? Json(report.floor_of) : Json();
    json["seconds_of"] = std::move(seconds);
  } else {
    Json matrix;
    for (const Row& row : kRows) {
      const auto part = [&](const auto& of) {
        return square(report, [&](const Distances& pair) { return of(pair.*row.distance); });
      };
      // Null where only bounds are known.
      matrix[row.key] = part([](const Distance& d) { return number_or_null(d.value); });
      if (!has_bounds(row)) continue;
      matrix[std::string(row.key) + "_lower"] = part([](const Distance& d) { return d.lower; });
      matrix[std::string(row.key) + "_upper"] = part([](const Distance& d) { return d.upper; });
    }
    json["matrix"] = std::move(matrix);
  }
  json["seconds"] = report.seconds;
  return json;
}

}  // namespace otbridge::cli
