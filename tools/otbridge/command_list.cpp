// list solvers | laws: what there is, with settings, ranges and defaults.

#include "commands.hpp"
#include "exit_code.hpp"
#include "job.hpp"
#include "otbridge/measure/product.hpp"
#include "otbridge/measure/toy.hpp"
#include "otbridge/solvers/registry.hpp"

namespace otbridge::cli {
namespace {

struct ListOptions {
  std::string what;
  RunOptions run;
};

std::string padded(const std::string& text, std::size_t width) {
  return text.size() >= width ? text + " " : text + std::string(width - text.size(), ' ');
}

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

constexpr const char* kLawTypes[][2] = {
    {"points", "finite weighted points, from a file or inline"},
    {"gaussian", "mean and one of cov, std, var, scale_tril; any rank"},
    {"mixture", "weights and components, of any laws"},
    {"uniform_box", "low and high"},
    {"uniform_ball", "center and radius"},
    {"sphere", "center, radius and noise"},
    {"product", "independent one-dimensional marginals"},
    {"toy", "a planar law of the literature, NAME@PRESET"},
    {"pushforward", "the image of another law under shift, scale, rotate, matrix"}};

Json laws_json() {
  Json json{{"types", Json::array()}, {"marginals", Json::array()}, {"toys", Json::array()}};
  for (const auto& [name, meaning] : kLawTypes)
    json["types"].push_back({{"name", name}, {"meaning", meaning}});
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
  for (const auto& [name, meaning] : kLawTypes) text += "  " + padded(name, 14) + meaning + "\n";
  text += "marginals of a product:\n";
  for (const auto& family : marginal_families()) {
    text += "  " + padded(family.name, 14);
    for (const auto& p : family.parameters) text += p.name + " ";
    text += "\n";
  }
  text += "toys (a name alone takes its first preset):\n";
  for (const auto& toy : toy_presets()) {
    text += "  " + padded(toy.name + "@" + toy.preset, 30) + toy.definition + "\n";
  }
  return text;
}

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
