// The commands, one file each. add_X declares a command and stores its action when it is chosen.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace otbridge::cli {

using Action = std::function<int()>;  // returns the exit code

void add_sample(CLI::App& app, Action& action);
void add_transport(CLI::App& app, Action& action);
void add_interpolate(CLI::App& app, Action& action);
void add_compare(CLI::App& app, Action& action);
void add_apply(CLI::App& app, Action& action);
void add_describe(CLI::App& app, Action& action);
void add_list(CLI::App& app, Action& action);

// Declares a subcommand whose options live as long as the app; run is called with them.
template <class Options>
Options& declare(CLI::App& app, Action& action, const std::string& name, const std::string& help,
                 int (*run)(const Options&), CLI::App*& command) {
  auto options = std::make_shared<Options>();
  command = app.add_subcommand(name, help);
  command->callback([options, run, &action] { action = [options, run] { return run(*options); }; });
  return *options;
}

}  // namespace otbridge::cli
