// What a plan is: its coupling, potentials and report; its bytes and its file.
#include <nanobind/stl/pair.h>

#include <algorithm>

#include "answer.hpp"
#include "otbridge/io/json.hpp"
#include "otbridge/io/report_json.hpp"

namespace otbridge::python {
namespace {

const Coupling& coupling_of(const Answer& answer) {
  return face_of(answer, answer.plan->coupling(),
                 "coupling of two clouds; map, sample and paths move points by it");
}

PointsOut plan_rows(const Answer& answer, Index begin, Index end) {
  const Coupling& coupling = coupling_of(answer);
  const Index m = coupling.target_weights().size();
  // The rows, and once more as the array.
  check_bytes("rows " + std::to_string(begin) + " to " + std::to_string(end) + " of the plan",
              2.0 * sizeof(double) * static_cast<double>(end - begin) * static_cast<double>(m));
  return array_of(without_gil(0, [&] { return Points(coupling.rows(begin, end)); }));
}

// Row sums and column sums, by blocks of rows: memory O(n + m).
std::pair<VectorOut, VectorOut> marginals(const Answer& answer) {
  constexpr Index kRows = 128;
  const Coupling& coupling = coupling_of(answer);
  const Index n = coupling.source_weights().size(), m = coupling.target_weights().size();
  Vector source(n), target = Vector::Zero(m);
  without_gil(0, [&] {
    for (Index begin = 0; begin < n; begin += kRows) {
      const Matrix block = coupling.rows(begin, std::min(n, begin + kRows));
      source.segment(begin, block.rows()) = block.rowwise().sum();
      target += block.colwise().sum().transpose();
    }
  });
  return {array_of(std::move(source)), array_of(std::move(target))};
}

nb::tuple flows(const Answer& answer, double least) {
  const std::vector<Flow> flows = without_gil(0, [&] { return coupling_of(answer).flows(least); });
  std::vector<std::int64_t> sources, targets;
  Vector masses(static_cast<Index>(flows.size()));
  for (const Flow& flow : flows) {
    masses[static_cast<Index>(sources.size())] = flow.mass;
    sources.push_back(flow.source);
    targets.push_back(flow.target);
  }
  return nb::make_tuple(array_of(std::move(sources)), array_of(std::move(targets)),
                        array_of(std::move(masses)));
}

IndicesOut partners(const Answer& answer, std::uint64_t seed) {
  const std::vector<Index> rows = without_gil(
      0, [&] { return coupling_of(answer).partners(RandomStream(seed, Purpose::plan_sample)); });
  return array_of(std::vector<std::int64_t>(rows.begin(), rows.end()));
}

// The potentials at the points of both clouds, as the solver left them.
std::pair<VectorOut, VectorOut> own_potentials(const Answer& answer) {
  coupling_of(answer);
  const PlanState state = answer.plan->state();
  return {array_of(Vector(state.array("f").reshaped())),
          array_of(Vector(state.array("g").reshaped()))};
}

VectorOut potential(const Answer& answer, const PointsIn& x, bool first) {
  const Potentials& face = face_of(answer, answer.plan->potentials(), "potentials");
  return array_of(without_gil(0, [&] { return first ? face.f(view(x)) : face.g(view(x)); }));
}

const SolveReport* report_of(const Answer& answer) {
  return answer.reported() ? &answer.report : nullptr;
}

Answer answer_of(PlanFile file) {
  Answer answer{std::move(file.plan), {}, false};
  if (file.report) answer.report = std::move(*file.report);
  answer.columns = std::move(file.columns);
  return answer;
}

nb::bytes plan_bytes(const Answer& answer) {
  const std::string bytes = [&] {
    const nb::gil_scoped_release released;
    return encode_plan(*answer.plan, report_of(answer), answer.columns);
  }();
  return nb::bytes(bytes.data(), bytes.size());
}

void bind_progress(nb::module_& m) {
  nb::class_<Progress>(m, "Progress",
                       "One measurement of a running solver; what it cannot give is None.")
      .def_ro("phase", &Progress::phase)
      .def_ro("iteration", &Progress::iteration)
      .def_ro("iteration_limit", &Progress::iteration_limit)
      .def_ro("fraction", &Progress::fraction, "Estimate of the work done, from 0 to 1.")
      .def_ro("seconds", &Progress::seconds, "Since the start.")
      .def_ro("epsilon", &Progress::epsilon, "Of the current level of an epsilon scaling.")
      .def_ro("marginal_error_source", &Progress::marginal_error_source, "As in the report.")
      .def_ro("marginal_error_target", &Progress::marginal_error_target, "As in the report.")
      .def_ro("marginal_floor_source", &Progress::marginal_floor_source, "As in the report.")
      .def_ro("marginal_floor_target", &Progress::marginal_floor_target, "As in the report.")
      .def_ro("duality_gap", &Progress::duality_gap, "Cost units.")
      .def_ro("loss", &Progress::loss)
      .def_ro("path_divergence", &Progress::path_divergence, "Nats.")
      .def_ro("path_kl", &Progress::path_kl,
              "Of the true bridge, where it is known, in a comparison else of sinkhorn's; nats.")
      .def("__repr__", [](const Progress& p) {
        return "<otbridge.Progress iteration " + std::to_string(p.iteration) + ", " + p.phase + ">";
      });
}

}  // namespace

void bind_plans(nb::module_& m) {
  constexpr auto kNew = nb::rv_policy::automatic;  // the array owns its copy
  bind_progress(m);
  nb::class_<Answer>(m, "Answer", "A plan with the report of its run; `Result` wraps it.")
      .def_prop_ro("solver", [](const Answer& a) { return std::string(a.plan->name()); })
      .def_prop_ro("problem", [](const Answer& a) { return a.plan->problem(); })
      .def_prop_ro("reported", [](const Answer& a) { return a.reported(); })
      .def_prop_rw(
          "columns", [](const Answer& a) { return std::pair(a.columns.source, a.columns.target); },
          [](Answer& a,
             const std::pair<std::vector<std::string>, std::vector<std::string>>& names) {
            a.columns = {names.first, names.second};
          })
      .def_prop_ro("couples", [](const Answer& a) { return a.plan->coupling() != nullptr; })
      .def("report", [](const Answer& a) { return json_text(report_to_json(a.report, a.solved)); })
      .def_prop_ro("trace", [](const Answer& a) { return a.report.trace; })
      .def_prop_ro(
          "source_points", [](const Answer& a) { return array_of(coupling_of(a).source_points()); },
          kNew)
      .def_prop_ro(
          "target_points", [](const Answer& a) { return array_of(coupling_of(a).target_points()); },
          kNew)
      .def_prop_ro(
          "source_weights",
          [](const Answer& a) { return array_of(coupling_of(a).source_weights()); }, kNew)
      .def_prop_ro(
          "target_weights",
          [](const Answer& a) { return array_of(coupling_of(a).target_weights()); }, kNew)
      .def("plan_rows", plan_rows)
      .def("marginals", marginals)
      .def("flows", flows)
      .def("partners", partners)
      .def("own_potentials", own_potentials)
      .def("f", [](const Answer& a, const PointsIn& x) { return potential(a, x, true); })
      .def("g", [](const Answer& a, const PointsIn& y) { return potential(a, y, false); })
      .def("write",
           [](const Answer& a, const std::string& path) {
             const nb::gil_scoped_release released;
             write_plan(*a.plan, path, report_of(a), a.columns);
           })
      .def("bytes", plan_bytes);
  m.def("plan_read", [](const std::string& path) {
    const nb::gil_scoped_release released;
    return answer_of(read_plan_file(path));
  });
  m.def("plan_of_bytes", [](const nb::bytes& bytes) {
    const std::string text(bytes.c_str(), bytes.size());
    const nb::gil_scoped_release released;
    return answer_of(parse_plan(text, "plan"));
  });
}

}  // namespace otbridge::python
