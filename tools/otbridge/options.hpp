// Options shared by the commands, read and checked before anything is computed.
//
// The only door to CLI11, which options.cpp alone includes.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "otbridge/core/points.hpp"
#include "otbridge/io/cloud.hpp"

namespace CLI {
class App;
}

namespace otbridge::cli {

// How a command runs and where its result goes.
struct RunOptions {
  int threads = 0;
  std::string output = "-";
  bool output_given = false;
  bool json = false, quiet = false, verbose = false;
  std::optional<double> time_limit;  // seconds
  std::string checkpoint;            // empty: none
  std::string command_line;          // as a shell would take it; for pictures
  std::optional<double> checkpoint_seconds;
};

// The problem and the solver, as given on the command line; empty fields fall back to the problem
// file.
struct ProblemOptions {
  std::string first, second;  // LAW LAW, or PROBLEM and nothing
  std::string solver;
  std::optional<double> epsilon, epsilon_relative, theta;
  std::optional<Index> samples;
  std::optional<std::uint64_t> seed;
  std::vector<std::string> set;
  ReadOptions reading;       // of the cloud files among them
  bool reads_input = false;  // and of a file of --input beside them
  // Whether epsilon enters the answer, where a command names its solvers otherwise; empty: as the
  // solver has it.
  std::optional<bool> regularised = {};
};

constexpr const char* kDefaultSolver = "sinkhorn";  // takes any two laws, and certifies its answer

// What --help and --version say.
struct Program {
  std::string about, name, version;
};

// The commands and options as they are declared, for manual and completions (manual.hpp).
struct OptionEntry {
  std::vector<std::string> names;  // "-o", "--output"; of a positional argument one without dashes
  std::string form;                // of its value; empty: a flag
  std::vector<std::string> words;  // that it may be; empty: any
  std::string help;
  bool positional, required, repeated;
};
struct CommandEntry {
  std::string name, help;
  std::vector<OptionEntry> options;
};
std::vector<CommandEntry> option_table(const std::function<void(CLI::App&)>& add_commands);

// Reads the command line with the commands that add_commands declares. An exit code where --help or
// --version was asked for and is printed; nothing where a command was chosen. Throws UsageError.
std::optional<int> parse_command_line(int argc, char** argv, const Program& program,
                                      const std::function<void(CLI::App&)>& add_commands);

// The command line as a shell would take it, the program by its name alone.
std::string shell_text(int argc, char** argv);

// Every target below must live as long as the app: it is filled when the command line is parsed.

// A subcommand; chosen is called once its options are filled.
CLI::App& add_command(CLI::App& app, const std::string& name, const std::string& help,
                      std::function<void()> chosen);

// Groups of options. has_output: whether the command writes a file of its own (-o).
void add_run_options(CLI::App& command, RunOptions& options, bool has_output = true);
// How a command differs in the options of its problem.
struct ProblemArguments {
  const char* form = "LAW|PROBLEM";                    // of the first argument
  const char* what = "source LAW, or a PROBLEM file";  // it may be
  bool required = true;                                // the first argument
  bool one_solver = true;                   // --solver and --set KEY=VALUE; else named otherwise
  std::vector<double>* epsilons = nullptr;  // takes a list of them by --epsilon, where it is given
};
void add_problem_options(CLI::App& command, ProblemOptions& options,
                         const ProblemArguments& arguments = {});

// --columns, --weight-column, --id-column, --format and --image, of the commands that read clouds;
// all but those of add_problem_options, which has them.
void add_reading_options(CLI::App& command, ReadOptions& options);

// A name without dashes is a positional argument, given by its place. form: what stands for the
// value in usage texts, as FILE or LAW.
void add_text(CLI::App& command, const std::string& name, const std::string& form,
              std::string& target, const std::string& help, bool required = false);
// One of the words; another one is a usage error that lists them.
void add_choice(CLI::App& command, const std::string& name, std::string& target,
                std::initializer_list<std::string> words, const std::string& help,
                bool required = false);
// May be given several times, each with one value of the named form.
// Positional: all words that are left.
void add_words(CLI::App& command, const std::string& name, const std::string& form,
               std::vector<std::string>& target, const std::string& help);
void add_repeated(CLI::App& command, const std::string& name, std::vector<std::string>& target,
                  const std::string& form, const std::string& help);
// Both options are declared already; giving both is a usage error.
void exclude(CLI::App& command, const std::string& one, const std::string& other);
// Likewise declared: giving the first without the other is a usage error.
void needs(CLI::App& command, const std::string& one, const std::string& other);
// False unless given.
void add_flag(CLI::App& command, const std::string& name, bool& target, const std::string& help);

// Options with checked values: a bad one is a usage error that names option, value and rule.
void add_positive(CLI::App& command, const std::string& name, std::optional<double>& target,
                  const std::string& help, bool zero_allowed = false);
// A number from least to most, both included.
void add_within(CLI::App& command, const std::string& name, std::optional<double>& target,
                const std::string& help, double least, double most);
inline constexpr Index kMostCount = 1000000000000;  // no machine holds that many of anything
void add_count(CLI::App& command, const std::string& name, std::optional<Index>& target,
               const std::string& help, Index least = 1, Index most = kMostCount);
// --checkpoint and --checkpoint-seconds, of the commands that solve once.
void add_checkpoint(CLI::App& command, RunOptions& options);
void add_seed(CLI::App& command, std::optional<std::uint64_t>& target);
// --mode and --direction, of the commands that move points.
void add_mode(CLI::App& command, std::string& target);
void add_direction(CLI::App& command, std::string& target);
Direction parse_direction(const std::string& word);

// "0,0.25,1" as numbers. Throws UsageError naming the option.
std::vector<double> parse_list(const std::string& option, const std::string& text);

}  // namespace otbridge::cli
