#include "neural/optimizer.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "../relative.hpp"
#include "neural/time_embedding.hpp"
#include "otbridge/core/random.hpp"

using namespace otbridge;

TEST_CASE("two Adam steps agree with the hand computation") {
  Adam<double> adam(1);
  Flat<double> x(1), gradient(1);
  x << 1.0;
  gradient << 2.0;
  adam.step(x, gradient, 0.1);
  // m = 0.2, v = 0.004; corrected 2 and 4: the step is 0.1 * 2 / (2 + 1e-8).
  CHECK(x[0] == relative(1.0 - 0.1 * 2.0 / (2.0 + 1e-8), 1e-14));
  const double before = x[0];
  gradient << -1.0;
  adam.step(x, gradient, 0.1);
  const double m = (0.9 * 0.2 + 0.1 * -1.0) / (1.0 - 0.81);
  const double v = (0.999 * 0.004 + 0.001 * 1.0) / (1.0 - 0.998001);
  CHECK(x[0] == relative(before - 0.1 * m / (std::sqrt(v) + 1e-8), 1e-12));
}

TEST_CASE("Adam finds the minimum of a badly scaled quadratic") {
  Adam<double> adam(2);
  Flat<double> x(2), gradient(2);
  x << 3.0, -2.0;
  for (Index k = 0; k < 2000; ++k) {
    gradient << 100.0 * (x[0] - 1.0), 0.01 * (x[1] - 0.5);
    adam.step(x, gradient, cosine_rate(0.05, k, 2000));
  }
  CHECK(x[0] == relative(1.0, 1e-3));
  CHECK(x[1] == relative(0.5, 1e-3));
}

TEST_CASE("the weight average warms up and then forgets at its decay") {
  WeightAverage<double> average(Flat<double>::Constant(1, 10.0), 0.5);
  // A step without a gradient adds the weights as they are.
  Flat<double> one = Flat<double>::Constant(1, 1.0);
  Adam<double> adam(1);
  const auto add_one = [&] { adam.step(one, Flat<double>::Zero(1), 0.1, &average); };
  add_one();  // decay 1 / 10
  CHECK(average.value()[0] == relative(0.1 * 10.0 + 0.9, 1e-14));
  add_one();  // decay 2 / 11
  CHECK(average.value()[0] == relative(1.0 + 0.9 * 2.0 / 11.0, 1e-14));
  for (int k = 0; k < 8; ++k) add_one();  // (1 + k) / (10 + k) reaches 1 / 2 at k = 8
  const double before = average.value()[0] - 1.0;
  add_one();
  CHECK(average.value()[0] - 1.0 == relative(0.5 * before, 1e-6));
}

TEST_CASE("every kernel set makes the steps and the average of the definition") {
  constexpr Index kParameters = 20011;  // past the chunks of threads, and no whole vectors
  const auto values = [](std::uint64_t seed) -> Flat<double> {
    return normal_points(kParameters, 1, RandomStream(seed));
  };
  for (kernels::Size s = 0; const auto* set = kernels::available_kernel_set(s); ++s) {
    CAPTURE(set->name);
    Flat<double> x = values(1), expected = x, mean = x;
    Flat<float> x_single = x.cast<float>();
    Adam<double> adam(kParameters, *set);
    Adam<float> adam_single(kParameters, *set);
    WeightAverage<double> average(x, 0.15);
    WeightAverage<float> average_single(x_single, 0.15);
    Flat<double> m = Flat<double>::Zero(kParameters), v = m;
    for (int k = 1; k <= 4; ++k) {
      const Flat<double> gradient = values(static_cast<std::uint64_t>(k) + 1);
      adam.step(x, gradient, 0.1, &average);
      adam_single.step(x_single, gradient.cast<float>(), 0.1, &average_single);
      const double keep = std::min(0.15, k / (9.0 + k));
      for (Index i = 0; i < kParameters; ++i) {
        m[i] = 0.9 * m[i] + 0.1 * gradient[i];
        v[i] = 0.999 * v[i] + 0.001 * gradient[i] * gradient[i];
        expected[i] -= 0.1 * (m[i] / (1.0 - std::pow(0.9, k))) /
                       (std::sqrt(v[i] / (1.0 - std::pow(0.999, k))) + 1e-8);
        mean[i] = keep * mean[i] + (1.0 - keep) * expected[i];
      }
    }
    CHECK((x - expected).cwiseAbs().maxCoeff() < 1e-12);
    CHECK((average.value() - mean).cwiseAbs().maxCoeff() < 1e-12);
    CHECK((x_single.cast<double>() - expected).cwiseAbs().maxCoeff() < 1e-5);
    CHECK((average_single.value().cast<double>() - mean).cwiseAbs().maxCoeff() < 1e-5);
    for (const Index count : {0, 1, 31, 20011}) {
      const double norm = x.head(count).squaredNorm();
      const double found = set->network_f64.squared_norm(x.data(), to_size(count));
      CHECK(std::abs(found - norm) <= 1e-14 * norm);
    }
  }
}

TEST_CASE("clipping bounds the whole norm, and 0 is no bound") {
  CHECK(clipping(5.0, 10.0) == 1.0);
  CHECK(clipping(5.0, 0.0) == 1.0);
  CHECK(clipping(5.0, 1.0) == relative(0.2, 1e-14));
}

TEST_CASE("the cosine rate starts full, is half way in the middle and ends at a hundredth") {
  CHECK(cosine_rate(2.0, 0, 101) == relative(2.0, 1e-14));
  CHECK(cosine_rate(2.0, 50, 101) == relative(2.0 * 0.505, 1e-14));
  CHECK(cosine_rate(2.0, 100, 101) == relative(0.02, 1e-14));
  CHECK(cosine_rate(2.0, 0, 1) == relative(2.0, 1e-14));
}

TEST_CASE("the time embedding separates times and is smooth") {
  const auto at = [](double t) { return time_embedding(t, 16); };
  CHECK(at(0.0).head(8).isZero(0.0));
  CHECK(at(0.0).tail(8).isOnes(0.0));
  CHECK(at(0.3).squaredNorm() == relative(8.0, 1e-14));  // sin^2 + cos^2
  for (const double t : {0.0, 0.25, 0.5, 0.975}) {
    const double moved = (at(t + 0.025) - at(t)).norm();
    CHECK(moved > 0.3);
    CHECK(moved < 1.2);
  }
  CHECK(time_embedding(0.5, 3)[2] == 0.0);
}
