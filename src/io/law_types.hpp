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

// Which forms of a law are read: all, or those alone that law_to_json writes.
enum class LawForms { all, written };

// Reads laws whose relative paths start at one folder.
class LawReader {
 public:
  explicit LawReader(std::string folder, LawForms forms = LawForms::all)
      : LawReader(std::move(folder), 0, forms, std::make_shared<Tally>()) {}
  // The options are for a cloud file that the first word names.
  LawReader(std::string folder, const ReadOptions& options) : LawReader(std::move(folder)) {
    options_ = options;
  }

  // A file or a toy. where: the place of the word, for messages; empty on the command line.
  NamedLaw named(const std::string& word, const std::string& where) const;
  NamedLaw law(const JsonPlace& place) const;
  std::string path_of(const std::string& file) const;  // relative ones start at the folder
  LawForms forms() const { return forms_; }

  // For the user, who is told once the whole law is read.
  void note(const std::string& text) const { tally_->notes.push_back(text); }
  // If the weights given at a place do not sum to 1.
  void note_sum(const std::string& where, const Vector& weights) const;
  std::vector<std::string> notes() const;  // of all laws read

 private:
  struct Tally {  // over all files
    int laws = 0;
    std::vector<std::string> notes;
  };
  LawReader(std::string folder, int depth, LawForms forms, std::shared_ptr<Tally> tally)
      : folder_(std::move(folder)), depth_(depth), forms_(forms), tally_(std::move(tally)) {}
  NamedLaw found(const std::string& word) const;

  std::string folder_;
  int depth_;  // law files between this one and the one the user named
  LawForms forms_;
  std::shared_ptr<Tally> tally_;
  ReadOptions options_ = {};
};

struct LawType {
  LawForm form;
  // The law at place, whose keys are known to be the type's. An empty label stands for the type.
  NamedLaw (*read)(const JsonPlace& place, const LawReader& reader);
  // Adds the keys of the form to json; false if the law is not of this type.
  bool (*write)(Json& json, const Law& law);
  std::vector<std::string> never_written = {};  // keys of the form that are read only
};
std::span<const LawType> law_types();
const LawType* find_law_type(std::string_view type);  // null if unknown

// All keys that a law of the form may have, and those that write() gives it.
std::vector<std::string> law_keys(const LawForm& form);
std::vector<std::string> written_keys(const LawType& type);

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
                       (message.starts_with("/") || place.pointer().empty() ? "" : " ") + message);
  }
}

}  // namespace otbridge
