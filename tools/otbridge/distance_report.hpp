// What `distance` prints: the distances of two laws beside their floors, or a matrix of more.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "otbridge/io/json_fwd.hpp"
#include "otbridge/metrics/distances.hpp"

namespace otbridge::cli {

struct DistanceReport {
  struct Pair {
    std::size_t first, second;  // first < second
    Distances distances;
  };
  std::vector<std::string> labels;
  std::vector<Index> sizes;
  double epsilon = 0.0, mean_cost = 0.0;
  std::vector<Pair> pairs;  // all of them, row by row
  // Of two independent draws of one law, by its label; where one of two laws can be drawn.
  std::optional<Distances> floor = {};
  std::string floor_of = {};
  double seconds = 0.0;
};

std::string distance_text(const DistanceReport& report);
Json distance_json(const DistanceReport& report);

}  // namespace otbridge::cli
