// Options shared by the commands, read and checked before anything is computed.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "otbridge/core/points.hpp"

namespace otbridge::cli {

// How a command runs and where its result goes.
struct RunOptions {
  int threads = 0;
  std::string output = "-";
  bool json = false, quiet = false, verbose = false;
  std::optional<double> time_limit;  // seconds
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
};

void add_run_options(CLI::App& command, RunOptions& options, bool has_output = true);
void add_problem_options(CLI::App& command, ProblemOptions& options, bool one_solver = true);

// Options with checked values: a bad one is a usage error that names option, value and rule.
void add_positive(CLI::App& command, const std::string& name, std::optional<double>& target,
                  const std::string& help, bool zero_allowed = false);
void add_count(CLI::App& command, const std::string& name, std::optional<Index>& target,
               const std::string& help, Index least = 1);
void add_seed(CLI::App& command, std::optional<std::uint64_t>& target);

// "0,0.25,1" as numbers. Throws UsageError naming the option.
std::vector<double> parse_list(const std::string& option, const std::string& text);

}  // namespace otbridge::cli
