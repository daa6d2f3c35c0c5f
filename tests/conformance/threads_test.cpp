// A plan may be used from several threads at once, without a lock and from its first use on.
//
// A race shows here as a wrong bit, by luck; under ThreadSanitizer it is reported for certain.
// Each thread keeps the library's own loops to itself (ThreadScope of one): the runtime of OpenMP
// is not instrumented, and would be reported in place of what is looked for.
#include <doctest/doctest.h>

#include <barrier>
#include <cstring>
#include <functional>
#include <thread>

#include "otbridge/core/parallel.hpp"
#include "subject.hpp"

using namespace otbridge;
using namespace otbridge::conformance;

namespace {

constexpr int kThreads = 8;

struct Question {
  std::string name;
  std::function<Matrix(const TransportPlan&)> answer;
};

// Every method of a plan and of the faces that this one has.
std::vector<Question> questions_to(const TransportPlan& plan) {
  const Points x = normal_points(24, plan.problem().dimension(), RandomStream(31));
  std::vector<Question> all;
  for (const auto direction : kBoth) {
    all.push_back({"sample", [=](const TransportPlan& p) {
                     return p.sample(x, direction, RandomStream(32), 5);
                   }});
    all.push_back({"map", [=](const TransportPlan& p) { return p.map(x, direction); }});
    all.push_back({"sample_paths", [=](const TransportPlan& p) {
                     const std::vector<double> times{0.0, 0.3, 1.0};
                     const Paths paths = p.sample_paths(x, times, direction, RandomStream(33));
                     Points joined(3 * x.rows(), x.cols());
                     joined << paths.at[0], paths.at[1], paths.at[2];
                     return joined;
                   }});
    all.push_back({"start", [=](const TransportPlan& p) {
                     return p.problem().start(direction)->sample(20, RandomStream(34));
                   }});
    if (plan.drift() != nullptr) {
      all.push_back(
          {"drift", [=](const TransportPlan& p) { return p.drift()->at(0.6, x, direction); }});
    }
  }
  if (plan.potentials() != nullptr) {
    all.push_back({"f", [=](const TransportPlan& p) { return p.potentials()->f(x); }});
    all.push_back({"g", [=](const TransportPlan& p) { return p.potentials()->g(x); }});
  }
  if (plan.coupling() != nullptr) {
    all.push_back({"rows", [](const TransportPlan& p) { return p.coupling()->rows(1, 20); }});
    all.push_back(
        {"source points", [](const TransportPlan& p) { return p.coupling()->source_points(); }});
    all.push_back(
        {"target points", [](const TransportPlan& p) { return p.coupling()->target_points(); }});
    all.push_back(
        {"source weights", [](const TransportPlan& p) { return p.coupling()->source_weights(); }});
    all.push_back(
        {"target weights", [](const TransportPlan& p) { return p.coupling()->target_weights(); }});
  }
  all.push_back({"state", [](const TransportPlan& p) {
                   const PlanState state = p.state();
                   Matrix sums(static_cast<Index>(state.arrays.size() + state.numbers.size()), 1);
                   Index k = 0;
                   for (const auto& entry : state.arrays) sums(k++, 0) = entry.second.sum();
                   for (const auto& entry : state.numbers) sums(k++, 0) = entry.second;
                   return sums;
                 }});
  return all;
}

bool same_bits(const Matrix& a, const Matrix& b) {
  if (a.rows() != b.rows() || a.cols() != b.cols()) return false;
  // An empty matrix has no memory, which memcmp must not be given.
  return a.size() == 0 ||
         std::memcmp(a.data(), b.data(), sizeof(double) * static_cast<std::size_t>(a.size())) == 0;
}

}  // namespace

TEST_CASE("eight threads that ask a plan everything at once hear what one hears") {
  for_each(quick_subjects(), [&](const Subject& subject) {
    // Solved anew, so that the threads are the first to use it: what is prepared on first use is
    // prepared by all of them.
    const Solution fresh = subject.rehearse({.threads = 1});
    const TransportPlan& plan = *fresh.plan;
    const auto questions = questions_to(plan);
    std::vector<std::vector<Matrix>> heard(kThreads, std::vector<Matrix>(questions.size()));
    std::vector<std::string> failures(kThreads);
    std::barrier together(kThreads);
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        const ThreadScope one(1);
        together.arrive_and_wait();
        // Two begin at the same question, the others elsewhere: each meets itself and all others.
        for (std::size_t k = 0; k < questions.size(); ++k) {
          const std::size_t q = (k + t / 2) % questions.size();
          try {
            heard[t][q] = questions[q].answer(plan);
          } catch (const std::exception& error) {
            failures[t] = questions[q].name + ": " + error.what();
          }
        }
      });
    }
    threads.clear();  // joins
    for (std::size_t t = 0; t < kThreads; ++t) CHECK(failures[t] == "");
    for (std::size_t q = 0; q < questions.size(); ++q) {
      CAPTURE(questions[q].name);
      const Matrix alone = questions[q].answer(plan);
      for (std::size_t t = 0; t < kThreads; ++t) CHECK(same_bits(heard[t][q], alone));
    }
  });
}
