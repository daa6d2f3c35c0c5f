#include "otbridge/io/atomic_file.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <random>
#include <thread>
#include <vector>

#include "folder.hpp"
#include "otbridge/core/error.hpp"

using namespace otbridge;
using namespace otbridge::testing;
namespace fs = std::filesystem;

namespace {

// Runs the work in a child, which ends without destructors; its wait status.
template <class Work>
int in_child(Work&& work, std::chrono::microseconds until_killed = {}) {
  const pid_t child = ::fork();
  if (child == 0) {
    work();
    ::_exit(0);
  }
  if (until_killed.count() > 0) {
    std::this_thread::sleep_for(until_killed);
    ::kill(child, SIGKILL);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

}  // namespace

TEST_CASE("a process killed while it writes leaves the file whole, and the next write no litter") {
  const Folder folder;
  const std::string file = folder / "a.csv";
  const std::string one(100000, '1'), two(200000, '2');
  write_file(file, one);
  std::minstd_rand dice(7);
  for (int round = 0; round < 40; ++round) {
    in_child(
        [&] {
          for (;;) write_file(file, two), write_file(file, one);
        },
        std::chrono::microseconds(200 + dice() % 6000));
    const std::string found = read_file(file);
    CHECK((found == one || found == two));
  }
  write_file(file, one);
  CHECK(folder.files() == 1);
}

TEST_CASE("a temporary that was left behind is taken away, one in use is not") {
  const Folder folder;
  const std::string file = folder / "a";
  for (const char* name : {"a.0.tmp", "a.1.tmp"}) {
    ::close(::open((folder / name).c_str(), O_CREAT | O_WRONLY, 0600));
  }
  write_file(file, "x");
  CHECK(folder.files() == 1);

  const int other = ::open((folder / "a.0.tmp").c_str(), O_CREAT | O_WRONLY, 0600);
  REQUIRE(::flock(other, LOCK_EX) == 0);
  write_file(file, "y");
  CHECK(read_file(file) == "y");
  CHECK(fs::exists(folder / "a.0.tmp"));
  ::close(other);
  write_file(file, "z");
  CHECK(folder.files() == 1);
}

TEST_CASE("a limit of file size is a failure that leaves the old file") {
  const Folder folder;
  const std::string file = folder / "a";
  write_file(file, "old");
  const int status = in_child([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{1000, 1000};
    ::setrlimit(RLIMIT_FSIZE, &small);
    try {
      write_file(file, std::string(5000, 'x'));
    } catch (const IoFailure&) {
      ::_exit(5);
    }
  });
  CHECK(WEXITSTATUS(status) == 5);
  CHECK(read_file(file) == "old");
  CHECK(folder.files() == 1);
}

TEST_CASE("links stay: a dangling one gets its file, a circle is refused") {
  const Folder folder;
  fs::create_symlink("second", folder / "first");
  fs::create_symlink("target", folder / "second");
  write_file(folder / "first", "x");
  CHECK(fs::is_symlink(folder / "first"));
  CHECK(read_file(folder / "target") == "x");
  fs::create_symlink("circle", folder / "circle");
  CHECK_THROWS_AS(write_file(folder / "circle", "x"), IoFailure);
  CHECK_THROWS_AS(probe_output(folder / "circle"), IoFailure);
}

TEST_CASE("names as long as a folder takes") {
  const Folder folder;
  for (const std::size_t length : {245U, 250U, 255U}) {
    const std::string file = folder / std::string(length, 'n');
    probe_output(file);
    write_file(file, "x");
    CHECK(read_file(file) == "x");
  }
  CHECK(folder.files() == 3);
  CHECK_THROWS_AS(write_file(folder / std::string(256, 'n'), "x"), IoFailure);
  CHECK_THROWS_AS(probe_output(folder / std::string(256, 'n')), IoFailure);
}

TEST_CASE("many writers of one file: each succeeds, and one whole file is left") {
  const Folder folder;
  const std::string file = folder / "a";
  std::vector<pid_t> writers;
  for (int k = 0; k < 8; ++k) {
    writers.push_back(::fork());
    if (writers.back() != 0) continue;
    try {
      for (int round = 0; round < 25; ++round) {
        write_file(file, std::string(3000, static_cast<char>('a' + k)));
      }
    } catch (const IoFailure&) {
      ::_exit(5);
    }
    ::_exit(0);
  }
  for (const pid_t writer : writers) {
    int status = -1;
    ::waitpid(writer, &status, 0);
    CHECK(status == 0);
  }
  const std::string found = read_file(file);
  CHECK(found == std::string(3000, found[0]));
  CHECK(folder.files() == 1);
}
