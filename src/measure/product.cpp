#include "otbridge/measure/product.hpp"

#include <algorithm>
#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/exponential.hpp>
#include <boost/math/distributions/gamma.hpp>
#include <boost/math/distributions/laplace.hpp>
#include <boost/math/distributions/logistic.hpp>
#include <boost/math/distributions/lognormal.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/distributions/uniform.hpp>
#include <boost/math/distributions/weibull.hpp>
#include <cmath>
#include <limits>
#include <new>
#include <stdexcept>

#include "otbridge/core/error.hpp"
#include "otbridge/core/names.hpp"
#include "otbridge/core/number_text.hpp"
#include "otbridge/core/parallel.hpp"

namespace otbridge {
namespace {

namespace bm = boost::math;

// Overflow gives infinity, not an exception: tails may reach the end of the doubles.
using Policy = bm::policies::policy<bm::policies::overflow_error<bm::policies::ignore_error>,
                                    bm::policies::pole_error<bm::policies::ignore_error>>;

// Name, default, and whether it must be > 0. Parameters are named as Boost.Math and SciPy name
// them, spread out; those of lognormal are the mean and deviation of the logarithm.
const std::vector<MarginalFamily> kFamilies{
    {"normal", {{"mean", 0.0, false}, {"std", 1.0, true}}},
    {"student_t", {{"dof", 5.0, true}, {"location", 0.0, false}, {"scale", 1.0, true}}},
    {"gamma", {{"shape", 1.0, true}, {"scale", 1.0, true}}},
    {"beta", {{"alpha", 1.0, true}, {"beta", 1.0, true}}},
    {"lognormal", {{"location", 0.0, false}, {"scale", 1.0, true}}},
    {"uniform", {{"low", 0.0, false}, {"high", 1.0, false}}},
    {"exponential", {{"rate", 1.0, true}}},
    {"laplace", {{"location", 0.0, false}, {"scale", 1.0, true}}},
    {"logistic", {{"location", 0.0, false}, {"scale", 1.0, true}}},
    {"weibull", {{"shape", 1.0, true}, {"scale", 1.0, true}}},
};

// Of a beta law: beyond it Boost.Math counts up to the parameter, and a draw takes minutes.
constexpr double kLargestBeta = 1e15;

struct Shape {
  double location = 0.0, scale = 1.0;
};

// The use of the distribution below; marginals are checked, so that what can fail is Boost.Math
// itself, whose series do not end at some parameters.
template <class Use>
auto with_known_distribution(const Marginal& marginal, Use&& use) {
  const auto p = [&](const char* name) { return marginal.parameters.at(name); };
  const std::string& family = marginal.family;
  if (family == "normal")
    return use(bm::normal_distribution<double, Policy>(p("mean"), p("std")), Shape{});
  if (family == "student_t") {
    // Boost has the standard law only.
    return use(bm::students_t_distribution<double, Policy>(p("dof")),
               Shape{p("location"), p("scale")});
  }
  if (family == "gamma")
    return use(bm::gamma_distribution<double, Policy>(p("shape"), p("scale")), Shape{});
  if (family == "beta")
    return use(bm::beta_distribution<double, Policy>(p("alpha"), p("beta")), Shape{});
  if (family == "lognormal") {
    return use(bm::lognormal_distribution<double, Policy>(p("location"), p("scale")), Shape{});
  }
  if (family == "uniform")
    return use(bm::uniform_distribution<double, Policy>(p("low"), p("high")), Shape{});
  if (family == "exponential")
    return use(bm::exponential_distribution<double, Policy>(p("rate")), Shape{});
  if (family == "laplace") {
    return use(bm::laplace_distribution<double, Policy>(p("location"), p("scale")), Shape{});
  }
  if (family == "logistic") {
    return use(bm::logistic_distribution<double, Policy>(p("location"), p("scale")), Shape{});
  }
  return use(bm::weibull_distribution<double, Policy>(p("shape"), p("scale")), Shape{});
}

// Calls use(distribution, shape) for coordinate c of the law: it is location + scale * a variable
// of the distribution.
template <class Use>
auto with_distribution(const std::vector<Marginal>& marginals, Index c, Use&& use) {
  const Marginal& marginal = marginals[to_size(c)];
  try {
    return with_known_distribution(marginal, use);
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception&) {
    std::string parameters;
    for (const auto& [name, value] : marginal.parameters) {
      parameters += " " + name + " = " + number_text(value);
    }
    throw InvalidInput("/marginals/" + std::to_string(c) + ": " + marginal.family + parameters,
                       "cannot be computed with these parameters");
  }
}

template <class Named>
std::vector<std::string> names_of(const std::vector<Named>& all) {
  std::vector<std::string> names;
  for (const auto& each : all) names.push_back(each.name);
  return names;
}

const MarginalFamily& family_of(const Marginal& marginal, const std::string& where) {
  const auto found = std::ranges::find(kFamilies, marginal.family, &MarginalFamily::name);
  if (found != kFamilies.end()) return *found;
  throw InvalidInput(where + "/family = \"" + marginal.family + "\"",
                     "must be one of " + joined(names_of(kFamilies)));
}

void check_and_fill(Marginal& marginal, const std::string& where) {
  const MarginalFamily& family = family_of(marginal, where);
  for (const auto& [name, value] : marginal.parameters) {
    const auto found = std::ranges::find(family.parameters, name, &MarginalFamily::Parameter::name);
    if (found == family.parameters.end()) {
      throw InvalidInput(where + "/" + name, "unknown parameter; " + family.name + " has " +
                                                 joined(names_of(family.parameters)));
    }
    if (!std::isfinite(value) || (found->positive && value <= 0.0)) {
      throw InvalidInput(where + "/" + name + " = " + number_text(value),
                         found->positive ? "must be > 0" : "must be finite");
    }
    if (family.name == "beta" && value > kLargestBeta) {
      throw InvalidInput(where + "/" + name + " = " + number_text(value), "must be <= 1e15");
    }
  }
  for (const auto& parameter : family.parameters) {
    marginal.parameters.try_emplace(parameter.name, parameter.default_value);
  }
  if (family.name == "uniform" && !(marginal.parameters["low"] < marginal.parameters["high"])) {
    throw InvalidInput(where + "/high = " + number_text(marginal.parameters["high"]),
                       "must be > low = " + number_text(marginal.parameters["low"]));
  }
}

// Student's t has a mean only above one degree of freedom and a variance only above two.
bool has_moment(const Marginal& marginal, double order) {
  return marginal.family != "student_t" || marginal.parameters.at("dof") > order;
}

}  // namespace

std::span<const MarginalFamily> marginal_families() { return kFamilies; }

Product::Product(std::vector<Marginal> marginals) : marginals_(std::move(marginals)) {
  if (marginals_.empty()) throw InvalidInput("/marginals", "needs at least one");
  for (std::size_t k = 0; k < marginals_.size(); ++k) {
    check_and_fill(marginals_[k], "/marginals/" + std::to_string(k));
  }
}

// level(i, c): the probability whose quantile entry (i, c) is.
template <class Level>
Points Product::quantiles(Index n, Level&& level) const {
  Points x(n, dimension());
  for (Index c = 0; c < dimension(); ++c) {
    with_distribution(marginals_, c, [&](const auto& distribution, Shape shape) {
      parallel_for(n, 1024, [&](Index begin, Index end, Index) {
        for (Index i = begin; i < end; ++i) {
          x(i, c) = shape.location + shape.scale * quantile(distribution, level(i, c));
        }
      });
    });
  }
  return x;
}

// By inversion: one uniform per coordinate, whatever the family, so that draws depend on their
// place alone and are monotone in it.
Points Product::do_sample(Index n, const RandomStream& stream) const {
  return quantiles(n, [&](Index i, Index c) { return stream.uniform(i, 0, c); });
}

Points Product::quantiles(const Vector& levels) const {
  return quantiles(levels.size(), [&](Index i, Index) { return levels[i]; });
}

std::optional<Vector> Product::do_mean() const {
  Vector mean(dimension());
  for (Index c = 0; c < dimension(); ++c) {
    const Marginal& marginal = marginals_[to_size(c)];
    if (!has_moment(marginal, 1.0)) return std::nullopt;
    mean[c] = with_distribution(marginals_, c, [](const auto& distribution, Shape shape) {
      return shape.location + shape.scale * bm::mean(distribution);
    });
  }
  return mean;
}

std::optional<Matrix> Product::do_covariance() const {
  Vector variance(dimension());
  for (Index c = 0; c < dimension(); ++c) {
    const Marginal& marginal = marginals_[to_size(c)];
    if (!has_moment(marginal, 2.0)) return std::nullopt;
    variance[c] = with_distribution(marginals_, c, [](const auto& distribution, Shape shape) {
      // Of a narrow weibull it is the difference of two near squares, which rounding takes below 0.
      return shape.scale * shape.scale * std::max(bm::variance(distribution), 0.0);
    });
  }
  return Matrix(variance.asDiagonal());
}

Vector Product::do_log_density(ConstPoints x) const {
  constexpr double kNone = -std::numeric_limits<double>::infinity();
  Vector result = Vector::Zero(x.rows());
  for (Index c = 0; c < dimension(); ++c) {
    with_distribution(marginals_, c, [&](const auto& distribution, Shape shape) {
      const auto [low, high] = bm::support(distribution);
      for (Index i = 0; i < x.rows(); ++i) {
        const double z = (x(i, c) - shape.location) / shape.scale;
        // Boost refuses points outside the support, where the density is 0.
        const double term =
            z < low || z > high ? kNone : std::log(pdf(distribution, z) / shape.scale);
        if (std::isnan(term)) throw std::domain_error("0 / 0 in a density");
        // There it is 0 though that of another marginal be infinite.
        result[i] = std::min(result[i], term) == kNone ? kNone : result[i] + term;
      }
    });
  }
  return result;
}

}  // namespace otbridge
