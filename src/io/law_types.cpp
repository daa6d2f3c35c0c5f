#include "io/law_types.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>

#include "io/transform_json.hpp"
#include "otbridge/core/number_text.hpp"
#include "otbridge/measure/blurred.hpp"
#include "otbridge/measure/bridge_end.hpp"
#include "otbridge/measure/gaussian.hpp"
#include "otbridge/measure/mixture.hpp"
#include "otbridge/measure/product.hpp"
#include "otbridge/measure/pushforward.hpp"
#include "otbridge/measure/toy.hpp"
#include "otbridge/measure/uniform.hpp"
#include "otbridge/measure/weighted_points.hpp"

namespace otbridge {
namespace {

// Each type of law: how it is read, then how it is written.

NamedLaw read_points(const JsonPlace& place, const LawReader& reader) {
  // Both or neither.
  if (place.has("file") == place.has("points"))
    place.fail("needs exactly one of \"file\" and \"points\"");
  Cloud cloud;
  std::string label, weights = place.file() + ": " + place.pointer() + "/weights";
  if (place.has("file")) {
    const std::string file = place.at("file").text();
    label = std::filesystem::path(file).filename().string();
    cloud = read_cloud(reader.path_of(file));
    for (const auto& note : cloud.notes) reader.note(note);
    if (!place.has("weights")) weights = reader.path_of(file) + ": weights";
  } else {
    cloud.points = place.at("points").matrix();
  }
  // Weights given here replace those of the file.
  if (place.has("weights")) cloud.weights = place.at("weights").vector();
  NamedLaw law{at_place(place, [&] { return measure_of(cloud); }), cloud, label};
  reader.note_sum(weights, cloud.weights);
  return law;
}

void put(Json& json, const WeightedPoints& law) {
  json["points"] = matrix_to_json(law.points());
  if (!law.uniform_weights()) json["weights"] = vector_to_json(law.weights());
}

// As read_cloud does; "as" is --image of the command line.
NamedLaw read_image(const JsonPlace& place, const LawReader& reader) {
  ReadOptions options{.format = CloudFormat::image};
  if (place.has("as")) {
    try {
      options.image = image_law_named(place.at("as").text());
    } catch (const InvalidInput&) {
      place.at("as").fail("must be colours or density");
    }
  }
  const std::string file = place.at("file").text();
  const Cloud cloud = read_cloud(reader.path_of(file), options);
  for (const auto& note : cloud.notes) reader.note(note);
  return {measure_of(cloud), cloud, std::filesystem::path(file).filename().string()};
}

// Of points, whichever file they came from, are written the points.
bool write_no_image(Json&, const Law&) { return false; }

// An array, or one number for all coordinates where "dimension" says how many there are.
Vector read_mean(const JsonPlace& place) {
  const JsonPlace mean = place.at("mean");
  if (!place.has("dimension")) return mean.vector();
  const long long d = place.at("dimension").integer();
  // Before an array of that size is made.
  if (d < 1 || d > Gaussian::kMostDimensions) {
    place.at("dimension").fail("must be from 1 to " + std::to_string(Gaussian::kMostDimensions));
  }
  if (mean.value().is_array()) mean.fail("must be one number where \"dimension\" is given");
  return Vector::Constant(d, mean.number());
}

Gaussian gaussian_at(const JsonPlace& place) {
  const Vector mean = read_mean(place);
  // Never a bare "sigma", which some read as a deviation and some as a covariance.
  std::vector<std::string> given;
  for (const char* key : {"cov", "std", "var", "scale_tril"}) {
    if (place.has(key)) given.emplace_back(key);
  }
  if (given.size() != 1) place.fail("needs exactly one of cov, std, var, scale_tril");
  const JsonPlace spread = place.at(given[0]);
  if (given[0] == "cov" || given[0] == "scale_tril") {
    const Matrix m = spread.matrix();
    if (m.rows() != mean.size() || m.cols() != mean.size()) {
      spread.fail("must be " + std::to_string(mean.size()) + " x " + std::to_string(mean.size()) +
                  " like the mean");
    }
    // scale_tril is the Cholesky factor: the covariance is L L^T, what is above its diagonal is
    // not read.
    return Gaussian(mean,
                    given[0] == "cov"
                        ? m
                        : Matrix(m.triangularView<Eigen::Lower>() *
                                 m.transpose().triangularView<Eigen::Upper>().toDenseMatrix()));
  }
  Vector sizes =
      spread.value().is_array() ? spread.vector() : Vector::Constant(mean.size(), spread.number());
  if (sizes.size() != mean.size()) spread.fail("must have one entry per coordinate");
  // A negative deviation squares to a covariance that nobody meant. Zero is a degenerate law.
  if (sizes.minCoeff() < 0.0) spread.fail("must be >= 0");
  if (given[0] == "std") sizes = sizes.cwiseAbs2();
  return Gaussian(mean, Matrix(sizes.asDiagonal()));
}

Measure read_gaussian(const JsonPlace& place, const LawReader& reader) {
  const Gaussian law = gaussian_at(place);
  if (law.clipped() < 0.0) {
    reader.note(place.file() + ": " + place.pointer() + "/cov: its smallest eigenvalue, " +
                number_text(law.clipped()) + ", is taken as 0");
  }
  return law;
}

// As the full covariance whatever it was given as: one form to read back, to the last bit.
void put(Json& json, const Gaussian& law) {
  json["mean"] = vector_to_json(law.center());
  json["cov"] = matrix_to_json(law.spread());
}

// Weights are relative: Mixture divides by their sum. Absent, all components weigh the same.
Measure read_mixture(const JsonPlace& place, const LawReader& reader) {
  const JsonPlace parts = place.at("components");
  if (!parts.value().is_array()) parts.fail("must be an array of laws");
  std::vector<Measure> components;
  std::optional<NamedLaw> first;  // with names, whose order is that of the others' columns
  for (std::size_t k = 0; k < parts.size(); ++k) {
    NamedLaw part = reader.law(parts.at(k));
    if (first) part = in_order_of(*first, std::move(part));
    components.push_back(part.law);
    if (!part.notes.empty()) reader.note(part.notes.back());
    if (!first && part.cloud && !part.cloud->columns.empty()) first = std::move(part);
  }
  const Vector weights = place.has("weights") ? place.at("weights").vector()
                                              : Vector::Ones(static_cast<Index>(components.size()));
  const Mixture law(weights, std::move(components));
  if (place.has("weights"))
    reader.note_sum(place.file() + ": " + place.pointer() + "/weights", weights);
  return law;
}

void put(Json& json, const Mixture& law) {
  json["weights"] = vector_to_json(law.weights());
  json["components"] = Json::array();
  for (const Measure& component : law.components()) {
    // Throws where a component has no JSON form.
    json["components"].push_back(law_to_json(*component));
  }
}

// The corners of the box.
Measure read_uniform_box(const JsonPlace& place, const LawReader&) {
  return UniformBox(place.at("low").vector(), place.at("high").vector());
}

void put(Json& json, const UniformBox& law) {
  json["low"] = vector_to_json(law.low());
  json["high"] = vector_to_json(law.high());
}

// Uniform on the solid ball, in any dimension.
Measure read_uniform_ball(const JsonPlace& place, const LawReader&) {
  return UniformBall(place.at("center").vector(), place.at("radius").number());
}

void put(Json& json, const UniformBall& law) {
  json["center"] = vector_to_json(law.center());
  json["radius"] = law.radius();
}

// noise: the standard deviation of an isotropic Gaussian added to points of the sphere.
Measure read_sphere(const JsonPlace& place, const LawReader&) {
  return Sphere(place.at("center").vector(), place.at("radius").number(),
                place.has("noise") ? place.at("noise").number() : 0.0);
}

void put(Json& json, const Sphere& law) {
  json["center"] = vector_to_json(law.center());
  json["radius"] = law.radius();
  json["noise"] = law.noise();
}

Measure read_product(const JsonPlace& place, const LawReader&) {
  const JsonPlace list = place.at("marginals");
  if (!list.value().is_array()) list.fail("must be an array");
  std::vector<Marginal> marginals;
  for (std::size_t k = 0; k < list.size(); ++k) {
    // Parameters stand beside the family; Product knows which ones it has.
    Marginal marginal{list.at(k).at("family").text(), {}};
    for (const auto& item : list.at(k).value().items()) {
      if (item.key() != "family")
        marginal.parameters[item.key()] = list.at(k).at(item.key()).number();
    }
    marginals.push_back(std::move(marginal));
  }
  return Product(std::move(marginals));
}

// With every parameter, the defaults filled in.
void put(Json& json, const Product& law) {
  json["marginals"] = Json::array();
  for (const Marginal& marginal : law.marginals()) {
    Json entry{{"family", marginal.family}};
    for (const auto& [name, value] : marginal.parameters) entry[name] = value;
    json["marginals"].push_back(entry);
  }
}

// NAME or NAME@PRESET, as it was asked for: a preset that was not named stays unnamed.
std::string toy_spec(const JsonPlace& place) {
  const std::string name = place.at("name").text();
  return place.has("preset") ? name + "@" + place.at("preset").text() : name;
}

NamedLaw read_toy(const JsonPlace& place, const LawReader&) {
  const Measure law = at_place(place, [&]() -> Measure {
    ToyOptions options;
    if (place.has("grid")) options.grid = place.at("grid").boolean();
    if (place.has("standardize")) {
      const std::string by = place.at("standardize").text();
      if (by != "population" && by != "sample")
        place.at("standardize").fail("must be \"population\" or \"sample\"");
      options.standardize_by_sample = by == "sample";
    }
    return Toy(toy_spec(place), options);
  });
  return {law, {}, toy_spec(place)};
}

// With its preset, named or not: the default of a name may be another one some day.
void put(Json& json, const Toy& law) {
  json["name"] = law.preset().name;
  json["preset"] = law.preset().preset;
  if (law.options().grid) json["grid"] = true;
  if (law.options().standardize_by_sample) json["standardize"] = "sample";
}

// The transforms are multiplied out: what is written back is one matrix and one shift.
Measure read_pushforward(const JsonPlace& place, const LawReader& reader) {
  const Measure base = reader.law(place.at("base")).law;
  const JsonPlace transforms = place.at("transforms");
  if (reader.forms() == LawForms::written) check_written_transforms(transforms);
  const Affine map = read_transforms(transforms, base->dimension());
  return push_forward(base, map.matrix, map.shift);
}

void put(Json& json, const Pushforward& law) {
  json["base"] = law_to_json(*law.base());
  json["transforms"] = transforms_to_json({law.matrix(), law.shift()});
}

// Of an optional key.
double number_or(const JsonPlace& place, const char* key, double otherwise) {
  return place.has(key) ? place.at(key).number() : otherwise;
}

Measure read_blurred(const JsonPlace& place, const LawReader& reader) {
  const Measure law = reader.law(place.at("law")).law;
  return Blurred(law, place.at("variance").number(), number_or(place, "scale", 1.0),
                 place.has("shift") ? place.at("shift").vector() : Vector(),
                 number_or(place, "decay", 1.0));
}

void put(Json& json, const Blurred& law) {
  json["law"] = law_to_json(*law.law());
  json["variance"] = law.variance();
  json["scale"] = law.scale();
  json["shift"] = vector_to_json(law.shift());
  json["decay"] = law.decay();
}

Measure read_bridge_end(const JsonPlace& place, const LawReader& reader) {
  const Measure source = reader.law(place.at("source")).law;
  const Measure potential = reader.law(place.at("potential")).law;
  return BridgeEnd(source, potential, place.at("variance").number(),
                   number_or(place, "decay", 1.0));
}

void put(Json& json, const BridgeEnd& law) {
  json["source"] = law_to_json(*law.source());
  json["potential"] = law_to_json(law.potential());
  json["variance"] = law.variance();
  json["decay"] = law.decay();
}

// The functions of a row. Most laws have no cloud and no label of their own.
template <Measure (*make)(const JsonPlace&, const LawReader&)>
NamedLaw plainly(const JsonPlace& place, const LawReader& reader) {
  return {at_place(place, [&] { return make(place, reader); })};
}

// dynamic_cast, not the name: a law of a user may call itself by a name of ours.
template <class L>
bool write(Json& json, const Law& law) {
  const auto* known = dynamic_cast<const L*>(&law);
  if (known != nullptr) put(json, *known);
  return known != nullptr;
}

}  // namespace

std::span<const LawType> law_types() {
  static const std::vector<LawType> all{
      {{"points", "finite weighted points, from a file or inline", {"file", "points", "weights"}},
       read_points,
       write<WeightedPoints>,
       {"file"}},
      {{"image", "the colours of a picture, or grey as a density", {"file", "as"}},
       read_image,
       write_no_image,
       {"file", "as"}},
      {{"gaussian",
        "mean and one of cov, std, var, scale_tril; any rank",
        {"mean", "dimension", "cov", "std", "var", "scale_tril"}},
       plainly<read_gaussian>,
       write<Gaussian>,
       {"dimension", "std", "var", "scale_tril"}},
      {{"mixture", "weights and components, of any laws", {"weights", "components"}},
       plainly<read_mixture>,
       write<Mixture>},
      {{"uniform_box", "low and high", {"low", "high"}},
       plainly<read_uniform_box>,
       write<UniformBox>},
      {{"uniform_ball", "center and radius", {"center", "radius"}},
       plainly<read_uniform_ball>,
       write<UniformBall>},
      {{"sphere", "center, radius and noise", {"center", "radius", "noise"}},
       plainly<read_sphere>,
       write<Sphere>},
      {{"product", "independent one-dimensional marginals", {"marginals"}},
       plainly<read_product>,
       write<Product>},
      {{"toy",
        "a planar law of the literature, NAME@PRESET",
        {"name", "preset", "grid", "standardize"}},
       read_toy,
       write<Toy>},
      {{"pushforward",
        "the image of another law under shift, scale, rotate, matrix",
        {"base", "transforms"}},
       plainly<read_pushforward>,
       write<Pushforward>},
      {{"blurred",
        "((Y - shift) / scale + sqrt(variance) Z) / decay, Y of another law, Z normal",
        {"law", "variance", "scale", "shift", "decay"}},
       plainly<read_blurred>,
       write<Blurred>},
      {{"bridge_end",
        "where a potential, a mixture of Gaussians, takes a source",
        {"source", "potential", "variance", "decay"}},
       plainly<read_bridge_end>,
       write<BridgeEnd>},
  };
  return all;
}

Measure measure_of(const Cloud& cloud) {
  return cloud.weights.size() > 0 ? WeightedPoints(cloud.points, cloud.weights)
                                  : WeightedPoints(cloud.points);
}

const LawType* find_law_type(std::string_view type) {
  const auto found =
      std::ranges::find_if(law_types(), [&](const LawType& row) { return row.form.type == type; });
  return found == law_types().end() ? nullptr : &*found;
}

std::vector<std::string> law_keys(const LawForm& form) {
  std::vector<std::string> keys{"type", "description"};
  keys.insert(keys.end(), form.keys.begin(), form.keys.end());
  return keys;
}

std::vector<std::string> written_keys(const LawType& type) {
  std::vector<std::string> keys{"type"};
  std::ranges::copy_if(type.form.keys, std::back_inserter(keys), [&](const std::string& key) {
    return std::ranges::find(type.never_written, key) == type.never_written.end();
  });
  return keys;
}

}  // namespace otbridge
