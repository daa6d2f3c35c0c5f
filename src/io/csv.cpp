#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "io/cloud_text.hpp"
#include "io/columns.hpp"
#include "io/delimited_text.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"

namespace otbridge {
namespace {

// What stands for a value that is not there.
bool is_missing(const std::string& field) {
  constexpr std::array kMissing{"na", "n/a", "#n/a", "null", "none", "-", "?"};
  return std::ranges::find(kMissing, lower_case(field)) != kMissing.end();
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

std::string first_word(std::string_view text) {
  const auto begin = std::min(text.find_first_not_of(" \t"), text.size());
  return std::string(text.substr(begin, text.find_first_of(" \t\r\n", begin) - begin));
}

// With which CloudCompare begins its header; no name keeps them, so that it is read back the same
// in any place.
void leave_slashes_out(std::string& name) {
  while (name.starts_with("//"))
    name.erase(0, std::min(name.find_first_not_of(" \t", 2), name.size()));
}

// Files of scanners hold positions, then what was measured there, without a header.
bool is_scan(const std::string& path) {
  const std::string name = lower_case(path);
  return name.ends_with(".xyz") || name.ends_with(".pts");
}

// Bytes of a first line that holds the number of points alone, above longer ones; else 0.
std::size_t length_of_count(std::string_view text) {
  const std::size_t end = text.find('\n');
  if (end == text.npos) return 0;
  const std::string count = first_word(text);
  const auto alone = [&](std::string_view line) {
    return line.find_first_of(" \t,;") == line.npos;
  };
  const std::string_view line = text.substr(0, end), below = text.substr(end + 1);
  const std::size_t first = line.find_first_not_of(" \t"), last = line.find_last_not_of(" \t\r");
  if (first == line.npos || !alone(line.substr(first, last - first + 1)) || !is_whole(count))
    return 0;
  return alone(below.substr(0, below.find('\n'))) ? 0 : end + 1;
}

// Which column is what.
struct Layout {
  std::vector<std::string> names;  // of the header, or x0, x1, ...
  bool named = false;
  ColumnRoles roles = {};

  // Whether the ids stand in a column without a name.
  bool index() const { return named && roles.id && names_index(names[*roles.id]); }
};

Layout layout_of(const std::vector<std::string>& fields, const ReadOptions& options, bool scan,
                 const std::string& place) {
  Layout layout;
  layout.named = is_header(fields);
  layout.names = layout.named ? fields : numbered_names(static_cast<Index>(fields.size()));
  for (std::size_t c = 1; c < fields.size(); ++c) {
    if (layout.named && fields[c].empty())
      throw InvalidInput(place, "column " + std::to_string(c + 1) + " has no name");
  }
  if (scan && !layout.named) {
    constexpr std::array kAxes{"x", "y", "z"};
    std::copy_n(kAxes.begin(), std::min(kAxes.size(), fields.size()), layout.names.begin());
  }
  layout.roles =
      roles_of(layout.names, options,
               scan && !layout.named ? CoordinateRule::xyz : CoordinateRule::all_columns, place);
  if (layout.roles.coordinates.empty()) throw InvalidInput(place, "there is no coordinate column");
  return layout;
}

bool is_word(const std::string& field) {
  return !is_missing(field) && !is_number(field) &&
         field.find_first_of("0123456789") == field.npos && !field.empty();
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
                const std::string& name) {
  const std::size_t width = layout.names.size();
  const ColumnRoles& roles = layout.roles;
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
      // Where a header names it; without one all columns are meant.
      const bool text_column =
          layout.named && table.rows == 0 && width > 1 && is_word(fields[column]);
      throw InvalidInput(
          line + ": column " + short_field(layout.names[column]) + " = " +
              short_field(fields[column]),
          broken + std::string(text_column ? " (--columns names those to read)" : ""));
    };
    for (const std::size_t c : roles.coordinates) table.values.push_back(number(c, false));
    if (roles.weight) table.weights.push_back(number(*roles.weight, true));
    if (roles.id) table.ids.push_back(fields[*roles.id]);
    if (layout.index() && is_number(table.ids.back()) && !is_whole(table.ids.back())) {
      throw InvalidInput(line + ": column " + std::to_string(*roles.id + 1),
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
  const auto& id = layout.roles.id;
  if (layout.index())
    inferred.push_back("ids from column " + std::to_string(*id + 1) + ", an index");
  else if (id && layout.names[*id] != "id")
    inferred.push_back("ids from " + short_field(layout.names[*id]));
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

}  // namespace

Cloud parse_csv(const std::string& bytes, const std::string& name, const ReadOptions& options) {
  const bool scan = is_scan(name);
  const std::size_t count_line = scan ? length_of_count(bytes) : 0;
  DelimitedText text(std::string_view(bytes).substr(count_line), name, count_line > 0 ? 2 : 1);
  auto record = text.next();
  if (!record) throw InvalidInput(name, "has 0 points");
  std::vector<std::string> first = record->fields;
  if (is_header(first)) std::ranges::for_each(first, leave_slashes_out);
  const std::string place = name + ":" + std::to_string(record->line);
  Layout layout = layout_of(first, options, scan, place);
  if (layout.named) {
    if (layout.roles.id == 0U) text.keep_hash_lines();
    record = text.next();
    // R has no name for that of the row; in a file with commas one field too many is rather a
    // fault.
    if (record && (text.separator() != ',' || !is_number(record->fields[0])) &&
        record->fields.size() == first.size() + 1 && !record->fields.back().empty() &&
        !layout.roles.id) {
      first.insert(first.begin(), "");
      layout = layout_of(first, options, scan, place);
    }
  }
  Table table = read_rows(text, record, layout, name);
  if (table.rows == 0) throw InvalidInput(name, "has 0 points");
  if (count_line > 0 && parse_double(first_word(bytes)) != static_cast<double>(table.rows)) {
    throw InvalidInput(name, "declares " + first_word(bytes) + " points, but " +
                                 std::to_string(table.rows) + " lines follow");
  }
  auto inferred = inferences(layout, table, text.separator());
  const std::size_t d = layout.roles.coordinates.size();
  // A first line 0, 1, ... is a header above rows none of which holds whole numbers only, as pandas
  // writes an array; above others a point, and a single column that starts at 0 is a list.
  if (!layout.named && counts_columns(first) && table.rows > 1) {
    const bool header = first.size() > 1 && !table.whole_row && !scan;
    if (header) {
      table.values.erase(table.values.begin(),
                         table.values.begin() + static_cast<std::ptrdiff_t>(d));
      if (!table.weights.empty()) table.weights.erase(table.weights.begin());
      if (!table.ids.empty()) table.ids.erase(table.ids.begin());
      --table.rows;
    }
    if (first.size() > 1 || !table.whole_row) {
      inferred.emplace_back(header ? "the first line is taken for column numbers"
                                   : "the first line is taken for a point");
    }
  }
  Cloud cloud;
  cloud.points = Eigen::Map<const Points>(table.values.data(), table.rows, static_cast<Index>(d));
  if (layout.roles.weight) {
    cloud.weights = Eigen::Map<const Vector>(table.weights.data(), table.rows);
    cloud.weights_from = layout.names[*layout.roles.weight];
  }
  cloud.ids = std::move(table.ids);
  for (const std::size_t c : layout.roles.others) cloud.ignored.push_back(layout.names[c]);
  // Numbers are no names.
  for (const std::size_t c : layout.roles.coordinates) {
    if ((layout.named || options.given() || scan) && !is_number(layout.names[c]))
      cloud.columns.push_back(layout.names[c]);
  }
  const bool plain_weight = !layout.roles.weight || layout.names[*layout.roles.weight] == "weight";
  if (!inferred.empty() || !plain_weight || !cloud.ignored.empty() || options.given()) {
    std::string note = summary_of(cloud, name);
    for (const auto& part : inferred) note += "; " + part;
    cloud.notes.push_back(std::move(note));
  }
  return cloud;
}

std::string encode_csv(const Cloud& cloud, TextStyle style) {
  const std::string between(1, style.separator);
  const bool ids = style.header && !cloud.ids.empty();
  const bool weights = style.header && cloud.weights.size() > 0;
  // number_text writes the shortest text that reads back as the same double.
  std::string text;
  if (style.count) text += std::to_string(cloud.points.rows()) + "\n";
  if (style.header) {
    if (ids) text += "id" + between;
    // A name that would be read as something else than a coordinate's is not written.
    const auto names = std::ranges::all_of(cloud.columns, names_coordinate)
                           ? coordinate_names(cloud)
                           : numbered_names(cloud.points.cols());
    for (std::size_t c = 0; c < names.size(); ++c)
      text += (c > 0 ? between : "") + csv_field(names[c], style.separator);
    if (weights) text += between + "weight";
    text += "\n";
  }
  for (Index i = 0; i < cloud.points.rows(); ++i) {
    if (ids) text += csv_field(cloud.ids[to_size(i)], style.separator) + between;
    for (Index c = 0; c < cloud.points.cols(); ++c) {
      if (c > 0) text += between;
      text += number_text(cloud.points(i, c));
    }
    if (weights) text += between + number_text(cloud.weights[i]);
    text += "\n";
  }
  return text;
}

}  // namespace otbridge
