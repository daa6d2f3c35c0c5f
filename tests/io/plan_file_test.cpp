#include "otbridge/io/plan_file.hpp"
#include "otbridge/io/tensors.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>

#include "otbridge/core/error.hpp"
#include "otbridge/io/atomic_file.hpp"
#include "otbridge/measure/gaussian.hpp"
#include "otbridge/measure/toy.hpp"
#include "otbridge/measure/weighted_points.hpp"
#include "otbridge/solvers/dsb.hpp"
#include "otbridge/solvers/gaussian.hpp"
#include "otbridge/solvers/sinkhorn.hpp"

using namespace otbridge;

namespace {

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "otbridge-test-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  std::size_t files() const {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(path_)) ++count;
    return count;
  }

 private:
  std::string path_;
};

void check_round_trip(const Solution& solution) {
  const Folder folder;
  const std::string path = folder / "plan.safetensors";
  write_plan(*solution.plan, path);
  const auto restored = read_plan(path);
  const Points x = normal_points(20, solution.plan->problem().dimension(), RandomStream(9));
  for (const Direction direction : {Direction::forward, Direction::backward}) {
    CHECK(restored->map(x, direction) == solution.plan->map(x, direction));
    CHECK(restored->sample(x, direction, RandomStream(1)) ==
          solution.plan->sample(x, direction, RandomStream(1)));
  }
  write_plan(*restored, folder / "again.safetensors");
  CHECK(read_file(folder / "again.safetensors") == read_file(path));
  CHECK(folder.files() == 2);
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
