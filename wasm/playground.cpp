// What the page asks of the library: clouds of the plane in, an answer with its plan out.
//
// One instance of the module, one thread, one caller: page/src/playground/worker.js. Clouds are
// rows of two doubles, seeds whole numbers. Whatever is refused ends the instance with the
// library's own message (exceptions.cpp), and the worker makes another one.

#include <algorithm>
#include <cmath>
#include <limits>

#include "otbridge/core/number_text.hpp"
#include "otbridge/core/version.hpp"
#include "otbridge/measure/toy.hpp"
#include "otbridge/solvers/exact.hpp"
#include "otbridge/solvers/sinkhorn.hpp"

#define OTBRIDGE_EXPORT(name) extern "C" __attribute__((export_name(#name)))

// Called while a solver runs; what it does not know is NaN. The phase ends with 0.
extern "C" __attribute__((import_module("page"), import_name("progress"))) void page_progress(
    const char* phase, double iteration, double epsilon, double source_error, double target_error,
    double gap, double fraction, double seconds);

namespace otbridge {
namespace {

Points plane(const double* rows, int n) { return Eigen::Map<const Points>(rows, n, 2); }

void observe(const Progress& progress) {
  const auto number = [](const std::optional<double>& value) {
    return value.value_or(std::numeric_limits<double>::quiet_NaN());
  };
  page_progress(progress.phase.c_str(), static_cast<double>(progress.iteration),
                number(progress.epsilon), number(progress.marginal_error_source),
                number(progress.marginal_error_target), number(progress.duality_gap),
                progress.fraction, progress.seconds);
}

std::string quoted(std::string_view words) {
  std::string text = "\"";
  for (const char c : words) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text + "\"";
}

// As JSON, by the names of the command line's report.
std::string report_text(const SolveReport& report) {
  std::string text = "{";
  const auto add = [&](std::string_view name, const std::string& value) {
    text += (text.size() > 1 ? "," : "") + quoted(name) + ":" + value;
  };
  const auto number = [](const std::optional<double>& value) {
    return value && std::isfinite(*value) ? number_text(*value) : std::string("null");
  };
  add("version", quoted(kVersion));
  add("solver", quoted(report.solver));
  add("stop_reason", quoted(name_of(report.stop_reason)));
  add("kernel_set", quoted(report.kernel_set));
  add("iterations", std::to_string(report.iterations));
  add("seconds", number(report.seconds));
  add("epsilon", number(report.epsilon));
  add("mean_cost", number(report.mean_cost));
  add("value", number(report.value));
  add("value_linear", number(report.value_linear));
  add("kl", number(report.kl));
  add("plan_entropy", number(report.plan_entropy));
  add("dual_value", number(report.dual_value));
  add("duality_gap", number(report.duality_gap));
  add("marginal_error_source", number(report.marginal_error_source));
  add("marginal_error_target", number(report.marginal_error_target));
  std::string notes;
  for (const std::string& note : report.notes) notes += (notes.empty() ? "" : ",") + quoted(note);
  add("notes", "[" + notes + "]");
  return text + "}";
}

void copy(const Points& rows, double* out) { std::copy_n(rows.data(), rows.size(), out); }

}  // namespace

struct Answer {
  Points source;
  Solution solution;
  std::string report;
  std::vector<Flow> flows;
};

// The toys by their whole names, one a line.
OTBRIDGE_EXPORT(toys) const char* toys() {
  static const std::string names = [] {
    std::string lines;
    for (const ToyPreset& toy : toy_presets()) lines += toy.name + "@" + toy.preset + "\n";
    return lines;
  }();
  return names.c_str();
}

// n draws of a toy into out: those that the command line takes for it on that side under the seed.
OTBRIDGE_EXPORT(draw) void draw(const char* toy, int target, double seed, int n, double* out) {
  const RandomStream stream(static_cast<std::uint64_t>(seed),
                            target != 0 ? Purpose::target_draw : Purpose::source_draw);
  copy(discretize(Toy(toy), n, stream).points(), out);
}

// The mean cost of two clouds, in which a relative epsilon is counted.
OTBRIDGE_EXPORT(unit) double unit(const double* x, int n, const double* y, int m) {
  return relative_unit(WeightedPoints(plane(x, n)), WeightedPoints(plane(y, m)), 0);
}

// Of Brownian motion, by Sinkhorn to a tolerance or (exact != 0) by exact transport.
OTBRIDGE_EXPORT(solve)
Answer* solve(int exact, const double* x, int n, const double* y, int m, double epsilon,
              double tolerance, double seed) {
  const TransportProblem problem(WeightedPoints(plane(x, n)), WeightedPoints(plane(y, m)),
                                 ReferenceProcess(epsilon));
  SolveContext context;
  context.seed = static_cast<std::uint64_t>(seed);
  context.observer = observe;
  Solution solution = exact != 0 ? solve_exact(problem, {}, context)
                                 : solve_sinkhorn(problem, {.tolerance = tolerance}, context);
  std::string report = report_text(solution.report);
  return new Answer{plane(x, n), std::move(solution), std::move(report), {}};
}

OTBRIDGE_EXPORT(report) const char* report(const Answer* answer) { return answer->report.c_str(); }

// The conditional mean of the target for each source point, n x 2.
OTBRIDGE_EXPORT(map) void map(const Answer* answer, double* out) {
  copy(answer->solution.plan->map(answer->source, Direction::forward), out);
}

// For each source point the row of the target that it is paired with by one draw of the plan.
OTBRIDGE_EXPORT(partners) void partners(const Answer* answer, double seed, int* out) {
  const RandomStream stream(static_cast<std::uint64_t>(seed), Purpose::plan_sample);
  std::ranges::copy(answer->solution.plan->coupling()->partners(stream), out);
}

// The entries of the plan down to `least` of its mass: how many, then (row, row, mass) for each.
OTBRIDGE_EXPORT(count_flows) int count_flows(Answer* answer, double least) {
  answer->flows = answer->solution.plan->coupling()->flows(least);
  return static_cast<int>(answer->flows.size());
}
OTBRIDGE_EXPORT(flows) void flows(const Answer* answer, double* out) {
  for (const Flow& flow : answer->flows) {
    *out++ = static_cast<double>(flow.source);
    *out++ = static_cast<double>(flow.target);
    *out++ = flow.mass;
  }
}

// The bridge from the source at `count` even times from 0 to 1, count x n x 2: the paths that
// `otbridge interpolate --frames count` writes under the seed.
OTBRIDGE_EXPORT(paths) void paths(const Answer* answer, double seed, int count, double* out) {
  std::vector<double> times;
  for (int k = 0; k < count; ++k) times.push_back(static_cast<double>(k) / (count - 1));
  const RandomStream stream(static_cast<std::uint64_t>(seed), Purpose::paths);
  const Paths drawn =
      answer->solution.plan->sample_paths(answer->source, times, Direction::forward, stream);
  for (const Points& slice : drawn.at) {
    copy(slice, out);
    out += slice.size();
  }
}

OTBRIDGE_EXPORT(drop) void drop(Answer* answer) { delete answer; }

}  // namespace otbridge
