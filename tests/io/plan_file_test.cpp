#include "otbridge/io/plan_file.hpp"

#include <doctest/doctest.h>

#include <filesystem>

#include "folder.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/io/atomic_file.hpp"
#include "otbridge/io/json.hpp"
#include "otbridge/io/report_json.hpp"
#include "otbridge/io/tensors.hpp"
#include "otbridge/measure/gaussian.hpp"
#include "otbridge/measure/mixture.hpp"
#include "otbridge/measure/toy.hpp"
#include "otbridge/measure/weighted_points.hpp"
#include "otbridge/solvers/dsb.hpp"
#include "otbridge/solvers/exact.hpp"
#include "otbridge/solvers/gaussian.hpp"
#include "otbridge/solvers/sinkhorn.hpp"

using namespace otbridge;
using namespace otbridge::testing;

namespace {

void check_round_trip(const Solution& solution) {
  const Folder folder;
  const std::string path = folder / "plan.safetensors";
  write_plan(solution, path);
  const auto restored = read_plan(path);
  const Points x = normal_points(20, solution.plan->problem().dimension(), RandomStream(9));
  for (const Direction direction : {Direction::forward, Direction::backward}) {
    CHECK(restored->map(x, direction) == solution.plan->map(x, direction));
    CHECK(restored->sample(x, direction, RandomStream(1)) ==
          solution.plan->sample(x, direction, RandomStream(1)));
  }
  const PlanFile file = read_plan_file(path);
  REQUIRE(file.report);
  write_plan(*file.plan, folder / "again.safetensors", &*file.report);
  CHECK(read_file(folder / "again.safetensors") == read_file(path));
  CHECK(folder.files() == 2);
  // The bytes without a file are those in one.
  const std::string bytes = encode_plan(*solution.plan, &solution.report);
  CHECK(bytes == read_file(path));
  CHECK(parse_plan(bytes, "plan").plan->map(x, Direction::forward) ==
        solution.plan->map(x, Direction::forward));
  CHECK_THROWS_WITH_AS(parse_plan(bytes.substr(0, bytes.size() / 2), "half"),
                       doctest::Contains("half: "), InvalidInput);
}

}  // namespace

TEST_CASE("a plan of every solver saves, loads and gives the same bytes") {
  const Gaussian a = Gaussian::isotropic(Vector::Zero(2), 1.0),
                 b = Gaussian::isotropic(Vector::Ones(2), 0.5);
  check_round_trip(solve_gaussian({a, b, ReferenceProcess(0.3, 0.8)}));
  SinkhornSettings sinkhorn;
  sinkhorn.samples = 60;
  check_round_trip(
      solve_sinkhorn({Toy("moons"), Toy("8gaussians"), ReferenceProcess(0.5)}, sinkhorn));
  Points points(3, 2);
  points << 0, 0, 1, 2, 3, 1;
  const WeightedPoints cloud(points, Vector(Eigen::Vector3d(1, 0, 2)));
  check_round_trip(solve_sinkhorn({cloud, Toy("moons"), ReferenceProcess(0.5)}, sinkhorn));
  DsbSettings dsb;
  dsb.iterations = 1;
  dsb.training.steps = 10;
  check_round_trip(solve_dsb({a, b, ReferenceProcess(1.0)}, dsb));
}

TEST_CASE("a file keeps the names of the columns, for the points that start at either end") {
  const Folder folder;
  const std::string path = folder / "plan.safetensors";
  const Gaussian law = Gaussian::isotropic(Vector::Zero(2), 1.0);
  const Solution solution = solve_gaussian({law, law, ReferenceProcess(0.3)});
  using Names = std::vector<std::string>;
  const Names none, xy{"x", "y"}, quoted{"\"a\",b", "x"};
  for (const ProblemColumns& columns :
       {ProblemColumns{xy, quoted}, ProblemColumns{none, quoted}, ProblemColumns{xy, none}}) {
    write_plan(solution, path, columns);
    const PlanFile file = read_plan_file(path);
    CHECK(file.columns.source == columns.source);
    CHECK(file.columns.target == columns.target);
    CHECK(encode_plan(*file.plan, &*file.report, file.columns) == read_file(path));
    CHECK(columns.at(Direction::forward) == (columns.source.empty() ? quoted : xy));
    CHECK(columns.at(Direction::backward) == (columns.target.empty() ? xy : quoted));
  }
  write_plan(solution, path);
  CHECK(read_plan_file(path).columns.source.empty());
  CHECK_THROWS_WITH_AS(write_plan(solution, path, {none, {"x"}}),
                       "columns x: must be 2 names, or none", InvalidInput);
}

TEST_CASE("a file keeps the report of the run, less what differs between equal runs") {
  const Folder folder;
  const std::string path = folder / "plan.safetensors";
  SinkhornSettings settings;
  settings.samples = 40;
  SolveContext context;
  context.seed = 0xffffffffffffffffU;  // all 64 bits come back
  const Solution solution =
      solve_sinkhorn({Toy("moons"), Toy("8gaussians"), ReferenceProcess(0.5)}, settings, context);
  write_plan(solution, path);
  const PlanFile file = read_plan_file(path);
  REQUIRE(file.report);
  const SolveReport &was = solution.report, &is = *file.report;
  CHECK(is.solver == "sinkhorn");
  CHECK(is.seed == context.seed);
  CHECK(is.draws == 40);
  CHECK(is.stop_reason == StopReason::converged);
  CHECK(is.iterations == was.iterations);
  CHECK(is.dimension == 2);
  CHECK(is.epsilon == 0.5);
  CHECK(is.mean_cost == was.mean_cost);
  CHECK(is.value == was.value);
  CHECK(is.duality_gap == was.duality_gap);
  CHECK(is.marginal_error_source == was.marginal_error_source);
  CHECK(is.marginal_error_target == was.marginal_error_target);
  CHECK(is.notes == was.notes);
  CHECK(is.notes.size() == 2);
  CHECK(is.seconds == 0.0);
  CHECK(is.trace.empty());
  CHECK(!file.version.empty());

  settings.iterations = 1;
  write_plan(solve_sinkhorn({Toy("moons"), Toy("8gaussians"), ReferenceProcess(0.5)}, settings),
             path);
  CHECK(read_plan_file(path).report->stop_reason == StopReason::iteration_limit);
  write_plan(*solution.plan, path);
  CHECK(!read_plan_file(path).report);

  // What few solvers have is left out, or comes back.
  CHECK_FALSE(lasting_report(was).contains("marginal_floor_source"));
  SolveReport drifts = was;
  drifts.marginal_floor_source = 0.25, drifts.marginal_floor_target = 0.5;
  write_plan(*solution.plan, path, &drifts);
  CHECK(read_plan_file(path).report->marginal_floor_source == 0.25);
  CHECK(read_plan_file(path).report->marginal_floor_target == 0.5);
  write_plan(*solution.plan, path);

  // A report that is none is refused, with its place.
  TensorFile tensors = parse_tensors(read_file(path), path);
  tensors.metadata["report"] = R"({"mean_cost": 1, "stop_reason": "boredom"})";
  write_file(path, encode_tensors(tensors));
  CHECK_THROWS_WITH_AS(
      read_plan(path),
      (path + ": report: /stop_reason = \"boredom\": is no reason to stop").c_str(), InvalidInput);
}

TEST_CASE("a cloud is written once, as the law and as the plan's") {
  const Folder folder;
  const std::string path = folder / "plan.safetensors";
  const Vector weights{{1.0, 0.0, 2.0}};
  const WeightedPoints cloud(Points{{0.0, 0.0}, {1.0, 2.0}, {3.0, 1.0}}, weights);
  write_plan(solve_exact({cloud, Toy("moons"), ReferenceProcess(0.5)}, {.samples = 5}), path);
  TensorFile file = parse_tensors(read_file(path), path);
  CHECK(file.tensors.contains("source.points"));
  CHECK(!file.tensors.contains("plan.x"));
  CHECK(!file.tensors.contains("plan.a"));
  CHECK(file.tensors.contains("plan.y"));  // the target is a law, its draws are the plan's
  CHECK(read_plan(path)->coupling()->source_points() == cloud.points());
  CHECK(read_plan(path)->coupling()->source_weights() == cloud.weights());

  const auto refused = [&](const std::string& shared) {
    TensorFile bad = file;
    bad.metadata["shared"] = shared;
    write_file(path, encode_tensors(bad));
    CHECK_THROWS_AS(read_plan(path), InvalidInput);
  };
  refused("[]");
  refused("{}");                               // x and a are nowhere
  refused(R"({"plan.x": "source.nothing"})");  // no such tensor
  refused(R"({"plan.x": 3})");
  refused(R"({"plan.y": "source.points"})");  // there twice
}

// Written by the program as it was when the format was 1; the numbers are what it made of the file.
TEST_CASE("files of format 1 are still read, and give the same bytes") {
  const PlanFile file =
      read_plan_file(std::string(OTBRIDGE_SOURCE_DIR) + "/tests/io/data/plan_format_1.safetensors");
  CHECK(file.plan->name() == "sinkhorn");
  CHECK(file.version == "0.1.0");
  CHECK(!file.report);
  const Points x{{0.0, 0.0}, {4.0, 0.0}, {2.0, 1.0}};
  const Points there{{1.3504204250391894e-06, 1.0128153187238809e-06},
                     {2.9999993247897887, 2.249999493592342},
                     {0.05172108862969482, 0.7905373527180247}};
  const Points back{{1.3333342336136158, 0.0}, {3.999999099719717, 0.0}, {3.9973181010467904, 0.0}};
  // The last bits depend on the instruction set.
  CHECK((file.plan->map(x, Direction::forward) - there).cwiseAbs().maxCoeff() < 1e-13);
  CHECK((file.plan->map(x, Direction::backward) - back).cwiseAbs().maxCoeff() < 1e-13);
  CHECK(file.plan->coupling()->source_weights() == Vector{{1.0 / 3.0, 2.0 / 3.0, 0.0}});

  const Folder folder;
  TensorFile future;
  future.metadata["otbridge_plan"] = "3";
  write_file(folder / "future.safetensors", encode_tensors(future));
  CHECK_THROWS_WITH_AS(
      read_plan(folder / "future.safetensors"),
      (folder / "future.safetensors" + ": is of plan format 3, this program reads 1 and 2").c_str(),
      InvalidInput);
}

TEST_CASE("a law without a JSON form is refused with its type, and nothing is written") {
  class Own final : public Law {
   public:
    std::string_view type() const override { return "own"; }
    Index dimension() const override { return 1; }
    Points do_sample(Index n, const RandomStream& stream) const override {
      return normal_points(n, 1, stream);
    }
  };
  const Folder folder;
  const Solution solution = solve_exact({Own(), Own(), ReferenceProcess(1.0)}, {.samples = 5});
  CHECK_THROWS_WITH_AS(write_plan(solution, folder / "plan.safetensors"),
                       "law of type \"own\": has no JSON form", InvalidInput);
  CHECK(folder.files() == 0);
}

TEST_CASE("[full] laws whose texts are larger than what is read back are refused") {
  // The number of values of one law; the size of two together.
  const auto cloud_in_text = [](Index n) -> Measure {
    return Mixture(Vector::Ones(1), {WeightedPoints(normal_points(n, 1, RandomStream(1)))});
  };
  const Measure small = cloud_in_text(10), large = cloud_in_text(1900000);
  CHECK_NOTHROW(check_storable({small, small, ReferenceProcess(1.0)}));
  CHECK_NOTHROW(check_storable({large, small, ReferenceProcess(1.0)}));
  CHECK_THROWS_WITH_AS(check_storable({large, large, ReferenceProcess(1.0)}),
                       "a plan in a file: JSON is larger than 64 MiB", InvalidInput);
  CHECK_THROWS_WITH_AS(check_storable({small, cloud_in_text(2100000), ReferenceProcess(1.0)}),
                       "a plan in a file: target: holds more than 4000000 values", InvalidInput);
}

TEST_CASE("damage is found: every truncation and every flipped bit") {
  TensorFile file;
  file.metadata = {{"solver", "x"}};
  file.tensors = {{"a", Points::Ones(2, 3)}, {"b", Points::Constant(1, 1, 5.0)}};
  const std::string good = encode_tensors(file);
  CHECK(parse_tensors(good, "f").tensors.at("b")(0, 0) == 5.0);
  for (std::size_t size = 0; size < good.size(); ++size) {
    CHECK_THROWS_AS(parse_tensors(good.substr(0, size), "f"), InvalidInput);
  }
  for (std::size_t i = 0; i < good.size() * 8; ++i) {
    std::string bad = good;
    bad[i / 8] = static_cast<char>(bad[i / 8] ^ (1 << (i % 8)));
    CAPTURE(i);
    try {
      // The padding of the header may change without meaning; what is read is then what was
      // written.
      const TensorFile read = parse_tensors(bad, "f");
      CHECK(read.tensors == file.tensors);
      CHECK(read.metadata == file.metadata);
    } catch (const InvalidInput&) {
    }
  }
}

TEST_CASE("hostile containers are refused") {
  const auto refused = [](const std::string& header, const std::string& data) {
    const std::uint64_t length = header.size();
    std::string bytes(reinterpret_cast<const char*>(&length), 8);
    CHECK_THROWS_AS(parse_tensors(bytes + header + data, "f"), InvalidInput);
  };
  const std::string eight(8, '\0');
  refused(R"({"a":{"dtype":"F64","shape":[1,2],"data_offsets":[0,8]}})", eight);
  refused(R"({"a":{"dtype":"F64","shape":[1,1],"data_offsets":[0,16]}})", eight);
  refused(R"({"a":{"dtype":"F64","shape":[1,1],"data_offsets":[8,0]}})", eight);
  refused(R"({"a":{"dtype":"F64","shape":[-1,-1],"data_offsets":[0,8]}})", eight);
  refused(R"({"a":{"dtype":"F64","shape":[4294967296,4294967297],"data_offsets":[0,8]}})", eight);
  refused(R"({"a":{"dtype":"I64","shape":[1,1],"data_offsets":[0,8]}})", eight);
  refused(
      R"({"a":{"dtype":"F64","shape":[1,1],"data_offsets":[0,8]},"b":{"dtype":"F64","shape":[1,1],"data_offsets":[0,8]}})",
      eight);
  refused(R"({"a":{"dtype":"F64","shape":[1,1],"data_offsets":[8,16]}})", eight + eight);
  refused(
      R"({"a":{"dtype":"F64","shape":[1,1],"data_offsets":[0,8]},"a":{"dtype":"F64","shape":[0,0],"data_offsets":[8,8]}})",
      eight);
  refused(R"([1,2])", "");
}

TEST_CASE("a failed write leaves the old file and no temporary") {
  const Folder folder;
  write_file(folder / "a", "old");
  CHECK_THROWS_AS(write_file(folder / "no/such/folder", "x"), IoFailure);
  CHECK_THROWS_AS(write_file("/dev/full", std::string(100000, 'x')), IoFailure);
  std::filesystem::create_directory(folder / "d");
  CHECK_THROWS_AS(write_file(folder / "d", "x"), IoFailure);
  CHECK_THROWS_AS(probe_output(folder / "d"), IoFailure);
  probe_output(folder / "a");
  CHECK(read_file(folder / "a") == "old");
  write_file(folder / "a", "new");
  CHECK(read_file(folder / "a") == "new");
  CHECK(folder.files() == 2);
}
