// The exchange of MPI, run by mpirun on any number of ranks: each checks that it has what all have.
#include <cmath>
#include <cstdio>
#include <stdexcept>

#include "otbridge/core/error.hpp"
#include "otbridge/ranks/mpi_exchange.hpp"

namespace {

using namespace otbridge;

void need(bool holds, const char* what) {
  if (!holds) throw std::logic_error(what);
}

void check(Exchange& exchange) {
  constexpr Index kRows = 10007;
  std::vector<double> rows(kRows);
  std::vector<std::vector<int>> lists(kRows / 7 + 1);
  std::string text;
  work_together(exchange, [&] {
    for (int turn = 0; turn < 50; ++turn) {
      shared_for(kRows, 7, {rows_of_loop(rows.data())}, [&](Index begin, Index end, Index chunk) {
        lists[to_size(chunk)].clear();
        for (Index i = begin; i < end; ++i) {
          rows[to_size(i)] = std::sqrt(static_cast<double>(i + turn));
          if (i % 5 == 0) lists[to_size(chunk)].push_back(static_cast<int>(i));
        }
      });
    }
    share_lists(lists);
    text = bytes_of_first_rank([&] { return std::string(100000, 'a'); });
    need(of_first_rank(exchange.rank()) == 0, "a value of the first rank");
  });
  int next = 0;
  for (Index i = 0; i < kRows; ++i)
    need(rows[to_size(i)] == std::sqrt(static_cast<double>(i + 49)), "a row");
  for (const auto& list : lists) {
    for (const int i : list) need(i == 5 * next++, "a list");
  }
  need(next == kRows / 5 + 1, "the lists");
  need(text == std::string(100000, 'a'), "bytes");
  try {
    work_together(exchange, [&] {
      if (exchange.rank() == exchange.ranks() - 1) throw InvalidInput("the last", "fails");
      of_first_rank(1);
    });
  } catch (const InvalidInput& failure) {
    need(std::string(failure.what()) == "the last: fails", "the text of a failure");
    return;
  }
  need(false, "a failure of the last rank");
}

}  // namespace

int main(int argc, char** argv) {
  int provided = 0, failed = 0;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
  try {
    MpiExchange whole(MPI_COMM_WORLD);
    check(whole);
    MpiExchange pieces(MPI_COMM_WORLD, 1000);  // bytes of a message
    check(pieces);
    if (whole.rank() == 0) std::printf("%d ranks agree\n", whole.ranks());
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "%s\n", failure.what());
    failed = 1;
    MPI_Abort(MPI_COMM_WORLD, 1);
  }
  MPI_Finalize();
  return failed;
}
