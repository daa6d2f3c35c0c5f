// otbridge: the command line of the library.

#include <string_view>

#include "commands.hpp"
#include "exit_code.hpp"
#include "interrupt.hpp"
#include "manual.hpp"
#include "otbridge/core/version.hpp"
#include "output.hpp"
#include "ranks.hpp"
#include "waiting.hpp"

namespace {

constexpr const char* kExamples =
    R"(otbridge moves point clouds between distributions by optimal transport and Schroedinger bridges.

Examples:
  otbridge sample moons@torchcfm --samples 500 -o moons.csv
  otbridge transport moons@torchcfm 8gaussians@torchcfm -o moved.csv --plot moved.svg
  otbridge transport data/problems/moons_to_8gaussians.json --plan plan.safetensors --json
  otbridge interpolate a.ply b.ply --frames 5 --plot frames.svg -o frames.npy
  otbridge compare moons 8gaussians --solvers sinkhorn,dsb --epsilon 0.5
  otbridge distance a.csv b.csv
  otbridge apply plan.safetensors --input new.csv -o moved.csv
  source <(otbridge completion bash)

A LAW is a distribution JSON file, a cloud (.csv .npy .ply ...), a picture (.png .jpg), a toy name with
an optional preset (moons, 8gaussians@torchcfm), or literal JSON. Exit codes: 0 done, 2 usage, 3 bad input, 4 tolerance
not reached, 5 input/output, 6 memory, 130/143 interrupted.)";

}  // namespace

int main(int argc, char** argv) {
  using namespace otbridge::cli;
  sleep_while_waiting(argv);
  // Before anything that could be interrupted, or fail.
  watch_interrupts();
  report_terminations();
  return on_ranks(argc, argv, [&]() -> int {
    // Parsing only chooses: the command runs after CLI11 is done, so that no error of a command is
    // taken for one of the command line.
    Action action;
    const auto add_commands = [&](CLI::App& app) {
      add_sample(app, action);
      add_transport(app, action);
      add_interpolate(app, action);
      add_compare(app, action);
      add_distance(app, action);
      add_table(app, action);
      add_apply(app, action);
      add_describe(app, action);
      add_list(app, action);
    };
    const Program program{kExamples, "otbridge", otbridge::kVersion};
    const std::string_view first = argc > 1 ? argv[1] : "";
    if (first == "completion" || (first == "generate" && argc == 3)) {
      const std::string kind = argc == 3 ? argv[2] : "";
      const auto table = option_table(add_commands);
      print_text(first == "generate" ? generated(kind, program, table) : completion(kind, table));
      return kDone;
    }
    const std::optional<int> answered = parse_command_line(argc, argv, program, add_commands);
    if (answered) return *answered;
    return action(shell_text(argc, argv));
  });
}
