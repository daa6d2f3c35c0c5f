// The one parallel loop: fixed chunks, so results never depend on the number of threads.
//
// The chunks depend on n and chunk_size alone. Sums store one partial per chunk and add them in
// chunk order. The thread count is OpenMP's own setting of the calling thread; ThreadScope changes
// it for a while. An exception thrown in a chunk is rethrown in the caller after the loop has
// joined. A child of fork() may use the loop as its parent did.
#pragma once

#include <omp.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <functional>
#include <vector>

#include "otbridge/core/index.hpp"

namespace otbridge {

// Sets the calling thread's OpenMP thread count for its lifetime. 0 leaves it: all processors that
// the process may use, unless OMP_NUM_THREADS or the caller has said otherwise.
class ThreadScope {
 public:
  explicit ThreadScope(int threads) : previous_(omp_get_max_threads()) {
    if (threads > 0) omp_set_num_threads(threads);
  }
  ~ThreadScope() { omp_set_num_threads(previous_); }
  ThreadScope(const ThreadScope&) = delete;
  ThreadScope& operator=(const ThreadScope&) = delete;

 private:
  int previous_;
};

int current_threads();

// While one lives, the calling thread calls poll() between the chunks of its loops, nested ones
// too, and where solvers look whether to stop: what it throws ends the work. For hosts whose
// signals are not for a handler to act on, such as an interpreter. Asked up to some millions of
// times a second, poll() looks at a clock first. Scopes nest, and are the thread's own.
class PollScope {
 public:
  explicit PollScope(std::function<void()> poll);
  ~PollScope();
  PollScope(const PollScope&) = delete;
  PollScope& operator=(const PollScope&) = delete;

 private:
  std::function<void()> poll_;
  const std::function<void()>* previous_;
};

// Calls that of the innermost scope, if there is one: for work that is no parallel loop.
void poll_host();

class ExchangeSession;

// While one lives, the calling thread shares nothing with other processes (core/exchange.hpp): in
// the bodies of loops, which threads and ranks come to in orders of their own.
class LoopScope {
 public:
  LoopScope();
  ~LoopScope();
  LoopScope(const LoopScope&) = delete;
  LoopScope& operator=(const LoopScope&) = delete;

 private:
  ExchangeSession* previous_;
};

inline Index chunk_count(Index n, Index chunk_size) { return (n + chunk_size - 1) / chunk_size; }

// Calls body(begin, end, chunk) for each chunk of [0, n).
template <class Body>
void parallel_for(Index n, Index chunk_size, Body&& body) {
  const Index chunks = chunk_count(n, chunk_size);
  const LoopScope loop;
  if (chunks <= 1 || current_threads() == 1 || omp_in_parallel()) {
    for (Index c = 0; c < chunks; ++c) {
      poll_host();
      body(c * chunk_size, std::min(n, (c + 1) * chunk_size), c);
    }
    return;
  }
  poll_host();  // at least once, should others take all the chunks
  std::exception_ptr failure;
  std::atomic<bool> failed{false};
#pragma omp parallel for schedule(dynamic, 1)
  for (Index c = 0; c < chunks; ++c) {
    if (failed.load(std::memory_order_relaxed)) continue;
    try {
      poll_host();  // in the calling thread alone, which takes its share of the chunks
      body(c * chunk_size, std::min(n, (c + 1) * chunk_size), c);
    } catch (...) {
      if (!failed.exchange(true)) failure = std::current_exception();
    }
  }
  if (failed) std::rethrow_exception(failure);
}

// Adds body(begin, end) over the chunks of [0, n), in chunk order.
template <class Body>
double parallel_sum(Index n, Index chunk_size, Body&& body) {
  std::vector<double> partial(to_size(chunk_count(n, chunk_size)), 0.0);
  parallel_for(n, chunk_size, [&](Index begin, Index end, Index chunk) {
    partial[to_size(chunk)] = body(begin, end);
  });
  double total = 0.0;
  for (const double value : partial) total += value;
  return total;
}

}  // namespace otbridge
