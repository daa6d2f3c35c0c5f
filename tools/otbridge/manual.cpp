#include "manual.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include "exit_code.hpp"
#include "otbridge/solvers/registry.hpp"

namespace otbridge::cli {
namespace {

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size()) {
    text.replace(at, what.size(), by);
  }
  return text;
}

std::string joined(const std::vector<std::string>& words, const std::string& between) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

std::vector<std::string> command_names(const std::vector<CommandEntry>& commands) {
  std::vector<std::string> names;
  for (const CommandEntry& command : commands) names.push_back(command.name);
  return names;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

// What may stand for the value: its words; of --solver the solvers.
std::vector<std::string> values_of(const OptionEntry& option) {
  const bool solver = std::ranges::find(option.names, "--solver") != option.names.end();
  return solver ? solver_names() : option.words;
}

// Of everything that may be a file, FILE, LAW, PLAN and PROBLEM.
bool takes_file(const OptionEntry& option) {
  return std::ranges::any_of(
      std::initializer_list<const char*>{"FILE", "LAW", "PLAN", "PROBLEM"},
      [&](const char* form) { return option.form.find(form) != std::string::npos; });
}

// Plain text in roff: a backslash and a dash are commands, and so is a dot or a quote that begins a
// line.
std::string roff(const std::string& text) {
  std::string line = replaced(replaced(text, "\\", "\\e"), "-", "\\-");
  if (!line.empty() && (line[0] == '.' || line[0] == '\'')) line = "\\&" + line;
  return line;
}

// The paragraphs of a text as they are broken into lines.
std::string roff_lines(const std::string& text) {
  std::string all = ".nf\n";
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    all += roff(text.substr(begin, end - begin)) + "\n";
    begin = end + 1;
  }
  return all + ".fi\n";
}

std::string roff_option(const OptionEntry& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.names) names.push_back("\\fB" + roff(name) + "\\fR");
  std::string text = ".TP\n" + joined(names, ", ");
  if (!option.words.empty()) {
    text += " " + roff(joined(option.words, "|"));
  } else if (!option.form.empty() && !(option.positional && option.form == option.names[0])) {
    text += " \\fI" + roff(option.form) + "\\fR";
  }
  return text + "\n" + roff(option.help) + "\n";
}

std::string man(const Program& program, const std::vector<CommandEntry>& commands) {
  std::string text = ".TH OTBRIDGE 1 \"\" \"otbridge " + program.version + "\" \"User Commands\"\n";
  text += ".SH NAME\notbridge \\- optimal transport and Schroedinger bridges of point clouds\n";
  text +=
      ".SH SYNOPSIS\n.B otbridge\n\\fICOMMAND\\fR [\\fIARGUMENT\\fR ...] [\\fIOPTION\\fR ...]\n";
  text += ".SH DESCRIPTION\n" + roff_lines(program.about);
  for (const CommandEntry& command : commands) {
    text += ".SH OTBRIDGE " + roff(command.name) + "\n" + roff_lines(command.help);
    for (const OptionEntry& option : command.options) text += roff_option(option);
  }
  return text;
}

// A word in single quotes of a shell.
std::string in_quotes(const std::string& text) { return "'" + replaced(text, "'", "'\\''") + "'"; }

std::string bash(const std::vector<CommandEntry>& commands) {
  std::string text =
      "# bash completion of otbridge\n"
      "_otbridge() {\n"
      "  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
      "  COMPREPLY=()\n"
      "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
      "    COMPREPLY=($(compgen -W " +
      in_quotes(joined(command_names(commands), " ") + " --help --version") +
      " -- \"$current\"))\n"
      "    return\n"
      "  fi\n"
      "  case \"${COMP_WORDS[1]} $before\" in\n";
  for (const CommandEntry& command : commands) {
    for (const OptionEntry& option : command.options) {
      if (option.positional || option.form.empty()) continue;
      std::vector<std::string> patterns;
      for (const std::string& name : option.names) {
        patterns.push_back("'" + command.name + " " + name + "'");
      }
      const std::string kind = !values_of(option).empty()
                                   ? "-W " + in_quotes(joined(values_of(option), " "))
                               : takes_file(option) ? "-f"
                                                    : "-W ''";
      text += "    " + joined(patterns, "|") + ")\n      COMPREPLY=($(compgen " + kind +
              " -- \"$current\"))\n      return ;;\n";
    }
  }
  text += "  esac\n  local options=\n  case \"${COMP_WORDS[1]}\" in\n";
  for (const CommandEntry& command : commands) {
    std::vector<std::string> names;
    for (const OptionEntry& option : command.options) {
      if (!option.positional) names.insert(names.end(), option.names.begin(), option.names.end());
    }
    text += "    " + command.name + ") options=" + in_quotes(joined(names, " ")) + " ;;\n";
  }
  return text +
         "  esac\n"
         "  case \"$current\" in\n"
         "    -*) COMPREPLY=($(compgen -W \"$options\" -- \"$current\")) ;;\n"
         "    *) COMPREPLY=($(compgen -f -- \"$current\")) ;;\n"
         "  esac\n"
         "}\n"
         "complete -o filenames -F _otbridge otbridge\n";
}

// In the brackets of _arguments colons and brackets have a meaning.
std::string zsh_text(const std::string& text) {
  return replaced(replaced(replaced(first_line(text), "[", "\\["), "]", "\\]"), ":", "\\:");
}

std::string zsh(const std::vector<CommandEntry>& commands) {
  std::string text = "#compdef otbridge\n_otbridge() {\n  local -a commands\n  commands=(\n";
  for (const CommandEntry& command : commands) {
    text += "    " + in_quotes(command.name + ":" + zsh_text(command.help)) + "\n";
  }
  text +=
      "  )\n"
      "  if (( CURRENT == 2 )); then\n"
      "    _describe command commands\n"
      "    return\n"
      "  fi\n"
      "  local command=$words[2]\n"
      "  shift words\n"
      "  (( CURRENT-- ))\n"
      "  case $command in\n";
  for (const CommandEntry& command : commands) {
    text += "    " + command.name + ")\n      _arguments";
    for (const OptionEntry& option : command.options) {
      const auto values = values_of(option);
      const std::string what = !values.empty()      ? "(" + joined(values, " ") + ")"
                               : takes_file(option) ? "_files"
                                                    : " ";
      if (option.positional) {
        const std::string place = option.repeated ? "*:" : option.required ? ":" : "::";
        text += " \\\n        " + in_quotes(place + zsh_text(option.names[0]) + ":" + what);
        continue;
      }
      for (const std::string& name : option.names) {
        const std::string value =
            option.form.empty() ? "" : ":" + zsh_text(option.form) + ":" + what;
        text += " \\\n        " + in_quotes("*" + name + "[" + zsh_text(option.help) + "]" + value);
      }
    }
    text += " ;;\n";
  }
  return text + "  esac\n}\n_otbridge \"$@\"\n";
}

std::string fish(const std::vector<CommandEntry>& commands) {
  std::string text = "# fish completion of otbridge\n";
  for (const CommandEntry& command : commands) {
    text += "complete -c otbridge -n __fish_use_subcommand -f -a " + command.name + " -d " +
            in_quotes(first_line(command.help)) + "\n";
    for (const OptionEntry& option : command.options) {
      if (option.positional) continue;
      text += "complete -c otbridge -n '__fish_seen_subcommand_from " + command.name + "'";
      for (const std::string& name : option.names) {
        text += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      }
      const auto values = values_of(option);
      if (!option.form.empty()) {
        text += takes_file(option) && values.empty() ? " -r -F" : " -x";
      }
      if (!values.empty()) text += " -a " + in_quotes(joined(values, " "));
      text += " -d " + in_quotes(first_line(option.help)) + "\n";
    }
  }
  return text;
}

std::optional<std::string> script_of(const std::string& shell,
                                     const std::vector<CommandEntry>& commands) {
  if (shell == "bash") return bash(commands);
  if (shell == "zsh") return zsh(commands);
  if (shell == "fish") return fish(commands);
  return std::nullopt;
}

}  // namespace

std::string completion(const std::string& shell, const std::vector<CommandEntry>& commands) {
  if (const auto script = script_of(shell, commands)) return *script;
  throw UsageError("completion" + (shell.empty() ? "" : " " + shell) +
                   ": must be bash, zsh or fish");
}

std::string generated(const std::string& kind, const Program& program,
                      const std::vector<CommandEntry>& commands) {
  if (kind == "man") return man(program, commands);
  if (const auto script = script_of(kind, commands)) return *script;
  throw UsageError("generate " + kind + ": must be man, bash, zsh or fish");
}

}  // namespace otbridge::cli
