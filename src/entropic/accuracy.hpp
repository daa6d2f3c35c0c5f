// Accuracy: how exactly a sum over pairs is wanted.
#pragma once

namespace otbridge {

enum class Precision { single, full };

struct Accuracy {
  Precision precision;
  double truncation;  // share of each sum that may be left out (sweep/pair_sweep.hpp); 0: nothing
};

}  // namespace otbridge
