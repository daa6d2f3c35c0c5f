// Lets allocations of the command line fail, and looks at what it does then.
//
// usage: allocation OTBRIDGE SHIM ROUNDS
// Each command runs once undisturbed, then ROUNDS times (0: as often as it allocates) with one
// allocation that fails, and as often with all that fail from one on; SHIM is the module made of
// failing_allocator.c. Right is exit code 6 with one line on stderr, or all that the undisturbed
// command does: some failures are survived. Files are whole or not there in either case.

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

struct Command {
  std::vector<std::string> words;  // after the name of the program
  bool clock = false;              // its stdout tells seconds, so it differs from run to run
};

// Which allocation fails; 0 is none.
struct Fault {
  long at = 0;
  bool sticky = false;
};

struct Outcome {
  int code = 0;  // minus the signal that ended it
  long allocations = 0;
  std::string out, err;
  std::map<std::string, std::string> files;  // in the folder of work
};

class Runner {
 public:
  Runner(std::string program, std::string shim, const fs::path& folder)
      : program_(std::move(program)), shim_(std::move(shim)), work_(folder / "work") {
    for (const char* name : {"out", "err", "count"}) streams_.push_back(folder / name);
  }

  Outcome run(const Command& command, Fault fault) const {
    fs::remove_all(work_);
    fs::create_directory(work_);
    const pid_t child = ::fork();
    if (child == 0) become(command, fault);
    int status = 0;
    ::waitpid(child, &status, 0);
    Outcome outcome{.code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status),
                    .allocations = std::atol(read(streams_[2]).c_str()),
                    .out = read(streams_[0]),
                    .err = read(streams_[1]),
                    .files = {}};
    for (const auto& entry : fs::directory_iterator(work_)) {
      outcome.files[entry.path().filename().string()] = read(entry.path());
    }
    return outcome;
  }

 private:
  [[noreturn]] void become(const Command& command, Fault fault) const {
    constexpr unsigned kPatience = 120;  // seconds, after which it counts as hanging
    ::alarm(kPatience);
    fs::current_path(work_);
    int at = 1;
    for (const std::string& stream : streams_) {
      ::dup2(::open(stream.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666), at++);
    }
    ::setenv("FAIL_AT", std::to_string(fault.at).c_str(), 1);
    ::setenv("FAIL_STICKY", fault.sticky ? "1" : "0", 1);
    ::setenv("FAIL_COUNT", "3", 1);
    ::setenv("OMP_NUM_THREADS", "2", 1);
    ::setenv("LD_PRELOAD", shim_.c_str(), 1);
    std::vector<char*> words{const_cast<char*>(program_.c_str())};
    for (const auto& word : command.words) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    ::execv(program_.c_str(), words.data());
    ::_exit(127);
  }

  std::string program_, shim_;
  fs::path work_;
  std::vector<std::string> streams_;
};

// What is wrong with an outcome, or nothing.
std::string judge(const Outcome& outcome, const Outcome& whole, const Command& command) {
  for (const auto& [name, bytes] : outcome.files) {
    if (!whole.files.contains(name)) return "leaves " + name;
    if (bytes != whole.files.at(name)) return "half-written " + name;
  }
  if (outcome.code == 6) {
    if (!outcome.err.starts_with("otbridge: ")) return "no message of its own";
    if (std::ranges::count(outcome.err, '\n') != 1) return "not one line";
    return outcome.out.empty() || command.clock || outcome.out == whole.out ? "" : "half an answer";
  }
  if (outcome.code != whole.code) return "exit code " + std::to_string(outcome.code);
  if (outcome.files.size() != whole.files.size()) return "a file is missing";
  if (command.clock) return outcome.out.ends_with("}\n") ? "" : "half a report";
  return outcome.out == whole.out ? "" : "another answer";
}

std::vector<Command> commands(const std::string& data) {
  const std::string a = data + "/a.csv", b = data + "/b.npy", c = data + "/c.ply",
                    law = data + "/law.json", plan = data + "/plan_";
  const auto transport = [&](std::vector<std::string> more) {
    std::vector<std::string> words{"transport", a, b, "--epsilon", "1", "--quiet"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  };
  return {
      {{"list", "laws"}},
      {{"list", "solvers", "--json"}},
      {{"describe", a}},
      {{"describe", c, "--json"}},
      {{"describe", law}},
      {{"describe", plan + "dsb.safetensors"}},
      {{"sample", law, "--samples", "3000"}},
      {{"sample", "moons", "--samples", "3000", "-o", "out.npy"}},
      {{"sample", c, "-o", "out.csv", "--quiet"}},
      {transport({"-o", "out.csv", "--plan", "out.safetensors", "--plot", "out.svg",
                  "--plot-convergence", "errors.svg"})},
      {transport({"--json"}), true},
      {transport({"--solver", "exact", "-o", "out.ply", "--plan", "out.safetensors"})},
      {{"transport", law, law, "--solver", "gaussian", "--epsilon", "1", "--quiet", "--plan",
        "out.safetensors"}},
      {transport({"--solver", "mixture", "--plan", "out.safetensors"})},
      {transport({"--solver", "dsb", "--set", "iterations=1", "--set", "training_steps=3", "--set",
                  "trajectories=64", "--set", "steps=4", "--plan", "out.safetensors"})},
      {{"apply", plan + "sinkhorn.safetensors", "--input", a, "-o", "out.npy"}},
      {{"apply", plan + "exact.safetensors", "--input", b, "--mode", "sample"}},
      {{"apply", plan + "mixture.safetensors", "--input", b, "--mode", "sample"}},
      {{"apply", plan + "dsb.safetensors", "--input", b}},
      {{"interpolate", plan + "dsb.safetensors", "--frames", "2", "--quiet", "-o", "out.npy"}},
      {{"interpolate", a, b, "--epsilon", "1", "--frames", "3", "--quiet", "-o", "out.csv",
        "--plot", "out.svg", "--plot-paths", "paths.svg"}},
      {{"compare", a, b, "--solvers", "sinkhorn,exact", "--epsilon", "1", "--quiet", "--json",
        "--plot", "out.svg"},
       true},
  };
}

// The inputs, and a plan of each kind.
bool prepare(const std::string& program, const std::string& data) {
  fs::create_directory(data);
  std::ofstream(data + "/law.json") << R"({"type": "gaussian", "mean": [0, 1], "std": 0.5})";
  const std::string run = program + " ", start = run + "transport " + data + "/a.csv " + data +
                                                 "/b.npy --epsilon 1 --quiet --plan " + data +
                                                 "/plan_";
  for (const std::string& line :
       {run + "sample moons --samples 70 -o " + data + "/a.csv",
        run + "sample 8gaussians --samples 60 -o " + data + "/b.npy",
        run + R"(sample '{"type":"sphere","center":[0,0,0],"radius":1}' --samples 50 -o )" + data +
            "/c.ply",
        start + "sinkhorn.safetensors", start + "exact.safetensors --solver exact",
        start + "mixture.safetensors --solver mixture",
        start + "dsb.safetensors --solver dsb --set iterations=1 --set training_steps=3 --set " +
            "trajectories=64 --set steps=4 || test $? = 4"}) {
    if (std::system(("{ " + line + "; } > /dev/null").c_str()) != 0) {
      std::cerr << "set-up failed: " << line << "\n";
      return false;
    }
  }
  return true;
}

std::string text_of(const Command& command) {
  std::string text = "otbridge";
  for (const std::string& word : command.words) text += " " + word;
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: allocation OTBRIDGE SHIM ROUNDS\n";
    return 2;
  }
  const std::string program = fs::absolute(argv[1]);
  const long rounds = std::atol(argv[3]);
  std::string folder = (fs::temp_directory_path() / "otbridge-allocation-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) return 2;
  if (!prepare(program, folder + "/data")) return 2;
  const Runner runner(program, fs::absolute(argv[2]), folder);

  std::minstd_rand dice(7);
  int failures = 0, refused = 0, survived = 0;
  for (const Command& command : commands(folder + "/data")) {
    const Outcome whole = runner.run(command, {});
    if (whole.allocations == 0 || (whole.code != 0 && whole.code != 4)) {
      std::cerr << text_of(command) << ": exit code " << whole.code << " undisturbed, "
                << whole.allocations << " allocations\n"
                << whole.err;
      ++failures;
      continue;
    }
    const long tries = rounds == 0 ? whole.allocations : std::min(rounds, whole.allocations);
    for (const bool sticky : {false, true}) {
      for (long k = 0; k < tries; ++k) {
        // One from each of as many equal parts.
        const long begin = k * whole.allocations / tries;
        const long end = (k + 1) * whole.allocations / tries;
        const long at = 1 + begin + static_cast<long>(dice()) % (end - begin);
        const Outcome outcome = runner.run(command, {at, sticky});
        ++(outcome.code == 6 ? refused : survived);
        const std::string wrong = judge(outcome, whole, command);
        if (wrong.empty()) continue;
        ++failures;
        std::cerr << text_of(command) << ": allocation " << at << (sticky ? " and all after" : "")
                  << " of " << whole.allocations << ": " << wrong << "\n"
                  << outcome.err;
      }
    }
  }
  std::cout << refused << " refused, " << survived << " survived, " << failures << " failures\n";
  fs::remove_all(folder);
  return failures == 0 ? 0 : 1;
}
