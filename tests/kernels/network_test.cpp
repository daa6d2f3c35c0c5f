// The kernels of networks of every instruction set of this machine against plain sums.
#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

#include "kernels/kernel_set.hpp"
#include "otbridge/core/random.hpp"

using namespace otbridge;
using kernels::Size;
using kernels::Tile;

namespace {

template <class T>
using Table = kernels::NetworkTable<T>;

// A matrix of standard normals, plain and in panels of rows rounded up to blocks of `block`.
template <class T>
struct PanelMatrix {
  Size rows, columns, panel, padded;
  std::vector<T> plain;
  std::vector<Tile<T>> panels;

  PanelMatrix(const Table<T>& table, Size rows_, Size columns_, Size block, std::uint64_t seed)
      : rows(rows_), columns(columns_), panel(table.panel) {
    padded = (rows + block - 1) / block * block;
    const Size size = padded * ((columns + panel - 1) / panel * panel);
    panels.assign((size + kernels::kTile - 1) / kernels::kTile, Tile<T>{});
    const RandomStream stream(seed);
    for (Size i = 0; i < rows; ++i) {
      for (Size j = 0; j < columns; ++j) {
        plain.push_back(
            static_cast<T>(stream.normal(static_cast<Index>(i), 0, static_cast<Index>(j))));
        data()[place(i, j)] = plain.back();
      }
    }
  }

  T* data() { return panels.front().values; }
  Size place(Size i, Size j) const { return j / panel * padded * panel + i * panel + j % panel; }
  T at(Size i, Size j) { return data()[place(i, j)]; }  // as the kernels left it
  long double value(Size i, Size j) const { return plain[i * columns + j]; }
};

// Sums of so many products of standard normals, with the rounding of T.
template <class T>
bool near(T found, long double expected, Size terms) {
  const long double unit = sizeof(T) == 4 ? 6e-8L : 1.1e-16L;
  return std::abs(found - expected) <= 8 * unit * static_cast<long double>(terms + 4);
}

template <class T>
void check_products(const Table<T>& table, Size rows, Size inner, Size columns) {
  CAPTURE(rows);
  CAPTURE(inner);
  CAPTURE(columns);
  PanelMatrix<T> left(table, rows, inner, table.block, 1), right(table, inner, columns, 1, 2);
  PanelMatrix<T> bias(table, 1, columns, 1, 3), slopes(table, rows, columns, table.block, 4);
  PanelMatrix<T> affine = slopes, silu = slopes, silu_alone = slopes, slope = slopes,
                 chain = slopes;
  const kernels::Product<T> product{left.data(), right.data(), left.padded, inner, columns};
  table.affine(product, bias.data(), affine.data());
  if (columns <= table.few) {
    PanelMatrix<T> transpose(table, columns, inner, 1, 0), same = slopes;
    table.pack(right.plain.data(), columns, inner, 1, columns, transpose.data());
    table.few_columns_affine({left.data(), transpose.data(), left.padded, inner, columns},
                             bias.data(), same.data());
    for (Size i = 0; i < rows; ++i) {
      for (Size j = 0; j < columns; ++j) {
        long double sum = bias.value(0, j);
        for (Size k = 0; k < inner; ++k) sum += left.value(i, k) * right.value(k, j);
        REQUIRE(near(same.at(i, j), sum, inner));
      }
    }
    if (columns < table.panel) REQUIRE(same.at(0, columns) == T(0));  // nothing beside them
  }
  table.silu(product, bias.data(), silu.data(), slope.data());
  table.silu(product, bias.data(), silu_alone.data(), nullptr);
  table.chain(product, chain.data());
  for (Size i = 0; i < rows; ++i) {
    for (Size j = 0; j < columns; ++j) {
      long double sum = 0;
      for (Size k = 0; k < inner; ++k) sum += left.value(i, k) * right.value(k, j);
      const long double z = sum + bias.value(0, j), s = 1 / (1 + std::exp(-z));
      REQUIRE(near(affine.at(i, j), z, inner));
      REQUIRE(near(silu.at(i, j), z * s, inner));
      REQUIRE(silu_alone.at(i, j) == silu.at(i, j));
      REQUIRE(near(slope.at(i, j), s + z * s * (1 - s), inner));
      // Slopes of 5 at most here, which multiply the rounding of the sum.
      REQUIRE(near(chain.at(i, j), slopes.value(i, j) * sum, 5 * inner));
    }
  }
}

template <class T>
void check_weight_gradient(const Table<T>& table, Size rows, Size inputs, Size outputs) {
  PanelMatrix<T> a(table, rows, inputs, table.block, 5), g(table, rows, outputs, table.block, 6);
  std::vector<T> weights(inputs * outputs + 1, T(-7)), bias(outputs + 1, T(-7));
  std::vector<T> more_weights(inputs * outputs + 1, T(3)), more_bias(outputs + 1, T(3));
  table.weight_gradient({a.data(), g.data(), a.padded, rows, inputs, outputs}, weights.data(),
                        bias.data());
  table.weight_gradient({a.data(), g.data(), a.padded, rows, inputs, outputs, true},
                        more_weights.data(), more_bias.data());
  for (Size j = 0; j < outputs; ++j) {
    long double column = 0;
    for (Size i = 0; i < rows; ++i) column += g.value(i, j);
    REQUIRE(near(bias[j], column, rows));
    REQUIRE(more_bias[j] == T(3) + bias[j]);
    for (Size k = 0; k < inputs; ++k) {
      long double sum = 0;
      for (Size i = 0; i < rows; ++i) sum += a.value(i, k) * g.value(i, j);
      REQUIRE(near(weights[k * outputs + j], sum, rows));
      REQUIRE(more_weights[k * outputs + j] == T(3) + weights[k * outputs + j]);
    }
  }
  // Nothing is written past the ends.
  CHECK(weights.back() == T(-7));
  CHECK(bias.back() == T(-7));
  CHECK(more_weights.back() == T(3));
  CHECK(more_bias.back() == T(3));
}

template <class T>
void check_packing(const Table<T>& table, Size rows, Size columns) {
  PanelMatrix<T> matrix(table, rows, columns, 1, 7), packed(table, rows, columns, 1, 8);
  table.pack(matrix.plain.data(), rows, columns, columns, 1, packed.data());
  std::vector<T> transposed(rows * columns);
  for (Size i = 0; i < rows; ++i) {
    for (Size j = 0; j < columns; ++j) {
      REQUIRE(packed.at(i, j) == matrix.at(i, j));
      transposed[j * rows + i] = matrix.plain[i * columns + j];
    }
  }
  table.pack(transposed.data(), rows, columns, 1, rows, packed.data());
  for (Size i = 0; i < rows; ++i) {
    for (Size j = 0; j < columns; ++j) REQUIRE(packed.at(i, j) == matrix.at(i, j));
  }
}

// To the nearest number of 8 significant bits, ties to even, of a normal number.
float bfloat16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t odd = bits >> 16 & 1u;
  return std::bit_cast<float>((bits + 0x7fffu + odd) & 0xffff0000u);
}

// What is in the panels rounded, and as the numbers that plain sums are made of.
void round_all(PanelMatrix<float>& matrix) {
  for (Size i = 0; i < matrix.rows; ++i) {
    for (Size j = 0; j < matrix.columns; ++j) {
      matrix.plain[i * matrix.columns + j] = bfloat16(matrix.at(i, j));
    }
  }
}

Size halved(Size count) { return (count + 1) / 2; }

void check_mixed_products(const Table<float>& table, Size rows, Size inner, Size columns) {
  CAPTURE(rows);
  CAPTURE(inner);
  CAPTURE(columns);
  using Matrix = PanelMatrix<float>;
  Matrix left(table, rows, inner, table.block, 1), right(table, inner, columns, 1, 2);
  Matrix bias(table, 1, columns, 1, 3), slopes(table, rows, columns, table.block, 4);
  Matrix silu = slopes, silu_alone = slopes, slope = slopes, chain = slopes;
  // Padding of the left factor may be any number: it meets zeros.
  for (Size i = 0; i < rows && inner % table.panel != 0; ++i) left.data()[left.place(i, inner)] = 7;
  // Of other numbers, to be overwritten.
  Matrix left_pairs(table, rows, halved(inner), table.block, 5),
      right_pairs(table, halved(inner), columns, 1, 6);
  table.mixed->pair_columns(left.data(), left.padded, inner, left_pairs.data());
  table.mixed->pair_rows(right.data(), inner, inner, columns, right_pairs.data());
  const kernels::Product<float> product{left_pairs.data(), right_pairs.data(), left.padded,
                                        halved(inner), columns};
  table.mixed->silu(product, bias.data(), silu.data(), slope.data());
  table.mixed->silu(product, bias.data(), silu_alone.data(), nullptr);
  table.mixed->chain(product, chain.data());
  round_all(left);
  round_all(right);
  for (Size i = 0; i < rows; ++i) {
    for (Size j = 0; j < columns; ++j) {
      long double sum = 0;
      for (Size k = 0; k < inner; ++k) sum += left.value(i, k) * right.value(k, j);
      const long double z = sum + bias.value(0, j), s = 1 / (1 + std::exp(-z));
      REQUIRE(near<float>(silu.at(i, j), z * s, inner));
      REQUIRE(silu_alone.at(i, j) == silu.at(i, j));
      REQUIRE(near<float>(slope.at(i, j), s + z * s * (1 - s), inner));
      REQUIRE(near<float>(chain.at(i, j), slopes.value(i, j) * sum, 5 * inner));
    }
  }
}

void check_mixed_gradient(const Table<float>& table, Size rows, Size inputs, Size outputs) {
  CAPTURE(rows);
  CAPTURE(inputs);
  CAPTURE(outputs);
  using Matrix = PanelMatrix<float>;
  // One row more than is used, which must not reach a result.
  Matrix a(table, rows + 1, inputs, table.block, 5), g(table, rows + 1, outputs, table.block, 6);
  Matrix a_pairs(table, halved(a.padded), inputs, 1, 7),
      g_pairs(table, halved(a.padded), outputs, 1, 8);
  table.mixed->pair_rows(a.data(), a.padded, rows, inputs, a_pairs.data());
  table.mixed->pair_rows(g.data(), g.padded, rows, outputs, g_pairs.data());
  const std::vector<float> old_weights(inputs * outputs + 1, 3), old_bias(outputs + 1, 3);
  std::vector<float> weights = old_weights, bias = old_bias;
  auto more_weights = old_weights, more_bias = old_bias;
  kernels::WeightGradient<float> layer{a_pairs.data(), g_pairs.data(), a_pairs.rows,
                                       halved(rows),   inputs,         outputs};
  table.mixed->weight_gradient(layer, weights.data(), bias.data());
  layer.adds = true;
  table.mixed->weight_gradient(layer, more_weights.data(), more_bias.data());
  round_all(a);
  round_all(g);
  for (Size j = 0; j < outputs; ++j) {
    long double column = 0;
    for (Size i = 0; i < rows; ++i) column += g.value(i, j);
    REQUIRE(near<float>(bias[j], column, rows));
    REQUIRE(more_bias[j] == 3 + bias[j]);
    for (Size k = 0; k < inputs; ++k) {
      long double sum = 0;
      for (Size i = 0; i < rows; ++i) sum += a.value(i, k) * g.value(i, j);
      REQUIRE(near<float>(weights[k * outputs + j], sum, rows));
      REQUIRE(more_weights[k * outputs + j] == 3 + weights[k * outputs + j]);
    }
  }
  for (const auto* array : {&weights, &bias, &more_weights, &more_bias}) CHECK(array->back() == 3);
}

template <class Check>
void for_each_table(Check check) {
  for (Size k = 0; const auto* set = kernels::available_kernel_set(k); ++k) {
    CAPTURE(set->name);
    check(set->network_f32);
    check(set->network_f64);
  }
}

// Below, at and past the vectors, panels, blocks and few columns of every set.
const std::vector<Size> kSizes{1, 2, 4, 5, 8, 17, 33};

}  // namespace

TEST_CASE("layers and the chain rule are those of plain sums") {
  for_each_table([](const auto& table) {
    for (const Size inner : kSizes) {
      for (const Size columns : kSizes) check_products(table, 13, inner, columns);
    }
    check_products(table, 1, 40, 3);
    check_products(table, 64, 128, 64);
  });
}

TEST_CASE("gradients by the weights are those of plain sums, and nothing else is written") {
  for_each_table([](const auto& table) {
    for (const Size inputs : kSizes) {
      for (const Size outputs : kSizes) check_weight_gradient(table, 11, inputs, outputs);
    }
    check_weight_gradient(table, 64, 128, 64);
  });
}

TEST_CASE("products in mixed precision are plain sums over factors rounded to bfloat16") {
  CHECK(bfloat16(1.0f + 0x1p-8f) == 1.0f);  // a tie, to even
  CHECK(bfloat16(1.0f + 0x3p-8f) == 1.0f + 0x4p-8f);
  CHECK(bfloat16(-1.0f - 0x1.01p-8f) == -1.0f - 0x2p-8f);
  bool any = false;
  for (Size k = 0; const auto* set = kernels::available_kernel_set(k); ++k) {
    CAPTURE(set->name);
    CHECK(set->network_f64.mixed == nullptr);
    const auto& table = set->network_f32;
    if (table.mixed == nullptr) continue;
    any = true;
    for (const Size inner : kSizes) {
      for (const Size columns : kSizes) {
        check_mixed_products(table, 13, inner, columns);
        check_mixed_gradient(table, 11, inner, columns);
        check_mixed_gradient(table, 6, inner, columns);
      }
    }
    check_mixed_products(table, 64, 128, 96);
    check_mixed_products(table, 64, 70, 64);  // an odd number of panels of numbers
    check_mixed_gradient(table, 63, 128, 96);
  }
  if (!any) MESSAGE("no kernel set of this processor has products in mixed precision");
}

TEST_CASE("packing takes rows and, by strides, columns of a matrix") {
  for_each_table([](const auto& table) {
    for (const Size rows : kSizes) {
      for (const Size columns : kSizes) check_packing(table, rows, columns);
    }
  });
}

TEST_CASE("parts are added in their order, group by group, from any place and over any length") {
  for_each_table([]<class T>(const Table<T>& table) {
    std::vector<std::vector<T>> parts;
    for (std::uint64_t p = 0; p < 4; ++p) {
      parts.push_back(PanelMatrix<T>(table, 1, 100, 1, 9 + p).plain);
    }
    const T* const pointers[] = {parts[0].data(), parts[1].data(), parts[2].data(),
                                 parts[3].data()};
    for (const Size begin : {Size{0}, Size{3}, Size{37}}) {
      for (const Size count : {Size{0}, Size{1}, Size{16}, Size{63}}) {
        std::vector<T> sum(count + 1, T(-7));
        for (const Size group : {Size{1}, Size{2}, Size{8}}) {
          table.add_parts(pointers, 4, group, begin, count, sum.data());
          for (Size i = 0; i < count; ++i) {
            const auto at = [&](Size p) { return parts[p][begin + i]; };
            REQUIRE(sum[i] == (group == 2 ? (at(0) + at(1)) + (at(2) + at(3))
                                          : ((at(0) + at(1)) + at(2)) + at(3)));
          }
          CHECK(sum[count] == T(-7));
        }
      }
    }
  });
}
