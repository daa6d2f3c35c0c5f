// list solvers | laws: what there is, with settings, ranges and defaults.

#include "commands.hpp"
#include "exit_code.hpp"
#include "otbridge/io/json.hpp"
#include "otbridge/io/law_json.hpp"
#include "otbridge/measure/product.hpp"
#include "otbridge/measure/toy.hpp"
#include "otbridge/solvers/registry.hpp"
#include "output.hpp"

namespace otbridge::cli {
namespace {

// The one positional: solvers or laws.
struct ListOptions {
  std::string what;
  RunOptions run;
};

// Columns of a fixed width; what is longer pushes the rest of its line to the right.
std::string padded(const std::string& text, std::size_t width) {
  return text.size() >= width ? text + " " : text + std::string(width - text.size(), ' ');
}

// From the registry and the description of each settings struct: nothing is written here twice.
Json solvers_json() {
  Json list = Json::array();
  for (const auto& solver : solvers()) {
    Json settings = Json::array();
    for (const auto& row : solver->settings()) {
      settings.push_back({{"name", row.name},
                          {"kind", row.kind},
                          {"range", row.range},
                          {"default", row.default_value},
                          {"meaning", row.meaning}});
    }
    list.push_back(
        {{"name", solver->name()}, {"summary", solver->summary()}, {"settings", settings}});
  }
  return list;
}

// A line for each solver, and one below it for each of its settings.
std::string solvers_text() {
  std::string text;
  for (const auto& solver : solvers()) {
    text += std::string(solver->name()) + ": " + std::string(solver->summary()) + "\n";
    for (const auto& row : solver->settings()) {
      text += "  " + padded(row.name, 18) + padded(row.default_value, 12) + padded(row.range, 24) +
              row.meaning + "\n";
    }
  }
  return text;
}

// From the tables of io and measure, likewise.
Json laws_json() {
  Json json{{"types", Json::array()}, {"marginals", Json::array()}, {"toys", Json::array()}};
  for (const LawForm& form : law_forms())
    json["types"].push_back({{"name", form.type}, {"meaning", form.meaning}});
  for (const auto& family : marginal_families()) {
    Json parameters = Json::array();
    for (const auto& p : family.parameters)
      parameters.push_back({{"name", p.name}, {"default", p.default_value}});
    json["marginals"].push_back({{"name", family.name}, {"parameters", parameters}});
  }
  for (const auto& toy : toy_presets()) {
    json["toys"].push_back({{"name", toy.name},
                            {"preset", toy.preset},
                            {"definition", toy.definition},
                            {"source", toy.source}});
  }
  return json;
}

std::string laws_text() {
  std::string text = "types:\n";
  for (const LawForm& form : law_forms()) {
    text += "  " + padded(form.type, 14) + form.meaning + "\n";
  }
  text += "marginals of a product:\n";
  for (const auto& family : marginal_families()) {
    text += "  " + padded(family.name, 14);
    for (const auto& p : family.parameters) text += p.name + " ";
    text += "\n";
  }
  text += "toys (a name alone takes its first preset):\n";
  // NAME@PRESET, which is the definition; where it comes from is in --json.
  for (const auto& toy : toy_presets()) {
    text += "  " + padded(toy.name + "@" + toy.preset, 30) + toy.definition + "\n";
  }
  return text;
}

// No draws, no threads: the shared options that a list does not need are taken and not used.
int run_list(const ListOptions& options) {
  const bool of_solvers = options.what == "solvers";
  if (options.run.json) {
    print_json(of_solvers ? solvers_json() : laws_json());
  } else {
    print_text(of_solvers ? solvers_text() : laws_text());
  }
  return kDone;
}

}  // namespace

void add_list(CLI::App& app, Action& action) {
  const auto [command, options] =
      declare<ListOptions>(app, action, "list",
                           "What there is: solvers with their settings, or laws.\n\nExamples:\n"
                           "  otbridge list solvers\n  otbridge list laws --json",
                           run_list);
  add_choice(command, "what", options.what, {"solvers", "laws"}, "solvers or laws", true);
  add_run_options(command, options.run, false);
}

}  // namespace otbridge::cli
