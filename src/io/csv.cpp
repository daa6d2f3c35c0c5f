#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "io/cloud_text.hpp"
#include "io/delimited_text.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"

namespace otbridge {
namespace {

std::string lower(std::string_view text) {
  std::string word(text);
  std::ranges::transform(word, word.begin(),
                         [](unsigned char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
  return word;
}

template <std::size_t N>
bool is_one_of(const std::string& field, const std::array<const char*, N>& words) {
  return std::ranges::find(words, lower(field)) != words.end();
}

// What a column is taken for by its name, in any case. An index without a name is what pandas and R
// write before the columns of a frame; read and written again, pandas names it.
bool names_id(const std::string& field) { return is_one_of(field, std::array{"id", "ids"}); }
bool names_index(const std::string& field) {
  return field.empty() || is_one_of(field, std::array{"unnamed: 0"});
}
bool names_weight(const std::string& field) {
  return is_one_of(field, std::array{"weight", "weights", "w", "mass"});
}
// What stands for a value that is not there.
bool is_missing(const std::string& field) {
  return is_one_of(field, std::array{"na", "n/a", "#n/a", "null", "none", "-", "?"});
}
// "nan" and "inf" count as numbers: they are refused by place, not taken for a name.
bool is_number(const std::string& field) { return parse_double(field).has_value(); }
bool is_whole(const std::string& field) {
  const std::size_t sign = field.starts_with('-') || field.starts_with('+') ? 1 : 0;
  return field.size() > sign && field.find_first_not_of("0123456789", sign) == std::string::npos;
}

bool names_coordinate(const std::string& field) {
  return !names_id(field) && !names_index(field) && !names_weight(field) && !is_missing(field) &&
         !is_number(field);
}

// The fields 0, 1, ..., as pandas heads the columns of an array; the numbers among them, if there
// are names too.
bool counts_columns(const std::vector<std::string>& fields) {
  std::size_t numbers = 0;
  return std::ranges::all_of(fields, [&](const std::string& field) {
    return !is_number(field) || field == std::to_string(numbers++);
  });
}

// A header has no numbers, but for those of columns beside the name of an id or a weight. A line
// with a missing value is data, and will be refused where that stands.
bool is_header(const std::vector<std::string>& fields) {
  if (std::ranges::any_of(fields, is_missing)) return false;
  if (std::ranges::none_of(fields, is_number)) return true;
  return counts_columns(fields) && !std::ranges::all_of(fields, is_number) &&
         std::ranges::none_of(fields, names_coordinate);
}

// For a message: short, and with control characters as ?.
std::string shown(const std::string& field) {
  std::string text = field.size() <= 40 ? field : field.substr(0, 40) + "...";
  std::ranges::replace_if(
      text, [](unsigned char c) { return c < ' ' || c == 0x7f; }, '?');
  return text;
}

// Which column is what.
struct Layout {
  std::vector<std::string> header = {};  // empty where there is none
  std::vector<std::size_t> coordinates = {};
  std::optional<std::size_t> id = {}, weight = {};

  // Whether the ids stand in a column without a name.
  bool index() const { return id && names_index(header[*id]); }
  std::string name(std::size_t column) const {
    return header.empty() ? "x" + std::to_string(column) : shown(header[column]);
  }
};

Layout layout_of(const std::vector<std::string>& fields, const std::string& place) {
  Layout layout;
  const bool named = is_header(fields);
  if (named) layout.header = fields;
  const auto take = [&](std::optional<std::size_t>& role, std::size_t column, const char* what) {
    if (role) {
      throw InvalidInput(place, "columns " + layout.name(*role) + " and " + layout.name(column) +
                                    " both name the " + what);
    }
    role = column;
  };
  for (std::size_t c = 0; c < fields.size(); ++c) {
    if (named && c > 0 && fields[c].empty()) {
      throw InvalidInput(place, "column " + std::to_string(c + 1) + " has no name");
    }
    if (named && (names_id(fields[c]) || names_index(fields[c]))) {
      take(layout.id, c, "point");
    } else if (named && names_weight(fields[c])) {
      take(layout.weight, c, "weight");
    } else {
      layout.coordinates.push_back(c);
    }
  }
  if (layout.coordinates.empty()) throw InvalidInput(place, "there is no coordinate column");
  return layout;
}

// The rule that a field breaks which is no number.
const char* rule_for(const std::string& field) {
  if (is_missing(field)) return "must be a number; a value that is missing cannot be read";
  std::string with_point = field;
  std::ranges::replace(with_point, ',', '.');
  return is_number(with_point) ? "must be a number with a decimal point, not a comma"
                               : "must be a number";
}

// What stands below the header, column by column.
struct Table {
  std::vector<double> values, weights;  // row by row
  std::vector<std::string> ids;
  Index rows = 0;
  bool whole_row = false;     // a row below the first holds whole numbers only
  Index comments_within = 0;  // lines
};

// From the record on; every one must be as long as the first line.
Table read_rows(DelimitedText& text, std::optional<Record> record, const Layout& layout,
                std::size_t width, const std::string& name) {
  Table table;
  const Index comments_above = text.comment_lines();
  for (; record; record = text.next(), ++table.rows) {
    const std::string line = name + ":" + std::to_string(record->line);
    const auto& fields = record->fields;
    if (fields.size() != width) {
      throw InvalidInput(line, "has " + std::to_string(fields.size()) +
                                   " fields, the first line has " + std::to_string(width));
    }
    // Looked at field by field, while line and column are at hand for the message.
    const auto number = [&](std::size_t column, bool weight) {
      const auto value = parse_double(fields[column]);
      const char* broken = !value                   ? rule_for(fields[column])
                           : !std::isfinite(*value) ? "must be finite"
                           : weight && *value < 0.0 ? "a weight must be >= 0"
                                                    : nullptr;
      if (broken == nullptr) return *value;
      throw InvalidInput(line + ": column " + layout.name(column) + " = " + shown(fields[column]),
                         broken);
    };
    for (const std::size_t c : layout.coordinates) table.values.push_back(number(c, false));
    if (layout.weight) table.weights.push_back(number(*layout.weight, true));
    if (layout.id) table.ids.push_back(fields[*layout.id]);
    if (layout.index() && is_number(table.ids.back()) && !is_whole(table.ids.back())) {
      throw InvalidInput(line + ": column " + std::to_string(*layout.id + 1),
                         "has no name, and is no index");
    }
    table.whole_row = table.whole_row || (table.rows > 0 && std::ranges::all_of(fields, is_whole));
  }
  table.comments_within = text.comment_lines() - comments_above;
  return table;
}

// What was read otherwise than the plain form of a file has it, or may have been meant otherwise.
std::vector<std::string> inferences(const Layout& layout, const Table& table, char separator) {
  std::vector<std::string> inferred;
  if (layout.weight && layout.header[*layout.weight] != "weight")
    inferred.push_back("weights from " + layout.name(*layout.weight));
  if (layout.index())
    inferred.push_back("ids from column " + std::to_string(*layout.id + 1) + ", an index");
  else if (layout.id && layout.header[*layout.id] != "id")
    inferred.push_back("ids from " + layout.name(*layout.id));
  if (separator != ',') {
    inferred.emplace_back(separator == ';'    ? "separated by semicolons"
                          : separator == '\t' ? "separated by tabs"
                                              : "separated by blanks");
  }
  if (table.comments_within > 0) {
    inferred.push_back(std::to_string(table.comments_within) +
                       " lines with # among the points are left out");
  }
  return inferred;
}

// In one line, after what the file was read as.
std::string note_of(const std::string& name, const Cloud& cloud,
                    const std::vector<std::string>& inferred) {
  std::string names;
  constexpr std::size_t kMost = 6;
  const auto columns = coordinate_names(cloud);
  for (std::size_t c = 0; c < columns.size() && c < kMost; ++c)
    names += (c > 0 ? ", " : "") + shown(columns[c]);
  if (columns.size() > kMost) names += ", ...";
  std::string note = name + ": " + std::to_string(cloud.points.rows()) + " points, dimension " +
                     std::to_string(cloud.points.cols()) + " (" + names + ")";
  for (const auto& part : inferred) note += "; " + part;
  return note;
}

}  // namespace

Cloud parse_csv(const std::string& bytes, const std::string& name) {
  DelimitedText text(bytes, name);
  auto record = text.next();
  if (!record) throw InvalidInput(name, "has 0 points");
  const std::vector<std::string> first = record->fields;
  const Layout layout = layout_of(first, name + ":" + std::to_string(record->line));
  if (!layout.header.empty()) {
    if (layout.id == 0U) text.keep_hash_lines();
    record = text.next();
  }
  Table table = read_rows(text, record, layout, first.size(), name);
  if (table.rows == 0) throw InvalidInput(name, "has 0 points");
  auto inferred = inferences(layout, table, text.separator());
  const std::size_t d = layout.coordinates.size();
  // A first line 0, 1, ... is a header above rows none of which holds whole numbers only, as pandas
  // writes an array; above others a point, and a single column that starts at 0 is a list.
  if (layout.header.empty() && counts_columns(first) && table.rows > 1) {
    const bool header = d > 1 && !table.whole_row;
    if (header) {
      table.values.erase(table.values.begin(),
                         table.values.begin() + static_cast<std::ptrdiff_t>(d));
      --table.rows;
    }
    if (d > 1 || !table.whole_row) {
      inferred.emplace_back(header ? "the first line is taken for column numbers"
                                   : "the first line is taken for a point");
    }
  }
  Cloud cloud;
  cloud.points = Eigen::Map<const Points>(table.values.data(), table.rows, static_cast<Index>(d));
  if (layout.weight) cloud.weights = Eigen::Map<const Vector>(table.weights.data(), table.rows);
  cloud.ids = std::move(table.ids);
  // Numbers are no names.
  for (const std::size_t c : layout.coordinates) {
    if (!layout.header.empty() && !is_number(layout.header[c]))
      cloud.columns.push_back(layout.header[c]);
  }
  if (!inferred.empty()) cloud.notes.push_back(note_of(name, cloud, inferred));
  return cloud;
}

std::string encode_csv(const Cloud& cloud) {
  // number_text writes the shortest text that reads back as the same double.
  std::string text;
  if (!cloud.ids.empty()) text += "id,";
  // A name that would be read as something else than a coordinate's is not written.
  const auto names = std::ranges::all_of(cloud.columns, names_coordinate)
                         ? coordinate_names(cloud)
                         : numbered_names(cloud.points.cols());
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
