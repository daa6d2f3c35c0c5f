// SOAP: Adam in the eigenbases of the gradients.
//
// Vyas, Morwani, Zhao, Shapira, Brandfonbrener, Janson, Kakade 2024 (arXiv:2409.11321),
// Algorithm 3. With G the gradient by a matrix of weights, U and V the eigenvectors of the running
// means of G G^T and G^T G: Adam sees U^T G V, and its step S is made as U S V^T. What many weights
// do together is then one coordinate, with a step length of its own.
#pragma once

#include <vector>

#include "neural/mlp.hpp"
#include "neural/optimizer.hpp"

namespace otbridge {

// Entries outside of all matrices are Adam's; without bases all are. Time of a step, for each
// matrix: O(rows columns (rows + columns)), and every kRenewal-th O(rows^3 + columns^3).
template <class Scalar>
class Soap {
 public:
  static constexpr Index kRenewal = 50;       // steps between bases
  static constexpr Index kLongestSide = 256;  // longer ones keep their coordinates

  // Matrices in order, at least one, without overlaps; without bases this is Adam. Throws what
  // select_kernel_set() throws.
  Soap(Index parameters, const std::vector<MatrixPlace>& matrices, bool in_bases = true,
       const kernels::KernelSet& kernels = kernels::select_kernel_set());
  // Adds the new parameters to the average, if there is one.
  void step(Flat<Scalar>& parameters, const Flat<Scalar>& gradient, double learning_rate,
            WeightAverage<Scalar>* average = nullptr);

  // The same in parts, one for each matrix and what lies between it and the next: next_step()
  // counts the step, whose parts may then be made side by side.
  struct Step {
    kernels::AdamStep<Scalar> adam;
    bool observes, renews;
  };
  Step next_step(double learning_rate, double scale, WeightAverage<Scalar>* average);
  Index parts() const { return static_cast<Index>(layers_.size()); }
  const MatrixPlace& place(Index part) const { return layers_[to_size(part)].place; }
  void step_part(const Step& step, Index part, const Flat<Scalar>& gradient,
                 Flat<Scalar>& parameters, WeightAverage<Scalar>* average);

  // All that a step leaves to the next: Adam's moments, in the bases; and for every side with a
  // basis, one after the other, the running mean of its square and the basis.
  struct State {
    Flat<Scalar> first, second, bases;
  };
  State state() const;
  Index state_entries() const;  // of bases
  // As it was after so many steps, when this was its state; of the sizes of state().
  void resume(const State& state, Index steps);

 private:
  // The rows or the columns of a matrix; empty where they keep their coordinates.
  struct Side {
    Side(Index length, const kernels::NetworkTable<Scalar>& kernels);
    Rows<Scalar> square, basis;        // eigenvectors as columns
    Panels<Scalar> packed, transpose;  // of the basis, for the kernels
    bool empty() const { return basis.size() == 0; }
    void set_basis(const Rows<Scalar>& vectors, const kernels::NetworkTable<Scalar>& kernels);
  };
  struct Layer {
    Layer(const MatrixPlace& place, bool in_bases, const kernels::NetworkTable<Scalar>& kernels);
    MatrixPlace place;
    Index begin = 0, end = 0;  // the entries of its part
    Side rows, columns;
    // Room for the matrix, its transpose, and what comes out of the kernels.
    Panels<Scalar> upright, turned;
    Rows<Scalar> product;
    Flat<Scalar> column_sums;
  };

  void observe(Layer& layer, const Scalar* gradient) const;
  void renew(Layer& layer);
  // matrix <- L^T matrix R in place, with L and R those parts of rows and columns.
  void multiply(Layer& layer, Panels<Scalar> Side::*part, Scalar* matrix) const;

  const kernels::NetworkTable<Scalar>* kernels_;
  bool in_bases_;
  Adam<Scalar> adam_;
  std::vector<Layer> layers_;
  Flat<Scalar> gradient_, move_;  // in the bases
  Index steps_ = 0;
};

}  // namespace otbridge
