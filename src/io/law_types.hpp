// The types of law that JSON knows: one table, walked by reader, writer, `list laws` and the test
// of the schema.
//
// A new type is one row in law_types.cpp, with the functions it names, and its entry in
// docs/schema/law.schema.json.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "otbridge/core/error.hpp"
#include "otbridge/io/json.hpp"
#include "otbridge/io/law_json.hpp"

namespace otbridge {

// Reads laws whose relative paths start at one folder.
class LawReader {
 public:
  explicit LawReader(std::string folder)
      : LawReader(std::move(folder), 0, std::make_shared<int>(0)) {}

  // A file or a toy. where: the place of the word, for messages; empty on the command line.
  NamedLaw named(const std::string& word, const std::string& where) const;
  NamedLaw law(const JsonPlace& place) const;
  std::string path_of(const std::string& file) const;  // relative ones start at the folder

 private:
  LawReader(std::string folder, int depth, std::shared_ptr<int> laws)
      : folder_(std::move(folder)), depth_(depth), laws_(std::move(laws)) {}

  std::string folder_;
  int depth_;                  // law files between this one and the one the user named
  std::shared_ptr<int> laws_;  // read so far, of all files
};

struct LawType {
  LawForm form;
  // The law at place, whose keys are known to be the type's. An empty label stands for the type.
  NamedLaw (*read)(const JsonPlace& place, const LawReader& reader);
  // Adds the keys of the form to json; false if the law is not of this type.
  bool (*write)(Json& json, const Law& law);
};
std::span<const LawType> law_types();
const LawType* find_law_type(std::string_view type);  // null if unknown

std::vector<std::string> law_keys(const LawForm& form);  // all keys that a law of the form may have

Measure measure_of(const Cloud& cloud);  // with its weights where it has any

// Runs the maker of a law and puts the place in front of whatever it refuses.
template <class Maker>
Measure at_place(const JsonPlace& place, Maker&& maker) {
  try {
    return maker();
  } catch (const InvalidInput& refusal) {
    const std::string message = refusal.what();
    // A law inside this one has put its own, nearer place there.
    if (message.starts_with(place.file() + ":")) throw;
    // Laws name their fields by pointer ("/radius = -1: ..."), which continues the place's.
    throw InvalidInput(place.file() + ": " + place.pointer() +
                       (message.starts_with("/") ? "" : " ") + message);
  }
}

}  // namespace otbridge
