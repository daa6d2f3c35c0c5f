#include "otbridge/ranks/mpi_exchange.hpp"

#include <time.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include <algorithm>
#include <vector>

namespace otbridge {
namespace {

bool done(MPI_Request& request) {
  int flag = 0;
  MPI_Test(&request, &flag, MPI_STATUS_IGNORE);
  return flag != 0;
}

// Short sleeps of this thread. Linux lets a sleep end up to 50 microseconds late, to wake several
// threads at once, which is longer than many an exchange takes: for its lifetime the thread asks
// for none of that.
class Naps {
 public:
#ifdef __linux__
  Naps() : slack_(prctl(PR_GET_TIMERSLACK, 0UL, 0UL, 0UL, 0UL)) { allow(1); }
  ~Naps() { allow(slack_); }
#else
  Naps() = default;
#endif
  Naps(const Naps&) = delete;
  Naps& operator=(const Naps&) = delete;

  void nap() const {
    constexpr timespec kLength{0, 20'000};  // nanoseconds
    nanosleep(&kLength, nullptr);
  }

 private:
#ifdef __linux__
  static void allow(int nanoseconds) {
    if (nanoseconds > 0) {
      prctl(PR_SET_TIMERSLACK, static_cast<unsigned long>(nanoseconds), 0UL, 0UL, 0UL);
    }
  }

  int slack_;
#endif
};

// Not by MPI_Wait, which spins: where processes are more than processors, the one that waits would
// keep the one from running that it waits for. Asleep, it is woken sooner than one that yields.
void wait_for(MPI_Request& request) {
  constexpr int kSpins = 400;  // some hundred microseconds
  for (int turn = 0; turn < kSpins; ++turn) {
    if (done(request)) return;
  }
  const Naps naps;
  while (!done(request)) naps.nap();
}

}  // namespace

MpiExchange::MpiExchange(MPI_Comm communicator, std::size_t longest) : longest_(longest) {
  MPI_Comm_dup(communicator, &communicator_);
  MPI_Comm_rank(communicator_, &rank_);
  MPI_Comm_size(communicator_, &ranks_);
}

MpiExchange::~MpiExchange() { MPI_Comm_free(&communicator_); }

void MpiExchange::all_gather(std::byte* all, std::span<const std::size_t> sizes) {
  std::size_t whole = 0;
  for (const std::size_t size : sizes) whole += size;
  if (whole == 0) return;
  if (whole <= longest_) {
    std::vector<int> counts, starts;
    int start = 0;
    for (const std::size_t size : sizes) {
      counts.push_back(static_cast<int>(size));
      starts.push_back(start);
      start += counts.back();
    }
    MPI_Request request;
    MPI_Iallgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, all, counts.data(), starts.data(), MPI_BYTE,
                    communicator_, &request);
    return wait_for(request);
  }
  // Rank after rank, in pieces.
  int root = 0;
  for (const std::size_t size : sizes) {
    for (std::size_t begin = 0; begin < size; begin += longest_) {
      MPI_Request request;
      MPI_Ibcast(all + begin, static_cast<int>(std::min(longest_, size - begin)), MPI_BYTE, root,
                 communicator_, &request);
      wait_for(request);
    }
    all += size;
    ++root;
  }
}

void MpiExchange::broadcast(std::byte* bytes, std::size_t size) {
  for (std::size_t begin = 0; begin < size; begin += longest_) {
    MPI_Request request;
    MPI_Ibcast(bytes + begin, static_cast<int>(std::min(longest_, size - begin)), MPI_BYTE, 0,
               communicator_, &request);
    wait_for(request);
  }
}

}  // namespace otbridge
