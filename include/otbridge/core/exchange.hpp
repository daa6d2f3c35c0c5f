// Exchange: processes ("ranks") that share the loops of one computation.
//
// All ranks run the same program on the same inputs, so that each holds all of the state. Of a loop
// that is shared each does some chunks, the same ones that threads would take, and then all have
// the results of all, in chunk order: the answer has the same bytes for any number of ranks. What
// ranks could disagree about (a clock, a signal, a file) is the first rank's, where it is asked.
// Of one thread: work that another thread or a parallel loop does is never shared.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "otbridge/core/index.hpp"

namespace otbridge {

// The way from rank to rank; of MPI: otbridge/ranks/mpi_exchange.hpp. Every rank makes the same
// calls in the same order, from one thread.
class Exchange {
 public:
  virtual ~Exchange() = default;

  virtual int rank() const = 0;
  virtual int ranks() const = 0;
  // `all` is a slice of every rank, in their order, that of rank r of sizes[r] bytes (the same
  // sizes on all); the caller's own is filled in, and the others are when it returns.
  virtual void all_gather(std::byte* all, std::span<const std::size_t> sizes) = 0;
  // From rank 0 to all others.
  virtual void broadcast(std::byte* bytes, std::size_t size) = 0;
};

// Calls body() with the exchange as that of the calling thread, on all ranks at once. Returns when
// all have done it. What it throws on any rank is thrown on all, with the same text: on the ranks
// where it was thrown as it was, on others as InvalidInput, IoFailure, MemoryLimit, bad_alloc, or
// else as std::runtime_error. After that, or if the ranks were found at different steps
// (std::logic_error), the exchange may be used again.
void work_together(Exchange& exchange, const std::function<void()>& body);

// Of the calling thread, 0 and 1 where it has no exchange, as in the body of any parallel loop.
int exchange_rank();
int exchange_ranks();

// The value that the first rank has; a step of all ranks, which takes some microseconds.
template <class T>
T of_first_rank(T mine);

// Done by the first rank alone; what it throws is thrown on all.
void on_first_rank(const std::function<void()>& body);
// The bytes that it returns, on all.
std::string bytes_of_first_rank(const std::function<std::string()>& body);

// Done by each rank for itself, with all of its threads and nothing shared; the bytes that each
// returns, in the order of the ranks, on all. What it throws on any is thrown on all, once all have
// done it.
std::vector<std::string> bytes_of_each_rank(const std::function<std::string()>& body);

// The array as the first rank has it, of the same length on all.
template <class T>
void copy_first_rank(std::span<T> array);

// The same of any length, which the first rank says.
template <class T>
void copy_first_rank(std::vector<T>& array);

// An array that a shared loop fills: so many elements for each index, or for each chunk.
struct SharedArray {
  std::byte* data;
  std::size_t bytes;  // for each
  bool of_chunks;
  // Unless it is empty, what each chunk fills, of the same lengths on all ranks; the others are
  // then not read.
  std::vector<std::span<std::byte>> apart = {};
};
template <class T>
SharedArray rows_of_loop(T* data, Index each = 1);
template <class T>
SharedArray chunks_of_loop(T* data, Index each = 1);
// For shared_for() alone: an array for each chunk, wherever and as long as it is.
template <class T>
SharedArray arrays_of_loop(const std::vector<std::span<T>>& of_chunks);

// parallel_for (core/parallel.hpp) with its chunks shared among the ranks, dealt out in turn:
// body(begin, end, chunk) fills what its indices and its chunk have in the arrays, and changes
// nothing else that is read afterwards. Few chunks are done by every rank.
void shared_for(Index n, Index chunk_size, const std::vector<SharedArray>& arrays,
                const std::function<void(Index begin, Index end, Index chunk)>& body);
// Whether so many chunks would be shared.
bool loop_is_shared(Index chunks);

// Rows that do not depend on each other, each rank some next to each other: body(begin, end) fills
// what they have in the arrays, all of them where they are few or there is one rank. Unlike the
// body of a loop it may use loops with all threads.
void shared_rows(Index n, const std::vector<SharedArray>& arrays,
                 const std::function<void(Index begin, Index end)>& body);

// After a shared loop whose chunks found lists of any length: the chunk lists of all ranks. `lists`
// has one for each chunk; those of other ranks are empty before.
template <class T>
void share_lists(std::vector<std::vector<T>>& lists);

namespace exchange_detail {

std::uint64_t of_first_rank(std::uint64_t mine);
void copy_first_rank(std::byte* bytes, std::size_t size);
// The chunks that this rank does of so many: every ranks-th one from its own number on, so that all
// ranks have some of where the work is; all of them where they are not shared.
struct Share {
  Index chunks, rank, ranks;
  bool shared() const { return ranks > 1; }
  // visit(chunk), or visit(chunk, rank of it) for all.
  template <class Visit>
  void for_mine(Visit&& visit) const {
    for (Index chunk = rank; chunk < chunks; chunk += ranks) visit(chunk);
  }
  template <class Visit>
  void for_all(Visit&& visit) const {
    for (Index r = 0; r < ranks; ++r) {
      for (Index chunk = r; chunk < chunks; chunk += ranks) visit(chunk, r);
    }
  }
};
Share share_of(Index chunks);
// One after the other in the order of the ranks, and how many are of each.
struct Concatenated {
  std::vector<std::byte> bytes;
  std::vector<std::size_t> sizes;
};
Concatenated concatenated(std::span<const std::byte> mine);

}  // namespace exchange_detail

template <class T>
T of_first_rank(T mine) {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= sizeof(std::uint64_t));
  std::uint64_t bits = 0;
  std::memcpy(&bits, &mine, sizeof mine);
  bits = exchange_detail::of_first_rank(bits);
  std::memcpy(&mine, &bits, sizeof mine);
  return mine;
}

template <class T>
void copy_first_rank(std::span<T> array) {
  static_assert(std::is_trivially_copyable_v<T>);
  exchange_detail::copy_first_rank(reinterpret_cast<std::byte*>(array.data()), array.size_bytes());
}

template <class T>
void copy_first_rank(std::vector<T>& array) {
  array.resize(of_first_rank(array.size()));
  copy_first_rank(std::span(array));
}

template <class T>
SharedArray rows_of_loop(T* data, Index each) {
  static_assert(std::is_trivially_copyable_v<T>);
  return {reinterpret_cast<std::byte*>(data), to_size(each) * sizeof(T), false};
}

template <class T>
SharedArray chunks_of_loop(T* data, Index each) {
  SharedArray array = rows_of_loop(data, each);
  array.of_chunks = true;
  return array;
}

template <class T>
SharedArray arrays_of_loop(const std::vector<std::span<T>>& of_chunks) {
  static_assert(std::is_trivially_copyable_v<T>);
  SharedArray array = chunks_of_loop<T>(nullptr);
  for (const std::span<T> chunk : of_chunks) {
    array.apart.push_back(std::as_writable_bytes(chunk));
  }
  return array;
}

template <class T>
void share_lists(std::vector<std::vector<T>>& lists) {
  static_assert(std::is_trivially_copyable_v<T>);
  const auto share = exchange_detail::share_of(static_cast<Index>(lists.size()));
  if (!share.shared()) return;
  std::vector<std::uint64_t> lengths;
  std::vector<T> mine;
  share.for_mine([&](Index chunk) {
    const auto& list = lists[to_size(chunk)];
    lengths.push_back(list.size());
    mine.insert(mine.end(), list.begin(), list.end());
  });
  const auto all_lengths = exchange_detail::concatenated(std::as_bytes(std::span(lengths))).bytes;
  const auto all = exchange_detail::concatenated(std::as_bytes(std::span(mine))).bytes;
  lengths.resize(lists.size());
  std::memcpy(lengths.data(), all_lengths.data(), all_lengths.size());
  const std::uint64_t* length = lengths.data();
  const std::byte* at = all.data();
  share.for_all([&](Index chunk, Index) {
    auto& list = lists[to_size(chunk)];
    list.resize(*length++);
    if (list.empty()) return;
    std::memcpy(list.data(), at, list.size() * sizeof(T));
    at += list.size() * sizeof(T);
  });
}

}  // namespace otbridge
