// The commands, one file each. add_X declares a command and stores its action when it is chosen.
//
// No header of the commands includes CLI11: reading it takes longer than compiling a command. They
// declare their options through the plain functions of options.hpp.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "memory_guard.hpp"
#include "options.hpp"
#include "otbridge/core/parallel.hpp"

namespace otbridge::cli {

// Runs a command that was chosen, given the whole command line as text; returns the exit code.
using Action = std::function<int(const std::string&)>;

void add_sample(CLI::App& app, Action& action);
void add_transport(CLI::App& app, Action& action);
void add_interpolate(CLI::App& app, Action& action);
void add_compare(CLI::App& app, Action& action);
void add_distance(CLI::App& app, Action& action);
void add_table(CLI::App& app, Action& action);
void add_apply(CLI::App& app, Action& action);
void add_describe(CLI::App& app, Action& action);
void add_list(CLI::App& app, Action& action);

// A command being declared, and the options it fills.
template <class Options>
struct Declared {
  CLI::App& command;
  Options& options;
};

// Declares a subcommand whose options live as long as the app; run is called with them.
template <class Options>
Declared<Options> declare(CLI::App& app, Action& action, const std::string& name,
                          const std::string& help, int (*run)(const Options&)) {
  const auto options = std::make_shared<Options>();
  CLI::App& command = add_command(app, name, help, [options, run, &action] {
    action = [options, run](const std::string& command_line) {
      options->run.command_line = command_line;
      // For all the command does, not for its solver alone.
      const ThreadScope threads(options->run.threads);
      check_threads();
      return run(*options);
    };
  });
  return {command, *options};
}

}  // namespace otbridge::cli
