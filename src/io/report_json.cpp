#include "otbridge/io/report_json.hpp"

#include <algorithm>

#include "otbridge/core/version.hpp"
#include "otbridge/io/json.hpp"
#include "otbridge/solvers/registry.hpp"

namespace otbridge {
namespace {

// What lasting_report keeps; report_from_json needs them, but for plan_entropy and kOptional, and
// takes no others.
const std::vector<std::string> kLasting{"mean_cost",
                                        "stop_reason",
                                        "iterations",
                                        "seed",
                                        "value_linear",
                                        "kl",
                                        "value",
                                        "dual_value",
                                        "duality_gap",
                                        "marginal_error_source",
                                        "marginal_error_target",
                                        "plan_entropy",
                                        "marginal_floor_source",
                                        "marginal_floor_target",
                                        "notes",
                                        "draws"};
// Left out where there is none: most solvers have no use for them.
const std::vector<std::string> kOptional{"marginal_floor_source", "marginal_floor_target"};

StopReason stop_reason_of(const JsonPlace& place) {
  const std::string text = place.text();
  for (const auto reason :
       {StopReason::converged, StopReason::iteration_limit, StopReason::rounding_limit,
        StopReason::time_limit, StopReason::interrupted, StopReason::diverged}) {
    if (text == name_of(reason)) return reason;
  }
  place.fail("is no reason to stop");
}

}  // namespace

// The order of the keys is that of docs/cli.md; the trace is for pictures and stays out.
Json report_to_json(const SolveReport& r, bool solved) {
  Json json{{"solver", r.solver},
            {"dimension", r.dimension},
            {"epsilon", r.regularised ? Json(r.epsilon) : Json()},
            // Without a mean cost there is no unit to measure epsilon in.
            {"epsilon_relative",
             r.regularised && r.mean_cost > 0.0 ? number_or_null(r.epsilon_relative()) : Json()},
            {"theta", r.theta},
            {"mean_cost", number_or_null(r.mean_cost)},
            {"stop_reason", name_of(r.stop_reason)},
            {"iterations", r.iterations},
            {"seconds", solved ? Json(r.seconds) : Json()},
            {"threads", solved ? Json(r.threads) : Json()},
            {"kernel_set", solved ? Json(r.kernel_set) : Json()},
            {"seed", r.seed},
            {"value_linear", number_or_null(r.value_linear)},
            {"kl", number_or_null(r.kl)},
            {"plan_entropy", number_or_null(r.plan_entropy)},
            {"value", number_or_null(r.value)},
            {"dual_value", number_or_null(r.dual_value)},
            {"duality_gap", number_or_null(r.duality_gap)},
            {"w2", number_or_null(r.w2())},
            {"marginal_error_source", number_or_null(r.marginal_error_source)},
            {"marginal_error_target", number_or_null(r.marginal_error_target)},
            {"marginal_floor_source", number_or_null(r.marginal_floor_source)},
            {"marginal_floor_target", number_or_null(r.marginal_floor_target)},
            {"notes", r.notes},
            {"version", kVersion}};
  for (const Round& round : r.rounds) {  // of those solvers alone that have any
    json["rounds"].push_back(
        {{"iteration", round.iteration},
         {"marginal_error_source", number_or_null(round.marginal_error_source)},
         {"marginal_error_target", number_or_null(round.marginal_error_target)},
         {"value_linear", number_or_null(round.value_linear)},
         {"path_divergence", number_or_null(round.path_divergence)},
         {"path_divergence_error", number_or_null(round.path_divergence_error)},
         {"midpoint_variance", number_or_null(round.midpoint_variance)},
         {"path_kl", number_or_null(round.path_kl)}});
  }
  return json;
}

Json lasting_report(const SolveReport& r) {
  Json all = report_to_json(r);
  all["draws"] = r.draws ? Json(*r.draws) : Json();
  Json json = Json::object();
  for (const std::string& key : kLasting) {
    const bool optional = std::ranges::find(kOptional, key) != kOptional.end();
    if (!optional || !all[key].is_null()) json[key] = std::move(all[key]);
  }
  return json;
}

SolveReport report_from_json(const JsonPlace& place, std::string_view solver,
                             const TransportProblem& problem) {
  const auto number = [&](const char* key) -> std::optional<double> {
    const JsonPlace at = place.at(key);
    return at.value().is_null() ? std::nullopt : std::optional(at.number());
  };
  const auto at_least_0 = [&](const char* key) {
    const std::optional<double> value = number(key);
    if (value && *value < 0.0) place.at(key).fail("must be >= 0");
    return value;
  };
  const auto count = [&](const char* key) {
    const JsonPlace at = place.at(key);
    if (at.integer() < 0) at.fail("must be >= 0");
    return static_cast<Index>(at.integer());
  };
  place.allow_only(kLasting);
  SolveReport r;
  r.solver = solver;
  r.dimension = problem.dimension();
  r.regularised = find_solver(solver).regularised();
  r.epsilon = problem.reference().epsilon();
  r.theta = problem.reference().theta();
  r.mean_cost = at_least_0("mean_cost").value_or(0.0);
  r.stop_reason = stop_reason_of(place.at("stop_reason"));
  r.iterations = count("iterations");
  // All 64 bits of a seed, beyond what integer() lets pass.
  const JsonPlace seed = place.at("seed");
  if (!seed.value().is_number_unsigned()) seed.fail("must be a whole number >= 0");
  r.seed = seed.value().get<std::uint64_t>();
  if (!place.at("draws").value().is_null()) r.draws = count("draws");
  r.value_linear = number("value_linear");
  r.kl = number("kl");
  // Reports written before it was known have no such key.
  if (place.value().contains("plan_entropy")) r.plan_entropy = number("plan_entropy");
  r.value = number("value");
  r.dual_value = number("dual_value");
  r.duality_gap = number("duality_gap");
  r.marginal_error_source = at_least_0("marginal_error_source");
  r.marginal_error_target = at_least_0("marginal_error_target");
  if (place.has("marginal_floor_source"))
    r.marginal_floor_source = at_least_0("marginal_floor_source");
  if (place.has("marginal_floor_target"))
    r.marginal_floor_target = at_least_0("marginal_floor_target");
  const JsonPlace notes = place.at("notes");
  if (!notes.value().is_array()) notes.fail("must be a list of texts");
  for (std::size_t k = 0; k < notes.size(); ++k) r.notes.push_back(notes.at(k).text());
  return r;
}

}  // namespace otbridge
