// sample LAW: draws points.

#include "commands.hpp"
#include "exit_code.hpp"
#include "job.hpp"
#include "memory_guard.hpp"
#include "otbridge/io/atomic_file.hpp"
#include "otbridge/io/json.hpp"
#include "otbridge/io/law_json.hpp"
#include "output.hpp"

namespace otbridge::cli {
namespace {

struct SampleOptions {
  std::string law;
  std::optional<Index> samples;
  std::optional<std::uint64_t> seed;
  ReadOptions reading;
  RunOptions run;
};

int run_sample(const SampleOptions& options) {
  check_cloud_ending(options.run.output);
  check_outputs({options.run.output});
  const NamedLaw named = read_law(options.law, options.reading);
  check_reading(options.reading, is_cloud_file(options.law, named));
  check_room(options.run.output, named.law->dimension());
  print_notes(named.notes, options.run.quiet);
  // Refused before the law allocates: sample() would fail in the middle.
  const Index n = options.samples.value_or(2000);
  // An array stands beside its bytes, text takes more.
  const std::string ending = extension_of(options.run.output);
  const Index copies = ending == ".npy" ? 3 : ending == ".npz" ? 4 : 8, d = named.law->dimension();
  check_bytes("--samples " + std::to_string(n) + " in dimension " + std::to_string(d),
              8.0 * static_cast<double>(copies * d) * static_cast<double>(n));
  const std::uint64_t seed = options.seed.value_or(0);
  // The stream that transport gives to its source: the same seed shows what a solver saw.
  Cloud cloud{named.law->sample(n, RandomStream(seed, Purpose::source_draw)), {}, {}, {}};
  // Resampling a file keeps its names; ids belong to its rows and are not drawn.
  if (named.cloud) cloud.columns = named.cloud->columns;
  if (!options.run.json || options.run.output != "-") {
    write_result(cloud, "draws", options.run);
  }
  if (options.run.json) {
    print_json({{"law", named.label},
                {"dimension", named.law->dimension()},
                {"samples", n},
                {"seed", seed},
                {"output", options.run.output == "-" ? Json() : Json(options.run.output)}});
  }
  return kDone;
}

}  // namespace

void add_sample(CLI::App& app, Action& action) {
  const auto [command, options] = declare<SampleOptions>(
      app, action, "sample",
      "Draw points from a law.\n\nExamples:\n  otbridge sample moons@torchcfm -o moons.csv\n"
      "  otbridge sample '{\"type\":\"gaussian\",\"mean\":[0,0],\"std\":1}' --samples 10",
      run_sample);
  add_text(command, "law", "LAW", options.law, "the LAW to draw from", true);
  add_count(command, "--samples", options.samples, "how many points [2000]");
  add_seed(command, options.seed);
  add_reading_options(command, options.reading);
  add_run_options(command, options.run);
}

}  // namespace otbridge::cli
