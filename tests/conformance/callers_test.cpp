// Whoever calls gets the same bytes: several threads at once, a parallel loop, and the children of
// a program that has solved with several threads before it forks, which do not wait for them.
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <set>
#include <thread>

#include "subject.hpp"

using namespace otbridge;
using namespace otbridge::conformance;

namespace {

std::string bytes_of(const Points& points) {
  std::string bytes(sizeof(double) * static_cast<std::size_t>(points.size()), '\0');
  std::memcpy(bytes.data(), points.data(), bytes.size());
  return bytes;
}

// The library asked within a solver, and outside of one, where nobody set the number of threads.
std::string solved(const Subject& subject, int threads) {
  const Solution solution = subject.rehearse({.threads = threads});
  // More rows than one chunk of any loop.
  const Points x = start_points(subject, Direction::forward, 300, 41);
  return bytes_of(solution.plan->map(x, Direction::forward));
}

// What solved() is in a child of this process, which a signal ends if it hangs: empty then.
std::string solved_in_child(const Subject& subject, int threads) {
  constexpr unsigned kPatience = 120;  // seconds
  int channel[2];
  REQUIRE(::pipe(channel) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::alarm(kPatience);
    const std::string bytes = solved(subject, threads);
    ::_exit(::write(channel[1], bytes.data(), bytes.size()) < 0 ? 1 : 0);
  }
  ::close(channel[1]);
  std::string bytes;
  char buffer[1 << 12];
  for (ssize_t got = 0; (got = ::read(channel[0], buffer, sizeof buffer)) > 0;) {
    bytes.append(buffer, static_cast<std::size_t>(got));
  }
  ::close(channel[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  return status == 0 ? bytes : "";
}

// One of each solver, those whose solve itself has loops to share.
template <class Check>
void for_some(Check&& check) {
  const std::set<std::string> names{"gaussian", "sinkhorn, draws of a law", "exact, draws of a law",
                                    "mixture, draws of a law", "dsb, small"};
  std::size_t met = 0;
  for (const Subject& subject : quick_subjects()) {
    if (!names.contains(subject.name)) continue;
    CAPTURE(subject.name);
    check(subject);
    ++met;
  }
  CHECK(met == names.size());
}

}  // namespace

TEST_CASE("a child of fork() solves as its parent does") {
  const ThreadScope several(4);
  for_some([](const Subject& subject) {
    const std::string here = solved(subject, 4);
    for (const int threads : {1, 0, 4}) {
      CAPTURE(threads);
      CHECK((solved_in_child(subject, threads) == here));
    }
    CHECK((solved(subject, 4) == here));
  });
}

TEST_CASE("eight threads that solve at once, and turns of a parallel loop, solve as one does") {
  for_some([](const Subject& subject) {
    if (subject.map_draws > 0) return;  // maps by simulation take a second each
    const std::string here = solved(subject, 1);
    std::vector<std::string> there(8), within(4);
    {
      std::vector<std::jthread> callers;
      for (std::size_t k = 0; k < there.size(); ++k) {
        callers.emplace_back([&, k] { there[k] = solved(subject, static_cast<int>(k % 3)); });
      }
    }
    const ThreadScope several(4);
    parallel_for(4, 1, [&](Index begin, Index, Index) {
      within[static_cast<std::size_t>(begin)] = solved(subject, static_cast<int>(begin));
    });
    for (const std::string& bytes : there) CHECK((bytes == here));
    for (const std::string& bytes : within) CHECK((bytes == here));
  });
}

TEST_CASE("what a poll throws ends a run, whatever the solver") {
  struct Asked {};
  for_some([](const Subject& subject) {
    for (const int threads : {1, 4}) {
      Index times = 0;
      const PollScope scope([&] {
        if (++times == 2) throw Asked();
      });
      // A closed form may have no loop; moving 300 points by it has.
      CHECK_THROWS_AS(solved(subject, threads), Asked);
    }
  });
}
