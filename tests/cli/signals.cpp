// Sends the command line a signal at random moments of its life and looks at what it leaves.
//
// usage: signals OTBRIDGE ROUNDS
// Each command runs once undisturbed, then ROUNDS times with SIGINT or SIGTERM after a random part
// of that time. Right is the code of the signal, or the command's own if it was done already, and a
// folder that holds no files but whole outputs. Prints the longest time from signal to exit, which
// is measured, not judged.

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

struct Command {
  std::string phase;                  // what most of its time goes to
  std::vector<std::string> words;     // after the name of the program
  std::set<std::string> outputs;      // the files it may leave
  bool reads_standard_input = false;  // which stays open: it never ends by itself
};

// A cloud in CSV that takes a while to read.
void write_cloud(const std::string& name, int rows, unsigned seed) {
  std::ofstream out(name);
  std::minstd_rand dice(seed);
  for (int i = 0; i < rows; ++i) out << dice() % 1000 << "," << dice() % 1000 << "\n";
}

struct Outcome {
  int code = 0;
  double latency = 0.0;  // seconds from signal to exit
};

// Whether a process has a handler of its own for the signal, as Linux tells; elsewhere it is taken
// to have one.
bool catches(pid_t process, int signal) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (!line.starts_with("SigCgt:")) continue;
    return (std::stoull(line.substr(7), nullptr, 16) >> (signal - 1) & 1U) != 0;
  }
  return true;
}

// Of a text; of bytes the same for the same ones.
std::size_t lines_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return static_cast<std::size_t>(std::count(std::istreambuf_iterator<char>(in), {}, '\n'));
}

// signal 0 sends none; others come that long after the program has set its handler: before, the
// system's own way is right.
Outcome run(const std::string& program, const Command& command, double moment, int signal) {
  int input[2];
  if (::pipe2(input, O_CLOEXEC) != 0) std::exit(2);
  const pid_t child = ::fork();
  if (child == 0) {
    const int nowhere = ::open("/dev/null", O_RDWR);
    ::dup2(command.reads_standard_input ? input[0] : nowhere, 0);
    ::dup2(nowhere, 1);
    ::dup2(nowhere, 2);
    std::vector<char*> words{const_cast<char*>(program.c_str())};
    for (const auto& word : command.words) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    ::execv(program.c_str(), words.data());
    ::_exit(127);
  }
  ::close(input[0]);
  if (command.reads_standard_input) {
    // A number cut in half, as a reader that takes the signal for the end would see it.
    const std::string part = "1,2\n3,4\n5,6.";
    if (::write(input[1], part.data(), part.size()) < 0) std::exit(2);
  }
  const auto waiting = Clock::now();
  while (signal != 0 && !catches(child, signal) && seconds_since(waiting) < 10.0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  std::this_thread::sleep_for(std::chrono::duration<double>(moment));
  const auto sent = Clock::now();
  if (signal != 0) ::kill(child, signal);
  int status = 0;
  ::waitpid(child, &status, 0);
  ::close(input[1]);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status), seconds_since(sent)};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: signals OTBRIDGE ROUNDS\n";
    return 2;
  }
  const std::string program = fs::absolute(argv[1]);
  const int rounds = std::atoi(argv[2]);
  std::string folder = (fs::temp_directory_path() / "otbridge-signals-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) return 2;
  const std::string clouds = folder + "/clouds";
  fs::create_directory(clouds);
  write_cloud(clouds + "/a.csv", 3000, 1);
  write_cloud(clouds + "/b.csv", 3000, 2);
  write_cloud(clouds + "/large.csv", 400000, 3);
  const std::string a = clouds + "/a.csv", b = clouds + "/b.csv", large = clouds + "/large.csv";
  const std::string plan = clouds + "/plan.safetensors";
  if (run(program, {"", {"transport", a, b, "--plan", plan, "-o", clouds + "/m.csv"}, {}}, 0, 0)
          .code != 0) {
    return 2;
  }

  const std::vector<Command> commands{
      {"reading", {"describe", large}, {}},
      {"reading standard input", {"describe", "-"}, {}, true},
      {"drawing", {"sample", "moons", "--samples", "1e6", "-o", "out.npy"}, {"out.npy"}},
      {"writing", {"sample", "moons", "--samples", "3e5", "-o", "out.csv"}, {"out.csv"}},
      {"solving, sinkhorn",
       {"transport", a, b, "--epsilon-relative", "1e-4", "-o", "out.csv", "--plot", "out.svg"},
       {"out.csv", "out.svg"}},
      {"solving, exact", {"transport", a, b, "--solver", "exact", "-o", "out.csv"}, {"out.csv"}},
      {"solving, dsb",
       {"transport", "moons", "8gaussians", "--solver", "dsb", "--set", "iterations=2", "-o",
        "out.csv"},
       {"out.csv"}},
      {"solving, the plan kept",
       {"transport", a, b, "--epsilon-relative", "1e-3", "--plan", "out.safetensors", "-o",
        "out.csv"},
       {"out.csv", "out.safetensors"}},
      {"moving", {"apply", plan, "--input", large, "-o", "out.csv"}, {"out.csv"}},
      {"scoring",
       {"compare", a, b, "--solvers", "sinkhorn,exact", "--epsilon-relative", "0.05", "-o",
        "out.csv"},
       {"out.csv"}},
      // A solver that is done before it is asked to stop, and one that is not.
      {"comparing",
       {"compare", R"({"type":"gaussian","mean":[0,0],"std":1})",
        R"({"type":"gaussian","mean":[2,0],"std":1})", "--epsilon", "1", "--samples", "500",
        "--solvers", "gaussian,dsb", "--set", "dsb.training_steps=100", "-o", "out.csv"},
       {"out.csv"}},
      {"paths", {"interpolate", a, b, "--frames", "40", "-o", "out.npy"}, {"out.npy"}},
      {"a page",
       {"interpolate", plan, "--frames", "3", "-o", "out.npy", "--report", "out.html"},
       {"out.npy", "out.html"}},
  };

  std::minstd_rand dice(11);
  int failures = 0;
  double longest = 0.0;
  const std::string work = folder + "/work";
  for (const Command& command : commands) {
    const auto fresh_folder = [&] {
      fs::current_path(folder);
      fs::remove_all(work);
      fs::create_directory(work);
      fs::current_path(work);
    };
    fresh_folder();
    const auto start = Clock::now();
    int own_code = -1;
    double whole = 0.3;
    if (!command.reads_standard_input) {
      own_code = run(program, command, 0, 0).code;
      whole = std::min(seconds_since(start), 8.0);
    }
    std::map<std::string, std::size_t> lines;
    for (const std::string& output : command.outputs) lines[output] = lines_of(output);
    const std::uintmax_t array_size = fs::exists("out.npy") ? fs::file_size("out.npy") : 0;
    double slowest = 0.0;
    for (int round = 0; round < rounds; ++round) {
      fresh_folder();
      const int signal = round % 2 == 0 ? SIGINT : SIGTERM;
      const double moment = whole * static_cast<double>(dice() % 1000) / 1000.0;
      const Outcome outcome = run(program, command, moment, signal);
      slowest = std::max(slowest, outcome.latency);
      const int expected = signal == SIGINT ? 130 : 143;
      bool right = outcome.code == expected || outcome.code == own_code;
      // A run that came to its end has written everything.
      if (outcome.code == own_code) {
        for (const std::string& output : command.outputs) {
          right = right && fs::exists(output) && lines_of(output) == lines[output];
        }
      }
      for (const auto& entry : fs::directory_iterator(work)) {
        if (!command.outputs.contains(entry.path().filename().string())) right = false;
        std::ifstream file(entry.path(), std::ios::binary);
        const std::string bytes{std::istreambuf_iterator<char>(file), {}};
        // Texts end with a line, arrays are as long as undisturbed, plans have a checksum.
        const std::string extension = entry.path().extension();
        if ((extension == ".csv" || extension == ".svg") && !bytes.ends_with('\n')) right = false;
        if (extension == ".npy" && bytes.size() != array_size) right = false;
        if (extension == ".safetensors" &&
            run(program, {"", {"describe", entry.path()}, {}}, 0, 0).code != 0) {
          right = false;
        }
      }
      if (right) continue;
      ++failures;
      std::cerr << command.phase << ": signal " << signal << " after " << moment << " s: exit code "
                << outcome.code << ", files:";
      for (const auto& entry : fs::directory_iterator(work)) std::cerr << " " << entry.path();
      std::cerr << "\n";
    }
    std::cout << command.phase << ": " << whole << " s undisturbed, exit code " << own_code
              << "; from signal to exit at most " << slowest << " s\n";
    longest = std::max(longest, slowest);
  }
  std::cout << rounds * static_cast<int>(commands.size()) << " signals, " << failures
            << " failures, at most " << longest << " s from signal to exit\n";
  fs::current_path("/");
  fs::remove_all(folder);
  return failures == 0 ? 0 : 1;
}
