#include "io/known_json.hpp"

#include <algorithm>
#include <cstdint>

#include "io/law_types.hpp"
#include "otbridge/core/names.hpp"
#include "otbridge/io/json.hpp"
#include "otbridge/known/known_problem.hpp"

namespace otbridge {
namespace {

// The laws of any reference are made alike: what can be refused is refused at this one, by place.
KnownProblem checked(const JsonPlace& place, KnownProblem known) {
  at_place(place, [&] { return known.problem(ReferenceProcess(1.0)).target(); });
  return known;
}

KnownProblem read_blurred(const JsonPlace& place, const std::string& folder) {
  NamedLaw law = law_from_json(place.at("law"), folder);
  const double scale = place.has("scale") ? place.at("scale").number() : 1.0;
  const Vector shift = place.has("shift") ? place.at("shift").vector() : Vector();
  const bool moved = scale != 1.0 || !shift.isZero(0.0);
  KnownProblem known{[measure = law.law, scale, shift](const ReferenceProcess& reference) {
                       return blurred_problem(measure, reference, scale, shift);
                     },
                     "blurred " + law.label,
                     moved ? "moved " + law.label : law.label,
                     {},
                     law.notes};
  // Moved it has other points than those that were read.
  if (!moved) known.target_cloud = std::move(law.cloud);
  return checked(place, std::move(known));
}

KnownProblem read_mixture_potential(const JsonPlace& place, const std::string& folder) {
  NamedLaw source = law_from_json(place.at("source"), folder);
  const NamedLaw potential = law_from_json(place.at("potential"), folder);
  KnownProblem known{[from = source.law, phi = potential.law](const ReferenceProcess& reference) {
                       return mixture_potential_problem(from, phi, reference);
                     },
                     source.label,
                     "its bridge's end",
                     {},
                     source.notes};
  known.notes.insert(known.notes.end(), potential.notes.begin(), potential.notes.end());
  return checked(place, std::move(known));
}

long long whole(const JsonPlace& place, const char* key, long long otherwise) {
  if (!place.has(key)) return otherwise;
  const long long value = place.at(key).integer();
  if (value < 0) place.at(key).fail("must be >= 0");
  return value;
}

KnownProblem read_eot_mixture(const JsonPlace& place, const std::string&) {
  const long long dimension = place.at("dimension").integer();
  const long long components = whole(place, "components", 5);
  const auto seed = static_cast<std::uint64_t>(whole(place, "seed", 0));
  try {
    check_eot_mixture(dimension, components);  // the laws would take seconds
  } catch (const InvalidInput& refusal) {
    throw InvalidInput(place.file() + ": " + place.pointer() + refusal.what());
  }
  return {[=](const ReferenceProcess& reference) {
            return eot_mixture_problem(dimension, components, seed, reference);
          },
          "normal", "eot_mixture in " + std::to_string(dimension) + " dimensions"};
}

struct KnownType {
  KnownForm form;
  KnownProblem (*read)(const JsonPlace& place, const std::string& folder);
};

const std::vector<KnownType>& known_types() {
  static const std::vector<KnownType> all{
      {{"blurred", {"law", "scale", "shift"}}, read_blurred},
      {{"mixture_potential", {"source", "potential"}}, read_mixture_potential},
      {{"eot_mixture", {"dimension", "components", "seed"}}, read_eot_mixture},
  };
  return all;
}

}  // namespace

const std::vector<KnownForm>& known_forms() {
  static const std::vector<KnownForm> forms = [] {
    std::vector<KnownForm> list;
    for (const KnownType& type : known_types()) list.push_back(type.form);
    return list;
  }();
  return forms;
}

KnownProblem known_from_json(const JsonPlace& place, const std::string& folder) {
  const std::string name = place.at("type").text();
  const auto type = std::ranges::find_if(
      known_types(), [&](const KnownType& row) { return row.form.type == name; });
  if (type == known_types().end()) {
    std::vector<std::string> names;
    for (const KnownForm& form : known_forms()) names.push_back(form.type);
    place.at("type").fail("must be one of " + joined(names));
  }
  std::vector<std::string> keys{"type", "description"};
  keys.insert(keys.end(), type->form.keys.begin(), type->form.keys.end());
  place.allow_only(keys);
  return type->read(place, folder);
}

}  // namespace otbridge
