// Network kernels: the layers of a multilayer perceptron, forward and backward, and the passes of
// the optimiser over all parameters, in one precision.
//
// Matrices lie in panels. A panel holds `panel` columns (two vectors) of all rows, row after row:
// entry (i, j) of a matrix of R rows is
//   data[(j / panel) * R * panel + i * panel + j % panel],
// the last panel being padded. So a product finds one factor as vectors along a row, and the other
// as single numbers at fixed distances down a column, whichever of the three products of a layer it
// is: A W forward, G W^T and A^T G backward. Panel data must be aligned to 64 bytes.
// Every row of a result is made by the same operations whatever the rows around it.
#pragma once

#include "kernels/tile.hpp"

namespace otbridge::kernels {

// left right: rows x inner by inner x columns. O(rows inner columns), without allocation, like all
// below.
template <class T>
struct Product {
  const T* left;   // panels; rows a multiple of `block`
  const T* right;  // panels
  Size rows, inner, columns;
};

// A^T G: the gradient by the weights of a layer, from the first `used` of `rows` rows.
template <class T>
struct WeightGradient {
  const T* activations;  // panels: rows x inputs
  const T* gradients;    // panels: rows x outputs, by the pre-activations
  Size rows, used, inputs, outputs;
  bool adds = false;  // to what is there
};

// Products between hidden layers in mixed precision (Micikevicius et al. 2018): both factors
// rounded to bfloat16, which is single precision with 7 of its 23 stored bits, sums in single
// precision. Two of them, neighbours along the inner dimension, lie in the place of one number of
// T, which is only moved: the inner dimension of a product then counts pairs, half as many, rounded
// up. In a right factor, and in both of A^T G, a last number alone is paired with zero; in a left
// one with the padding behind it, which must be a number. Subnormal numbers count as zero.
template <class T>
struct MixedTable {
  // Panels of `rows` x `columns` to those of rows x pairs of columns: a left factor.
  void (*pair_columns)(const T* panels, Size rows, Size columns, T* pairs);
  // To pairs of rows x columns, `rows` of them rounded up: a right factor, or both of A^T G. From
  // the first `used` rows; pairs beyond are not written.
  void (*pair_rows)(const T* panels, Size rows, Size used, Size columns, T* pairs);

  // Like those of NetworkTable: Product and WeightGradient of pairs, all else in single precision.
  // The bias is summed over rounded gradients.
  void (*silu)(const Product<T>&, const T* bias, T* out, T* slopes);
  void (*chain)(const Product<T>&, T* slopes);
  void (*weight_gradient)(const WeightGradient<T>&, T* weights, T* bias);
};

// One step of Adam (Kingma and Ba 2015) and of the moving average of what it makes.
template <class T>
struct AdamStep {
  T scale;  // that the gradient is multiplied by
  T beta1, beta2, epsilon;
  T rate;        // of learning, divided by 1 - beta1^k
  T correction;  // 1 / (1 - beta2^k)
  T forgotten;   // by the average, of what it was; not read without one
};

template <class T>
struct NetworkTable {
  Size panel;  // columns of a panel
  Size block;  // rows that are computed together: matrices have a multiple of it

  // A plain matrix into panels, padded with zeros: entry (i, j) is matrix[i * down + j * across],
  // so that a transpose is read by strides.
  void (*pack)(const T* matrix, Size rows, Size columns, Size down, Size across, T* panels);

  // out = product + bias in each row. The bias is padded to whole panels.
  void (*affine)(const Product<T>&, const T* bias, T* out);
  // The same for `few` columns at most, from the panels of the transpose, columns x inner, in the
  // place of `right`. The padding of both factors must be zeros; that of out is left as it is.
  Size few;
  void (*few_columns_affine)(const Product<T>&, const T* bias, T* out);
  // out = SiLU(z) with z = product + bias, SiLU(z) = z / (1 + e^-z); slopes = SiLU'(z), unless
  // null.
  void (*silu)(const Product<T>&, const T* bias, T* out, T* slopes);
  // slopes *= product: the chain rule, from the gradient by a layer's output to that by its z.
  void (*chain)(const Product<T>&, T* slopes);
  // weights: A^T G, inputs x outputs, row-major; bias: the column sums of G. Both overwritten, or
  // added to.
  void (*weight_gradient)(const WeightGradient<T>&, T* weights, T* bias);

  // Over flat arrays of any alignment.
  // sum = parts[0] + parts[1] + ..., in this order, `count` entries from `begin` of each; first the
  // parts of each group, which are `group` of them, one after the other.
  void (*add_parts)(const T* const* parts, Size part_count, Size group, Size begin, Size count,
                    T* sum);
  double (*squared_norm)(const T* values, Size count);
  // The average may be null.
  void (*adam)(const AdamStep<T>&, Size count, const T* gradient, T* parameters, T* first,
               T* second, T* average);

  const MixedTable<T>* mixed;  // null where the processor has no such products
};

}  // namespace otbridge::kernels
