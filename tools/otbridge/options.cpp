#include "options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>

#include "exit_code.hpp"
#include "otbridge/core/names.hpp"
#include "otbridge/core/number_text.hpp"
#include "otbridge/solvers/registry.hpp"
#include "output.hpp"

namespace otbridge::cli {
namespace {

// The whole text as a number, in any locale; "1e3" is a double and no int.
template <class T>
std::optional<T> parse_number(const std::string& text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// One line, as every message: option, what was given, and the rule it breaks.
[[noreturn]] void refuse(const std::string& option, const std::string& text,
                         const std::string& rule) {
  throw UsageError(option + " " + text + ": " + rule);
}

// The arguments as CLI11 takes them, last first: `help COMMAND` and nothing at all ask for help.
std::vector<std::string> arguments_of(int argc, char** argv) {
  std::vector<std::string> words(argv + 1, argv + argc);
  if (words.empty()) words = {"--help"};
  if (words[0] == "help") {
    words.erase(words.begin());
    words.push_back("--help");
  }
  std::ranges::reverse(words);
  return words;
}

// What a misspelt command or option may have meant; throws UsageError where there is one.
void refuse_misspelt(const CLI::App& app, int argc, char** argv) {
  const int at = argc > 1 && std::string(argv[1]) == "help" ? 2 : 1;
  if (argc <= at || argv[at][0] == '-') return;
  std::vector<std::string> commands;
  const CLI::App* command = nullptr;
  for (const CLI::App* known : app.get_subcommands([](const CLI::App*) { return true; })) {
    commands.push_back(known->get_name());
    if (known->get_name() == argv[at]) command = known;
  }
  if (command == nullptr) {
    throw UsageError(std::string(argv[at]) + ": " +
                     unknown_name("is no command", argv[at], commands));
  }
  std::vector<std::string> names;
  for (const CLI::Option* option : command->get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  for (int k = at + 1; k < argc; ++k) {
    const std::string word = std::string(argv[k]).substr(0, std::string(argv[k]).find('='));
    if (!word.starts_with("--") || word == "--" || std::ranges::find(names, word) != names.end())
      continue;
    const std::string near = nearest_word(word, names);
    throw UsageError(word + ": is no option of " + command->get_name() +
                     (near.empty() ? " (otbridge help " + command->get_name() + " lists them)"
                                   : "; did you mean \"" + near + "\"?"));
  }
}

// CLI11 keeps the words of a choice in the name of its type: "WORD:{map,sample}".
OptionEntry entry_of(const CLI::Option& option) {
  OptionEntry entry;
  for (const std::string& name : option.get_snames()) entry.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) entry.names.push_back("--" + name);
  entry.positional = entry.names.empty();
  if (entry.positional) entry.names.push_back(option.get_name());
  if (option.get_items_expected_max() > 0) entry.form = option.get_type_name();
  const std::size_t brace = entry.form.find(":{");
  if (brace != std::string::npos) {
    std::string word;
    for (const char c : entry.form.substr(brace + 2)) {
      if (c != ',' && c != '}') {
        word += c;
        continue;
      }
      entry.words.push_back(word);
      word.clear();
    }
    entry.form.resize(brace);
  }
  entry.help = option.get_description();
  entry.required = option.get_required();
  entry.repeated = option.get_items_expected_max() > 1;
  return entry;
}

}  // namespace

std::vector<CommandEntry> option_table(const std::function<void(CLI::App&)>& add_commands) {
  CLI::App app;
  add_commands(app);
  std::vector<CommandEntry> commands;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    commands.push_back({command->get_name(), command->get_description(), {}});
    for (const CLI::Option* option : command->get_options()) {
      commands.back().options.push_back(entry_of(*option));
    }
  }
  return commands;
}

std::optional<int> parse_command_line(int argc, char** argv, const Program& program,
                                      const std::function<void(CLI::App&)>& add_commands) {
  CLI::App app(program.about, program.name);
  app.set_version_flag("--version", program.name + " " + program.version);
  app.require_subcommand(1);
  add_commands(app);
  // CLI11 would answer `help NAME` for any name.
  if (argc > 2 && std::string(argv[1]) == "help") refuse_misspelt(app, argc, argv);
  try {
    app.parse(arguments_of(argc, argv));
  } catch (const CLI::Success& asked) {  // --help and --version
    const int code = app.exit(asked);
    print_text("");  // flushed, and failed where the device is full
    return code;
    // CLI11 prints several lines and has its own exit codes; ours are one line and docs/cli.md.
  } catch (const CLI::ParseError& error) {
    refuse_misspelt(app, argc, argv);
    throw UsageError(std::string(error.what()) + " (otbridge --help shows examples)");
  }
  return std::nullopt;
}

std::string shell_text(int argc, char** argv) {
  std::string text = "otbridge";
  for (int k = 1; k < argc; ++k) {
    const std::string word = argv[k];
    const bool plain = !word.empty() && std::ranges::all_of(word, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             std::string_view("-_./=,:@%+").find(c) != std::string_view::npos;
    });
    text += " ";
    if (plain) {
      text += word;
      continue;
    }
    // Within single quotes all but the quote itself is plain.
    text += "'";
    for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
    text += "'";
  }
  return text;
}

// The callback runs after all options of the command are read.
CLI::App& add_command(CLI::App& app, const std::string& name, const std::string& help,
                      std::function<void()> chosen) {
  CLI::App* command = app.add_subcommand(name, help);
  command->callback(std::move(chosen));
  return *command;
}

void add_text(CLI::App& command, const std::string& name, const std::string& form,
              std::string& target, const std::string& help, bool required) {
  CLI::Option* option = command.add_option(name, target, help)->required(required)->type_name(form);
  // A variable of a script that is not set would else be an option that is not given.
  option->check(CLI::Validator(
      [name](const std::string& text) { return text.empty() ? "must not be empty" : ""; }, ""));
}

void add_words(CLI::App& command, const std::string& name, const std::string& form,
               std::vector<std::string>& target, const std::string& help) {
  command.add_option(name, target, help)->type_name(form);
}

void add_choice(CLI::App& command, const std::string& name, std::string& target,
                std::initializer_list<std::string> words, const std::string& help, bool required) {
  // A vector keeps the order of the words, which the help shows; a set would sort them.
  command.add_option(name, target, help)
      ->required(required)
      ->type_name("WORD")
      ->check(CLI::IsMember(std::vector<std::string>(words)));
}

void add_repeated(CLI::App& command, const std::string& name, std::vector<std::string>& target,
                  const std::string& form, const std::string& help) {
  // One value to each flag: an argument that follows belongs to the command.
  command.add_option(name, target, help)->allow_extra_args(false)->type_name(form);
}

void exclude(CLI::App& command, const std::string& one, const std::string& other) {
  command.get_option(one)->excludes(command.get_option(other));
}

void needs(CLI::App& command, const std::string& one, const std::string& other) {
  command.get_option(one)->needs(command.get_option(other));
}

void add_flag(CLI::App& command, const std::string& name, bool& target, const std::string& help) {
  command.add_flag(name, target, help);
}

// Read as text first: CLI11 has messages of its own for numbers, and takes "nan".
void add_positive(CLI::App& command, const std::string& name, std::optional<double>& target,
                  const std::string& help, bool zero_allowed) {
  command
      .add_option_function<std::string>(
          name,
          [name, &target, zero_allowed](const std::string& text) {
            const auto value = parse_number<double>(text);
            if (!value || !std::isfinite(*value) || *value < 0.0 ||
                (*value == 0.0 && !zero_allowed)) {
              refuse(name, text,
                     zero_allowed ? "must be a finite number >= 0" : "must be a finite number > 0");
            }
            target = *value;
          },
          help)
      ->type_name("NUMBER");
}

void add_within(CLI::App& command, const std::string& name, std::optional<double>& target,
                const std::string& help, double least, double most) {
  command
      .add_option_function<std::string>(
          name,
          [name, &target, least, most](const std::string& text) {
            const auto value = parse_number<double>(text);
            if (!value || !(*value >= least && *value <= most)) {  // NaN fails too
              refuse(name, text,
                     "must be a number from " + number_text(least) + " to " + number_text(most));
            }
            target = *value;
          },
          help)
      ->type_name("NUMBER");
}

void add_count(CLI::App& command, const std::string& name, std::optional<Index>& target,
               const std::string& help, Index least, Index most) {
  command
      .add_option_function<std::string>(
          name,
          [name, &target, least, most](const std::string& text) {
            // Read as a double so that 1e6 is a count; exact up to 2^53, which is beyond the limit.
            const auto value = parse_number<double>(text);
            if (!value || std::floor(*value) != *value || *value < static_cast<double>(least) ||
                *value > static_cast<double>(most)) {
              refuse(name, text,
                     "must be a whole number from " + std::to_string(least) + " to " +
                         (most == kMostCount ? "1e12" : std::to_string(most)));
            }
            target = static_cast<Index>(*value);
          },
          help)
      ->type_name("COUNT");
}

void add_checkpoint(CLI::App& command, RunOptions& options) {
  add_text(command, "--checkpoint", "FILE", options.checkpoint,
           "keep what dsb and dsbm have learnt here; the same command goes on from there");
  add_positive(command, "--checkpoint-seconds", options.checkpoint_seconds,
               "seconds between checkpoints [30]");
  needs(command, "--checkpoint-seconds", "--checkpoint");
}

// The full range of 64 bits: every seed is a stream of its own.
void add_seed(CLI::App& command, std::optional<std::uint64_t>& target) {
  command
      .add_option_function<std::string>(
          "--seed",
          [&target](const std::string& text) {
            const auto value = parse_number<std::uint64_t>(text);
            if (!value) refuse("--seed", text, "must be a whole number from 0 to 2^64 - 1");
            target = *value;
          },
          "seed of every random draw [0]")
      ->type_name("SEED");
}

void add_mode(CLI::App& command, std::string& target) {
  add_choice(command, "--mode", target, {"map", "sample"},
             "map (conditional mean) or sample [map]");
}

void add_direction(CLI::App& command, std::string& target) {
  add_choice(command, "--direction", target, {"forward", "backward"},
             "forward or backward [forward]");
}

Direction parse_direction(const std::string& word) {
  if (word == "forward") return Direction::forward;
  if (word == "backward") return Direction::backward;
  throw UsageError("--direction " + word + ": must be forward or backward");
}

// Every command takes these, those as well that have no use for them.
void add_run_options(CLI::App& command, RunOptions& options, bool has_output) {
  command
      .add_option_function<std::string>(
          "--threads",
          [&options](const std::string& text) {
            const auto value = parse_number<int>(text);
            // More threads than any machine has are a slip of the finger, and each costs a stack.
            if (!value || *value < 0 || *value > 1024) {
              refuse("--threads", text, "must be a whole number from 0 (all) to 1024");
            }
            options.threads = *value;
          },
          "threads; 0 means all, the result does not depend on it [0]")
      ->type_name("N");
  if (has_output) {
    command
        .add_option_function<std::string>(
            "-o,--output",
            [&options](const std::string& text) {
              if (text.empty()) refuse("-o", "''", "must name a file, or - for standard output");
              options.output = text;
              options.output_given = true;
            },
            "where the result goes; the extension decides the format, - is stdout [-]")
        ->type_name("FILE");
  }
  add_flag(command, "--json", options.json, "one JSON report on stdout");
  add_flag(command, "--quiet", options.quiet, "no progress and no summary on stderr");
  add_flag(command, "--verbose", options.verbose, "one line on stderr per progress record");
}

void add_reading_options(CLI::App& command, ReadOptions& options) {
  command
      .add_option_function<std::string>(
          "--columns",
          [&options](const std::string& text) {
            for (std::size_t begin = 0; begin <= text.size();) {
              const std::size_t comma = std::min(text.find(',', begin), text.size());
              options.columns.push_back(text.substr(begin, comma - begin));
              if (options.columns.back().empty())
                refuse("--columns", text, "must be names separated by commas");
              begin = comma + 1;
            }
          },
          "columns of the cloud files that are coordinates, in order")
      ->type_name("X,Y,Z");
  command.add_option("--weight-column", options.weight_column, "their column of weights")
      ->type_name("W");
  command.add_option("--id-column", options.id_column, "their column of ids")->type_name("I");
  command
      .add_option_function<std::string>(
          "--format",
          [&options](const std::string& text) {
            try {
              options.format = format_named(text);
            } catch (const InvalidInput& refusal) {
              throw UsageError(std::string("--format ") + refusal.what());
            }
          },
          "their format, where no extension says it: csv, npy, npz, ply, pcd or image")
      ->type_name("FORMAT");
  command
      .add_option_function<std::string>(
          "--image",
          [&options](const std::string& text) {
            try {
              options.image = image_law_named(text);
            } catch (const InvalidInput& refusal) {
              throw UsageError(std::string("--image ") + refusal.what());
            }
          },
          "what pictures (.png .jpg) are: the law of their colours, or grey as a density in the "
          "plane [colours]")
      ->type_name("WORD:{colours,density}");
}

namespace {

// One or several, each once, in the order given.
void add_epsilons(CLI::App& command, std::vector<double>& target) {
  command
      .add_option_function<std::string>(
          "--epsilon",
          [&target](const std::string& text) {
            target = parse_list("--epsilon", text);
            for (const double value : target) {
              if (!(value > 0.0) || !std::isfinite(value))
                refuse("--epsilon", text, "must be a finite number > 0, or several");
              if (std::ranges::count(target, value) > 1)
                refuse("--epsilon", text, "names " + number_text(value) + " twice");
            }
          },
          "variance rate of the reference; several make the grid of solvers and epsilons")
      ->type_name("E,...");
}

}  // namespace

void add_problem_options(CLI::App& command, ProblemOptions& options,
                         const ProblemArguments& arguments) {
  add_text(command, "source", arguments.form, options.first, arguments.what, arguments.required);
  add_text(command, "target", "LAW", options.second, "target LAW");
  if (arguments.one_solver) {
    std::string known;
    for (const std::string& name : solver_names()) known += (known.empty() ? "" : " | ") + name;
    add_text(command, "--solver", "NAME", options.solver, known + " [" + kDefaultSolver + "]");
    add_repeated(command, "--set", options.set, "KEY=VALUE",
                 "one setting of the solver: KEY=VALUE (repeatable)");
  }
  if (arguments.epsilons == nullptr) {
    add_positive(command, "--epsilon", options.epsilon, "variance rate of the reference");
  } else {
    add_epsilons(command, *arguments.epsilons);
  }
  add_positive(command, "--epsilon-relative", options.epsilon_relative,
               "epsilon as a multiple of the mean cost E|x-y|^2/2 [0.05]");
  exclude(command, "--epsilon", "--epsilon-relative");
  add_positive(command, "--theta", options.theta, "mean reversion of the reference [0]", true);
  add_count(command, "--samples", options.samples,
            "points drawn from a law, 2000 if not given; a cloud is thinned to so many");
  add_seed(command, options.seed);
  add_reading_options(command, options.reading);
}

// An empty entry ("0,,1") is no number, so it is refused with the rest.
std::vector<double> parse_list(const std::string& option, const std::string& text) {
  std::vector<double> values;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t comma = std::min(text.find(',', begin), text.size());
    const auto value = parse_number<double>(text.substr(begin, comma - begin));
    if (!value) refuse(option, text, "must be numbers separated by commas");
    values.push_back(*value);
    begin = comma + 1;
  }
  return values;
}

}  // namespace otbridge::cli
