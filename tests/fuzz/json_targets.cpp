#include <algorithm>
#include <cmath>

#include "expectations.hpp"
#include "otbridge/io/json.hpp"
#include "otbridge/io/law_json.hpp"
#include "otbridge/io/problem_json.hpp"
#include "otbridge/io/report_json.hpp"
#include "otbridge/measure/gaussian.hpp"
#include "otbridge/solvers/registry.hpp"

namespace otbridge::fuzz {
namespace {

// More than a law needs to be wrong.
constexpr Index kWideLaw = 64;

void check_moments(const Law& law) {
  const Index d = law.dimension();
  const auto mean = law.mean();
  expect(!mean || (mean->size() == d && mean->allFinite()), "a mean is finite");
  const auto covariance = law.covariance();
  expect(!covariance ||
             (covariance->rows() == d && covariance->cols() == d && covariance->allFinite()),
         "a covariance is finite");
  // Beyond what a Gaussian takes for rounding.
  expect(!covariance || covariance->diagonal().minCoeff() >=
                            -1e-10 * std::max(covariance->diagonal().maxCoeff(), 0.0),
         "variances are not negative");
}

// A law that was read is written, and what was written is the same law.
void check_written(const Law& law) {
  const Json written = law_to_json(law);
  Json again;
  try {
    const Json parsed = parse_json(written.dump(), "written");
    again = law_to_json(*law_from_json(JsonPlace(parsed, "written"), kNowhere).law);
  } catch (const InvalidInput& refusal) {
    throw BrokenPromise(std::string("a written law is read back: ") + refusal.what());
  }
  expect(again == written, "a written law reads back the same");
}

}  // namespace

bool asks_for_width(const Json& json) {
  if (!json.is_structured()) return false;
  const auto found = json.is_object() ? json.find("dimension") : json.end();
  if (found != json.end() && found->is_number() && found->get<double>() > kWideLaw) return true;
  return std::ranges::any_of(json, asks_for_width);
}

void check_law(const Law& law) {
  expect(law.dimension() >= 1, "a law has a dimension");
  if (law.dimension() > kWideLaw) return;
  check_moments(law);
  // Beyond the doubles a law may refuse to be drawn from.
  or_invalid([&] {
    const Points x = law.sample(3, RandomStream(1));
    expect(x.rows() == 3 && x.cols() == law.dimension() && x.allFinite(), "draws are finite");
    if (law.has_density()) {
      const Vector density = law.log_density(x);
      expect(density.size() == 3 && !density.hasNaN(), "a log density is a number");
    }
  });
}

bool fuzz_json(const std::string& bytes) {
  return or_invalid([&] {
    const Json json = parse_json(bytes, "json");
    const std::string text = json.dump();  // throws where the bytes were no UTF-8
    Json again;
    try {
      again = parse_json(text, "again");
    } catch (const InvalidInput& refusal) {
      throw BrokenPromise(std::string("written JSON is read back: ") + refusal.what());
    }
    expect(again == json, "JSON reads back the same");
    or_invalid([&] { JsonPlace(json, "json").matrix(); });
    or_invalid([&] { setting_value(JsonPlace(json, "json")); });
  });
}

bool fuzz_law(const std::string& bytes) {
  return or_missing([&] {
    const Json json = parse_json(bytes, "law");
    if (asks_for_width(json)) throw InvalidInput("law", "is left out");
    const NamedLaw named = law_from_json(JsonPlace(json, "law"), kNowhere);
    check_law(*named.law);
    if (named.law->dimension() <= kWideLaw) check_written(*named.law);
  });
}

bool fuzz_problem(const std::string& bytes) {
  return or_missing([&] {
    const Json json = parse_json(bytes, "problem");
    if (asks_for_width(json)) throw InvalidInput("problem", "is left out");
    const ProblemFile problem = problem_from_json(JsonPlace(json, "problem"), kNowhere);
    expect(problem.known || (problem.source && problem.target), "there is a question");
    const auto positive = [](const std::optional<double>& value) {
      return !value || (std::isfinite(*value) && *value > 0.0);
    };
    expect(positive(problem.epsilon) && positive(problem.epsilon_relative), "epsilon is positive");
    expect(!(problem.epsilon && problem.epsilon_relative), "there is one epsilon");
    expect(std::isfinite(problem.theta) && problem.theta >= 0.0, "theta is not negative");
    expect(problem.samples.value_or(1) >= 1, "there are samples");
    or_invalid([&] {
      // As the commands put it together.
      const ReferenceProcess reference(problem.epsilon.value_or(1.0), problem.theta);
      const TransportProblem whole =
          problem.known ? problem.known->problem(reference)
                        : TransportProblem(problem.source->law, problem.target->law, reference);
      check_law(*whole.source());
      check_law(*whole.target());
    });
  });
}

// The name of a solver, then an assignment on each line.
bool fuzz_settings(const std::string& bytes) {
  return or_invalid([&] {
    const auto line_end = std::min(bytes.find('\n'), bytes.size());
    const Solver& solver = find_solver(bytes.substr(0, line_end));
    SettingAssignments settings;
    for (std::size_t at = line_end + 1; at < bytes.size();) {
      const auto end = std::min(bytes.find('\n', at), bytes.size());
      settings.push_back(parse_assignment(bytes.substr(at, end - at)));
      at = end + 1;
    }
    solver.check(settings);
  });
}

bool fuzz_report(const std::string& bytes) {
  static const Gaussian law = Gaussian::isotropic(Vector::Zero(2), 1.0);
  static const TransportProblem problem(law, law, ReferenceProcess(1.0));
  return or_invalid([&] {
    const Json json = parse_json(bytes, "report");
    const SolveReport report = report_from_json(JsonPlace(json, "report"), "sinkhorn", problem);
    expect(report.iterations >= 0 && report.draws.value_or(0) >= 0, "counts are not negative");
    const Json written = lasting_report(report);
    const Json parsed = parse_json(written.dump(), "written");
    Json again;
    try {
      again = lasting_report(report_from_json(JsonPlace(parsed, "written"), "sinkhorn", problem));
    } catch (const InvalidInput& refusal) {
      throw BrokenPromise(std::string("a written report is read back: ") + refusal.what());
    }
    expect(again == written, "a written report reads back the same");
  });
}

}  // namespace otbridge::fuzz
