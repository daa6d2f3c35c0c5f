#include "otbridge/io/law_json.hpp"

#include <cmath>
#include <filesystem>

#include "io/law_types.hpp"
#include "io/place_in_front.hpp"
#include "otbridge/core/names.hpp"
#include "otbridge/core/number_text.hpp"
#include "otbridge/io/atomic_file.hpp"
#include "otbridge/measure/blurred.hpp"
#include "otbridge/measure/bridge_end.hpp"
#include "otbridge/measure/toy.hpp"
#include "otbridge/measure/weighted_points.hpp"

namespace otbridge {
namespace {

namespace fs = std::filesystem;

constexpr int kDeepestReference = 16;  // law files that name law files
// In all: a file that names ten, each of which names ten, is a small file with a large meaning.
constexpr int kMostLaws = 100000;

bool same_json(const Law& one, const Law& other) {
  return one.type() == other.type() && law_to_json(one) == law_to_json(other);
}

}  // namespace

std::string LawReader::path_of(const std::string& file) const {
  return fs::path(file).is_absolute() || folder_.empty() ? file
                                                         : (fs::path(folder_) / file).string();
}

// What a file is refused for, after where it is named: a user sees the whole chain of files.
NamedLaw LawReader::named(const std::string& word, const std::string& where) const {
  if (where.empty()) return found(word);
  return place_in_front(where, [&] { return found(word); });
}

// In this order: a law file, a cloud file, a file of another kind (refused), a toy.
NamedLaw LawReader::found(const std::string& word) const {
  const std::string path = path_of(word);
  const std::string extension = fs::path(word).extension().string();
  if (extension == ".json") {
    if (depth_ >= kDeepestReference) throw InvalidInput("law files name each other in a circle");
    const Json json = parse_json(read_file(path), path);
    // What this file names lies beside it, not beside the file that named it.
    NamedLaw law = LawReader(fs::path(path).parent_path().string(), depth_ + 1, forms_, tally_)
                       .law(JsonPlace(json, path));
    law.label = fs::path(path).stem().string();
    return law;
  }
  const bool named_format = options_.format && file_exists(path);
  if (has_cloud_format(word) || is_stream(word) || named_format) {
    Cloud cloud = read_cloud(path, options_);
    for (const auto& text : cloud.notes) note(text);
    note_sum((word == "-" ? "standard input" : path) + ": weights", cloud.weights);
    return {measure_of(cloud), cloud, fs::path(path).filename().string()};
  }
  // A file that is there and of another kind would be reported as an unknown toy.
  if (file_exists(path)) cloud_format(path);  // refuses the extension by name
  try {
    return {Toy(word), std::nullopt, word};
  } catch (const InvalidInput& refusal) {
    // The word may have been meant as a file: say that this was looked at too.
    throw InvalidInput(std::string(refusal.what()) + " (and there is no such file)");
  }
}

NamedLaw LawReader::law(const JsonPlace& place) const {
  if (++tally_->laws > kMostLaws) {
    throw InvalidInput(place.file() + ": " + place.pointer(),
                       "is one law too many: a law may be made of 100000");
  }
  // A bare string stands for the file or toy it names, at any depth.
  if (place.value().is_string() && forms_ == LawForms::written) {
    place.fail("must be an object, which names no file");
  }
  if (place.value().is_string()) return named(place.text(), place.file() + ": " + place.pointer());
  const std::string name = place.at("type").text();
  const LawType* type = find_law_type(name);
  if (type == nullptr) {
    std::vector<std::string> known;
    for (const LawType& row : law_types()) known.push_back(row.form.type);
    const std::string near = nearest_word(name, known);
    place.at("type").fail(near.empty() ? "unknown type of law"
                                       : "unknown type of law; did you mean \"" + near + "\"?");
  }
  // Before reading: a misspelt key is a better answer than a missing one.
  place.allow_only(forms_ == LawForms::all ? law_keys(type->form) : written_keys(*type));
  NamedLaw law = type->read(place, *this);
  if (law.label.empty()) law.label = name;
  return law;
}

void LawReader::note_sum(const std::string& where, const Vector& weights) const {
  constexpr double kRounded = 1e-6;  // of texts with six digits
  if (weights.size() == 0 || std::abs(weights.sum() - 1.0) <= kRounded) return;
  note(where + ": sum to " + number_text(weights.sum()) + " and are divided by it");
}

std::vector<std::string> LawReader::notes() const {
  constexpr std::size_t kMost = 5;  // a mixture may have a note for each of its components
  std::vector<std::string> notes = tally_->notes;
  if (notes.size() > kMost) {
    notes.resize(kMost);
    notes.push_back("and " + std::to_string(tally_->notes.size() - kMost) + " more of this kind");
  }
  return notes;
}

// An argument that starts with a brace is JSON itself; no file of this kind begins with one.
NamedLaw read_law(const std::string& argument, const ReadOptions& options) {
  if (argument.starts_with("{")) {
    const Json json = parse_json(argument, "law");
    return law_from_json(JsonPlace(json, "law"), "");
  }
  const LawReader reader("", options);
  NamedLaw law = reader.named(argument, "");
  law.notes = reader.notes();
  return law;
}

void share_law(Measure& source, Measure& target) {
  if (const auto* blur = source.as<Blurred>(); blur && same_json(*blur->law(), *target)) {
    source = Blurred(target, blur->variance(), blur->scale(), blur->shift(), blur->decay());
  } else if (const auto* end = target.as<BridgeEnd>(); end && same_json(*end->source(), *source)) {
    target = BridgeEnd(source, end->potential(), end->variance(), end->decay());
  }
}

// Each as likely as it is opaque: a colour is drawn as often as it is there.
NamedLaw drawn_pixels(NamedLaw law, Index samples, const RandomStream& stream) {
  if (!law.cloud || !law.cloud->pixels || samples >= law.cloud->points.rows()) return law;
  law.picture = std::make_shared<const Cloud>(std::move(*law.cloud));
  const Points colours = law.law->sample(samples, stream);
  law.law = WeightedPoints(colours);
  law.cloud = Cloud{colours, {}, {}, law.picture->columns};
  law.notes.push_back(law.label + ": " + std::to_string(samples) +
                      " of its pixels, by chance, stand for it (--samples)");
  return law;
}

NamedLaw in_order_of(const NamedLaw& first, NamedLaw law) {
  if (!first.cloud || !law.cloud || !put_in_order(first.cloud->columns, *law.cloud)) return law;
  law.law = measure_of(*law.cloud);
  if (law.picture) {
    Cloud whole = *law.picture;
    put_in_order(first.cloud->columns, whole);
    law.picture = std::make_shared<const Cloud>(std::move(whole));
  }
  law.notes.push_back(law.label + ": its columns are taken in the order of " + first.label);
  return law;
}

NamedLaw law_from_json(const JsonPlace& place, const std::string& folder) {
  const LawReader reader(folder);
  NamedLaw law = reader.law(place);
  law.notes = reader.notes();
  return law;
}

Measure law_from_own_json(const JsonPlace& place) {
  return LawReader("", LawForms::written).law(place).law;
}

Json law_to_json(const Law& law) {
  Json json{{"type", law.type()}};
  const LawType* type = find_law_type(law.type());
  // A file that says no more than the type could never be read back.
  if (type == nullptr || !type->write(json, law)) {
    throw InvalidInput("law of type \"" + std::string(law.type()) + "\"", "has no JSON form");
  }
  return json;
}

std::vector<LawForm> law_forms() {
  std::vector<LawForm> forms;
  for (const LawType& row : law_types()) forms.push_back(row.form);
  return forms;
}

}  // namespace otbridge
