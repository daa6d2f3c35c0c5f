#include "otbridge/core/parallel.hpp"

#ifndef __clang__
#include <pthread.h>
#endif

namespace otbridge {

int current_threads() { return std::min(omp_get_max_threads(), omp_get_thread_limit()); }

namespace {

thread_local const std::function<void()>* host_poll = nullptr;

}  // namespace

PollScope::PollScope(std::function<void()> poll) : poll_(std::move(poll)), previous_(host_poll) {
  host_poll = &poll_;
}

PollScope::~PollScope() { host_poll = previous_; }

void poll_host() {
  if (host_poll != nullptr) (*host_poll)();
}

#ifndef __clang__
namespace {

// libgomp keeps the threads of a loop for the next one, and a child of fork() would wait for
// threads that it does not have. Dismissed before the fork, they are started anew in both; those of
// the forking thread alone, since the child has no other. (LLVM's runtime does as much by itself.)
void dismiss_threads() { omp_pause_resource_all(omp_pause_soft); }

// A property of the process, from its start: loops of its own may come before those of the library.
[[maybe_unused]] const int watches_forks = pthread_atfork(dismiss_threads, nullptr, nullptr);

}  // namespace
#endif

}  // namespace otbridge
