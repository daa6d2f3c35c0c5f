#include "otbridge/io/checkpoint_file.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>

#include "folder.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/io/atomic_file.hpp"
#include "otbridge/io/plan_file.hpp"
#include "otbridge/measure/gaussian.hpp"
#include "otbridge/measure/weighted_points.hpp"
#include "otbridge/solvers/gaussian.hpp"
#include "otbridge/solvers/registry.hpp"

using namespace otbridge;
using namespace otbridge::testing;

namespace {

SolverState some_state(double number) {
  SolverState state;
  state.parts.solver = "dsb";
  state.parts.numbers["number"] = number;
  state.parts.arrays["odd"] = Points(1, 4);
  state.parts.arrays["odd"] << -0.0, std::numeric_limits<double>::quiet_NaN(),
      -std::numeric_limits<double>::infinity(), 5e-324;
  state.parts.arrays["none"] = Points(0, 4);
  state.texts["text"] = "\"quoted\", \xc3\xa9";
  state.notes = {"one", ""};
  return state;
}

bool same(const SolverState& a, const SolverState& b) {
  bool same = a.parts.solver == b.parts.solver && a.parts.numbers == b.parts.numbers &&
              a.texts == b.texts && a.notes == b.notes &&
              a.parts.arrays.size() == b.parts.arrays.size();
  for (const auto& [name, array] : a.parts.arrays) {
    const Points& other = b.parts.arrays.at(name);
    same = same && array.rows() == other.rows() && array.cols() == other.cols() &&
           (array.size() == 0 ||
            std::memcmp(array.data(), other.data(), to_size(array.size()) * sizeof(double)) == 0);
  }
  return same;
}

TransportProblem problem(double shift, double epsilon = 0.5) {
  Points points(2, 1);
  points << 0.0, shift;
  return {WeightedPoints(points), Gaussian::isotropic(Vector::Zero(1), 1.0),
          ReferenceProcess(epsilon)};
}

RunConfiguration configuration() {
  return run_configuration(find_solver("dsb"), {}, problem(1.0), 7);
}

std::string refusal(const std::string& path, const RunConfiguration& wanted) {
  try {
    const CheckpointFile file(path, wanted, 30.0);
  } catch (const InvalidInput& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a state comes back from its file to the bit, and so does the one before it") {
  const Folder folder;
  const std::string path = folder / "run.safetensors";
  CheckpointFile file(path, configuration(), 1e9);
  CHECK_FALSE(file.load());
  CHECK_FALSE(file.kept());
  CHECK_FALSE(file.due());
  file.save(some_state(1.0));
  CHECK(folder.files() == 1);
  file.save(some_state(2.0));
  file.save(some_state(0.1));
  CHECK(folder.files() == 2);

  CheckpointFile again(path, configuration(), 1e-9);
  REQUIRE(again.load());
  CHECK(same(*again.load(), some_state(0.1)));
  CHECK(again.notes().size() == 1);
  CHECK(again.due());
  CHECK(same(parse_checkpoint(read_file(path + ".previous"), "x").state, some_state(2.0)));
  again.remove();
  CHECK(folder.files() == 0);
}

TEST_CASE("behind a symbolic link both files are where it leads, and it stays") {
  const Folder folder, elsewhere;
  const std::string link = folder / "run.safetensors", path = elsewhere / "kept.safetensors";
  std::filesystem::create_symlink(path, link);
  {
    CheckpointFile file(link, configuration(), 1e9);
    file.save(some_state(1.0));
    file.save(some_state(2.0));
  }
  CHECK(folder.files() == 1);
  CHECK(std::filesystem::is_symlink(link));
  write_file(path, "damaged");
  CheckpointFile again(link, configuration(), 1e9);
  REQUIRE(again.load());
  CHECK(same(*again.load(), some_state(1.0)));
  again.remove();
  CHECK(elsewhere.files() == 0);
  CHECK(std::filesystem::is_symlink(link));
}

TEST_CASE("a damaged or missing file gives way to the one before it, which then stays") {
  const Folder folder;
  const std::string path = folder / "run.safetensors";
  {
    CheckpointFile file(path, configuration(), 1e9);
    file.save(some_state(1.0));
    file.save(some_state(2.0));
  }
  const std::string whole = read_file(path), before = read_file(path + ".previous");
  std::vector<std::string> damaged{"", "x", whole.substr(0, whole.size() / 2), whole + " "};
  for (std::size_t at = 0; at < whole.size(); at += 61) {
    damaged.push_back(whole);
    damaged.back()[at] = static_cast<char>(damaged.back()[at] ^ 1);
  }
  for (const std::string& bytes : damaged) {
    write_file(path, bytes);
    write_file(path + ".previous", before);
    CheckpointFile file(path, configuration(), 1e9);
    REQUIRE(file.load());
    CHECK(same(*file.load(), some_state(1.0)));
    REQUIRE(file.notes().size() == 1);
    CHECK(file.notes()[0].starts_with(path + ":"));
    CHECK(file.notes()[0].ends_with("; going on from " + path + ".previous"));
    // What is damaged does not take the place of what is whole.
    file.save(some_state(3.0));
    CHECK(read_file(path + ".previous") == before);
    // Neither is whole: refused, and left as they are.
    write_file(path, bytes);
    write_file(path + ".previous", bytes);
    CHECK(refusal(path, configuration()).starts_with(path + ".previous:"));
    std::filesystem::remove(path + ".previous");
    CHECK(refusal(path, configuration()).starts_with(path + ":"));
    CHECK(read_file(path) == bytes);
  }
  std::filesystem::remove(path);
  write_file(path + ".previous", before);
  CheckpointFile file(path, configuration(), 1e9);
  CHECK(same(file.load().value(), some_state(1.0)));
  CHECK(file.notes().at(0) == path + ": is missing; going on from " + path + ".previous");
}

TEST_CASE("a file of another run is refused by what differs, and is left alone") {
  const Folder folder;
  const std::string path = folder / "run.safetensors";
  CheckpointFile(path, configuration(), 1e9).save(some_state(1.0));
  const std::string bytes = read_file(path);
  const Solver& dsb = find_solver("dsb");
  CHECK(refusal(path, configuration()).empty());
  CHECK(refusal(path, run_configuration(dsb, {}, problem(1.0), 8)) ==
        path +
            ": is the checkpoint of another run, which differs in seed (7, now 8); give the same "
            "command, name another file, or remove it");
  CHECK(refusal(path, run_configuration(dsb, {{"steps", 7LL}}, problem(1.0, 0.25), 7))
            .find("differs in epsilon (0.5, now 0.25); settings.steps (") != std::string::npos);
  CHECK(refusal(path,
                run_configuration(dsb, {{"hidden", std::vector<long long>{3, 4}}}, problem(1.0), 7))
            .find(", now [3, 4])") != std::string::npos);
  // One coordinate by one bit.
  CHECK(refusal(path, run_configuration(dsb, {}, problem(std::nextafter(1.0, 2.0)), 7))
            .find("differs in source (2 points in dimension 1, hash ") != std::string::npos);
  CHECK(refusal(path, run_configuration(find_solver("dsbm"), {}, problem(1.0), 7))
            .find("solver (dsb, now dsbm)") != std::string::npos);
  // Another run's file is whole: the one before it is not asked.
  write_file(path + ".previous", "x");
  CHECK_FALSE(refusal(path, run_configuration(dsb, {}, problem(1.0), 8)).empty());
  CHECK(read_file(path) == bytes);

  const std::string plan = folder / "plan.safetensors";
  const Gaussian law = Gaussian::isotropic(Vector::Zero(1), 1.0);
  write_plan(solve_gaussian({law, law, ReferenceProcess(0.5)}), plan);
  CHECK(refusal(plan, configuration()) ==
        plan + ": is no checkpoint: it lacks the metadata \"otbridge_checkpoint\"");
}

TEST_CASE("settings given as their defaults are the same run") {
  const Solver& dsb = find_solver("dsb");
  SettingAssignments defaults;
  for (const SettingRow& row : dsb.settings()) {
    if (row.kind == "integer") defaults.emplace_back(row.name, std::stoll(row.default_value));
    if (row.kind == "number") defaults.emplace_back(row.name, std::stod(row.default_value));
    if (row.kind == "text") defaults.emplace_back(row.name, row.default_value);
  }
  CHECK(run_configuration(dsb, defaults, problem(1.0), 7) == configuration());
}

TEST_CASE("one number is one setting, however it is written") {
  const Solver& dsb = find_solver("dsb");
  const auto with = [&](const std::string& key, const SettingValue& value) {
    return run_configuration(dsb, {{key, value}}, problem(1.0), 7);
  };
  CHECK(with("training_steps", 1e5) == with("training_steps", 100000LL));
  CHECK(with("clip", 2.0) == with("clip", 2LL));
  CHECK(with("clip", 2.5) != with("clip", 2LL));
  CHECK(with("clip", 1e300).at("settings.clip") == "1e+300");
}
