// Reads the tree against the rules of the house, after checking on made-up files that the reader
// sees what it must.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "layout_rules.hpp"

using namespace otbridge::layout;
namespace fs = std::filesystem;

namespace {

const fs::path kRoot = OTBRIDGE_SOURCE_DIR;

std::string text_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

// Regular files below the given folders, relative to the root, in order.
std::vector<std::string> files_below(std::initializer_list<const char*> folders) {
  std::vector<std::string> files;
  for (const char* folder : folders) {
    for (const auto& entry : fs::recursive_directory_iterator(kRoot / folder)) {
      if (entry.is_regular_file()) files.push_back(fs::relative(entry.path(), kRoot).string());
    }
  }
  std::ranges::sort(files);
  return files;
}

bool is_source(const std::string& file) {
  return file.ends_with(".hpp") || file.ends_with(".cpp") || file.ends_with(".inl");
}

const FloorPlan& floor_plan() {
  static const FloorPlan plan = read_floor_plan(text_of(kRoot / "docs/hacking.md"));
  return plan;
}

// The rules that a one-line file breaks.
std::size_t broken_by(const char* path, const std::string& line) {
  const std::string head = std::string_view(path).ends_with(".hpp") ? "// x\n#pragma once\n" : "";
  return check_source(floor_plan(), path, head + line + "\n").size();
}

}  // namespace

TEST_CASE("the reader: the floor plan is the table of rooms") {
  const FloorPlan plan = read_floor_plan(
      "| a | b | may include |\n|---|---|---|\n| `hall` | x | nothing |\n"
      "| `attic` (private) | `y` | `hall`, `roof` |\n\n| `not` | a | `room` |\n");
  CHECK(plan.may_include.size() == 2);
  CHECK(plan.may_include.at("hall").empty());
  CHECK(plan.may_include.at("attic") == Names{"hall", "roof"});
  CHECK(plan.private_rooms == Names{"attic"});
  CHECK_THROWS(read_floor_plan("| a | b | may include |\n| `hall` | x | anything it likes |\n"));
  CHECK_THROWS(read_floor_plan("| a | b | may include |\n| `hall` | x | `core` and more |\n"));
  CHECK(floor_plan().may_include.size() > 10);
  CHECK(floor_plan().private_rooms.contains("kernels"));
}

TEST_CASE("the reader: rooms include only what lies to their left") {
  CHECK(broken_by("src/solvers/a/plan.cpp", "#include \"otbridge/core/points.hpp\"") == 0);
  CHECK(broken_by("src/solvers/a/plan.cpp", "#include \"neural/mlp.hpp\"") == 0);
  CHECK(broken_by("src/core/a.cpp", "#include \"otbridge/measure/gaussian.hpp\"") == 1);
  CHECK(broken_by("src/measure/a.cpp", "#include \"otbridge/core/points.hpp\"  // us") == 0);
  CHECK(broken_by("src/measure/a.cpp", "  #  include \"otbridge/plan/faces.hpp\"") == 1);
  CHECK(broken_by("src/plan/a.cpp", "#include \"otbridge/solve/solver.hpp\"") == 1);
  CHECK(broken_by("src/sde/a.cpp", "#include \"plan/check_batch.hpp\"") == 1);
  CHECK(broken_by("src/solvers/a/solve.cpp", "#include \"otbridge/io/json.hpp\"") == 1);
  CHECK(broken_by("src/solvers/a/solve.cpp", "#include \"otbridge/metrics/two_sample.hpp\"") == 1);
  CHECK(broken_by("src/plot/a.cpp", "#include \"otbridge/solvers/registry.hpp\"") == 1);
  CHECK(broken_by("include/otbridge/solve/a.hpp", "#include \"sweep/pair_sweep.hpp\"") == 2);
  CHECK(broken_by("src/core/a.cpp", "#include \"points.hpp\"") == 1);
  CHECK(broken_by("src/core/a.cpp", "#include \"otbridge/otbridge.hpp\"") == 1);
  CHECK(broken_by("include/otbridge/otbridge.hpp", "#include \"otbridge/io/json.hpp\"") == 0);
  CHECK(broken_by("tools/otbridge/a.cpp", "#include \"neural/mlp.hpp\"") == 1);
  CHECK(broken_by("src/core/a.cpp", "// #include \"otbridge/measure/gaussian.hpp\"") == 0);
}

TEST_CASE("the reader: solvers do not know each other") {
  CHECK(broken_by("src/solvers/a/plan.cpp", "#include \"solvers/a/frame.hpp\"") == 0);
  CHECK(broken_by("src/solvers/a/plan.cpp", "#include \"otbridge/solvers/a.hpp\"") == 0);
  CHECK(broken_by("src/solvers/a/plan.cpp", "#include \"solvers/b/plan.hpp\"") == 1);
  CHECK(broken_by("src/solvers/a/solve.cpp", "#include \"otbridge/solvers/b.hpp\"") == 1);
  CHECK(broken_by("src/solvers/a/solve.cpp", "#include \"otbridge/solvers/registry.hpp\"") == 1);
  CHECK(broken_by("src/solvers/registry.cpp", "#include \"otbridge/solvers/b.hpp\"") == 0);
  CHECK(broken_by("src/solvers/registry.cpp", "#include \"otbridge/known/a.hpp\"") == 0);
  CHECK(broken_by("src/solvers/a/solve.cpp", "#include \"otbridge/known/a.hpp\"") == 1);
  CHECK(broken_by("src/io/a.cpp", "#include \"otbridge/solvers/registry.hpp\"") == 0);
  CHECK(broken_by("src/io/a.cpp", "#include \"otbridge/solvers/b.hpp\"") == 1);
}

TEST_CASE("the reader: third parties, OpenMP, printing and randomness stay where they belong") {
  CHECK(broken_by("src/io/a.cpp", "#include <nlohmann/json.hpp>") == 0);
  CHECK(broken_by("src/solve/a.cpp", "#include <nlohmann/json.hpp>") == 1);
  CHECK(broken_by("src/measure/a.cpp", "#include <boost/math/distributions.hpp>") == 0);
  CHECK(broken_by("include/otbridge/measure/a.hpp", "#include <boost/math/tools.hpp>") == 1);
  CHECK(broken_by("src/solve/a.cpp", "#include <CLI/CLI.hpp>") == 1);
  CHECK(broken_by("src/solve/a.cpp", "#include <omp.h>") == 1);
  CHECK(broken_by("src/solve/a.cpp", "#pragma omp parallel for") == 1);
  CHECK(broken_by("src/kernels/a.cpp", "#pragma omp simd") == 0);
  CHECK(broken_by("src/solve/a.cpp", " # pragma  omp simd") == 1);
  CHECK(broken_by("include/otbridge/core/parallel.hpp", "#pragma omp parallel for") == 0);
  CHECK(broken_by("src/kernels/a.cpp", "#include <vector>") == 1);
  CHECK(broken_by("src/kernels/a.cpp", "#include <Eigen/Core>") == 1);
  CHECK(broken_by("src/kernels/a.cpp", "#include \"otbridge/core/error.hpp\"") == 1);
  CHECK(broken_by("src/kernels/select_kernel_set.cpp", "#include \"otbridge/core/error.hpp\"") ==
        0);
  CHECK(broken_by("src/kernels/select_kernel_set.cpp", "#include \"otbridge/core/points.hpp\"") ==
        1);
  CHECK(broken_by("src/solve/a.cpp", "  std::cerr << 1;") == 1);
  CHECK(broken_by("src/solve/a.cpp", "  std::mt19937 engine;") == 1);
  CHECK(broken_by("src/solve/a.cpp", "  const char* knob = std::getenv(\"KNOB\");") == 1);
  CHECK(broken_by("src/kernels/select_kernel_set.cpp",
                  "  const char* wanted = std::getenv(\"K\");") == 0);
  CHECK(broken_by("src/measure/a.cpp", "  bm::normal_distribution<double> law;") == 0);
}

TEST_CASE("the reader: length, headers, names and flags") {
  CHECK(check_source(floor_plan(), "src/solve/a.cpp", std::string(450, '\n')).empty());
  CHECK(check_source(floor_plan(), "src/solve/a.cpp", std::string(451, '\n')).size() == 1);
  CHECK(check_source(floor_plan(), "src/solve/a.hpp", "#pragma once\n").size() == 1);
  CHECK(check_source(floor_plan(), "src/solve/a.hpp", "// A.\n").size() == 1);
  CHECK(check_path(floor_plan(), "src/solve/a.cpp").empty());
  CHECK(check_path(floor_plan(), "src/utils/a.cpp").size() == 2);
  CHECK(check_path(floor_plan(), "tools/common/a.cpp").size() == 1);
  CHECK(check_path(floor_plan(), "src/cellar/a.cpp").size() == 1);
  CHECK(check_path(floor_plan(), "include/otbridge/kernels/a.hpp").size() == 1);
  CHECK(check_build_file("CMakeLists.txt", "add_compile_options(-ffast-math)\n").size() == 1);
  CHECK(check_build_file("CMakeLists.txt", "# no -ffast-math\n").empty());
}

TEST_CASE("every source file keeps the rules") {
  int read = 0;
  for (const std::string& file : files_below({"src", "include", "tools", "tests"})) {
    for (const std::string& broken : check_path(floor_plan(), file)) FAIL_CHECK(broken);
    const std::string text = text_of(kRoot / file);
    if (file.ends_with("CMakeLists.txt") || file.ends_with(".cmake")) {
      for (const std::string& broken : check_build_file(file, text)) FAIL_CHECK(broken);
    }
    if (!is_source(file)) continue;
    ++read;
    for (const std::string& broken : check_source(floor_plan(), file, text)) FAIL_CHECK(broken);
  }
  CHECK(read > 100);
  for (const std::string& broken :
       check_build_file("CMakeLists.txt", text_of(kRoot / "CMakeLists.txt"))) {
    FAIL_CHECK(broken);
  }
}

TEST_CASE("every room has its tests, every solver its page, its sources and its tests") {
  for (const auto& entry : floor_plan().may_include) {
    const std::string& room = entry.first;
    CHECK_MESSAGE(fs::is_directory(kRoot / "src" / room), "src/" << room << " is missing");
    CHECK_MESSAGE(fs::is_directory(kRoot / "tests" / room), "tests/" << room << " is missing");
  }
  for (const auto& header : fs::directory_iterator(kRoot / "include/otbridge/solvers")) {
    const std::string name = header.path().stem().string();
    if (name == "registry") continue;
    CHECK_MESSAGE(fs::is_regular_file(kRoot / "docs/solvers" / (name + ".md")),
                  "docs/solvers/" << name << ".md is missing");
    for (const char* tree : {"src", "tests"}) {
      CHECK_MESSAGE(fs::is_directory(kRoot / tree / "solvers" / name),
                    tree << "/solvers/" << name << " is missing");
    }
  }
}
