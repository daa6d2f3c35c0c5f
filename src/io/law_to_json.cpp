#include "otbridge/core/error.hpp"
#include "otbridge/io/law_json.hpp"
#include "otbridge/measure/gaussian.hpp"
#include "otbridge/measure/mixture.hpp"
#include "otbridge/measure/product.hpp"
#include "otbridge/measure/pushforward.hpp"
#include "otbridge/measure/toy.hpp"
#include "otbridge/measure/uniform.hpp"
#include "otbridge/measure/weighted_points.hpp"

namespace otbridge {
namespace {

Json list(const Vector& v) { return std::vector<double>(v.begin(), v.end()); }

Json table(const Matrix& m) {
  Json rows = Json::array();
  for (Index i = 0; i < m.rows(); ++i) rows.push_back(list(m.row(i)));
  return rows;
}

void put(Json& json, const WeightedPoints& law) {
  json["points"] = table(law.points());
  if (!law.uniform_weights()) json["weights"] = list(law.weights());
}

void put(Json& json, const Gaussian& law) {
  json["mean"] = list(law.center());
  json["cov"] = table(law.spread());
}

void put(Json& json, const Mixture& law) {
  json["weights"] = list(law.weights());
  json["components"] = Json::array();
  for (const Measure& component : law.components()) {
    json["components"].push_back(law_to_json(*component));
  }
}

void put(Json& json, const UniformBox& law) {
  json["low"] = list(law.low());
  json["high"] = list(law.high());
}

void put(Json& json, const UniformBall& law) {
  json["center"] = list(law.center());
  json["radius"] = law.radius();
}

void put(Json& json, const Sphere& law) {
  json["center"] = list(law.center());
  json["radius"] = law.radius();
  json["noise"] = law.noise();
}

void put(Json& json, const Product& law) {
  json["marginals"] = Json::array();
  for (const Marginal& marginal : law.marginals()) {
    Json entry{{"family", marginal.family}};
    for (const auto& [name, value] : marginal.parameters) entry[name] = value;
    json["marginals"].push_back(entry);
  }
}

void put(Json& json, const Toy& law) {
  json["name"] = law.preset().name;
  json["preset"] = law.preset().preset;
  if (law.options().grid) json["grid"] = true;
  if (law.options().standardize_by_sample) json["standardize"] = "sample";
  if (!law.options().parameters.empty()) json["parameters"] = law.options().parameters;
}

void put(Json& json, const Pushforward& law) {
  json["base"] = law_to_json(*law.base());
  json["transforms"] =
      Json::array({Json{{"matrix", table(law.matrix())}}, Json{{"shift", list(law.shift())}}});
}

template <class... Laws>
void put_as(Json& json, const Law& law) {
  const auto one = [&]<class L>(const L* known) {
    if (known != nullptr) put(json, *known);
    return known != nullptr;
  };
  // A law of the user's own: its type alone would not be read back.
  if (!(one(dynamic_cast<const Laws*>(&law)) || ...))
    throw InvalidInput("a law of type " + std::string(law.type()), "has no JSON form");
}

}  // namespace

Json law_to_json(const Law& law) {
  Json json{{"type", law.type()}};
  put_as<WeightedPoints, Gaussian, Mixture, UniformBox, UniformBall, Sphere, Product, Toy,
         Pushforward>(json, law);
  return json;
}

}  // namespace otbridge
