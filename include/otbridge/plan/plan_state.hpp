// PlanState: what a plan needs to be written to a file and read back, free of any file format.
#pragma once

#include <map>
#include <span>
#include <string>

#include "otbridge/core/points.hpp"

namespace otbridge {

// Everything of a plan beyond its problem. Names are the solver's own; arrays are n x d (vectors n
// x 1).
struct PlanState {
  std::string solver;
  std::map<std::string, double> numbers;
  std::map<std::string, Points> arrays;

  // Access that throws InvalidInput naming the missing entry.
  double number(const std::string& name) const;
  // rows or cols of -1 accept any size.
  const Points& array(const std::string& name, Index rows = -1, Index cols = -1) const;
  // Throws InvalidInput naming an entry that is none of these.
  void allow_only(std::span<const std::string> known_numbers,
                  std::span<const std::string> known_arrays) const;
};

}  // namespace otbridge
