// The processes of an MPI communicator as an Exchange (otbridge/core/exchange.hpp).
//
//   MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
//   otbridge::MpiExchange exchange(MPI_COMM_WORLD);
//   otbridge::work_together(exchange, [&] { solution = otbridge::solve_sinkhorn(...); });
//
// Built with OTBRIDGE_MPI alone; link otbridge::mpi.
#pragma once

#include <mpi.h>

#include <memory>

#include "otbridge/core/exchange.hpp"

namespace otbridge {

class MpiExchange final : public Exchange {
 public:
  // Collective: takes a communicator of its own, so that no message of the caller's meets those of
  // this. The thread that made MPI's first call makes all of these; MPI_Finalize comes after the
  // exchange has gone. Errors are MPI's: by default they end the job.
  // longest: bytes of a message, for tests; MPI counts in 32 bits.
  explicit MpiExchange(MPI_Comm communicator, std::size_t longest = std::size_t{1} << 30);
  ~MpiExchange() override;
  MpiExchange(const MpiExchange&) = delete;
  MpiExchange& operator=(const MpiExchange&) = delete;

  int rank() const override { return rank_; }
  int ranks() const override { return ranks_; }
  // Ranks that wait for long leave their processor to others.
  void all_gather(std::byte* all, std::span<const std::size_t> sizes) override;
  void broadcast(std::byte* bytes, std::size_t size) override;

 private:
  MPI_Comm communicator_ = MPI_COMM_NULL;
  std::size_t longest_;
  int rank_ = 0, ranks_ = 1;
};

}  // namespace otbridge
