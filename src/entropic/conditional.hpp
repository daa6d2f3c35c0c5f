// EntropicConditional: the law on a cloud that a potential and a Gaussian kernel give to any point,
//
//   w_j(x) proportional to weight_j exp(potential_j / s^2 - |support y_j - query x|^2 / (2
//   variance)).
//
// With support, query and variance of a whole transition it is the plan's conditional; with those
// of the time that is left, the weights in the bridge's drift. Points of weight 0 are left out.
#pragma once

#include <memory>
#include <mutex>

#include "entropic/tilted_cloud.hpp"
#include "otbridge/core/random.hpp"
#include "sweep/pair_sweep.hpp"

namespace otbridge {

struct ConditionalKernel {
  double support, query;  // factors on the cloud's points and on the rows asked for
  double variance;
};

// Immutable; parallel over rows. A row has the same answer in any batch; equal rows are weighed
// once for their means and for their draws. In up to 12 dimensions mean and sample go over the
// points near a row alone (sweep/local_sweep.hpp): of a cloud of 4096 points or more in single
// precision, so that probabilities are right to about 1e-6 of themselves and means to 1e-6 of the
// standard deviation of w(x), unless the cloud asks for full precision. Everything else is in
// double over the whole cloud, O(rows n d) per call.
class EntropicConditional {
 public:
  // Throws InvalidInput where squared distances of the cloud, or its potential, over s^2, are
  // beyond the doubles. O(n d).
  EntropicConditional(std::shared_ptr<const TiltedCloud> cloud, const ConditionalKernel& kernel);
  ~EntropicConditional();
  EntropicConditional(EntropicConditional&&) noexcept;

  // mean, covariance and sample throw InvalidInput for rows so far away that no weight is known.

  // log of the sum of the unnormalised weights.
  Vector log_normaliser(ConstPoints x) const;
  // The same in the precision of mean and sample, and as they go over the points near a row.
  Vector near_log_normaliser(ConstPoints x) const;
  // sum_j w_j y_j, in the coordinates of the cloud.
  Points mean(ConstPoints x) const;
  // The same law's covariance for one row, 1 x d: d x d. O(n d^2), one thread.
  Matrix covariance(ConstPoints x) const;
  // Row i: one y_j drawn by inversion with the uniform number (first_row + i, 0, 0); and its j.
  // Where asked for, near_log_normaliser(x) beside it: a draw has summed the weights.
  Points sample(ConstPoints x, const RandomStream& stream, Index first_row,
                Vector* log_normaliser = nullptr) const;
  std::vector<Index> draw(ConstPoints x, const RandomStream& stream, Index first_row,
                          Vector* log_normaliser = nullptr) const;
  // shift_i w_ij unnormalised: exp(shift_i) times the weights; n x (cloud size), zeros in place.
  Matrix weights(ConstPoints x, const Vector& shift) const;

 private:
  struct Lazy;  // what sums over near points alone need, made when they are first asked for
  struct Split {
    std::vector<Index> near, far;
  };

  Points beside(ConstPoints x) const;
  TiledCloud rows(const Points& beside) const;
  PairSweep<double> sweep(const TiledCloud& rows) const;
  Split split(const Points& beside) const;
  bool goes_local() const;
  bool sums_near() const;  // of draws and sums, which small clouds make in double over all points
  const LocalSweep& local() const;
  template <class Visit>
  void for_local_rows(const Points& beside, const std::vector<Index>& near, Visit&& visit) const;
  template <class Work>
  void for_whole_rows(const Points& beside, const std::vector<Index>& some, bool near,
                      Work&& work) const;
  void whole_means(const PairSweep<double>& sweep, const Vector& shifts,
                   const std::vector<Index>& some, Points& means) const;

  std::shared_ptr<const TiltedCloud> cloud_;
  ConditionalKernel kernel_;
  double scale_;
  TiledCloud columns_;
  bool ordinary_ = false;  // no point of the cloud is far out, nor is a potential
  std::unique_ptr<Lazy> lazy_;
};

}  // namespace otbridge
