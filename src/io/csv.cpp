#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string_view>

#include "core/utf8.hpp"
#include "io/cloud_text.hpp"
#include "io/columns.hpp"
#include "io/delimited_text.hpp"
#include "io/text_fields.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"

namespace otbridge {
namespace {

// Without the // with which CloudCompare begins its header: no name keeps them, so that it is read
// back the same in any place. Names go into plans and reports, which are UTF-8.
void make_plain(std::string& name) {
  while (name.starts_with("//"))
    name.erase(0, std::min(name.find_first_not_of(" \t", 2), name.size()));
  name = as_utf8(std::move(name));
}

// Files of scanners hold positions, then what was measured there, without a header.
bool is_scan(const std::string& path) {
  const std::string name = lower_case(path);
  return name.ends_with(".xyz") || name.ends_with(".asc") || name.ends_with(".pts");
}

// Where the records of a file begin: behind the number of points, where the first line holds that.
struct Start {
  std::size_t bytes = 0;
  Index line = 1;
  std::string count;  // as it is written, or empty
};

// Files of scanners alone have a count: a whole number by itself, above longer lines or, in .pts,
// above any, since there it belongs to the format.
Start start_of(const std::string& bytes, const std::string& name) {
  if (!is_scan(name)) return {};
  DelimitedText text(bytes, name);
  const auto first = text.next();
  if (!first || first->fields.size() > 1 || !is_whole(first->fields[0])) return {};
  const Start below{text.position(), text.line(), first->fields[0]};
  if (lower_case(name).ends_with(".pts")) return below;
  DelimitedText rest(std::string_view(bytes).substr(below.bytes), name, below.line);
  const auto second = rest.next();
  return second && second->fields.size() > 1 ? below : Start{};
}

// The names in the last line with # above the points, as numpy.savetxt(header=...) and gnuplot
// write them; empty if that is a sentence, or says no coordinate. Between blanks any words stand:
// an axis must be among them, or the weight at their end, and none that joins words.
std::vector<std::string> names_above(const DelimitedText& text, std::size_t width, bool scan) {
  std::vector<std::string> names = text.comment_fields();
  std::ranges::for_each(names, make_plain);
  const bool header = names.size() == width && is_header(names) &&
                      std::ranges::none_of(names, &std::string::empty) &&
                      std::ranges::any_of(names, names_coordinate);
  if (!header) return {};
  const bool x = std::ranges::any_of(names, [](const std::string& field) {
    return lower_case(field) == "x" || lower_case(field) == "x0";
  });
  const bool joined = std::ranges::any_of(names, [](const std::string& field) {
    constexpr std::array<std::string_view, 6> kJoining{"and", "or", "of", "the", "with", "in"};
    return std::ranges::find(kJoining, lower_case(field)) != kJoining.end();
  });
  const bool sentence = text.separator() == ' ' && (joined || (!x && !names_weight(names.back())));
  return sentence || (scan && !x) ? std::vector<std::string>() : names;
}

// Which column is what.
struct Layout {
  std::vector<std::string> names;  // of the header, or x0, x1, ...
  bool named = false;
  bool above = false;    // the names stand in a comment
  bool counted = false;  // without names: the first line is 0, 1, ...
  ColumnRoles roles = {};

  // Whether the ids stand in a column without a name.
  bool index() const { return named && roles.id && names_index(names[*roles.id]); }
};

// positions: a scanner's file without a header of its own, whose first columns are x, y, z.
Layout layout_of(const std::vector<std::string>& fields, bool named, const ReadOptions& options,
                 bool positions, const std::string& place) {
  Layout layout;
  layout.named = named;
  layout.names = named ? fields : numbered_names(static_cast<Index>(fields.size()));
  for (std::size_t c = 1; c < fields.size(); ++c) {
    if (named && fields[c].empty())
      throw InvalidInput(place, "column " + std::to_string(c + 1) + " has no name");
  }
  if (positions && !named) {
    constexpr std::array kAxes{"x", "y", "z"};
    std::copy_n(kAxes.begin(), std::min(kAxes.size(), fields.size()), layout.names.begin());
  }
  layout.roles = roles_of(layout.names, options,
                          positions ? CoordinateRule::xyz : CoordinateRule::all_columns, place);
  if (layout.roles.coordinates.empty()) throw InvalidInput(place, "there is no coordinate column");
  return layout;
}

// The header, from which the record goes on to the first point; or the names above it; or numbers.
Layout read_layout(DelimitedText& text, std::optional<Record>& record, const ReadOptions& options,
                   const std::string& name) {
  const std::string place = name + ":" + std::to_string(record->line);
  std::vector<std::string> first = record->fields;
  if (is_header(first)) std::ranges::for_each(first, make_plain);
  if (!is_header(first)) {
    const auto names = names_above(text, first.size(), is_scan(name));
    Layout layout =
        layout_of(names.empty() ? first : names, !names.empty(), options, is_scan(name), place);
    layout.above = layout.named;
    layout.counted = !layout.named && counts_columns(first);
    return layout;
  }
  Layout layout = layout_of(first, true, options, false, place);
  if (layout.roles.id == 0U) text.keep_hash_lines();
  record = text.next();
  // R has no name for that of the row; in a file with commas one field too many is rather a fault.
  if (record && (text.separator() != ',' || !is_number(record->fields[0])) &&
      record->fields.size() == first.size() + 1 && !record->fields.back().empty() &&
      !layout.roles.id) {
    first.insert(first.begin(), "");
    layout = layout_of(first, true, options, false, place);
  }
  return layout;
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
  if (layout.above) inferred.emplace_back("names from the line with # above the points");
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
  const Start start = start_of(bytes, name);
  const auto check_count = [&](Index rows) {
    if (start.count.empty() || parse_double(start.count) == static_cast<double>(rows)) return;
    throw InvalidInput(
        name, "declares " + start.count + " points, but " + std::to_string(rows) + " lines follow");
  };
  DelimitedText text(std::string_view(bytes).substr(start.bytes), name, start.line);
  auto record = text.next();
  if (!record) check_count(0);
  if (!record) throw InvalidInput(name, "has 0 points");
  const Layout layout = read_layout(text, record, options, name);
  Table table = read_rows(text, record, layout, name);
  check_count(table.rows);
  if (table.rows == 0) throw InvalidInput(name, "has 0 points");
  auto inferred = inferences(layout, table, text.separator());
  const std::size_t d = layout.roles.coordinates.size();
  // A first line 0, 1, ... is a header above rows none of which holds whole numbers only, as pandas
  // writes an array; above others a point, and a single column that starts at 0 is a list.
  if (layout.counted && table.rows > 1) {
    const bool wide = layout.names.size() > 1;
    const bool header = wide && !table.whole_row && !is_scan(name);
    if (header) {
      table.values.erase(table.values.begin(),
                         table.values.begin() + static_cast<std::ptrdiff_t>(d));
      if (!table.weights.empty()) table.weights.erase(table.weights.begin());
      if (!table.ids.empty()) table.ids.erase(table.ids.begin());
      --table.rows;
    }
    if (wide || !table.whole_row) {
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
  // Numbers are no names, and either all coordinates have one or none.
  const auto unnamed = [&](std::size_t c) {
    return is_number(layout.names[c]) || !(layout.named || options.given() || is_scan(name));
  };
  if (std::ranges::none_of(layout.roles.coordinates, unnamed)) {
    for (const std::size_t c : layout.roles.coordinates) cloud.columns.push_back(layout.names[c]);
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
