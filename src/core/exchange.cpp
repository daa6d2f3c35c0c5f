#include "otbridge/core/exchange.hpp"

#include <algorithm>
#include <exception>
#include <memory>
#include <new>
#include <stdexcept>
#include <utility>

#include "otbridge/core/error.hpp"
#include "otbridge/core/parallel.hpp"

namespace otbridge {

// What a thread that works together with others knows. One exists for each work_together().
class ExchangeSession {
 public:
  enum class Step : std::uint32_t { leave, value, bytes, loop, lists };
  enum class Failure : std::uint32_t { none, input, file, memory, allocation, other };

  // What the ranks tell each other at every step.
  struct Word {
    Step step = Step::leave;
    Failure failure = Failure::none;
    std::uint64_t size = 0;   // the same on all
    std::uint64_t value = 0;  // the rank's own; with a failure the length of its text
  };

  explicit ExchangeSession(Exchange& exchange) : exchange_(exchange) {}

  Exchange& exchange() const { return exchange_; }
  int rank() const { return exchange_.rank(); }
  int ranks() const { return exchange_.ranks(); }
  bool ended() const { return ended_; }

  std::vector<Word> meet(Word mine, const std::exception_ptr& failure = nullptr);

  template <class T>
  void gather(std::vector<T>& each) {
    const std::vector<std::size_t> sizes(each.size(), sizeof(T));
    exchange_.all_gather(reinterpret_cast<std::byte*>(each.data()), sizes);
  }

 private:
  [[noreturn]] void raise(const std::vector<Word>& words, const std::string& text,
                          const std::exception_ptr& failure);

  Exchange& exchange_;
  bool ended_ = false;
};

namespace {

using Session = ExchangeSession;

thread_local Session* session = nullptr;

// Sets the session of the calling thread for a while.
class SessionScope {
 public:
  explicit SessionScope(Session* now) : previous_(std::exchange(session, now)) {}
  ~SessionScope() { session = previous_; }
  SessionScope(const SessionScope&) = delete;
  SessionScope& operator=(const SessionScope&) = delete;

 private:
  Session* previous_;
};

struct Told {
  Session::Failure kind;
  std::string text;
};

Told told(const std::exception_ptr& failure) {
  using Failure = Session::Failure;
  try {
    std::rethrow_exception(failure);
  } catch (const InvalidInput& error) {
    return {Failure::input, error.what()};
  } catch (const IoFailure& error) {
    return {Failure::file, error.what()};
  } catch (const MemoryLimit& error) {
    return {Failure::memory, error.what()};
  } catch (const std::bad_alloc& error) {
    return {Failure::allocation, error.what()};
  } catch (const std::exception& error) {
    return {Failure::other, error.what()};
  } catch (...) {
    return {Failure::other, "an exception without a name"};
  }
}

[[noreturn]] void throw_told(const Told& failure) {
  switch (failure.kind) {
    case Session::Failure::input:
      throw InvalidInput(failure.text);
    case Session::Failure::file:
      throw IoFailure(failure.text);
    case Session::Failure::memory:
      throw MemoryLimit(failure.text);
    case Session::Failure::allocation:
      throw std::bad_alloc();
    default:
      throw std::runtime_error(failure.text);
  }
}

}  // namespace

// A step of all ranks. Ranks that are elsewhere are told apart from those that failed: a rank whose
// body has thrown leaves, and the others hear of it at their next step, whichever it is.
std::vector<Session::Word> Session::meet(Word mine, const std::exception_ptr& failure) {
  if (ended_) throw std::logic_error("the ranks have parted");
  std::string text;
  if (failure) {
    Told own = told(failure);
    mine.failure = own.kind;
    mine.value = own.text.size();
    text = std::move(own.text);
  }
  std::vector<Word> words(static_cast<std::size_t>(ranks()));
  words[static_cast<std::size_t>(rank())] = mine;
  gather(words);
  const bool together = std::ranges::all_of(words, [&](const Word& word) {
    return word.step == words[0].step && (word.size == words[0].size || word.failure != Failure{});
  });
  ended_ = !together || mine.step == Step::leave;
  if (std::ranges::any_of(words, [](const Word& word) { return word.failure != Failure{}; })) {
    raise(words, text, failure);
  }
  if (!together) throw std::logic_error("the ranks are at different steps of their work");
  return words;
}

// The failure of the first rank that has one; those that have the same keep their own.
void Session::raise(const std::vector<Word>& words, const std::string& text,
                    const std::exception_ptr& failure) {
  std::vector<std::size_t> sizes;
  std::size_t all = 0, mine = 0;
  for (const Word& word : words) {
    if (to_size(static_cast<Index>(sizes.size())) == to_size(rank())) mine = all;
    sizes.push_back(word.failure == Failure{} ? 0 : static_cast<std::size_t>(word.value));
    all += sizes.back();
  }
  std::string texts(all, ' ');
  texts.replace(mine, text.size(), text);
  exchange_.all_gather(reinterpret_cast<std::byte*>(texts.data()), sizes);
  const auto first =
      std::ranges::find_if(words, [](const Word& w) { return w.failure != Failure{}; });
  const Told theirs{first->failure, texts.substr(0, static_cast<std::size_t>(first->value))};
  const bool own =
      failure && first->failure == words[to_size(rank())].failure && theirs.text == text;
  if (own) std::rethrow_exception(failure);
  throw_told(theirs);
}

LoopScope::LoopScope() : previous_(std::exchange(session, nullptr)) {}
LoopScope::~LoopScope() { session = previous_; }

void work_together(Exchange& exchange, const std::function<void()>& body) {
  Session mine(exchange);
  std::exception_ptr failure;
  try {
    const SessionScope scope(&mine);
    body();
  } catch (...) {
    failure = std::current_exception();
  }
  if (!mine.ended()) mine.meet({.step = Session::Step::leave}, failure);
  if (failure) std::rethrow_exception(failure);
}

int exchange_rank() { return session == nullptr ? 0 : session->rank(); }
int exchange_ranks() { return session == nullptr ? 1 : session->ranks(); }

void on_first_rank(const std::function<void()>& body) {
  bytes_of_first_rank([&] {
    body();
    return std::string();
  });
}

std::string bytes_of_first_rank(const std::function<std::string()>& body) {
  if (exchange_ranks() == 1) return body();
  std::string bytes;
  std::exception_ptr failure;
  if (session->rank() == 0) {
    const SessionScope alone(nullptr);
    try {
      bytes = body();
    } catch (...) {
      failure = std::current_exception();
    }
  }
  const auto words = session->meet({.step = Session::Step::bytes, .value = bytes.size()}, failure);
  bytes.resize(static_cast<std::size_t>(words[0].value));
  session->exchange().broadcast(reinterpret_cast<std::byte*>(bytes.data()), bytes.size());
  return bytes;
}

namespace {

// work(), then the ranks meet, who must agree on n: what it throws on any is thrown on all.
template <class Work>
void work_and_meet(Index n, Work&& work) {
  std::exception_ptr failure;
  try {
    work();
  } catch (...) {
    failure = std::current_exception();
  }
  session->meet({.step = Session::Step::loop, .size = static_cast<std::uint64_t>(n)}, failure);
}

}  // namespace

namespace exchange_detail {

std::uint64_t of_first_rank(std::uint64_t mine) {
  if (exchange_ranks() == 1) return mine;
  return session->meet({.step = Session::Step::value, .value = mine})[0].value;
}

void copy_first_rank(std::byte* bytes, std::size_t size) {
  if (exchange_ranks() == 1) return;
  session->meet({.step = Session::Step::bytes, .size = size});
  session->exchange().broadcast(bytes, size);
}

Share share_of(Index chunks) {
  const Index ranks = exchange_ranks();
  // Fewer are done before the ranks would have met. From sixteen on chunks are of large loops, cut
  // into no more for want of memory: then more ranks than chunks wait for those that have one.
  constexpr Index kFewestOfRank = 2, kEnough = 16;
  if (ranks == 1 || chunks < std::min(kFewestOfRank * ranks, kEnough)) return {chunks, 0, 1};
  return {chunks, exchange_rank(), ranks};
}

Concatenated concatenated(std::span<const std::byte> mine) {
  const auto words = session->meet({.step = Session::Step::lists, .value = mine.size()});
  Concatenated all;
  std::size_t size = 0, place = 0;
  for (const auto& word : words) {
    if (static_cast<int>(all.sizes.size()) == session->rank()) place = size;
    all.sizes.push_back(static_cast<std::size_t>(word.value));
    size += all.sizes.back();
  }
  work_and_meet(static_cast<Index>(size), [&] { all.bytes.resize(size); });
  std::ranges::copy(mine, all.bytes.begin() + static_cast<std::ptrdiff_t>(place));
  session->exchange().all_gather(all.bytes.data(), all.sizes);
  return all;
}

}  // namespace exchange_detail

std::vector<std::string> bytes_of_each_rank(const std::function<std::string()>& body) {
  if (exchange_ranks() == 1) return {body()};
  std::string mine;
  work_and_meet(0, [&] {
    const LoopScope nothing_shared;
    mine = body();
  });
  const auto [bytes, sizes] = exchange_detail::concatenated(std::as_bytes(std::span(mine)));
  std::vector<std::string> all;
  const char* at = reinterpret_cast<const char*>(bytes.data());
  for (const std::size_t size : sizes) {
    all.emplace_back(at, size);
    at += size;
  }
  return all;
}

namespace {

// What all ranks fill in of an array in a loop, as a message of their chunks, rank by rank.
class ChunkMessage {
 public:
  ChunkMessage(Index n, Index chunk_size, const SharedArray& array,
               const exchange_detail::Share& share)
      : n_(n), chunk_size_(chunk_size), array_(array), share_(share), sizes_(to_size(share.ranks)) {
    if (!array.apart.empty() && array.apart.size() != to_size(share.chunks)) {
      throw std::logic_error("a shared loop has another number of chunks than arrays");
    }
    share.for_all([&](Index chunk, Index rank) {
      const std::size_t bytes = part(chunk).size();
      sizes_[to_size(rank)] += bytes;
      all_ += bytes;
      if (rank < share.rank) before_ += bytes;
    });
  }

  std::size_t bytes() const { return all_; }
  // `room`: of bytes().
  void pass(std::byte* room) const {
    std::byte* at = room + before_;
    share_.for_mine([&](Index chunk) { at = std::ranges::copy(part(chunk), at).out; });
    session->exchange().all_gather(room, sizes_);
    at = room;
    share_.for_all([&](Index chunk, Index rank) {
      const auto to = part(chunk);
      if (rank != share_.rank) std::copy_n(at, to.size(), to.begin());
      at += to.size();
    });
  }

 private:
  std::span<std::byte> part(Index chunk) const {
    if (!array_.apart.empty()) return array_.apart[to_size(chunk)];
    const Index begin = chunk * chunk_size_, first = array_.of_chunks ? chunk : begin;
    const Index count = array_.of_chunks ? 1 : std::min(chunk_size_, n_ - begin);
    return {array_.data + to_size(first) * array_.bytes, to_size(count) * array_.bytes};
  }

  Index n_, chunk_size_;
  const SharedArray& array_;
  const exchange_detail::Share& share_;
  std::vector<std::size_t> sizes_;
  std::size_t all_ = 0, before_ = 0;  // bytes, and those before this rank's
};

}  // namespace

bool loop_is_shared(Index chunks) { return exchange_detail::share_of(chunks).shared(); }

void shared_for(Index n, Index chunk_size, const std::vector<SharedArray>& arrays,
                const std::function<void(Index begin, Index end, Index chunk)>& body) {
  const auto share = exchange_detail::share_of(chunk_count(n, chunk_size));
  if (!share.shared()) return parallel_for(n, chunk_size, body);
  std::vector<ChunkMessage> messages;
  std::unique_ptr<std::byte[]> room;  // for any of them
  work_and_meet(n, [&] {
    std::vector<Index> mine;
    share.for_mine([&](Index chunk) { mine.push_back(chunk); });
    parallel_for(static_cast<Index>(mine.size()), 1, [&](Index k, Index, Index) {
      const Index chunk = mine[to_size(k)], begin = chunk * chunk_size;
      body(begin, std::min(n, begin + chunk_size), chunk);
    });
    // Before the ranks meet: a rank that lacks the memory can tell the others then.
    std::size_t longest = 0;
    for (const SharedArray& array : arrays) {
      messages.emplace_back(n, chunk_size, array, share);
      longest = std::max(longest, messages.back().bytes());
    }
    room = std::make_unique_for_overwrite<std::byte[]>(longest);
  });
  for (const ChunkMessage& message : messages) message.pass(room.get());
}

void shared_rows(Index n, const std::vector<SharedArray>& arrays,
                 const std::function<void(Index begin, Index end)>& body) {
  constexpr Index kTogether = 16;  // rows, as many as kernels take
  const Index ranks = exchange_ranks();
  const auto slice_begin = [&](Index rank) {
    return std::min(n, chunk_count(n, kTogether) * rank / ranks * kTogether);
  };
  const auto alone = [&](Index begin, Index end) {
    const LoopScope nothing_shared;
    body(begin, end);
  };
  if (!exchange_detail::share_of(chunk_count(n, kTogether)).shared()) return alone(0, n);
  const Index rank = exchange_rank();
  work_and_meet(n, [&] { alone(slice_begin(rank), slice_begin(rank + 1)); });
  for (const SharedArray& array : arrays) {
    std::vector<std::size_t> sizes;
    for (Index r = 0; r < ranks; ++r) {
      sizes.push_back(to_size(slice_begin(r + 1) - slice_begin(r)) * array.bytes);
    }
    session->exchange().all_gather(array.data, sizes);
  }
}

}  // namespace otbridge
