// Threads in the place of processes: what is shared over an Exchange, tested without MPI.
#pragma once

#include <algorithm>
#include <barrier>
#include <exception>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "otbridge/core/exchange.hpp"

namespace otbridge {

class ThreadRanks {
 public:
  explicit ThreadRanks(int ranks) : places_(to_size(ranks)), meeting_(ranks) {}

  int ranks() const { return static_cast<int>(places_.size()); }
  void all_gather(int rank, std::byte* all, std::span<const std::size_t> sizes) {
    places_[to_size(rank)] = all;
    meeting_.arrive_and_wait();
    std::size_t at = 0;
    for (int r = 0; r < ranks(); at += sizes[to_size(r++)]) {
      if (r != rank) std::copy_n(places_[to_size(r)] + at, sizes[to_size(r)], all + at);
    }
    meeting_.arrive_and_wait();
  }
  void broadcast(int rank, std::byte* bytes, std::size_t size) {
    places_[to_size(rank)] = bytes;
    meeting_.arrive_and_wait();
    if (rank != 0) std::copy_n(places_[0], size, bytes);
    meeting_.arrive_and_wait();
  }

 private:
  std::vector<std::byte*> places_;
  std::barrier<> meeting_;
};

class ThreadExchange final : public Exchange {
 public:
  ThreadExchange(ThreadRanks& all, int rank) : all_(all), rank_(rank) {}
  int rank() const override { return rank_; }
  int ranks() const override { return all_.ranks(); }
  void all_gather(std::byte* all, std::span<const std::size_t> sizes) override {
    all_.all_gather(rank_, all, sizes);
  }
  void broadcast(std::byte* bytes, std::size_t size) override {
    all_.broadcast(rank_, bytes, size);
  }

 private:
  ThreadRanks& all_;
  int rank_;
};

// Calls body(rank) on so many ranks that work together; what each of them has thrown, if anything.
inline std::vector<std::exception_ptr> on_ranks(int ranks, const std::function<void(int)>& body) {
  ThreadRanks all(ranks);
  std::vector<std::exception_ptr> failures(to_size(ranks));
  std::vector<std::thread> threads;
  for (int rank = 0; rank < ranks; ++rank) {
    threads.emplace_back([&, rank] {
      ThreadExchange exchange(all, rank);
      try {
        work_together(exchange, [&] { body(rank); });
      } catch (...) {
        failures[to_size(rank)] = std::current_exception();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  return failures;
}

// What body() returns on each of so many ranks; throws what the first of them has thrown.
template <class Body>
auto results_on_ranks(int ranks, Body&& body) {
  std::vector<decltype(body())> results(to_size(ranks));
  for (const auto& failure : on_ranks(ranks, [&](int rank) { results[to_size(rank)] = body(); })) {
    if (failure) std::rethrow_exception(failure);
  }
  return results;
}

}  // namespace otbridge
