// A job: the problem a command was given, resolved from its laws, its problem file and its options.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "options.hpp"
#include "otbridge/io/json_fwd.hpp"
#include "otbridge/io/plan_file.hpp"
#include "otbridge/io/problem_json.hpp"
#include "otbridge/measure/weighted_points.hpp"
#include "otbridge/problem/problem.hpp"
#include "otbridge/solve/solver.hpp"

namespace otbridge::cli {

constexpr Index kDefaultSamples = 2000;  // as of sinkhorn and exact: one cloud for all commands

struct Job {
  NamedLaw source, target;
  TransportProblem problem;
  Index samples;       // points drawn from a law that is not a cloud
  bool samples_given;  // by the user, not by default
  std::uint64_t seed;
  const Solver* solver;  // of the registry
  SettingAssignments settings;
  std::vector<std::string> notes;  // defaults and remarks on the laws, which the user should know

  std::string title() const { return source.label + " to " + target.label; }
};

// Reads the files, checks everything that can be checked without solving.
Job resolve_job(const ProblemOptions& options);

// The settings of a solver for this job: --samples, if the user gave it and the solver draws, then
// the given ones.
SettingAssignments settings_for(const Solver& solver, const Job& job,
                                const SettingAssignments& given);

// Throws MemoryLimit if a solver, with these settings, would keep more of the job's clouds than the
// machine holds.
void check_draws(const Solver& solver, const Job& job, const SettingAssignments& given);

// The cloud of --input, whose notes are printed; its columns in the order of `names`, if it has
// just these. Throws InvalidInput unless it has the dimension of `whose`: "the problem".
Cloud read_input(const std::string& path, const ReadOptions& reading, const RunOptions& run,
                 Index dimension, const std::string& whose, const std::vector<std::string>& names);

// What the law of a side is drawn with: the source where that is forward, else the target.
RandomStream draws_of(Direction side, std::uint64_t seed);

// A law that is a cloud of more points, by a draw of the stream, with a note; any other as it is.
// Of a picture that has more colours than `samples`, or kDefaultSamples, so many pixels with the
// colours that they have; the whole is kept in `picture`.
NamedLaw thinned(NamedLaw law, std::optional<Index> samples, const RandomStream& stream);

// The names of the coordinates of its clouds.
ProblemColumns columns_of(const Job& job);

// Whether a LAW is a file to which the options of reading apply: JSON says itself what it means.
bool is_cloud_file(const std::string& argument, const NamedLaw& law);
// Throws UsageError if there are such options and none of the laws is a cloud file.
void check_reading(const ReadOptions& reading, bool any_cloud);

// What was read of a law, for reports: points, columns, weights_from, ignored; null where it is no
// cloud.
Json reading_json(const NamedLaw& law);

// The points a law stands for: its own cloud, or `samples` draws with the stream of its side.
Cloud points_of(const NamedLaw& law, Direction direction, Index samples, std::uint64_t seed);

}  // namespace otbridge::cli
