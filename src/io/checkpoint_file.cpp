#include "otbridge/io/checkpoint_file.hpp"

#include <cmath>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>

#include "core/fnv.hpp"
#include "io/place_in_front.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/exchange.hpp"
#include "otbridge/core/number_text.hpp"
#include "otbridge/core/version.hpp"
#include "otbridge/io/atomic_file.hpp"
#include "otbridge/io/json.hpp"
#include "otbridge/io/law_json.hpp"
#include "otbridge/io/tensors.hpp"
#include "otbridge/measure/weighted_points.hpp"

namespace otbridge {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFormat = "3";
constexpr const char* kFormatKey = "otbridge_checkpoint";

// As the defaults are written in SettingRow; a whole number, however it was given, like one that
// can be nothing else.
std::string value_text(const SettingValue& value) {
  constexpr double kWhole = 9007199254740992.0;  // 2^53
  const auto* number = std::get_if<double>(&value);
  if (number == nullptr || std::trunc(*number) != *number || std::abs(*number) > kWhole) {
    return setting_text(value);
  }
  return setting_text(SettingValue(static_cast<long long>(*number)));
}

std::string law_text(const Law& law) {
  Fnv hash;
  if (const auto* cloud = dynamic_cast<const WeightedPoints*>(&law)) {
    hash.take_numbers(cloud->points());
    hash.take_numbers(cloud->weights());
    return std::to_string(cloud->size()) + " points in dimension " +
           std::to_string(cloud->dimension()) + ", hash " + hash.text();
  }
  hash.take(json_text(law_to_json(law)));
  return std::string(law.type()) + ", hash " + hash.text();
}

// A list of texts, or an object of them by name.
std::vector<std::string> texts_in(const JsonPlace& place) {
  if (!place.value().is_array()) place.fail("must be a list of texts");
  std::vector<std::string> texts;
  for (std::size_t k = 0; k < place.size(); ++k) texts.push_back(place.at(k).text());
  return texts;
}
std::map<std::string, std::string> named_texts_in(const JsonPlace& place) {
  if (!place.value().is_object()) place.fail("must be an object of texts");
  std::map<std::string, std::string> texts;
  for (const auto& item : place.value().items()) texts[item.key()] = place.at(item.key()).text();
  return texts;
}

std::string shown(const RunConfiguration& configuration, const std::string& key) {
  const auto found = configuration.find(key);
  return found == configuration.end() ? "none" : found->second;
}

void refuse_other(const RunConfiguration& found, const RunConfiguration& wanted,
                  const std::string& path) {
  std::string differences;
  RunConfiguration keys = found;
  keys.insert(wanted.begin(), wanted.end());
  for (const auto& entry : keys) {
    const std::string& key = entry.first;
    const std::string before = shown(found, key), now = shown(wanted, key);
    if (before == now) continue;
    differences += (differences.empty() ? "" : "; ");
    differences += key + " (" + before + ", now " + now + ")";
  }
  if (differences.empty()) return;
  throw InvalidInput(path, "is the checkpoint of another run, which differs in " + differences +
                               "; give the same command, name another file, or remove it");
}

}  // namespace

RunConfiguration run_configuration(const Solver& solver, const SettingAssignments& settings,
                                   const TransportProblem& problem, std::uint64_t seed) {
  RunConfiguration configuration;
  for (const SettingRow& row : solver.settings()) {
    configuration["settings." + row.name] = row.default_value;
  }
  for (const auto& entry : settings) {
    configuration["settings." + entry.first] = value_text(entry.second);
  }
  configuration["version"] = kVersion;
  configuration["solver"] = solver.name();
  configuration["seed"] = std::to_string(seed);
  configuration["epsilon"] = number_text(problem.reference().epsilon());
  configuration["theta"] = number_text(problem.reference().theta());
  configuration["source"] = law_text(*problem.source());
  configuration["target"] = law_text(*problem.target());
  return configuration;
}

std::string encode_checkpoint(const SolverState& state, const RunConfiguration& configuration) {
  TensorFile file;
  file.metadata[kFormatKey] = kFormat;
  file.metadata["configuration"] = json_text(configuration);
  file.metadata["solver"] = state.parts.solver;
  file.metadata["numbers"] = json_text(state.parts.numbers);
  file.metadata["texts"] = json_text(state.texts);
  file.metadata["notes"] = json_text(state.notes);
  file.tensors = state.parts.arrays;
  return encode_tensors(file);
}

CheckpointContent parse_checkpoint(const std::string& bytes, const std::string& name) {
  return place_in_front(name, [&] {
    TensorFile file = parse_tensors(bytes, name);
    const auto text = [&](const std::string& key) -> const std::string& {
      const auto found = file.metadata.find(key);
      if (found == file.metadata.end()) {
        throw InvalidInput(name, "is no checkpoint: it lacks the metadata \"" + key + "\"");
      }
      return found->second;
    };
    if (text(kFormatKey) != kFormat) {
      throw InvalidInput(
          name, "is of checkpoint format " + text(kFormatKey) + ", this program reads " + kFormat);
    }
    // A key that this program does not write says what it does not know.
    if (file.metadata.size() != 6) throw InvalidInput(name, "holds unknown metadata");
    const auto json_at = [&](const std::string& key, auto&& read) {
      const Json json = parse_json(text(key), name + ": " + key);
      return read(JsonPlace(json, name + ": " + key));
    };
    CheckpointContent content;
    content.configuration = json_at("configuration", named_texts_in);
    content.state.texts = json_at("texts", named_texts_in);
    content.state.notes = json_at("notes", texts_in);
    content.state.parts.solver = text("solver");
    content.state.parts.numbers = json_at("numbers", [](const JsonPlace& place) {
      if (!place.value().is_object()) place.fail("must be an object of numbers");
      std::map<std::string, double> numbers;
      for (const auto& item : place.value().items()) {
        numbers[item.key()] = place.at(item.key()).number();
      }
      return numbers;
    });
    content.state.parts.arrays = std::move(file.tensors);
    return content;
  });
}

CheckpointFile::CheckpointFile(std::string path, RunConfiguration configuration, double interval)
    : path_(std::move(path)),
      file_(behind_links(path_)),
      previous_(file_ + ".previous"),
      configuration_(std::move(configuration)),
      interval_(interval) {
  for (const std::string& file : {file_, previous_}) probe_output(file);
  std::optional<CheckpointContent> content;
  std::string fault;
  if (file_exists(path_)) {
    try {
      content = parse_checkpoint(read_file(path_), path_);
      whole_ = true;
    } catch (const InvalidInput& refusal) {
      if (!file_exists(previous_)) throw;
      fault = refusal.what();
    }
  } else if (file_exists(previous_)) {
    fault = path_ + ": is missing";
  }
  if (!fault.empty()) {
    content = parse_checkpoint(read_file(previous_), previous_);
    notes_.push_back(fault + "; going on from " + previous_);
  }
  if (!content) return;
  refuse_other(content->configuration, configuration_, whole_ ? path_ : previous_);
  state_ = std::move(content->state);
  kept_ = true;
  if (whole_) notes_.push_back(path_ + ": going on from the run that left it");
}

bool CheckpointFile::due() {
  return of_first_rank(std::chrono::duration<double>(Clock::now() - saved_).count() >= interval_);
}

void CheckpointFile::save(const SolverState& state) {
  const std::string bytes = encode_checkpoint(state, configuration_);
  // Only a whole one takes the place of the one before it. As a second name of the same file, so
  // that the first name is never without one; by a move where the file system has no such names.
  if (whole_) {
    on_first_rank([&] {
      std::error_code failed;
      fs::remove(previous_, failed);
      fs::create_hard_link(file_, previous_, failed);
      if (failed) fs::rename(file_, previous_, failed);
      if (failed) throw IoFailure(previous_, "cannot be written: " + failed.message());
    });
  }
  write_file(file_, bytes);
  whole_ = true;
  kept_ = true;
  saved_ = Clock::now();
}

void CheckpointFile::remove() {
  if (!kept_) return;
  for (const std::string& file : {previous_, file_}) {
    on_first_rank([&] {
      std::error_code failed;
      fs::remove(file, failed);
      if (failed) throw IoFailure(file, "cannot be removed: " + failed.message());
    });
  }
  kept_ = whole_ = false;
}

}  // namespace otbridge
