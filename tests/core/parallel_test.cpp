#include "otbridge/core/parallel.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>

using namespace otbridge;

TEST_CASE("sums are the same bits for any number of threads") {
  const auto sum = [](int threads) {
    const ThreadScope scope(threads);
    return parallel_sum(100003, 97, [](Index begin, Index end) {
      double s = 0.0;
      for (Index i = begin; i < end; ++i) s += std::sin(static_cast<double>(i));
      return s;
    });
  };
  const double one = sum(1);
  for (const int threads : {2, 3, 5, 8}) CHECK(sum(threads) == one);
}

TEST_CASE("an exception in a chunk reaches the caller") {
  const ThreadScope scope(4);
  CHECK_THROWS_AS(parallel_for(100, 1,
                               [](Index begin, Index, Index) {
                                 if (begin == 57) throw std::runtime_error("57");
                               }),
                  std::runtime_error);
}

TEST_CASE("a thread scope restores the count before it") {
  const int before = current_threads();
  {
    const ThreadScope scope(3);
    CHECK(current_threads() == 3);
  }
  CHECK(current_threads() == before);
}
