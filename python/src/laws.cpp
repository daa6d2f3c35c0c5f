// Laws and problems.
#include <nanobind/stl/pair.h>

#include <type_traits>
#include <variant>

#include "binding.hpp"
#include "otbridge/core/number_text.hpp"
#include "otbridge/io/json.hpp"

namespace otbridge::python {
namespace {

Measure points_law(const PointsIn& points, const std::optional<VectorIn>& weights) {
  if (weights) return WeightedPoints(Points(view(points)), Vector(view(*weights)));
  return WeightedPoints(Points(view(points)));
}

std::optional<PointsOut> square(const std::optional<Matrix>& matrix) {
  if (!matrix) return std::nullopt;
  return array_of(Points(*matrix));
}

PointsOut draws(const Measure& law, Index n, std::uint64_t seed) {
  // The draws, and the array that is returned.
  check_bytes("a sample of " + std::to_string(n) + " points",
              16.0 * static_cast<double>(n) * static_cast<double>(law->dimension()));
  // The stream of `otbridge sample`: the same seed, the same bytes.
  return array_of(
      without_gil(0, [&] { return law->sample(n, RandomStream(seed, Purpose::source_draw)); }));
}

std::pair<double, std::string> epsilon_of(const Measure& source, const Measure& target,
                                          std::optional<double> relative, std::uint64_t seed,
                                          bool regularised) {
  ChosenEpsilon chosen =
      without_gil(0, [&] { return choose_epsilon(source, target, relative, seed, regularised); });
  return {chosen.value, std::move(chosen.note)};
}

std::vector<std::string> columns_of(const NamedLaw& law) {
  return law.cloud ? law.cloud->columns : std::vector<std::string>();
}

// Of an end of a problem: the pixels that stand for a picture, as `otbridge` draws them.
NamedLaw end_of(NamedLaw law, Index samples, std::uint64_t seed, bool source) {
  const Purpose draws = source ? Purpose::source_draw : Purpose::target_draw;
  return drawn_pixels(std::move(law), samples, RandomStream(seed, draws));
}

// The law, what its columns are called, its label and its notes; the columns are put in the order
// of `names`, those of what is called `whose`, if it has these. samples: of an end of a problem;
// else a picture is taken whole.
nb::tuple named_law(const std::string& text, const std::vector<std::string>& names,
                    const std::string& whose, std::optional<Index> samples, std::uint64_t seed,
                    bool source) {
  const NamedLaw law = without_gil(0, [&] {
    NamedLaw read = read_law(text);
    if (samples) read = end_of(std::move(read), *samples, seed, source);
    const NamedLaw first{read.law, Cloud{{}, {}, {}, names}, whose};
    return in_order_of(first, std::move(read));
  });
  return nb::make_tuple(law.law, columns_of(law), law.label, law.notes);
}

// What a problem file says, as JSON would: the caller fills in what it leaves out; of a known
// problem `file` makes the laws. Samples and seed are those of the file where they are not given.
nb::dict problem_facts(const std::string& text, std::optional<Index> samples,
                       std::optional<std::uint64_t> seed, Index default_samples) {
  const ProblemFile file = without_gil(0, [&] {
    ProblemFile read = read_problem(text);
    const auto pixels = [&](std::optional<NamedLaw>& law, bool source) {
      if (!law) return;
      law = end_of(std::move(*law), samples.value_or(read.samples.value_or(default_samples)),
                   seed.value_or(read.seed.value_or(0)), source);
    };
    pixels(read.source, true);
    pixels(read.target, false);
    return read;
  });
  nb::dict facts;
  facts["notes"] = notes_of(file);
  facts["file"] = file.known ? nb::cast(file) : nb::none();
  facts["source"] = file.source ? nb::cast(file.source->law) : nb::none();
  facts["target"] = file.target ? nb::cast(file.target->law) : nb::none();
  std::pair<std::vector<std::string>, std::vector<std::string>> columns;
  if (!file.known) columns = {columns_of(*file.source), columns_of(*file.target)};
  if (file.known && file.known->target_cloud) columns.second = file.known->target_cloud->columns;
  facts["columns"] = columns;
  facts["epsilon"] = file.epsilon;
  facts["epsilon_relative"] = file.epsilon_relative;
  facts["theta"] = file.theta;
  facts["samples"] = file.samples;
  facts["seed"] = file.seed;
  facts["solver"] = file.solver;
  nb::dict settings;
  for (const auto& [name, value] : file.settings) {
    settings[nb::cast(name)] = std::visit(
        [](const auto& given) -> nb::object {
          if constexpr (std::is_same_v<std::decay_t<decltype(given)>, std::vector<long long>>) {
            nb::list list;
            for (const long long entry : given) list.append(entry);
            return list;
          } else {
            return nb::cast(given);
          }
        },
        value);
  }
  facts["settings"] = settings;
  return facts;
}

// What `_arrays.py` makes of an argument, or refuses.
template <class... Arguments>
nb::object checked(const char* how, const Arguments&... arguments) {
  return nb::module_::import_("otbridge._arrays").attr(how)(arguments...);
}

// How pickle makes a law again, by functions of `_laws.py`, which it knows by their names: of a
// cloud by its arrays, of any other by its JSON.
nb::tuple parts_of_law(const Measure& law) {
  const nb::module_ laws = nb::module_::import_("otbridge._laws");
  if (const auto* cloud = law.as<WeightedPoints>()) {
    const nb::object weights =
        cloud->uniform_weights() ? nb::none() : nb::cast(array_of(Vector(cloud->weights())));
    return nb::make_tuple(laws.attr("points"),
                          nb::make_tuple(array_of(Points(cloud->points())), weights));
  }
  const std::string text = without_gil(0, [&] {
    std::string json = json_text(law_to_json(*law));
    check_json(json, "a pickle of a law");  // as it is read back
    return json;
  });
  return nb::make_tuple(laws.attr("law_of_json"), nb::make_tuple(text));
}

nb::tuple parts_of_problem(const TransportProblem& problem) {
  return nb::make_tuple(nb::module_::import_("otbridge._laws").attr("problem_again"),
                        nb::make_tuple(problem.source(), problem.target(),
                                       problem.reference().epsilon(), problem.reference().theta()));
}

nb::list list_toys() {
  nb::list rows;
  for (const ToyPreset& toy : toy_presets()) {
    nb::dict row;
    row["name"] = toy.name + "@" + toy.preset;
    row["definition"] = toy.definition;
    row["source"] = toy.source;
    rows.append(row);
  }
  return rows;
}

}  // namespace

void bind_laws(nb::module_& m) {
  nb::class_<Measure>(
      m, "Law",
      "A probability law on R^d: what is transported. Made by `points`, `gaussian`,\n"
      "`mixture` and `law`.")
      .def_prop_ro(
          "type", [](const Measure& law) { return std::string(law->type()); },
          "The ``type`` of its JSON form: ``\"points\"``, ``\"gaussian\"``, ...")
      .def_prop_ro("dimension", [](const Measure& law) { return law->dimension(); })
      .def(
          "sample",
          [](const Measure& law, const nb::object& n, const nb::object& seed) {
            return draws(law, nb::cast<Index>(checked("whole", n, "n")),
                         nb::cast<std::uint64_t>(checked("seed", seed)));
          },
          nb::arg("n"), nb::kw_only(), nb::arg("seed") = 0,
          "Independent draws.\n\nParameters\n----------\nn : int\n    How many.\nseed : int\n"
          "    The same seed gives the same bytes as ``otbridge sample``.\n\nReturns\n-------\n"
          "ndarray of shape (n, d)")
      .def(
          "mean",
          [](const Measure& law) -> std::optional<VectorOut> {
            const auto mean = without_gil(0, [&] { return law->mean(); });
            if (!mean) return std::nullopt;
            return array_of(*mean);
          },
          "The mean, shape (d,); None where it is not known in closed form.")
      .def(
          "covariance",
          [](const Measure& law) {
            return square(without_gil(0, [&] { return law->covariance(); }));
          },
          "The covariance, shape (d, d), squared length; None where it is not known.")
      .def(
          "log_density",
          [](const Measure& law, const nb::object& rows) {
            const auto x = nb::cast<PointsIn>(checked("points", rows, "x"));
            return array_of(without_gil(0, [&] { return law->log_density(view(x)); }));
          },
          nb::arg("x"), "The log density at each row of x, shape (n, d): (n,), in nats.")
      .def(
          "to_json", [](const Measure& law) { return json_text(law_to_json(*law)); },
          "The JSON text that `law` and the command line read back.")
      .def("__reduce__", parts_of_law)
      .def("__repr__", [](const Measure& law) {
        return "<otbridge.Law " + std::string(law->type()) + " in R^" +
               std::to_string(law->dimension()) + ">";
      });
  m.def("law_points", points_law, nb::arg("points"), nb::arg("weights").none());
  m.def("law_gaussian", [](const VectorIn& mean, const PointsIn& covariance) -> Measure {
    return Gaussian(Vector(view(mean)), Matrix(view(covariance)));
  });
  m.def("law_mixture", [](const VectorIn& weights, std::vector<Measure*> components) -> Measure {
    std::vector<Measure> laws;
    for (const Measure* law : components) laws.push_back(*law);
    return Mixture(Vector(view(weights)), std::move(laws));
  });
  m.def("law_read", named_law, nb::arg("text"), nb::arg("names"), nb::arg("whose"),
        nb::arg("samples").none(), nb::arg("seed"), nb::arg("source"));
  m.def("law_of_json", [](const std::string& text) {
    return without_gil(0, [&] {
      const Json json = parse_json(text, "law");
      return law_from_own_json(JsonPlace(json, "law"));
    });
  });
  m.def("places_of", places_of);
  m.def("toys", list_toys);
  m.def("epsilon_of", epsilon_of, nb::arg("source"), nb::arg("target"), nb::arg("relative").none(),
        nb::arg("seed"), nb::arg("regularised"));

  nb::class_<TransportProblem>(m, "Problem",
                               "Two laws and the reference process between them\n"
                               "(docs/conventions.md): what is solved.")
      .def_prop_ro("source", &TransportProblem::source)
      .def_prop_ro("target", &TransportProblem::target)
      .def_prop_ro("dimension", &TransportProblem::dimension)
      .def_prop_ro(
          "epsilon", [](const TransportProblem& p) { return p.reference().epsilon(); },
          "The variance rate of the reference, squared length per unit time.")
      .def_prop_ro("theta", [](const TransportProblem& p) { return p.reference().theta(); })
      .def("__reduce__", parts_of_problem)
      .def("__repr__", [](const TransportProblem& p) {
        return "<otbridge.Problem " + std::string(p.source()->type()) + " to " +
               std::string(p.target()->type()) + " in R^" + std::to_string(p.dimension()) +
               ", epsilon=" + plain_number(p.reference().epsilon(), 3) + ">";
      });
  m.def("problem", [](const Measure& source, const Measure& target, double epsilon, double theta) {
    return TransportProblem(source, target, ReferenceProcess(epsilon, theta));
  });
  m.def("problem_again", [](Measure source, Measure target, double epsilon, double theta) {
    without_gil(0, [&] { share_law(source, target); });
    return TransportProblem(std::move(source), std::move(target), ReferenceProcess(epsilon, theta));
  });
  nb::class_<ProblemFile>(m, "ProblemFile", "A known problem, whose laws depend on the reference.");
  m.def("problem_known", [](const ProblemFile& file, double epsilon, double theta) {
    const ReferenceProcess reference(epsilon, theta);
    return without_gil(0, [&] { return file.known.value().problem(reference); });
  });
  m.attr("EPSILON_UNUSED") = kEpsilonUnused;
  m.def("problem_facts", problem_facts, nb::arg("text"), nb::arg("samples").none(),
        nb::arg("seed").none(), nb::arg("default_samples"));
}

}  // namespace otbridge::python
