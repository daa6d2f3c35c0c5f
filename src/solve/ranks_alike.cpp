#include "otbridge/solve/ranks_alike.hpp"

#include <string>

#include "kernels/kernel_set.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/exchange.hpp"

namespace otbridge {

void check_ranks_alike() {
  if (exchange_ranks() == 1) return;
  const std::string mine = kernels::select_kernel_set().name;
  const std::string first = bytes_of_first_rank([&] { return mine; });
  if (mine == first) return;
  throw InvalidInput("rank " + std::to_string(exchange_rank()) + " has the kernels " + mine +
                     ", the first has " + first +
                     ": ranks must compute alike; OTBRIDGE_KERNELS chooses for all");
}

}  // namespace otbridge
