#include "otbridge/io/tensors.hpp"

#include <algorithm>
#include <cstdint>

#include "core/fnv.hpp"
#include "io/byte_order.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/io/json.hpp"

namespace otbridge {
namespace {

// The limit of the safetensors format, in bytes.
constexpr std::uint64_t kLongestHeader = 100'000'000;
constexpr const char* kChecksum = "checksum";

// Of everything that is read back.
std::string checksum_of(const TensorFile& file) {
  Fnv hash;
  for (const auto& [key, value] : file.metadata) {
    if (key != kChecksum) hash.take(key + "=" + value + ";");
  }
  for (const auto& [name, tensor] : file.tensors) {
    hash.take(name + ":" + std::to_string(tensor.rows()) + "x" + std::to_string(tensor.cols()) +
              ";");
    hash.take_numbers(tensor);
  }
  return hash.text();
}

// Not by json_text: what it replaced would be read back, and the checksum is of what was given.
std::string text_of_header(const Json& header) {
  try {
    return header.dump();
  } catch (const Json::type_error&) {
    throw InvalidInput("tensors", "their names and the metadata must be UTF-8");
  }
}

// Bytes of the data, from its first.
struct Span {
  std::uint64_t begin, end;
};

}  // namespace

// Tensors lie one after another in the order of their names, without holes: the same file for the
// same plan.
std::string encode_tensors(const TensorFile& file) {
  std::string data;
  Json header = Json::object();
  Json tensors = Json::object();
  for (const auto& [name, tensor] : file.tensors) {
    const std::size_t begin = data.size();
    data.append(reinterpret_cast<const char*>(tensor.data()),
                to_size(tensor.size()) * sizeof(double));
    tensors[name] = {{"dtype", "F64"},
                     {"shape", {tensor.rows(), tensor.cols()}},
                     {"data_offsets", {begin, data.size()}}};
  }
  auto metadata = file.metadata;
  metadata[kChecksum] = checksum_of(file);
  header["__metadata__"] = metadata;
  header.update(tensors);
  std::string text = text_of_header(header);
  check_json(text, "tensors");  // as it is read back
  // The data start at a multiple of eight bytes; the format allows spaces there.
  text.append((8 - text.size() % 8) % 8, ' ');
  const std::uint64_t length = text.size();
  std::string bytes(reinterpret_cast<const char*>(&length), sizeof length);
  return bytes + text + data;
}

// Every size is checked against the bytes there are before anything is allocated or copied.
TensorFile parse_tensors(const std::string& bytes, const std::string& name) {
  if (bytes.size() < 8) throw InvalidInput(name, "is not a safetensors file: shorter than 8 bytes");
  const auto length = read_as<std::uint64_t>(bytes.data(), false);
  // Compared before anything is allocated.
  if (length > kLongestHeader || length > bytes.size() - 8) {
    throw InvalidInput(name, "is not a safetensors file, or is truncated: its header does not fit");
  }
  const Json header = parse_json(bytes.substr(8, length), name);
  const std::string data = bytes.substr(8 + length);
  const JsonPlace place(header, name);
  if (!header.is_object()) place.fail("must be an object");

  TensorFile file;
  std::vector<Span> spans;
  for (const auto& [key, entry] : header.items()) {
    const JsonPlace at = place.at(key);
    if (!entry.is_object()) at.fail("must be an object");
    if (key == "__metadata__") {
      for (const auto& [word, value] : entry.items()) file.metadata[word] = at.at(word).text();
      continue;
    }
    at.allow_only(std::vector<std::string>{"dtype", "shape", "data_offsets"});
    // The one type of this program; other safetensors files are refused, not converted.
    if (at.at("dtype").text() != "F64") at.at("dtype").fail("must be \"F64\"");
    const JsonPlace shape = at.at("shape"), offsets = at.at("data_offsets");
    if (!shape.value().is_array() || shape.size() != 2) shape.fail("must hold two sizes");
    if (!offsets.value().is_array() || offsets.size() != 2) offsets.fail("must hold two offsets");
    const long long rows = shape.at(0).integer(), cols = shape.at(1).integer();
    const long long begin = offsets.at(0).integer(), end = offsets.at(1).integer();
    const auto size = static_cast<long long>(data.size());
    if (begin < 0 || end < begin || end > size) offsets.fail("must lie within the data");
    // Divided, not multiplied: rows x cols may overflow in a header that lies.
    const long long count = (end - begin) / static_cast<long long>(sizeof(double));
    if (rows < 0 || cols < 0 || (end - begin) % 8 != 0 || (rows > 0 && cols > count / rows) ||
        rows * cols != count) {
      shape.fail("does not match the bytes of data_offsets");
    }
    Points tensor(rows, cols);
    std::copy_n(data.data() + begin, end - begin, reinterpret_cast<char*>(tensor.data()));
    file.tensors[key] = std::move(tensor);
    spans.push_back({static_cast<std::uint64_t>(begin), static_cast<std::uint64_t>(end)});
  }
  // No overlap, no hole, nothing after the last tensor.
  std::ranges::sort(spans, {}, [](const Span& s) { return std::pair(s.begin, s.end); });
  std::uint64_t expected = 0;
  for (const Span& span : spans) {
    if (span.begin != expected) throw InvalidInput(name, "its tensors overlap or leave a hole");
    expected = span.end;
  }
  if (expected != data.size())
    throw InvalidInput(name, "is truncated or has bytes after its tensors");
  if (file.metadata.count(kChecksum) == 0 || file.metadata[kChecksum] != checksum_of(file)) {
    throw InvalidInput(name, "is damaged: its checksum does not match");
  }
  file.metadata.erase(kChecksum);
  return file;
}

}  // namespace otbridge
