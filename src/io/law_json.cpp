#include "otbridge/io/law_json.hpp"

#include <filesystem>
#include <functional>
#include <numbers>

#include "io/law_keys.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"
#include "otbridge/io/atomic_file.hpp"
#include "otbridge/measure/gaussian.hpp"
#include "otbridge/measure/mixture.hpp"
#include "otbridge/measure/product.hpp"
#include "otbridge/measure/pushforward.hpp"
#include "otbridge/measure/toy.hpp"
#include "otbridge/measure/uniform.hpp"
#include "otbridge/measure/weighted_points.hpp"

namespace otbridge {
namespace {

namespace fs = std::filesystem;

constexpr int kDeepestReference = 16;  // law files that name law files

Vector vector_of(const std::vector<double>& values) {
  return Eigen::Map<const Vector>(values.data(), static_cast<Index>(values.size()));
}

Points points_of_rows(const std::vector<std::vector<double>>& rows) {
  Points points(static_cast<Index>(rows.size()), static_cast<Index>(rows.front().size()));
  for (std::size_t i = 0; i < rows.size(); ++i)
    points.row(static_cast<Index>(i)) = vector_of(rows[i]).transpose();
  return points;
}

Measure measure_of(const Cloud& cloud) {
  return cloud.weights.size() > 0 ? WeightedPoints(cloud.points, cloud.weights)
                                  : WeightedPoints(cloud.points);
}

// Runs the maker of a law and puts the place in front of whatever it refuses.
template <class Maker>
Measure at_place(const JsonPlace& place, Maker&& maker) {
  try {
    return maker();
  } catch (const InvalidInput& refusal) {
    const std::string message = refusal.what();
    if (message.starts_with(place.file() + ":")) throw;
    throw InvalidInput(place.file() + ": " + place.pointer() +
                       (message.starts_with("/") ? "" : " ") + message);
  }
}

class LawReader {
 public:
  LawReader(std::string folder, int depth) : folder_(std::move(folder)), depth_(depth) {}

  NamedLaw named(const std::string& word, const std::string& where) const {
    const std::string path = fs::path(word).is_absolute() || folder_.empty()
                                 ? word
                                 : (fs::path(folder_) / word).string();
    const std::string extension = fs::path(word).extension().string();
    if (extension == ".json") {
      if (depth_ >= kDeepestReference)
        throw InvalidInput(where, "law files name each other in a circle");
      const Json json = parse_json(read_file(path), path);
      NamedLaw law =
          LawReader(fs::path(path).parent_path().string(), depth_ + 1).law(JsonPlace(json, path));
      law.label = fs::path(path).stem().string();
      return law;
    }
    if (extension == ".csv" || extension == ".npy" || extension == ".ply" || word == "-") {
      Cloud cloud = read_cloud(path);
      return {measure_of(cloud), cloud, fs::path(path).filename().string()};
    }
    std::error_code ignored;
    if (fs::exists(path, ignored)) cloud_format(path);  // refuses the extension by name
    try {
      return {Toy(word), std::nullopt, word};
    } catch (const InvalidInput& refusal) {
      throw InvalidInput(where.empty()
                             ? std::string(refusal.what()) + " (and there is no such file)"
                             : where + ": " + refusal.what() + " (and there is no such file)");
    }
  }

  NamedLaw law(const JsonPlace& place) const {
    if (place.value().is_string())
      return named(place.text(), place.file() + ": " + place.pointer());
    const std::string type = place.at("type").text();
    if (law_keys(type).empty()) {
      const auto known = law_types();
      const std::string near = nearest_word(type, known);
      place.at("type").fail(near.empty() ? "unknown type of law"
                                         : "unknown type of law; did you mean \"" + near + "\"?");
    }
    place.allow_only(law_keys(type));
    if (type == "points") return points(place);
    const Measure measure = at_place(place, [&] { return make(type, place); });
    const std::string label = type == "toy" ? toy_spec(place) : type;
    return {measure, std::nullopt, label};
  }

 private:
  Measure make(const std::string& type, const JsonPlace& place) const {
    if (type == "gaussian") return gaussian(place);
    if (type == "mixture") return mixture(place);
    if (type == "uniform_box")
      return UniformBox(vector_of(place.at("low").numbers()),
                        vector_of(place.at("high").numbers()));
    if (type == "uniform_ball")
      return UniformBall(vector_of(place.at("center").numbers()), place.at("radius").number());
    if (type == "sphere") {
      return Sphere(vector_of(place.at("center").numbers()), place.at("radius").number(),
                    place.has("noise") ? place.at("noise").number() : 0.0);
    }
    if (type == "product") return product(place);
    if (type == "toy") return toy(place);
    return pushforward(place);
  }

  NamedLaw points(const JsonPlace& place) const {
    if (place.has("file") == place.has("points"))
      place.fail("needs exactly one of \"file\" and \"points\"");
    Cloud cloud;
    std::string label = "points";
    if (place.has("file")) {
      const std::string file = place.at("file").text();
      label = fs::path(file).filename().string();
      cloud = read_cloud(fs::path(file).is_absolute() ? file : (fs::path(folder_) / file).string());
    } else {
      cloud.points = points_of_rows(place.at("points").table());
    }
    if (place.has("weights")) cloud.weights = vector_of(place.at("weights").numbers());
    return {at_place(place, [&] { return measure_of(cloud); }), cloud, label};
  }

  static Vector mean_of(const JsonPlace& place) {
    const JsonPlace mean = place.at("mean");
    if (!place.has("dimension")) return vector_of(mean.numbers());
    const long long d = place.at("dimension").integer();
    if (d < 1 || d > 10000) place.at("dimension").fail("must be from 1 to 10000");
    if (mean.value().is_array()) mean.fail("must be one number where \"dimension\" is given");
    return Vector::Constant(d, mean.number());
  }

  static Measure gaussian(const JsonPlace& place) {
    const Vector mean = mean_of(place);
    std::vector<std::string> given;
    for (const char* key : {"cov", "std", "var", "scale_tril"}) {
      if (place.has(key)) given.emplace_back(key);
    }
    if (given.size() != 1) place.fail("needs exactly one of cov, std, var, scale_tril");
    const JsonPlace spread = place.at(given[0]);
    if (given[0] == "cov" || given[0] == "scale_tril") {
      const Matrix m = points_of_rows(spread.table());
      if (m.rows() != mean.size() || m.cols() != mean.size()) {
        spread.fail("must be " + std::to_string(mean.size()) + " x " + std::to_string(mean.size()) +
                    " like the mean");
      }
      return Gaussian(mean,
                      given[0] == "cov"
                          ? m
                          : Matrix(m.triangularView<Eigen::Lower>() *
                                   m.transpose().triangularView<Eigen::Upper>().toDenseMatrix()));
    }
    Vector sizes = spread.value().is_array() ? vector_of(spread.numbers())
                                             : Vector::Constant(mean.size(), spread.number());
    if (sizes.size() != mean.size()) spread.fail("must have one entry per coordinate");
    if (sizes.minCoeff() < 0.0) spread.fail("must be >= 0");
    if (given[0] == "std") sizes = sizes.cwiseAbs2();
    return Gaussian(mean, Matrix(sizes.asDiagonal()));
  }

  Measure mixture(const JsonPlace& place) const {
    const JsonPlace parts = place.at("components");
    if (!parts.value().is_array()) parts.fail("must be an array of laws");
    std::vector<Measure> components;
    for (std::size_t k = 0; k < parts.size(); ++k) components.push_back(law(parts.at(k)).law);
    const Vector weights = place.has("weights")
                               ? vector_of(place.at("weights").numbers())
                               : Vector::Ones(static_cast<Index>(components.size()));
    return Mixture(weights, std::move(components));
  }

  static Measure product(const JsonPlace& place) {
    const JsonPlace list = place.at("marginals");
    if (!list.value().is_array()) list.fail("must be an array");
    std::vector<Marginal> marginals;
    for (std::size_t k = 0; k < list.size(); ++k) {
      Marginal marginal{list.at(k).at("family").text(), {}};
      for (const auto& item : list.at(k).value().items()) {
        if (item.key() != "family")
          marginal.parameters[item.key()] = list.at(k).at(item.key()).number();
      }
      marginals.push_back(std::move(marginal));
    }
    return Product(std::move(marginals));
  }

  static std::string toy_spec(const JsonPlace& place) {
    const std::string name = place.at("name").text();
    return place.has("preset") ? name + "@" + place.at("preset").text() : name;
  }

  static Measure toy(const JsonPlace& place) {
    ToyOptions options;
    if (place.has("grid")) options.grid = place.at("grid").boolean();
    if (place.has("standardize")) {
      const std::string by = place.at("standardize").text();
      if (by != "population" && by != "sample")
        place.at("standardize").fail("must be \"population\" or \"sample\"");
      options.standardize_by_sample = by == "sample";
    }
    if (place.has("parameters")) {
      const JsonPlace parameters = place.at("parameters");
      if (!parameters.value().is_object()) parameters.fail("must be an object");
      for (const auto& item : parameters.value().items()) {
        options.parameters[item.key()] = parameters.at(item.key()).number();
      }
    }
    return Toy(toy_spec(place), options);
  }

  Measure pushforward(const JsonPlace& place) const {
    const Measure base = law(place.at("base")).law;
    Matrix matrix = Matrix::Identity(base->dimension(), base->dimension());
    Vector shift = Vector::Zero(base->dimension());
    const JsonPlace list = place.at("transforms");
    if (!list.value().is_array()) list.fail("must be an array of transforms");
    for (std::size_t k = 0; k < list.size(); ++k) {
      const auto [step_matrix, step_shift] = transform(list.at(k), shift.size());
      matrix = step_matrix * matrix;
      shift = step_matrix * shift + step_shift;
    }
    return push_forward(base, matrix, shift);
  }

  static std::pair<Matrix, Vector> transform(const JsonPlace& place, Index d) {
    place.allow_only(transform_keys());
    if (place.size() != 1) place.fail("must be exactly one of shift, scale, rotate, matrix");
    Matrix matrix = Matrix::Identity(d, d);
    Vector shift = Vector::Zero(d);
    if (place.has("shift")) {
      shift = vector_of(place.at("shift").numbers());
      if (shift.size() != d) place.at("shift").fail("must have " + std::to_string(d) + " entries");
    } else if (place.has("scale")) {
      const JsonPlace scale = place.at("scale");
      const Vector factors = scale.value().is_array() ? vector_of(scale.numbers())
                                                      : Vector::Constant(d, scale.number());
      if (factors.size() != d) scale.fail("must have " + std::to_string(d) + " entries");
      matrix = factors.asDiagonal();
    } else if (place.has("rotate")) {
      if (d != 2) place.at("rotate").fail("is for dimension 2; use matrix");
      const double angle = place.at("rotate").number() * std::numbers::pi / 180.0;
      matrix << std::cos(angle), -std::sin(angle), std::sin(angle), std::cos(angle);
    } else {
      matrix = points_of_rows(place.at("matrix").table());
      if (matrix.cols() != d)
        place.at("matrix").fail("must have " + std::to_string(d) + " columns");
      shift = Vector::Zero(matrix.rows());
    }
    return {matrix, shift};
  }

  std::string folder_;
  int depth_;
};

}  // namespace

std::vector<std::string> law_types() {
  return {"points", "gaussian", "mixture", "uniform_box", "uniform_ball",
          "sphere", "product",  "toy",     "pushforward"};
}

std::vector<std::string> law_keys(const std::string& type) {
  static const std::map<std::string, std::vector<std::string>> kKeys{
      {"points", {"file", "points", "weights"}},
      {"gaussian", {"mean", "dimension", "cov", "std", "var", "scale_tril"}},
      {"mixture", {"weights", "components"}},
      {"uniform_box", {"low", "high"}},
      {"uniform_ball", {"center", "radius"}},
      {"sphere", {"center", "radius", "noise"}},
      {"product", {"marginals"}},
      {"toy", {"name", "preset", "grid", "standardize", "parameters"}},
      {"pushforward", {"base", "transforms"}}};
  const auto found = kKeys.find(type);
  if (found == kKeys.end()) return {};
  std::vector<std::string> keys{"type", "description"};
  keys.insert(keys.end(), found->second.begin(), found->second.end());
  return keys;
}

std::vector<std::string> transform_keys() { return {"shift", "scale", "rotate", "matrix"}; }

NamedLaw read_law(const std::string& argument) {
  if (argument.starts_with("{")) {
    const Json json = parse_json(argument, "law");
    return law_from_json(JsonPlace(json, "law"), "");
  }
  return LawReader("", 0).named(argument, "");
}

NamedLaw law_from_json(const JsonPlace& place, const std::string& folder) {
  return LawReader(folder, 0).law(place);
}

}  // namespace otbridge
