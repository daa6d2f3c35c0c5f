#include "otbridge/core/parallel.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>
#include <thread>

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

TEST_CASE("a poll is asked by its own thread alone, nested loops included, and may end them") {
  const auto caller = std::this_thread::get_id();
  Index asked = 0, elsewhere = 0;
  const auto loops = [](Index chunks) {
    parallel_for(chunks, 1,
                 [](Index, Index, Index) { parallel_for(4, 1, [](Index, Index, Index) {}); });
  };
  for (const int threads : {1, 4}) {
    const ThreadScope scope(threads);
    asked = elsewhere = 0;
    {
      const PollScope outer([&] { ++(std::this_thread::get_id() == caller ? asked : elsewhere); });
      loops(64);
      CHECK(asked > 0);
      CHECK(elsewhere == 0);
      if (threads == 1) CHECK(asked == 64 + 64 * 4);
      struct Enough {};
      const PollScope inner([] { throw Enough(); });
      CHECK_THROWS_AS(loops(64), Enough);
    }
    const Index before = asked;
    loops(64);  // nobody asks any more
    poll_host();
    CHECK(asked == before);
  }
}
