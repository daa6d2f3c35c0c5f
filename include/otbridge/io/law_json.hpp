// Laws as JSON; the published schema is docs/schema/law.schema.json.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "otbridge/core/random.hpp"
#include "otbridge/io/cloud.hpp"
#include "otbridge/io/json_fwd.hpp"
#include "otbridge/measure/measure.hpp"

namespace otbridge {

// A law as the user named it, with the cloud it came from where it is one (ids, column names).
struct NamedLaw {
  Measure law;
  std::optional<Cloud> cloud = {};
  std::string label = {};  // short, for titles: "moons@torchcfm", "scan_source.ply", "gaussian"
  // What was read otherwise than it stands there, a line each with its place: weights that were
  // divided by their sum, eigenvalues below 0 that were taken as 0.
  std::vector<std::string> notes = {};
  // The whole of a picture where `cloud` is a draw of its pixels.
  std::shared_ptr<const Cloud> picture = {};
};

// LAW of the command line: a JSON file, a cloud file, a toy name with optional @preset, literal
// JSON. The options are for a cloud file.
NamedLaw read_law(const std::string& argument, const ReadOptions& options = {});
// Of a picture of more colours than `samples` so many of its pixels, by chance, with the colours
// that they have, with a note; the whole is kept in `picture`. Any other law as it is.
NamedLaw drawn_pixels(NamedLaw law, Index samples, const RandomStream& stream);
// A law that is a cloud with its columns in the order of the first one, if both have the same
// names, with a note: columns belong together by these.
NamedLaw in_order_of(const NamedLaw& first, NamedLaw law);
// Relative paths inside are relative to folder.
NamedLaw law_from_json(const JsonPlace& place, const std::string& folder);
// The JSON that law_from_json reads back to the same law (points are written inline). Throws
// InvalidInput naming the type of a law that has no JSON form.
Json law_to_json(const Law& law);
// A law in the form that law_to_json writes, which holds everything itself: no file is read, and
// the memory it takes is bounded by its text. Throws InvalidInput for a bare text and for any other
// form, at any depth.
Measure law_from_own_json(const JsonPlace& place);

// One law of a known problem is made of the other (known/known_problem.hpp): of two that were read
// apart as one object again, so that the problem is recognised. Any others stay as they are.
void share_law(Measure& source, Measure& target);

// One type of law that JSON knows.
struct LawForm {
  std::string type;
  std::string meaning;            // one line
  std::vector<std::string> keys;  // beside "type" and "description"
};
std::vector<LawForm> law_forms();  // in the order they are listed to users

}  // namespace otbridge
