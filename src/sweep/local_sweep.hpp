// LocalSweep: sums of one row at a time over the columns of a cloud that are near enough to matter.
//
// Weights are 2^z_j, z_j = l_j - q |x - y_j|^2. A row meets the pieces whose bound on z
// (kernels/local_table.hpp) leaves them a share of the sum, so that its arithmetic is a function of
// the row alone: the same bytes in any batch and for any number of threads. With few coordinates
// that is a small part of the cloud.
//
// Precision: strong pieces, whose bound is near the largest exponent or above it, are summed in
// single precision where the terms of their exponents are below kSingleTerms = 32, so that weights
// are right to about 1e-6 of themselves, and in double else. The others are weak; of a mean they
// are summed in single precision too, but those whose terms are larger, the wide ones, only where
// their terms times their part of the sum are below kWideTerms = 4; of draws as the strong ones
// are. What is left out is below 2^-22 of the sum, or 2^-50 where all sums are in double: if that
// is asked for, and for small clouds, which cost nothing.
#pragma once

#include <cmath>
#include <vector>

#include "sweep/local_cloud.hpp"

namespace otbridge {

enum class LocalPrecision { mixed, full };

class LocalSweep {
 public:
  // Keeps a reference to the cloud. log2_weights: l_j, in the order of the cloud's pieces.
  // O(n d^2).
  LocalSweep(const kernels::KernelSet& set, const LocalCloud& cloud, const Vector& log2_weights,
             double q, LocalPrecision precision);

  const LocalCloud& cloud() const { return cloud_; }

  // The sums of one row, and room for them: one object for each thread.
  class Row;

 private:
  // Affine majorants of l_j - q |y_j - c|^2 on the boxes of a layer, and as the kernels read them.
  struct Fits {
    Fits(const Points& points, const LocalCloud::Layer& layer, const Vector& log2_weights,
         double q);
    kernels::BoxFits view() const;
    const LocalCloud::Layer& layer;
    Vector values;
    Majorants majorants;
    std::vector<kernels::Tile<double>> slopes, levels;
  };
  template <class T>
  kernels::LocalColumns<T> columns() const;

  const kernels::KernelSet& set_;
  const LocalCloud& cloud_;
  double q_;
  Fits pieces_, runs_;
  bool single_;
  double truncation_;  // of a sum, for each of two reasons
  double log2_share_;  // of a sum, that one column may have and be left out
  std::vector<kernels::Tile<float>> single_residuals_;  // empty where only doubles are used
  std::vector<kernels::Tile<double>> full_residuals_;
};

class LocalSweep::Row {
 public:
  explicit Row(const LocalSweep& sweep);

  // x: d numbers; q |x|^2 is to be finite. O(pieces met d).
  // sum_j w_j y_j / sum_j w_j, until the next call.
  const Eigen::RowVectorXd& mean(const double* x);
  // For draws of columns.
  void weigh(const double* x);
  // Of the row weighed last: the column, in the order of the cloud, up to which the weights sum to
  // more than the share u of all, 0 <= u < 1.
  Index draw(double u);
  // And the binary logarithm of the sum of its weights.
  double log2_sum() const { return largest_ + std::log2(cumulative_.back()); }

 private:
  // Some of the pieces, with the exponents at their centres, and for the weak ones how many binary
  // orders the bound is below the largest exponent.
  struct Pieces {
    std::vector<kernels::Size> numbers;
    std::vector<double> exponents;
    std::vector<int> orders;
    std::size_t count = 0;
  };
  void find();
  void split();
  void count_weak(double sum);
  void count_wide();
  template <class Body>
  auto in_precision(Body&& body);
  template <class T>
  kernels::LocalRow<T> row_of(std::size_t first, std::vector<T>& terms) const;
  template <class T>
  double sum_from(std::size_t first, std::vector<T>& terms, Eigen::RowVectorXd& moments);
  double maximum();

  const LocalSweep& sweep_;
  const double* x_ = nullptr;
  std::vector<kernels::Tile<double>> run_exponents_, run_bounds_;
  kernels::Tile<double> exponents_, bounds_;
  Pieces met_, counted_, weak_, wide_;
  std::vector<double> met_bounds_;
  std::vector<Index> of_order_;  // how many weak pieces are of each order
  Eigen::RowVectorXd centre_;    // about which moments are taken
  std::vector<float> single_terms_;
  std::vector<double> full_terms_;
  std::vector<double> cumulative_;  // sums of the pieces counted
  double largest_ = 0.0;
  double size_of_terms_ = 0.0, wide_terms_ = 0.0;  // of exponents, over strong and wide pieces
  Eigen::RowVectorXd moments_, part_;
};

}  // namespace otbridge
