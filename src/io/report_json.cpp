#include "otbridge/io/report_json.hpp"

#include "otbridge/core/version.hpp"
#include "otbridge/io/json.hpp"

namespace otbridge {
// The order of the keys is that of docs/cli.md; the trace is for pictures and stays out.
Json report_to_json(const SolveReport& r) {
  return {{"solver", r.solver},
          {"dimension", r.dimension},
          {"epsilon", r.epsilon},
          // Without a mean cost there is no unit to measure epsilon in.
          {"epsilon_relative", r.mean_cost > 0.0 ? number_or_null(r.epsilon_relative()) : Json()},
          {"theta", r.theta},
          {"mean_cost", number_or_null(r.mean_cost)},
          {"stop_reason", name_of(r.stop_reason)},
          {"iterations", r.iterations},
          {"seconds", r.seconds},
          {"threads", r.threads},
          {"kernel_set", r.kernel_set},
          {"seed", r.seed},
          {"value_linear", number_or_null(r.value_linear)},
          {"kl", number_or_null(r.kl)},
          {"value", number_or_null(r.value)},
          {"dual_value", number_or_null(r.dual_value)},
          {"duality_gap", number_or_null(r.duality_gap)},
          {"marginal_error_source", number_or_null(r.marginal_error_source)},
          {"marginal_error_target", number_or_null(r.marginal_error_target)},
          {"notes", r.notes},
          {"version", kVersion}};
}

}  // namespace otbridge
