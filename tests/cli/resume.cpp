// Kills the command line at random moments and gives the same command again until it is done.
//
// usage: resume OTBRIDGE KILLS
// Each command runs once undisturbed, then again and again with a signal after a random part of
// that time, SIGKILL and now and then SIGTERM, until KILLS runs were ended so. Right is when every
// run that comes to its end leaves the bytes of the undisturbed one (of the report, all but the
// seconds), and no checkpoint. One that has learnt all and is interrupted while it moves its points
// leaves its checkpoint, from which only these are moved.

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <random>
#include <regex>
#include <string>
#include <thread>
#include <vector>

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

// Exit code, or minus the signal; the report goes to report.json. signal 0 sends none.
int run(const std::string& program, const std::vector<std::string>& words, double moment,
        int signal) {
  const pid_t child = ::fork();
  if (child == 0) {
    const int nowhere = ::open("/dev/null", O_RDWR);
    const int report = ::open("report.json", O_WRONLY | O_CREAT | O_TRUNC, 0666);
    ::dup2(nowhere, 0);
    ::dup2(report, 1);
    ::dup2(nowhere, 2);
    std::vector<char*> arguments{const_cast<char*>(program.c_str())};
    for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    ::execv(program.c_str(), arguments.data());
    ::_exit(127);
  }
  if (signal != 0) {
    std::this_thread::sleep_for(std::chrono::duration<double>(moment));
    ::kill(child, signal);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

// The bytes of every file in this folder, the seconds of the report left out.
std::map<std::string, std::string> contents() {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::directory_iterator(".")) {
    std::ifstream file(entry.path(), std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(file), {}};
    const std::string name = entry.path().filename();
    if (name == "report.json") {
      bytes = std::regex_replace(bytes, std::regex("\"seconds\": *[0-9.e+-]+"), "");
    }
    files[name] = bytes;
  }
  return files;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: resume OTBRIDGE KILLS\n";
    return 2;
  }
  const std::string program = fs::absolute(argv[1]);
  const int kills = std::atoi(argv[2]);
  std::string folder = (fs::temp_directory_path() / "otbridge-resume-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) return 2;

  // Long beside the start of the program, and in several passes.
  const std::vector<std::string> common{"moons",
                                        "8gaussians",
                                        "--epsilon",
                                        "0.5",
                                        "--samples",
                                        "200",
                                        "--set",
                                        "iterations=2",
                                        "--set",
                                        "training_steps=400",
                                        "--set",
                                        "trajectories=500",
                                        "--set",
                                        "hidden=[32,32]",
                                        "--set",
                                        "batch=256",
                                        "--set",
                                        "map_samples=2",
                                        "--checkpoint",
                                        "run.safetensors",
                                        "--checkpoint-seconds",
                                        "0.02",
                                        "--json"};
  const auto command = [&](std::vector<std::string> words) {
    words.insert(words.end(), common.begin(), common.end());
    return words;
  };
  const std::vector<std::vector<std::string>> commands{
      command({"transport", "-o", "out.csv", "--plan", "out.safetensors", "--plot-convergence",
               "out.svg", "--solver", "dsb"}),
      command({"transport", "-o", "out.csv", "--plan", "out.safetensors", "--solver", "dsbm"}),
      command({"interpolate", "-o", "out.npy", "--solver", "dsb"})};

  std::minstd_rand dice(5);
  int failures = 0;
  const auto fresh_folder = [&] {
    fs::current_path(folder);
    fs::remove_all("work");
    fs::create_directory("work");
    fs::current_path("work");
  };
  for (const auto& words : commands) {
    fresh_folder();
    const auto start = Clock::now();
    const int own_code = run(program, words, 0.0, 0);
    const double whole = std::chrono::duration<double>(Clock::now() - start).count();
    const auto expected = contents();
    if (own_code != 0 && own_code != 4) {
      std::cerr << "undisturbed: exit code " << own_code << "\n";
      return 1;
    }
    if (expected.contains("run.safetensors")) ++failures;

    int sent = 0, ends = 0;
    fresh_folder();
    while (sent < kills || ends == 0) {
      const int signal = sent >= kills ? 0 : sent % 5 == 4 ? SIGTERM : SIGKILL;
      const double moment = whole * static_cast<double>(dice() % 1000) / 1000.0;
      const int code = run(program, words, moment, signal);
      // SIGTERM ends a program by itself until that has set its handler.
      if (signal != 0 && (code == -signal || (signal == SIGTERM && code == 143))) {
        ++sent;
        continue;
      }
      ++ends;
      const auto found = contents();
      if (code != own_code || found != expected) {
        ++failures;
        std::cerr << words[0] << ": after " << sent << " signals exit code " << code
                  << ", other than undisturbed:";
        for (const auto& entry : found) {
          const auto twin = expected.find(entry.first);
          if (twin == expected.end() || twin->second != entry.second) {
            std::cerr << " " << entry.first;
          }
        }
        std::cerr << "\n";
      }
      fresh_folder();
    }
    std::cout << words[0] << ": " << whole << " s undisturbed; " << sent << " signals, " << ends
              << " runs came to their end\n";
  }
  {
    fresh_folder();
    // Moves its points for longer than an interrupted program goes on.
    auto words = commands[1];
    constexpr int kPoints = 6000;  // rows of the output, below its header
    *std::ranges::find(words, "200") = std::to_string(kPoints);
    *std::ranges::find(words, "map_samples=2") = "map_samples=100";
    words.insert(words.end(), {"--set", "samples=200"});
    const auto start = Clock::now();
    const int whole_code = run(program, words, 0.0, 0);
    const double whole = std::chrono::duration<double>(Clock::now() - start).count();
    const auto expected = contents();
    // At one of these moments the training is over and not all points can be moved in time, unless
    // the machine is very fast.
    bool seen = false;
    for (const double part : {0.3, 0.45, 0.6}) {
      fresh_folder();
      const int cut_code = run(program, words, part * whole, SIGINT);
      auto found = contents();
      const auto rows = std::ranges::count(found["out.csv"], '\n');
      const std::string& report = found["report.json"];
      const bool learnt = report.find("stop_reason") != std::string::npos &&
                          report.find("\"interrupted\"") == std::string::npos;
      seen = learnt && rows <= kPoints;  // else it was cut before, or is done
      if (!seen) continue;
      const bool kept = found.contains("run.safetensors");
      const int code = run(program, words, 0.0, 0);
      if (cut_code != 130 || rows < 2 || !kept || code != whole_code || contents() != expected) {
        ++failures;
        std::cerr << "interrupted while it moved points: exit code " << cut_code
                  << (kept ? "" : ", no checkpoint") << ", then " << code << "\n";
      }
      break;
    }
    if (!seen) std::cout << "moving: no signal came while points were moved\n";
    std::cout << "moving: " << whole << " s undisturbed\n";
  }
  std::cout << failures << " failures\n";
  fs::current_path("/");
  fs::remove_all(folder);
  return failures == 0 ? 0 : 1;
}
