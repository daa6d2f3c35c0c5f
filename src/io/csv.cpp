#include <algorithm>
#include <cmath>
#include <optional>

#include "io/cloud_text.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"

namespace otbridge {
namespace {

struct Record {
  std::vector<std::string> fields;
  Index line = 0;  // at which it starts, from 1
};

// RFC 4180: quoted fields may hold commas, quotes and line ends. Spaces around a field are dropped.
class CsvReader {
 public:
  CsvReader(std::string_view bytes, const std::string& name) : bytes_(bytes), name_(name) {
    // A byte order mark, as spreadsheets write it.
    if (bytes_.starts_with("\xEF\xBB\xBF")) at_ = 3;
  }

  // The next line that holds anything; blank lines are skipped.
  std::optional<Record> next() {
    while (at_ < bytes_.size()) {
      Record record;
      record.line = line_;
      read(record);
      if (record.fields.size() > 1 || !record.fields[0].empty()) return record;
    }
    return std::nullopt;
  }

 private:
  void read(Record& record) {
    for (;;) {
      record.fields.push_back(field());
      if (at_ >= bytes_.size()) return;
      const char c = bytes_[at_++];
      if (c == ',') {
        // A comma at the very end closes an empty field.
        if (at_ == bytes_.size()) record.fields.emplace_back();
        continue;
      }
      // Lines end in LF, CR LF or CR.
      if (c == '\r' && at_ < bytes_.size() && bytes_[at_] == '\n') ++at_;
      ++line_;
      return;
    }
  }

  std::string field() {
    while (at_ < bytes_.size() && (bytes_[at_] == ' ' || bytes_[at_] == '\t')) ++at_;
    if (at_ < bytes_.size() && bytes_[at_] == '"') return quoted();
    const std::size_t end = std::min(bytes_.find_first_of(",\r\n", at_), bytes_.size());
    std::string_view text = bytes_.substr(at_, end - at_);
    at_ = end;
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return std::string(text);
  }

  std::string quoted() {
    const Index opened = line_;
    std::string text;
    for (++at_; at_ < bytes_.size(); ++at_) {
      if (bytes_[at_] == '\n') ++line_;
      if (bytes_[at_] != '"') {
        text += bytes_[at_];
      } else if (at_ + 1 < bytes_.size() && bytes_[at_ + 1] == '"') {
        text += '"', ++at_;  // a doubled quote stands for one
      } else {
        at_ = std::min(bytes_.find_first_of(",\r\n", at_), bytes_.size());
        return text;
      }
    }
    throw InvalidInput(name_ + ":" + std::to_string(opened), "a quoted field is not closed");
  }

  std::string_view bytes_;
  const std::string& name_;
  std::size_t at_ = 0;
  Index line_ = 1;
};

// "nan" and "inf" count as numbers: they are refused by place, not taken for a header.
bool all_numbers(const std::vector<std::string>& fields) {
  for (const auto& field : fields) {
    if (!parse_double(field)) return false;
  }
  return true;
}

// For a message: short, and with control characters as ?.
std::string shown(const std::string& field) {
  std::string text = field.size() <= 40 ? field : field.substr(0, 40) + "...";
  std::ranges::replace_if(
      text, [](unsigned char c) { return c < ' ' || c == 0x7f; }, '?');
  return text;
}

}  // namespace

Cloud parse_csv(const std::string& bytes, const std::string& name) {
  CsvReader reader(bytes, name);
  auto record = reader.next();
  if (!record) throw InvalidInput(name, "has 0 points");
  // A first line of numbers only is data.
  const bool has_header = !all_numbers(record->fields);
  Cloud cloud;
  std::vector<std::string> header = has_header ? record->fields : std::vector<std::string>{};
  // Coordinates are columns [first, last); before them the id, after them the weight.
  std::size_t first = 0, last = record->fields.size();
  if (has_header) {
    if (header.front() == "id") first = 1;
    if (last > first && header.back() == "weight") --last;
    cloud.columns.assign(header.begin() + static_cast<std::ptrdiff_t>(first),
                         header.begin() + static_cast<std::ptrdiff_t>(last));
    // Elsewhere they would be read as coordinates in silence.
    for (std::size_t i = 0; i < cloud.columns.size(); ++i) {
      if (cloud.columns[i] == "id" || cloud.columns[i] == "weight") {
        throw InvalidInput(name + ":1: column " + cloud.columns[i],
                           "id must be the first column and weight the last");
      }
    }
    record = reader.next();
  }
  // Every line must be as long as the first.
  const std::size_t width = has_header ? header.size() : last;
  if (last == first) throw InvalidInput(name + ":1", "there is no coordinate column");

  std::vector<double> values, weights;
  std::vector<Index> lines;
  for (; record; record = reader.next()) {
    const std::string line = name + ":" + std::to_string(record->line);
    if (record->fields.size() != width) {
      throw InvalidInput(line, "has " + std::to_string(record->fields.size()) +
                                   " fields, the first line has " + std::to_string(width));
    }
    if (first == 1) cloud.ids.push_back(record->fields[0]);
    for (std::size_t c = first; c < width; ++c) {
      const auto value = parse_double(record->fields[c]);
      // Looked at field by field, while line and column are at hand for the message.
      const char* broken = !value                      ? "must be a number"
                           : !std::isfinite(*value)    ? "must be finite"
                           : c >= last && *value < 0.0 ? "a weight must be >= 0"
                                                       : nullptr;
      if (broken != nullptr) {
        const std::string column = has_header ? shown(header[c]) : "x" + std::to_string(c);
        throw InvalidInput(line + ": column " + column + " = " + shown(record->fields[c]), broken);
      }
      (c < last ? values : weights).push_back(*value);
    }
    lines.push_back(record->line);
  }
  const auto n = static_cast<Index>(lines.size());
  if (n == 0) throw InvalidInput(name, "has 0 points");
  cloud.points = Eigen::Map<const Points>(values.data(), n, static_cast<Index>(last - first));
  if (last < width) cloud.weights = Eigen::Map<const Vector>(weights.data(), n);
  return cloud;
}

std::string encode_csv(const Cloud& cloud) {
  // number_text writes the shortest text that reads back as the same double.
  std::string text;
  if (!cloud.ids.empty()) text += "id,";
  const auto names = coordinate_names(cloud);
  for (std::size_t c = 0; c < names.size(); ++c) text += (c > 0 ? "," : "") + csv_field(names[c]);
  if (cloud.weights.size() > 0) text += ",weight";
  text += "\n";
  for (Index i = 0; i < cloud.points.rows(); ++i) {
    if (!cloud.ids.empty()) text += csv_field(cloud.ids[to_size(i)]) + ",";
    for (Index c = 0; c < cloud.points.cols(); ++c) {
      if (c > 0) text += ",";
      text += number_text(cloud.points(i, c));
    }
    if (cloud.weights.size() > 0) text += "," + number_text(cloud.weights[i]);
    text += "\n";
  }
  return text;
}

}  // namespace otbridge
