#include "ranks.hpp"

#include <unistd.h>

#include <cstdlib>
#include <exception>

#include "exit_code.hpp"
#include "interrupt.hpp"

#ifdef OTBRIDGE_HAS_MPI
#include <fcntl.h>
#include <sched.h>

#include "otbridge/core/parallel.hpp"
#include "otbridge/ranks/mpi_exchange.hpp"
#include "otbridge/solve/ranks_alike.hpp"
#endif

namespace otbridge::cli {
namespace {

int code_of_body(const std::function<int()>& body) {
  try {
    return body();
  } catch (...) {
    return report_failure(std::current_exception());
  }
}

#ifdef OTBRIDGE_HAS_MPI

int kept_stderr = -1;  // of a rank that is silent

void fall_silent() {
  kept_stderr = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
  const int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (nowhere < 0) return;
  dup2(nowhere, STDOUT_FILENO);
  dup2(nowhere, STDERR_FILENO);
  close(nowhere);
}

// Threads for each of the ranks of this machine, where nobody has said how many: those that may use
// the same processors share them.
int threads_for_rank(MPI_Comm world) {
  if (std::getenv("OMP_NUM_THREADS") != nullptr) return 0;
  cpu_set_t mine;
  if (sched_getaffinity(0, sizeof mine, &mine) != 0) return 0;
  MPI_Comm machine;
  MPI_Comm_split_type(world, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &machine);
  int ranks = 1;
  MPI_Comm_size(machine, &ranks);
  std::vector<cpu_set_t> all(static_cast<std::size_t>(ranks));
  MPI_Allgather(&mine, sizeof mine, MPI_BYTE, all.data(), sizeof mine, MPI_BYTE, machine);
  MPI_Comm_free(&machine);
  int sharing = 0;
  for (const cpu_set_t& other : all) sharing += CPU_EQUAL(&mine, &other) != 0 ? 1 : 0;
  return std::max(1, CPU_COUNT(&mine) / sharing);
}

#endif

}  // namespace

#ifdef OTBRIDGE_HAS_MPI

// Of Open MPI, of MPICH and its kin under their own launchers, and of PMIx under others.
bool started_as_rank() {
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_RANK", "PMI_SIZE", "PMIX_RANK"}) {
    if (std::getenv(name) != nullptr) return true;
  }
  return false;
}

int on_ranks(int argc, char** argv, const std::function<int()>& body) {
  if (!started_as_rank()) return code_of_body(body);
  int provided = 0;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
  int code = kDone;
  {
    MpiExchange exchange(MPI_COMM_WORLD);
    if (exchange.rank() > 0) {
      fall_silent();
      leave_signals_to_first_rank();
    } else {
      watch_interrupts();  // MPI may have set handlers of its own
    }
    const ThreadScope threads(threads_for_rank(MPI_COMM_WORLD));
    code = code_of_body([&] {
      int mine = kDone;
      work_together(exchange, [&] {
        check_ranks_alike();
        mine = body();
      });
      return mine;
    });
    exchange.broadcast(reinterpret_cast<std::byte*>(&code), sizeof code);
  }
  MPI_Finalize();
  return code;
}

void speak_again() {
  if (kept_stderr >= 0) dup2(kept_stderr, STDERR_FILENO);
}

#else

bool started_as_rank() { return false; }

int on_ranks(int, char**, const std::function<int()>& body) { return code_of_body(body); }

void speak_again() {}

#endif

}  // namespace otbridge::cli
