// A program under mpirun, as docs/many-machines.md says: the first rank prints why the solver
// stopped.
#include <mpi.h>

#include <iostream>

#include "otbridge/otbridge.hpp"
#include "otbridge/ranks/mpi_exchange.hpp"

int main(int argc, char** argv) {
  using namespace otbridge;
  int provided = 0;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
  {
    MpiExchange exchange(MPI_COMM_WORLD);
    const TransportProblem problem(Toy("moons@torchcfm"), Toy("8gaussians@torchcfm"),
                                   ReferenceProcess(0.5));
    SinkhornSettings settings;
    settings.samples = 500;
    Solution solution;
    work_together(exchange, [&] { solution = solve_sinkhorn(problem, settings); });
    if (exchange.rank() == 0) {
      std::cout << exchange.ranks() << " ranks, stopped: " << name_of(solution.report.stop_reason)
                << "\n";
    }
  }
  MPI_Finalize();
}
