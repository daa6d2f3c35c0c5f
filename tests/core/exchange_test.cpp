#include "otbridge/core/exchange.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <new>
#include <stdexcept>

#include "../thread_ranks.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/parallel.hpp"

using namespace otbridge;

namespace {

std::string text_of(const std::exception_ptr& failure) {
  if (!failure) return "";
  try {
    std::rethrow_exception(failure);
  } catch (const InvalidInput& error) {
    return std::string("input: ") + error.what();
  } catch (const MemoryLimit& error) {
    return std::string("memory: ") + error.what();
  } catch (const std::bad_alloc&) {
    return "allocation";
  } catch (const std::exception& error) {
    return error.what();
  }
}

// All of them, "|" between.
std::string texts_of(const std::vector<std::exception_ptr>& failures) {
  std::string texts;
  for (const auto& failure : failures) texts += (texts.empty() ? "" : "|") + text_of(failure);
  return texts;
}

struct Filled {
  std::vector<double> rows;
  std::vector<Index> chunks;
  std::vector<std::vector<int>> lists, arrays;
  Index done = 0;  // by this rank
};

Filled fill(Index n, Index chunk_size) {
  Filled out;
  const Index chunks = chunk_count(n, chunk_size);
  out.rows.resize(to_size(2 * n));
  out.chunks.resize(to_size(chunks));
  out.lists.resize(to_size(chunks));
  std::vector<std::span<int>> arrays;
  for (Index chunk = 0; chunk < chunks; ++chunk) out.arrays.emplace_back(to_size(chunk % 3));
  for (auto& array : out.arrays) arrays.emplace_back(array);
  const ThreadScope one(1);
  shared_for(
      n, chunk_size,
      {rows_of_loop(out.rows.data(), 2), chunks_of_loop(out.chunks.data()), arrays_of_loop(arrays)},
      [&](Index begin, Index end, Index chunk) {
        ++out.done;
        std::ranges::fill(arrays[to_size(chunk)], static_cast<int>(begin + 1));
        out.chunks[to_size(chunk)] = begin;
        for (Index i = begin; i < end; ++i) {
          out.rows[to_size(2 * i)] = std::sin(static_cast<double>(i));
          out.rows[to_size(2 * i + 1)] = static_cast<double>(chunk);
          if (i % 3 == 0) out.lists[to_size(chunk)].push_back(static_cast<int>(i));
        }
      });
  share_lists(out.lists);
  return out;
}

}  // namespace

TEST_CASE("a shared loop fills the same arrays for any number of ranks, each a share") {
  for (const Index n : {1, 9, 10, 64, 75, 80, 1003}) {
    const Filled alone = fill(n, 5);
    for (const int ranks : {1, 2, 3, 5, 20}) {
      CAPTURE(n);
      CAPTURE(ranks);
      Index done = 0;
      for (const Filled& filled : results_on_ranks(ranks, [&] { return fill(n, 5); })) {
        CHECK(filled.rows == alone.rows);
        CHECK(filled.chunks == alone.chunks);
        CHECK(filled.lists == alone.lists);
        CHECK(filled.arrays == alone.arrays);
        done += filled.done;
      }
      // Of fewer chunks than two for each rank and sixteen, every rank does all.
      CHECK(done == (alone.done >= std::min(2 * ranks, 16) ? alone.done : ranks * alone.done));
    }
  }
}

TEST_CASE("a shared loop wants an array for each of its chunks; a rank without tells the others") {
  const auto failures = on_ranks(2, [](int rank) {
    std::vector<int> values(4);
    const std::vector<std::span<int>> arrays(rank == 1 ? 3 : 4, std::span(values));
    shared_for(4, 1, {arrays_of_loop(arrays)}, [](Index, Index, Index) {});
  });
  CHECK_THROWS_AS(std::rethrow_exception(failures[1]), std::logic_error);
  CHECK(text_of(failures[0]) == text_of(failures[1]));
}

TEST_CASE("chunks are dealt out in turn, so that no rank has all of where the work is") {
  const auto dealt = results_on_ranks(3, [] {
    const ThreadScope one(1);
    std::vector<Index> mine;
    shared_for(32, 4, {}, [&](Index, Index, Index chunk) { mine.push_back(chunk); });
    return mine;
  });
  CHECK(dealt == std::vector<std::vector<Index>>{{0, 3, 6}, {1, 4, 7}, {2, 5}});
}

TEST_CASE("nothing is shared in a loop's body, nor by another thread") {
  const auto inside = results_on_ranks(2, [] {
    const ThreadScope one(1);
    int most = 0;
    parallel_for(4, 1, [&](Index, Index, Index) { most = std::max(most, exchange_ranks()); });
    shared_for(8, 1, {}, [&](Index, Index, Index) { most = std::max(most, exchange_ranks()); });
    on_first_rank([&] { most = std::max(most, exchange_ranks()); });
    return 10 * exchange_ranks() + most;
  });
  CHECK(inside == std::vector<int>{21, 21});
  int elsewhere = 0;
  on_ranks(2, [&](int rank) {
    if (rank == 0) std::thread([&] { elsewhere = exchange_ranks(); }).join();
  });
  CHECK(elsewhere == 1);
}

TEST_CASE("rows are shared in slices that may use all threads") {
  const auto slices = results_on_ranks(3, [] {
    std::vector<int> rows(1000, -1);
    Index mine = 0;
    shared_rows(1000, {rows_of_loop(rows.data())}, [&](Index begin, Index end) {
      mine += end - begin;
      parallel_for(end - begin, 10, [&](Index from, Index to, Index) {
        for (Index i = begin + from; i < begin + to; ++i) rows[to_size(i)] = static_cast<int>(i);
      });
    });
    for (int i = 0; i < 1000; ++i) {
      if (rows[to_size(i)] != i) mine = -10000;
    }
    return mine;
  });
  CHECK(slices[0] + slices[1] + slices[2] == 1000);
  for (const Index slice : slices) CHECK(slice > 300);
}

TEST_CASE("the first rank's values, bytes and refusals are those of all") {
  for (const auto& [value, bytes] : results_on_ranks(3, [] {
         const double mine = exchange_rank() == 0 ? 0.25 : 7.0;
         const std::string text = bytes_of_first_rank(
             [] { return std::string("rank ") + std::to_string(exchange_rank()); });
         return std::pair(of_first_rank(mine), text);
       })) {
    CHECK(value == 0.25);
    CHECK(bytes == "rank 0");
  }
  CHECK(texts_of(on_ranks(3, [](int) {
          on_first_rank([] { throw InvalidInput("a.csv", "is none"); });
        })) == "input: a.csv: is none|input: a.csv: is none|input: a.csv: is none");
}

TEST_CASE("each rank's bytes are those of all, made with nothing shared") {
  for (const auto& words : results_on_ranks(3, [] {
         const int rank = exchange_rank();
         return bytes_of_each_rank([&] {
           Index done = 0;
           const ThreadScope one(1);
           shared_for(100, 1, {}, [&](Index, Index, Index) { ++done; });
           return std::string(to_size(rank), 'x') + std::to_string(done);
         });
       })) {
    CHECK(words == std::vector<std::string>{"100", "x100", "xx100"});
  }
  CHECK(bytes_of_each_rank([] { return std::string("alone"); }) ==
        std::vector<std::string>{"alone"});
  // All have done theirs before a refusal is thrown, and may go on.
  std::vector<int> done(3);
  const auto caught = results_on_ranks(3, [&] {
    const int rank = exchange_rank();
    try {
      bytes_of_each_rank([&]() -> std::string {
        done[to_size(rank)] = 1;
        if (rank == 1) throw InvalidInput("rank 1", "is odd");
        return "";
      });
    } catch (const InvalidInput& refusal) {
      return refusal.what() + std::to_string(of_first_rank(5));
    }
    return std::string();
  });
  CHECK(caught == std::vector<std::string>(3, "rank 1: is odd5"));
  CHECK(done == std::vector<int>(3, 1));
}

TEST_CASE("a failure of one rank is thrown on all, wherever they are") {
  // In a shared loop, after which the ranks may go on.
  const auto caught = results_on_ranks(3, [] {
    const int rank = exchange_rank();
    try {
      shared_for(12, 1, {}, [&](Index, Index, Index chunk) {
        if (rank == 2 && chunk == 8) throw InvalidInput("row 8", "is odd");
      });
    } catch (const InvalidInput& refusal) {
      return refusal.what() + std::to_string(of_first_rank(5));
    }
    return std::string();
  });
  CHECK(caught == std::vector<std::string>(3, "row 8: is odd5"));
  // Outside of one, while the others meet at a loop, at a value, or are done.
  for (const int step : {0, 1, 2}) {
    CHECK(texts_of(on_ranks(3, [&](int rank) {
            if (rank == 1) throw MemoryLimit("no room");
            if (step == 0) shared_for(12, 1, {}, [](Index, Index, Index) {});
            if (step == 1) of_first_rank(rank);
          })) == "memory: no room|memory: no room|memory: no room");
  }
  CHECK(texts_of(on_ranks(2, [](int rank) {
          if (rank == 1) throw std::bad_alloc();
          of_first_rank(1);
        })) == "allocation|allocation");
  // Of several the first's; one that is of no type known here keeps it where it was thrown.
  struct Own : std::runtime_error {
    using std::runtime_error::runtime_error;
  };
  const auto own = on_ranks(2, [](int) { throw Own("same"); });
  CHECK(texts_of(own) == "same|same");
  for (const auto& failure : own) CHECK_THROWS_AS(std::rethrow_exception(failure), Own);
  CHECK(texts_of(on_ranks(3, [](int rank) {
          if (rank > 0) throw std::runtime_error("rank " + std::to_string(rank));
        })) == "rank 1|rank 1|rank 1");
}

TEST_CASE("ranks that are at different steps are told so") {
  const std::string apart = "the ranks are at different steps of their work";
  CHECK(texts_of(on_ranks(2, [](int rank) {
          if (rank == 0) of_first_rank(1);
        })) == apart + "|" + apart);
  CHECK(texts_of(on_ranks(2, [](int rank) {
          shared_for(20 + rank, 1, {}, [](Index, Index, Index) {});
        })) == apart + "|" + apart);
}
