// distance A B [C ...]: how far laws are apart, by every distance there is.

#include <chrono>

#include "commands.hpp"
#include "distance_report.hpp"
#include "exit_code.hpp"
#include "job.hpp"
#include "memory_guard.hpp"
#include "otbridge/io/json.hpp"
#include "otbridge/metrics/distances.hpp"
#include "otbridge/solve/solver.hpp"
#include "output.hpp"
#include "progress.hpp"

namespace otbridge::cli {
namespace {

struct DistanceCommand {
  std::vector<std::string> laws;
  std::optional<double> epsilon, epsilon_relative;
  std::optional<Index> samples;
  std::optional<std::uint64_t> seed;
  bool exact = false;
  ReadOptions reading;
  RunOptions run;
};

// What the k-th law draws with: the first two as source and target of `transport`, the others apart
// from them, which may fork theirs.
RandomStream stream_of(std::size_t k, std::uint64_t seed) {
  if (k > 1) return RandomStream(seed, Purpose::user).fork(k);
  return draws_of(k == 0 ? Direction::forward : Direction::backward, seed);
}

WeightedPoints points_at(const NamedLaw& law, std::size_t k, Index samples, std::uint64_t seed) {
  if (law.cloud) return *law.law.as<WeightedPoints>();
  return discretize(law.law, samples, stream_of(k, seed));
}

// The mean over all pairs of laws of E|x - y|^2 / 2, the unit of --epsilon-relative.
double mean_unit(const std::vector<NamedLaw>& laws, std::uint64_t seed) {
  double sum = 0.0;
  int pairs = 0;
  for (std::size_t i = 0; i < laws.size(); ++i) {
    for (std::size_t j = i + 1; j < laws.size(); ++j, ++pairs)
      sum += relative_unit(laws[i].law, laws[j].law, seed);
  }
  return sum / pairs;
}

std::vector<NamedLaw> read_laws(const DistanceCommand& options) {
  if (options.laws.size() < 2) throw UsageError("distance: needs two laws at least");
  std::vector<NamedLaw> laws;
  bool clouds = false;
  for (const std::string& word : options.laws) {
    NamedLaw next = thinned(read_law(word, options.reading), options.samples,
                            stream_of(laws.size(), options.seed.value_or(0)));
    // In the order of the first one with the same names.
    const auto named = std::ranges::find_if(laws, [&](const NamedLaw& law) {
      return law.cloud && next.cloud && !places_of(law.cloud->columns, next.cloud->columns).empty();
    });
    laws.push_back(named == laws.end() ? std::move(next) : in_order_of(*named, std::move(next)));
    const NamedLaw& law = laws.back();
    clouds = clouds || is_cloud_file(word, law);
    print_notes(law.notes, options.run.quiet);
    if (law.law->dimension() != laws.front().law->dimension()) {
      throw InvalidInput(law.label, "has dimension " + std::to_string(law.law->dimension()) +
                                        ", but " + laws.front().label + " has " +
                                        std::to_string(laws.front().law->dimension()));
    }
  }
  check_reading(options.reading, clouds);
  return laws;
}

int run_distance(const DistanceCommand& options) {
  const std::uint64_t seed = options.seed.value_or(0);
  const Index samples = options.samples.value_or(2000);
  const std::vector<NamedLaw> laws = read_laws(options);
  check_samples(samples, laws.front().law->dimension());
  std::vector<WeightedPoints> clouds;
  for (std::size_t k = 0; k < laws.size(); ++k)
    clouds.push_back(points_at(laws[k], k, samples, seed));

  DistanceReport report;
  for (const NamedLaw& law : laws) report.labels.push_back(law.label);
  const double unit = mean_unit(laws, seed);
  report.mean_cost = unit;
  // Of laws that coincide in one point every epsilon gives 0.
  report.epsilon = options.epsilon ? *options.epsilon
                   : unit > 0.0 ? options.epsilon_relative.value_or(kDefaultEpsilonRelative) * unit
                                : 1.0;
  for (const WeightedPoints& cloud : clouds) report.sizes.push_back(cloud.size());

  ProgressLine progress(options.run.quiet, options.run.verbose);
  const auto begin = std::chrono::steady_clock::now();
  const auto seconds = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  };
  // What two draws of one law of these sizes are apart: of the second, or the first if that is one.
  const NamedLaw* drawn = laws.size() > 2 || (laws[0].cloud && laws[1].cloud) ? nullptr
                          : laws[1].cloud                                     ? &laws[0]
                                                                              : &laws[1];
  const std::size_t pairs = laws.size() * (laws.size() - 1) / 2;
  const double all = static_cast<double>(laws.size() + 5 * (pairs + (drawn != nullptr ? 1 : 0)));
  double done = 0.0;
  std::string what;
  DistanceOptions how{.epsilon = report.epsilon, .exact = options.exact};
  how.begins = [&](const char* distance) {
    Progress state;
    state.phase = what + ": " + distance;
    state.seconds = seconds();
    state.fraction = done / all;
    progress.show(state);
    ++done;
  };
  const RandomStream stream(seed, Purpose::metrics);
  std::vector<EntropicCost> own;
  for (std::size_t k = 0; k < laws.size(); ++k) {
    what = laws[k].label + " to itself";
    how.begins("Sinkhorn divergence");
    own.push_back(entropic_cost(clouds[k], clouds[k], report.epsilon));
  }
  bool converged = true;
  for (std::size_t i = 0; i < laws.size(); ++i) {
    for (std::size_t j = i + 1; j < laws.size(); ++j) {
      what = laws[i].label + " to " + laws[j].label;
      report.pairs.push_back(
          {i, j, all_distances(clouds[i], clouds[j], how, stream, &own[i], &own[j])});
      converged = converged && report.pairs.back().distances.converged;
    }
  }
  if (drawn != nullptr) {
    what = "floor of " + drawn->label;
    const RandomStream draws(seed, Purpose::fresh_target_draw);
    report.floor_of = drawn->label;
    report.floor =
        all_distances(discretize(drawn->law, clouds[0].size(), draws.fork(0)),
                      discretize(drawn->law, clouds[1].size(), draws.fork(1)), how, stream);
  }
  progress.clear();
  if (!converged) {
    print_notes({"Sinkhorn divergence: its iterations ended before the tolerance; it is known to "
                 "within its error"},
                options.run.quiet);
  }
  report.seconds = seconds();
  if (options.run.json)
    print_json(distance_json(report));
  else
    print_text(distance_text(report));
  return converged ? kDone : kNotConverged;
}

}  // namespace

void add_distance(CLI::App& app, Action& action) {
  const auto [command, options] = declare<DistanceCommand>(
      app, action, "distance",
      "How far laws are apart: W2, W1, sliced W2, energy distance, Sinkhorn divergence.\n\n"
      "Examples:\n"
      "  otbridge distance a.csv b.csv\n"
      "  otbridge distance moons 8gaussians --samples 5000 --json\n"
      "  otbridge distance monday.ply tuesday.ply wednesday.ply\n\n"
      "W2 and W1 are exact, or two bounds where the clouds are too large for that within seconds.",
      run_distance);
  add_words(command, "laws", "LAW", options.laws, "two LAWs or more; of more: a matrix");
  add_positive(command, "--epsilon", options.epsilon, "of the Sinkhorn divergence");
  add_positive(command, "--epsilon-relative", options.epsilon_relative,
               "epsilon as a multiple of the mean cost E|x-y|^2/2 [0.05]");
  exclude(command, "--epsilon", "--epsilon-relative");
  add_count(command, "--samples", options.samples,
            "points drawn from a law, 2000 if not given; a cloud is thinned to so many");
  add_seed(command, options.seed);
  add_flag(command, "--exact", options.exact, "W2 and W1 exactly, however long it takes");
  add_reading_options(command, options.reading);
  add_run_options(command, options.run, false);
}

}  // namespace otbridge::cli
