#include "otbridge/io/report_json.hpp"

#include <cmath>
#include <optional>

#include "otbridge/core/version.hpp"

namespace otbridge {
namespace {

Json or_null(std::optional<double> value) {
  return value && std::isfinite(*value) ? Json(*value) : Json();
}

}  // namespace

Json report_to_json(const SolveReport& r) {
  return {{"solver", r.solver},
          {"dimension", r.dimension},
          {"epsilon", r.epsilon},
          {"epsilon_relative", r.mean_cost > 0.0 ? or_null(r.epsilon_relative()) : Json()},
          {"theta", r.theta},
          {"mean_cost", or_null(r.mean_cost)},
          {"stop_reason", name_of(r.stop_reason)},
          {"iterations", r.iterations},
          {"seconds", r.seconds},
          {"threads", r.threads},
          {"kernel_set", r.kernel_set},
          {"seed", r.seed},
          {"value_linear", or_null(r.value_linear)},
          {"kl", or_null(r.kl)},
          {"value", or_null(r.value)},
          {"dual_value", or_null(r.dual_value)},
          {"duality_gap", or_null(r.duality_gap)},
          {"marginal_error_source", or_null(r.marginal_error_source)},
          {"marginal_error_target", or_null(r.marginal_error_target)},
          {"notes", r.notes},
          {"version", kVersion}};
}

}  // namespace otbridge
