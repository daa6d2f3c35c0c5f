// RandomStream: a value whose draws are a pure function of (seed, purpose, row, step, component).
//
// No state advances, so any row can be drawn by any thread, in any batch, in any order, with the
// same result. Generator: Philox 4x32-10 (Salmon, Moraes, Dror, Shaw 2011).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "otbridge/core/points.hpp"

namespace otbridge {

// What a stream is for. Streams of different purposes are independent under one seed.
enum class Purpose : std::uint64_t {
  source_draw = 1,
  target_draw = 2,
  plan_sample = 3,
  paths = 4,
  training = 5,
  initial_weights = 6,
  metrics = 7,
  plot = 8,
  fresh_target_draw = 9,
  user = 1000,
};

// The raw generator, exposed so that its published test vectors can be checked.
std::array<std::uint32_t, 4> philox4x32_10(std::array<std::uint32_t, 4> counter,
                                           std::array<std::uint32_t, 2> key);

class RandomStream {
 public:
  explicit RandomStream(std::uint64_t seed, Purpose purpose = Purpose::user);

  // An independent stream for a part of this stream's purpose (component k of a mixture, iteration
  // k).
  RandomStream fork(std::uint64_t tag) const;

  // Uniform on the open interval (0, 1): an odd multiple of 2^-53.
  double uniform(Index row, Index step, Index component) const;
  // Standard normal (Box and Muller 1958; two components share one Philox block).
  double normal(Index row, Index step, Index component) const;
  // Components 0 .. out.size()-1 of normal(row, step, .), at a fraction of the cost of single
  // calls.
  void fill_normal(Index row, Index step, std::span<double> out) const;
  // The same of several rows, faster still: rows.size() x d.
  Points normals(std::span<const Index> rows, Index step, Index d) const;
  // Uniform on {0, ..., bound-1}; bound > 0. Bias below bound / 2^52.
  Index below(Index bound, Index row, Index step, Index component) const;

 private:
  explicit RandomStream(std::array<std::uint32_t, 2> key) : key_(key) {}
  std::array<double, 2> uniform_pair(Index row, Index step, Index block) const;
  // `width` components of each row, one row after the other.
  void fill_normal(std::span<const Index> rows, Index step, Index width, double* out) const;

  std::array<std::uint32_t, 2> key_;
};

// n x d standard normals; entry (i, c) is stream.normal(first_row + i, step, c). Parallel over
// rows.
Points normal_points(Index n, Index d, const RandomStream& stream, Index step = 0,
                     Index first_row = 0);

// A permutation of 0 .. n-1, the same for the same stream (Fisher and Yates). O(n).
std::vector<Index> permutation(Index n, const RandomStream& stream);

}  // namespace otbridge
