#include <cstring>
#include <fstream>

#include "../io/folder.hpp"
#include "expectations.hpp"
#include "otbridge/io/checkpoint_file.hpp"
#include "otbridge/io/json.hpp"
#include "otbridge/io/plan_file.hpp"
#include "otbridge/io/tensors.hpp"

namespace otbridge::fuzz {
namespace {

// Of readable text, so that changes to it are not all stopped by the checksum:
// {"metadata": {KEY: TEXT or JSON}, "tensors": {NAME: [[...], ...]}}.
std::string file_of_text(const std::string& text) {
  const Json json = parse_json(text, "text");
  if (asks_for_width(json)) throw InvalidInput("text", "is left out");
  const JsonPlace place(json, "text");
  TensorFile file;
  const JsonPlace metadata = place.at("metadata"), tensors = place.at("tensors");
  if (!metadata.value().is_object() || !tensors.value().is_object()) place.fail("no objects");
  for (const auto& [key, value] : metadata.value().items()) {
    file.metadata[key] = value.is_string() ? value.get<std::string>() : value.dump();
  }
  for (const auto& item : tensors.value().items()) {
    file.tensors[item.key()] = tensors.at(item.key()).matrix();
  }
  return encode_tensors(file);
}

// Bytes, not numbers: a tensor may hold NaN.
bool same_bytes(const Points& a, const Points& b) {
  return a.rows() == b.rows() && a.cols() == b.cols() &&
         (a.size() == 0 || std::memcmp(a.data(), b.data(),
                                       static_cast<std::size_t>(a.size()) * sizeof(double)) == 0);
}

void check_plan(const TransportPlan& plan) {
  const Index d = plan.problem().dimension();
  const Points x = Points::Zero(2, d);
  for (const Direction direction : {Direction::forward, Direction::backward}) {
    or_invalid([&] {
      const Points mean = plan.map(x, direction);
      expect(mean.rows() == 2 && mean.cols() == d, "a plan maps to points of its dimension");
    });
    or_invalid([&] {
      const Points drawn = plan.sample(x, direction, RandomStream(1));
      expect(drawn.rows() == 2 && drawn.cols() == d, "a plan draws points of its dimension");
    });
  }
}

}  // namespace

bool fuzz_tensors(const std::string& bytes) {
  return or_invalid([&] {
    const TensorFile file = parse_tensors(bytes, "tensors");
    TensorFile again;
    try {
      again = parse_tensors(encode_tensors(file), "again");
    } catch (const InvalidInput& refusal) {
      throw BrokenPromise(std::string("written tensors are read back: ") + refusal.what());
    }
    expect(again.metadata == file.metadata, "metadata read back the same");
    expect(again.tensors.size() == file.tensors.size(), "tensors read back the same");
    for (const auto& [name, tensor] : file.tensors) {
      const auto found = again.tensors.find(name);
      expect(found != again.tensors.end() && same_bytes(found->second, tensor),
             "a tensor reads back the same");
    }
  });
}

// The bytes of a plan file, or the text of one.
bool fuzz_plan(const std::string& bytes) {
  static const testing::Folder folder;
  static const std::string path = folder / "plan.safetensors";
  return or_missing([&] {
    // Not as the library writes, which waits for the disk.
    std::ofstream(path, std::ios::binary) << (bytes.starts_with("{") ? file_of_text(bytes) : bytes);
    const PlanFile file = read_plan_file(path);
    expect(file.plan != nullptr, "a plan file holds a plan");
    const auto& report = file.report;
    const std::string again = encode_plan(*file.plan, report ? &*report : nullptr, file.columns);
    const ProblemColumns columns = parse_plan(again, "again").columns;
    expect(columns.source == file.columns.source && columns.target == file.columns.target,
           "names of columns read back the same");
    check_law(*file.plan->problem().source());
    check_law(*file.plan->problem().target());
    check_plan(*file.plan);
  });
}

// The bytes of a checkpoint, or the text of one.
bool fuzz_checkpoint(const std::string& bytes) {
  return or_invalid([&] {
    const CheckpointContent content =
        parse_checkpoint(bytes.starts_with("{") ? file_of_text(bytes) : bytes, "checkpoint");
    CheckpointContent again;
    try {
      again = parse_checkpoint(encode_checkpoint(content.state, content.configuration), "again");
    } catch (const InvalidInput& refusal) {
      throw BrokenPromise(std::string("written checkpoints are read back: ") + refusal.what());
    }
    expect(again.configuration == content.configuration, "a configuration reads back the same");
    const SolverState &found = again.state, &state = content.state;
    expect(found.parts.solver == state.parts.solver && found.parts.numbers == state.parts.numbers &&
               found.texts == state.texts && found.notes == state.notes,
           "numbers and texts of a state read back the same");
    expect(found.parts.arrays.size() == state.parts.arrays.size(), "arrays read back the same");
    for (const auto& [name, array] : state.parts.arrays) {
      const auto twin = found.parts.arrays.find(name);
      expect(twin != found.parts.arrays.end() && same_bytes(twin->second, array),
             "an array reads back the same");
    }
  });
}

}  // namespace otbridge::fuzz
