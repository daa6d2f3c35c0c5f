#include "io/record_cloud.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "core/utf8.hpp"
#include "io/byte_order.hpp"
#include "io/cloud_text.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/names.hpp"
#include "otbridge/core/number_text.hpp"

namespace otbridge {
namespace {

std::vector<std::string> names_of(const std::vector<Field>& fields) {
  std::vector<std::string> names;
  for (const Field& field : fields) names.push_back(as_utf8(field.name));
  return names;
}

template <class T>
bool store(char* place, double value) {
  const auto stored = static_cast<T>(value);
  std::memcpy(place, &stored, sizeof stored);
  return true;
}

// Little-endian, of the type; false for a number that it does not hold.
bool store_number(char* place, ScalarType type, double value) {
  if (type.kind == 'f') {
    return type.width == 4 ? store<float>(place, value) : store<double>(place, value);
  }
  // Whole, and within 2^(bits - 1) or 2^bits; the largest 64-bit ones do not come in texts.
  const bool has_sign = type.kind == 'i';
  const int bits = 8 * type.width - (has_sign ? 1 : 0);
  const double end = std::ldexp(1.0, bits);
  if (!(value >= (has_sign ? -end : 0.0) && value < end && value == std::floor(value)))
    return false;
  const auto whole = has_sign ? static_cast<std::uint64_t>(static_cast<std::int64_t>(value))
                              : static_cast<std::uint64_t>(value);
  for (int k = 0; k < type.width; ++k) place[k] = static_cast<char>(whole >> (8 * k) & 255U);
  return true;
}

// As a header can say it: names without blanks, no half precision and no 64-bit integers.
Field plain(const std::string& name, ScalarType type) {
  Field field{name.empty() ? "_" : name, type};
  if (field.type == ScalarType{'f', 2}) field.type.width = 4;
  if (field.type.width == 8) field.type.kind = 'f';
  std::ranges::replace_if(
      field.name, [](unsigned char c) { return c <= ' ' || c == 0x7f; }, '_');
  return field;
}

// The coordinate on each axis, as far as there are any: by their names where all have one of an
// axis, else in their order.
std::array<std::optional<Index>, kRecordAxes.size()> coordinates_on_axes(const Cloud& cloud) {
  std::array<std::optional<Index>, kRecordAxes.size()> on, in_order;
  for (Index c = 0; c < cloud.points.cols(); ++c) in_order[to_size(c)] = c;
  if (static_cast<Index>(cloud.columns.size()) != cloud.points.cols()) return in_order;
  for (Index c = 0; c < cloud.points.cols(); ++c) {
    const std::string name = lower_case(cloud.columns[to_size(c)]);
    const auto axis = kRecordAxes.find(name);
    if (name.size() != 1 || axis == kRecordAxes.npos || on[axis]) return in_order;
    on[axis] = c;
  }
  return on;
}

}  // namespace

RecordCloud::RecordCloud(std::vector<Field> fields, Index n, const ReadOptions& options,
                         const std::string& name, const char* row_word)
    : fields_(std::move(fields)), name_(name), row_word_(row_word), given_(options.given()) {
  const auto names = names_of(fields_);
  const ColumnRoles roles = roles_of(names, options, CoordinateRule::xyz, name);
  if (roles.coordinates.empty()) {
    throw InvalidInput(name, "has no field x; its fields are " + joined(names) +
                                 " (--columns names those that are coordinates)");
  }
  places_.resize(fields_.size());
  const auto rows = to_size(n);
  cloud_.single_precision = true;
  for (std::size_t k = 0; k < roles.coordinates.size(); ++k) {
    const std::size_t c = roles.coordinates[k];
    places_[c] = {Role::coordinate, k};
    cloud_.columns.push_back(names[c]);
    // Integers become positions between them.
    cloud_.single_precision = cloud_.single_precision && fields_[c].type == ScalarType{'f', 4};
  }
  cloud_.points.resize(n, static_cast<Index>(roles.coordinates.size()));
  if (roles.weight) {
    places_[*roles.weight] = {Role::weight, 0};
    cloud_.weights.resize(n);
    cloud_.weights_from = names[*roles.weight];
  }
  if (roles.id) {
    places_[*roles.id] = {Role::id, 0};
    cloud_.ids.resize(rows);
  }
  for (const std::size_t c : roles.others) {
    places_[c] = {Role::attribute, cloud_.attributes.size()};
    const ScalarType type = fields_[c].type;
    cloud_.attributes.push_back({names[c], type, std::string(rows * to_size(type.width), '\0')});
  }
}

void RecordCloud::put_number(Index point, std::size_t field, double value) {
  const Place& place = places_[field];
  if (place.role == Role::coordinate)
    cloud_.points(point, static_cast<Index>(place.at)) = value;
  else if (place.role == Role::weight)
    cloud_.weights[point] = value;
  else
    cloud_.ids[to_size(point)] = number_text(value);
}

void RecordCloud::put(Index point, std::size_t field, const char* bytes, bool big_endian) {
  const ScalarType type = fields_[field].type;
  if (places_[field].role != Role::attribute) {
    return put_number(point, field, reader_of(type)(bytes, big_endian));
  }
  const auto width = to_size(type.width);
  char* stored = cloud_.attributes[places_[field].at].bytes.data() + to_size(point) * width;
  if (big_endian)
    std::reverse_copy(bytes, bytes + width, stored);
  else
    std::copy_n(bytes, width, stored);
}

void RecordCloud::put(Index point, std::size_t field, double value) {
  if (places_[field].role != Role::attribute) return put_number(point, field, value);
  const ScalarType type = fields_[field].type;
  char* stored =
      cloud_.attributes[places_[field].at].bytes.data() + to_size(point) * to_size(type.width);
  if (!store_number(stored, type, value)) {
    throw InvalidInput(name_ + ": " + row_word_ + " " + std::to_string(point) + ": " +
                           fields_[field].name + " = " + number_text(value),
                       "is no number of its type, " +
                           std::string(type.kind == 'i' ? "signed of " : "unsigned of ") +
                           std::to_string(8 * type.width) + " bits");
  }
}

Cloud RecordCloud::take() {
  check_cloud(cloud_, name_, row_word_, 0);
  if (given_) cloud_.notes.push_back(summary_of(cloud_, name_));
  return std::move(cloud_);
}

Cloud read_records(const char* data, Index n, std::size_t size,
                   const std::vector<StoredField>& fields, const ReadOptions& options,
                   const std::string& name, const char* row_word) {
  std::vector<Field> plain_fields;
  for (const StoredField& stored : fields) plain_fields.push_back(stored.field);
  RecordCloud cloud(std::move(plain_fields), n, options, name, row_word);
  for (Index i = 0; i < n; ++i) {
    const char* record = data + to_size(i) * size;
    for (std::size_t k = 0; k < fields.size(); ++k)
      cloud.put(i, k, record + fields[k].offset, fields[k].big_endian);
  }
  return cloud.take();
}

std::string padding_words(std::string_view axes) {
  const std::string which = kRecordAxes.starts_with(axes)
                                ? "dimension " + std::to_string(axes.size())
                                : "axes " + std::string(axes);
  return which + ", the other coordinates are 0";
}

std::string padded_axes(std::string_view comment) {
  for (const char* axes : {"x", "y", "z", "xy", "xz", "yz"}) {
    if (comment == padding_words(axes)) return axes;
  }
  return "";
}

Cloud without_padding(Cloud cloud, std::string_view axes) {
  std::vector<Index> kept;
  std::vector<std::string> names;
  for (Index c = 0; c < cloud.points.cols(); ++c) {
    const std::string& name = cloud.columns[to_size(c)];
    if (axes.find(lower_case(name)) == axes.npos) {
      if (!(cloud.points.col(c).array() == 0.0).all()) return cloud;
    } else {
      kept.push_back(c);
      names.push_back(name);
    }
  }
  if (kept.empty()) return cloud;
  cloud.points = Points(cloud.points(Eigen::all, kept));
  cloud.columns = std::move(names);
  return cloud;
}

RecordLayout encode_records(const Cloud& cloud, const std::string& format) {
  const Index d = cloud.points.cols();
  if (d > kMostRecordAxes) {
    throw InvalidInput(format + " output", "a cloud of dimension " + std::to_string(d) +
                                               " does not fit; " + format + " holds at most 3");
  }
  const auto attribute_named = [&](const std::string& name) {
    return std::ranges::any_of(cloud.attributes,
                               [&](const auto& a) { return lower_case(a.name) == name; });
  };
  // A text may declare single precision and hold numbers beyond it.
  const bool single = cloud.single_precision &&
                      cloud.points.cwiseAbs().maxCoeff() <= std::numeric_limits<float>::max();
  const ScalarType real{'f', single ? 4 : 8};
  RecordLayout layout;
  std::vector<std::optional<Index>> coordinates;  // of each field: which one, or 0
  // Coordinates beside axes that are none, as colours of points that have positions too, keep
  // their names.
  const bool beside_axes =
      static_cast<Index>(cloud.columns.size()) == d &&
      std::ranges::any_of(kRecordAxes, [&](char axis) { return attribute_named({axis}); });
  if (beside_axes) {
    for (Index c = 0; c < d; ++c) {
      layout.fields.push_back(plain(cloud.columns[to_size(c)], real));
      coordinates.emplace_back(c);
    }
    layout.axes = kRecordAxes;
  } else {
    const auto on_axes = coordinates_on_axes(cloud);
    for (std::size_t axis = 0; axis < kRecordAxes.size(); ++axis) {
      layout.fields.push_back({{kRecordAxes[axis]}, real});
      if (on_axes[axis]) layout.axes += kRecordAxes[axis];
    }
    coordinates.assign(on_axes.begin(), on_axes.end());
  }
  const bool weighted = cloud.weights.size() > 0;
  if (weighted) layout.fields.push_back({"weight", {'f', 8}});
  // A name that one of ours has by now would be there twice, and two weights are refused.
  std::vector<const Attribute*> carried;
  for (const Attribute& attribute : cloud.attributes) {
    const Field field = plain(attribute.name, attribute.type);
    if (weighted && names_weight(field.name)) continue;
    if (std::ranges::any_of(layout.fields, [&](const auto& f) { return f.name == field.name; }))
      continue;
    carried.push_back(&attribute);
    layout.fields.push_back(field);
  }
  const auto put = [&](double value) {
    if (single)
      append_raw(layout.bytes, static_cast<float>(value));
    else
      append_raw(layout.bytes, value);
  };
  // As numbers lie in memory: written on little-endian machines only.
  for (Index i = 0; i < cloud.points.rows(); ++i) {
    for (const auto& coordinate : coordinates) put(coordinate ? cloud.points(i, *coordinate) : 0.0);
    if (weighted) append_raw(layout.bytes, cloud.weights[i]);
    for (std::size_t k = 0; k < carried.size(); ++k) {
      const auto width = to_size(carried[k]->type.width);
      const char* value = carried[k]->bytes.data() + to_size(i) * width;
      const ScalarType type = layout.fields[layout.fields.size() - carried.size() + k].type;
      if (type == carried[k]->type) {
        layout.bytes.append(value, width);
        continue;
      }
      std::array<char, 8> other{};
      store_number(other.data(), type, reader_of(carried[k]->type)(value, false));
      layout.bytes.append(other.data(), to_size(type.width));
    }
  }
  return layout;
}

}  // namespace otbridge
