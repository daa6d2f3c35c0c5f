#include "neural/soap.hpp"

#include <doctest/doctest.h>

#include <Eigen/QR>
#include <cmath>

#include "neural/regression.hpp"
#include "otbridge/core/parallel.hpp"

using namespace otbridge;

namespace {

Matrix orthogonal(Index n, std::uint64_t seed) {
  return Eigen::HouseholderQR<Matrix>(normal_points(n, n, RandomStream(seed))).householderQ();
}

// Eigenvalues from 1 down to 1 / condition, evenly in the logarithm.
Matrix conditioned(Index n, double condition, std::uint64_t seed) {
  const Matrix q = orthogonal(n, seed);
  const Vector levels = Vector::LinSpaced(n, 0.0, -std::log(condition)).array().exp();
  return q * levels.asDiagonal() * q.transpose();
}

Flat<double> flat(const Rows<double>& matrix) {
  return Eigen::Map<const Flat<double>>(matrix.data(), matrix.size());
}

Rows<double> unflat(const Flat<double>& values, Index rows, Index columns) {
  return Eigen::Map<const Rows<double>>(values.data(), rows, columns);
}

// Mean square of what a network of six layers of 32 is off |x|, after training on fresh draws.
double error_after_training(Index steps, bool in_bases) {
  const auto function = [](ConstPoints x) -> Points { return x.rowwise().norm(); };
  const Mlp<float> network(2, {32, 32, 32, 32, 32, 32}, 1);
  Regression<float> regression(network, 128);
  Flat<float> weights = network.initial_parameters(RandomStream(1)), gradient;
  Soap<float> soap(weights.size(), network.matrices(), in_bases);
  WeightAverage<float> average(weights, 0.99);
  for (Index k = 0; k < steps; ++k) {
    const Points x = normal_points(128, 2, RandomStream(static_cast<std::uint64_t>(k) + 2));
    regression.evaluate(weights, x.cast<float>(), function(x).cast<float>(), gradient);
    soap.step(weights, gradient, cosine_rate(0.005, k, steps), &average);
  }
  const Points x = normal_points(4096, 2, RandomStream(1).fork(1));
  return Regression<float>(network, x.rows())
      .evaluate(average.value(), x.cast<float>(), function(x).cast<float>(), gradient);
}

}  // namespace

TEST_CASE("without bases it is Adam to the bit, and with them until the first ones") {
  const Index n = 35;
  Flat<float> start = normal_points(n, 1, RandomStream(1)).cast<float>();
  Flat<float> by_adam = start, by_none = start, by_soap = start, by_shorter = start;
  Adam<float> adam(n), shorter(n, kernels::select_kernel_set(), 0.99);
  Soap<float> none(n, {{3, 4, 4}, {19, 4, 4}}, false), soap(n, {{3, 4, 8}});
  WeightAverage<float> average(start, 0.9), other(start, 0.9), third(start, 0.9),
      expected(start, 0.9);
  for (Index k = 0; k < 10; ++k) {
    const Flat<float> g =
        normal_points(n, 1, RandomStream(static_cast<std::uint64_t>(k) + 2)).cast<float>();
    adam.step(by_adam, g, 0.01, &average);
    shorter.step(by_shorter, g, 0.01);
    none.step(by_none, g, 0.01, &other);
    soap.step(by_soap, g, 0.01, &third);
    expected.add(by_soap);
  }
  CHECK(by_none == by_adam);
  CHECK(other.value() == average.value());
  // Adding a step rounds otherwise than subtracting it.
  CHECK((by_soap - by_shorter).cwiseAbs().maxCoeff() < 1e-6f);
  CHECK(third.value() == expected.value());
}

TEST_CASE("a scale of a step is that of its gradient, with and without bases") {
  const Index n = 12;
  for (const bool in_bases : {false, true}) {
    CAPTURE(in_bases);
    Flat<float> scaled = Flat<float>::Zero(n), plain = scaled;
    Soap<float> a(n, {{0, 3, 4}}, in_bases), b(n, {{0, 3, 4}}, in_bases);
    for (std::uint64_t k = 0; k < 60; ++k) {  // new bases at 50
      const Flat<float> gradient = normal_points(n, 1, RandomStream(k + 1)).cast<float>();
      const double scale = k % 3 == 0 ? 0.25 : 1.0;  // a power of two, which rounds nothing
      a.step_part(a.next_step(0.01, scale, nullptr), 0, gradient, scaled, nullptr);
      b.step_part(b.next_step(0.01, 1.0, nullptr), 0, static_cast<float>(scale) * gradient, plain,
                  nullptr);
      REQUIRE(scaled == plain);
    }
  }
}

// Bases go with the coordinates: W and U W V^T are trained alike (Vyas et al. 2024), once the first
// bases are there. Adam's path depends on the coordinates.
TEST_CASE("rotations of both sides of a matrix rotate the steps") {
  const Index rows = 6, columns = 9;
  const Matrix u = orthogonal(rows, 1), v = orthogonal(columns, 2);
  const auto gradient = [&](Index k) -> Matrix {
    return normal_points(rows, columns, RandomStream(static_cast<std::uint64_t>(k) + 10)) *
           conditioned(columns, 100.0, 3);
  };
  const std::vector<MatrixPlace> place{{0, rows, columns}};
  Soap<double> plain(rows * columns, place), rotated(rows * columns, place);
  Adam<double> adam(rows * columns), rotated_adam(rows * columns);
  Flat<double> w = Flat<double>::Zero(rows * columns), rotated_w = w, by_adam = w,
               rotated_by_adam = w;
  for (Index k = 0; k < 3 * Soap<double>::kRenewal; ++k) {
    // Means of squares from before the first bases do not rotate: they are made too small to count.
    const bool before = k <= Soap<double>::kRenewal;
    const Matrix g = (before ? 1e-12 : 1.0) * gradient(k);
    if (before) w = rotated_w = Flat<double>::Zero(rows * columns);
    plain.step(w, flat(g), 0.01);
    rotated.step(rotated_w, flat(u * g * v.transpose()), 0.01);
    adam.step(by_adam, flat(g), 0.01);
    rotated_adam.step(rotated_by_adam, flat(u * g * v.transpose()), 0.01);
  }
  const Rows<double> turned = u * unflat(by_adam, rows, columns) * v.transpose();
  CHECK((unflat(rotated_by_adam, rows, columns) - turned).norm() > 0.1 * turned.norm());
  const Rows<double> expected = u * unflat(w, rows, columns) * v.transpose();
  CHECK(w.norm() > 0.1);
  CHECK((unflat(rotated_w, rows, columns) - expected).norm() < 1e-6 * expected.norm());
}

TEST_CASE("[full] a network learns |x| better than by Adam in as many steps") {
  const double soap = error_after_training(4000, true), adam = error_after_training(4000, false);
  CHECK(soap < 3e-6);
  CHECK(soap < 0.5 * adam);
}

TEST_CASE("sides that are too long, and lone ones, keep their coordinates") {
  const Index longest = Soap<double>::kLongestSide + 1;
  CHECK(Soap<double>(longest * 3, {{0, longest, 3}}).state_entries() == 2 * 9);
  CHECK(Soap<double>(5, {{0, 5, 1}}).state_entries() == 2 * 25);
  // The columns alone rotate, on either side of the first bases.
  const Matrix v = orthogonal(3, 4);
  Soap<double> plain(longest * 3, {{0, longest, 3}}), rotated(longest * 3, {{0, longest, 3}});
  Flat<double> w = Flat<double>::Zero(longest * 3), rotated_w = w;
  for (Index k = 0; k < 2 * Soap<double>::kRenewal; ++k) {
    const bool before = k <= Soap<double>::kRenewal;
    const Matrix g = (before ? 1e-12 : 1.0) *
                     normal_points(longest, 3, RandomStream(static_cast<std::uint64_t>(k) + 5)) *
                     conditioned(3, 100.0, 6);
    if (before) w = rotated_w = Flat<double>::Zero(longest * 3);
    plain.step(w, flat(g), 0.01);
    rotated.step(rotated_w, flat(g * v.transpose()), 0.01);
  }
  const Rows<double> expected = unflat(w, longest, 3) * v.transpose();
  CHECK((unflat(rotated_w, longest, 3) - expected).norm() < 1e-6 * expected.norm());
}

TEST_CASE("every kernel set, number of threads and resumed run makes the same training") {
  const Index rows = 18, columns = 33, count = rows * columns + 40 + 7 * 5;
  const std::vector<MatrixPlace> places{{0, rows, columns}, {rows * columns + 40, 7, 5}};
  const auto gradient = [&](Index k) -> Flat<float> {
    return normal_points(count, 1, RandomStream(static_cast<std::uint64_t>(k) + 1)).cast<float>();
  };
  const Index steps = 2 * Soap<float>::kRenewal + 7;
  const auto trained = [&](const kernels::KernelSet& set, int threads, Index cut) {
    const ThreadScope scope(threads);
    Soap<float> soap(count, places, true, set);
    Flat<float> w = Flat<float>::Zero(count);
    for (Index k = 0; k < steps; ++k) {
      if (k == cut) {
        const auto state = soap.state();
        soap = Soap<float>(count, places, true, set);
        soap.resume(state, k);
      }
      soap.step(w, gradient(k), 0.01);
    }
    return w;
  };
  std::optional<Flat<float>> first;
  for (kernels::Size s = 0; const auto* set = kernels::available_kernel_set(s); ++s) {
    CAPTURE(set->name);
    const Flat<float> whole = trained(*set, 1, -1);
    CHECK(trained(*set, 3, -1) == whole);
    for (const Index cut : {7, 50, 99}) CHECK(trained(*set, 1, cut) == whole);
    if (!first) first = whole;
    // Of 100 steps of 0.01, each as long in whatever direction.
    CHECK((whole - *first).norm() < 0.05 * first->norm());
  }
}
