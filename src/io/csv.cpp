#include <algorithm>
#include <charconv>
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
    if (bytes_.starts_with("\xEF\xBB\xBF")) at_ = 3;
  }

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
        if (at_ == bytes_.size()) record.fields.emplace_back();
        continue;
      }
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
        text += '"', ++at_;
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

std::optional<double> parse_double(std::string_view field) {
  if (field.starts_with('+')) field.remove_prefix(1);
  double value = 0.0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  if (field.empty() || end != field.data() + field.size()) return std::nullopt;
  // Out of range either way: below the least double is zero, above the greatest is infinite.
  if (error == std::errc::result_out_of_range) {
    return field.find("e-") == field.npos && field.find("E-") == field.npos ? HUGE_VAL : 0.0;
  }
  return error == std::errc() ? std::optional(value) : std::nullopt;
}

Cloud parse_csv(const std::string& bytes, const std::string& name) {
  CsvReader reader(bytes, name);
  auto record = reader.next();
  if (!record) throw InvalidInput(name, "has 0 points");
  const bool has_header = !all_numbers(record->fields);
  Cloud cloud;
  std::vector<std::string> header = has_header ? record->fields : std::vector<std::string>{};
  std::size_t first = 0, last = record->fields.size();
  if (has_header) {
    if (header.front() == "id") first = 1;
    if (last > first && header.back() == "weight") --last;
    cloud.columns.assign(header.begin() + static_cast<std::ptrdiff_t>(first),
                         header.begin() + static_cast<std::ptrdiff_t>(last));
    for (std::size_t i = 0; i < cloud.columns.size(); ++i) {
      if (cloud.columns[i] == "id" || cloud.columns[i] == "weight") {
        throw InvalidInput(name + ":1: column " + cloud.columns[i],
                           "id must be the first column and weight the last");
      }
    }
    record = reader.next();
  }
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

std::vector<std::string> coordinate_names(const Cloud& cloud) {
  if (static_cast<Index>(cloud.columns.size()) == cloud.points.cols()) return cloud.columns;
  std::vector<std::string> names;
  for (Index c = 0; c < cloud.points.cols(); ++c) names.push_back("x" + std::to_string(c));
  return names;
}

std::string csv_field(const std::string& text) {
  const bool spaced = !text.empty() && (text.front() == ' ' || text.back() == ' ');
  if (!spaced && text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string encode_csv(const Cloud& cloud) {
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

void check_cloud(const Cloud& cloud, const std::string& file, const char* row_word,
                 Index first_row) {
  if (cloud.points.rows() == 0) throw InvalidInput(file, "has 0 points");
  if (cloud.points.cols() == 0) throw InvalidInput(file, "has dimension 0");
  for (Index i = 0; i < cloud.points.rows(); ++i) {
    const auto row = [&] { return file + ": " + row_word + " " + std::to_string(first_row + i); };
    for (Index c = 0; c < cloud.points.cols(); ++c) {
      if (!std::isfinite(cloud.points(i, c))) {
        throw InvalidInput(
            row() + ", coordinate " + std::to_string(c) + " = " + number_text(cloud.points(i, c)),
            "must be finite");
      }
    }
    if (cloud.weights.size() > 0 && !(std::isfinite(cloud.weights[i]) && cloud.weights[i] >= 0.0)) {
      throw InvalidInput(row() + ": weight = " + number_text(cloud.weights[i]),
                         "must be finite and >= 0");
    }
  }
}

}  // namespace otbridge
