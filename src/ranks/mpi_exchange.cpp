#include "otbridge/ranks/mpi_exchange.hpp"

#include <time.h>

#include <algorithm>
#include <vector>

namespace otbridge {
namespace {

// Not by MPI_Wait, which spins: where processes are more than processors, the one that waits would
// keep the one from running that it waits for. Asleep, it is woken sooner than one that yields.
void wait_for(MPI_Request& request) {
  constexpr int kSpins = 400;            // some hundred microseconds
  constexpr timespec kSleep{0, 20'000};  // nanoseconds
  for (int turn = 0;; ++turn) {
    int done = 0;
    MPI_Test(&request, &done, MPI_STATUS_IGNORE);
    if (done != 0) return;
    if (turn >= kSpins) nanosleep(&kSleep, nullptr);
  }
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
