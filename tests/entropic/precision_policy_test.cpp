#include "entropic/precision_policy.hpp"

#include <doctest/doctest.h>

using namespace otbridge;

TEST_CASE("single precision serves until the error wanted is below its rounding") {
  PrecisionPolicy policy(PrecisionChoice::automatic);
  CHECK(policy.of_updates() == Precision::single);
  CHECK(!policy.review(0.1, 1e-6));
  CHECK(!policy.review(0.3e-6, 1e-6));
  CHECK(policy.of_updates() == Precision::single);
  CHECK(policy.review(0.2e-6, 1e-6));
  CHECK(policy.of_updates() == Precision::full);
  CHECK(!policy.review(0.2e-6, 1e-6));  // it has turned once
  CHECK(!policy.review(1.0, 1e-6));     // and does not turn back
  CHECK(policy.of_updates() == Precision::full);
  policy.restart();
  CHECK(policy.of_updates() == Precision::single);
  CHECK(policy.review(1.0, 0.02));  // rounding that leaves no digits
}

TEST_CASE("single precision ends where the error no longer falls") {
  PrecisionPolicy policy(PrecisionChoice::automatic);
  policy.observe(0.5);
  for (int k = 0; k < 20; ++k) policy.observe(0.6);
  CHECK(!policy.review(0.1, 1e-6));
  policy.observe(0.4);  // a smaller one: counted anew
  for (int k = 0; k < 20; ++k) policy.observe(0.4);
  CHECK(!policy.review(0.1, 1e-6));
  policy.observe(0.4);
  CHECK(policy.review(0.1, 1e-6));
}

TEST_CASE("products are in single precision until that fails or rounding is too much") {
  PrecisionPolicy policy(PrecisionChoice::automatic);
  CHECK(policy.of_products(1e-4) == Precision::single);
  CHECK(policy.of_products(1e-2) == Precision::full);
  policy.distrust_products();
  CHECK(policy.of_products(1e-4) == Precision::full);
  CHECK(policy.of_updates() == Precision::single);
  policy.restart();
  CHECK(policy.of_products(1e-4) == Precision::single);
}

TEST_CASE("a precision that was asked for is kept") {
  PrecisionPolicy single(PrecisionChoice::single), full(PrecisionChoice::full);
  CHECK(!single.review(1e-30, 1.0));
  single.distrust_updates();
  CHECK(single.of_updates() == Precision::single);
  CHECK(full.of_updates() == Precision::full);
  CHECK(full.of_products(1e-9) == Precision::full);
  PrecisionPolicy automatic(PrecisionChoice::automatic);
  automatic.distrust_updates();
  CHECK(automatic.of_updates() == Precision::full);
}
