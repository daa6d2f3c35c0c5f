#include "otbridge/known/known_problem.hpp"

#include <doctest/doctest.h>

#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <cmath>
#include <functional>
#include <numbers>

#include "../relative.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/known/known_answer.hpp"
#include "otbridge/measure/blurred.hpp"
#include "otbridge/measure/bridge_end.hpp"
#include "otbridge/measure/gaussian.hpp"
#include "otbridge/measure/mixture.hpp"
#include "otbridge/measure/product.hpp"
#include "otbridge/measure/pushforward.hpp"
#include "otbridge/measure/toy.hpp"
#include "otbridge/measure/uniform.hpp"
#include "otbridge/measure/weighted_points.hpp"
#include "otbridge/solvers/gaussian.hpp"

using namespace otbridge;

namespace {

const Matrix kWide{{1.0, 0.4}, {0.4, 0.7}}, kNarrow{{0.2, -0.05}, {-0.05, 0.1}};

Solution answer_of(const TransportProblem& problem) {
  auto answer = known_answer(problem);
  REQUIRE(answer.has_value());
  CHECK(answer->plan->name() == "truth");
  return std::move(*answer);
}

// The truth of two Gaussian laws, by the solver that knows nothing of known problems.
Solution closed_form(const Gaussian& source, const Gaussian& target, const TransportProblem& of) {
  return solve_gaussian({source, target, of.reference()});
}

double difference(const Matrix& a, const Matrix& b) { return (a - b).cwiseAbs().maxCoeff(); }

// The gradient of a function of the rows of x, by central differences.
Points gradient(const std::function<Vector(const Points&)>& f, const Points& x) {
  constexpr double kStep = 1e-4;
  Points slopes(x.rows(), x.cols());
  for (Index c = 0; c < x.cols(); ++c) {
    Points ahead = x, behind = x;
    ahead.col(c).array() += kStep;
    behind.col(c).array() -= kStep;
    slopes.col(c) = (f(ahead) - f(behind)) / (2.0 * kStep);
  }
  return slopes;
}

const Points kPlaces = normal_points(20, 2, RandomStream(3));

}  // namespace

TEST_CASE("a blurred Gaussian law has the bridge of the Gaussian closed form, moved or not") {
  const Vector mean{{0.5, -1.0}}, shift{{2.0, 0.3}};
  for (const double theta : {0.0, 0.9}) {
    for (const double scale : {1.0, 0.4, 2.5}) {
      CAPTURE(theta);
      CAPTURE(scale);
      const Vector c = scale == 1.0 ? Vector::Zero(2) : shift;
      const TransportProblem problem =
          blurred_problem(Gaussian(mean, kWide), ReferenceProcess(0.3, theta), scale, c);
      const double a = problem.reference().endpoint_decay();
      const double s2 = problem.reference().endpoint_variance();
      // X_0 = (Y + sqrt(s^2 / scale) Z) / a, X_1 = scale Y + shift.
      const Matrix blurred = (kWide + s2 / scale * Matrix::Identity(2, 2)) / (a * a);
      CHECK(difference(*problem.source()->covariance(), blurred) < 1e-13);
      CHECK(difference(*problem.source()->mean(), mean / a) < 1e-13);
      const Solution truth = answer_of(problem);
      const Solution expected = closed_form(
          Gaussian(mean / a, blurred), Gaussian(scale * mean + c, scale * scale * kWide), problem);
      for (const auto direction : {Direction::forward, Direction::backward}) {
        CHECK(difference(truth.plan->map(kPlaces, direction),
                         expected.plan->map(kPlaces, direction)) < 1e-10);
        for (const double t : {0.0, 0.3, 0.9, 1.0}) {
          CHECK(difference(truth.plan->drift()->at(t, kPlaces, direction),
                           expected.plan->drift()->at(t, kPlaces, direction)) < 1e-10);
        }
      }
      // The draws behind the gauge move f and g by one constant.
      const Vector f =
          truth.plan->potentials()->f(kPlaces) - expected.plan->potentials()->f(kPlaces);
      const Vector g =
          truth.plan->potentials()->g(kPlaces) - expected.plan->potentials()->g(kPlaces);
      CHECK(difference(f.array() - f[0], Vector::Zero(f.size())) < 1e-10);
      CHECK(difference(g, Vector::Constant(g.size(), -f[0])) < 1e-10);
      CHECK(*truth.report.value_linear == relative(*expected.report.value_linear, 1e-10));
      // 10000 draws of log mu, whose variance is d / 2.
      CHECK(std::abs(*truth.report.kl - *expected.report.kl) < 6.0 * std::sqrt(1.0 / 10000.0));
    }
  }
}

TEST_CASE("the drift towards a blurred cloud is the gradient of log h, summed over the cloud") {
  const WeightedPoints cloud(Toy("moons").sample(30, RandomStream(1)),
                             Vector::LinSpaced(30, 1.0, 3.0));
  const TransportProblem problem =
      blurred_problem(cloud, ReferenceProcess(0.6, 0.5), 0.7, Vector{{0.4, -1.0}});
  const Solution truth = answer_of(problem);
  const auto& target = *problem.target().as<WeightedPoints>();
  const Vector g = truth.plan->potentials()->g(target.points());
  const ReferenceProcess& reference = problem.reference();
  for (const double t : {0.0, 0.5, 0.8}) {
    const double a = reference.decay(1.0 - t), v = reference.variance(1.0 - t);
    const auto log_h = [&](const Points& x) {
      Vector sums = Vector::Zero(x.rows());
      for (Index i = 0; i < x.rows(); ++i) {
        for (Index j = 0; j < target.size(); ++j) {
          const double square = (target.points().row(j) - a * x.row(i)).squaredNorm();
          sums[i] += target.weights()[j] *
                     std::exp(g[j] / reference.endpoint_variance() - square / (2.0 * v));
        }
      }
      return Vector(sums.array().log());
    };
    const Points expected =
        reference.epsilon() * gradient(log_h, kPlaces) - reference.theta() * kPlaces;
    CHECK(difference(truth.plan->drift()->at(t, kPlaces, Direction::forward), expected) < 1e-5);
  }
  CHECK_THROWS_AS(truth.plan->drift()->at(1.0, kPlaces, Direction::forward), InvalidInput);
}

// f + g - |y - a x|^2 / 2 = s^2 log d pi / (d mu x nu), by the density of X_0 given Y = y.
TEST_CASE("the potentials of a blurred law give the density of its coupling") {
  const Gaussian law(Vector{{0.3, 0.1}}, kNarrow);
  const TransportProblem problem =
      blurred_problem(law, ReferenceProcess(0.2, 0.4), 1.3, Vector{{1.0, 0.0}});
  const double a = problem.reference().endpoint_decay();
  const double s2 = problem.reference().endpoint_variance();
  const Solution truth = answer_of(problem);
  const Gaussian source(*problem.source()->mean(), *problem.source()->covariance());
  const Points x = kPlaces.topRows(10), y = kPlaces.bottomRows(10);
  const Points back = truth.plan->map(y, Direction::backward);
  const Vector f = truth.plan->potentials()->f(x), g = truth.plan->potentials()->g(y);
  const double noise = s2 / (1.3 * a * a);
  for (Index i = 0; i < 10; ++i) {
    const double cost = 0.5 * (y.row(i) - a * x.row(i)).squaredNorm();
    const double log_conditional = -(x.row(i) - back.row(i)).squaredNorm() / (2.0 * noise) -
                                   std::log(2.0 * std::numbers::pi * noise);
    const double log_ratio = log_conditional - source.log_density(x.row(i))[0];
    CHECK((f[i] + g[i] - cost) / s2 == relative(log_ratio, 1e-10));
  }
}

TEST_CASE("a potential of one Gaussian on a Gaussian law has the Gaussian closed form") {
  const Vector m{{0.5, -0.2}}, b{{2.0, 1.0}};
  for (const double theta : {0.0, 0.7}) {
    const TransportProblem problem = mixture_potential_problem(
        Gaussian(m, kWide), Gaussian(b, kNarrow), ReferenceProcess(0.4, theta));
    const double a = problem.reference().endpoint_decay();
    const double s2 = problem.reference().endpoint_variance();
    // y given x is N(P (B^-1 b + a x / s^2), P), P = (B^-1 + I / s^2)^-1.
    const Matrix precision = kNarrow.inverse() + Matrix::Identity(2, 2) / s2;
    const Matrix p = precision.inverse();
    const Vector mean = p * (kNarrow.inverse() * b + a / s2 * m);
    const Matrix covariance = p + (a / s2) * (a / s2) * p * kWide * p;
    const Solution truth = answer_of(problem);
    const Solution expected = closed_form(Gaussian(m, kWide), Gaussian(mean, covariance), problem);
    CHECK(difference(truth.plan->map(kPlaces, Direction::forward),
                     expected.plan->map(kPlaces, Direction::forward)) < 1e-10);
    for (const double t : {0.0, 0.6, 1.0}) {
      CHECK(difference(truth.plan->drift()->at(t, kPlaces, Direction::forward),
                       expected.plan->drift()->at(t, kPlaces, Direction::forward)) < 1e-10);
    }
    // The way back rests on 20000 draws of the source.
    CHECK(difference(truth.plan->map(mean.transpose(), Direction::backward),
                     expected.plan->map(mean.transpose(), Direction::backward)) < 0.03);
    CHECK(std::abs(*truth.report.value - *expected.report.value) < 0.03);
    CHECK(std::abs(*truth.report.kl - *expected.report.kl) < 0.05);
  }
}

// h(t, x) = sum_k w_k N(a x; b_k, B_k + v I), each term by the density of a Gaussian law, and the
// conditional moments term by term.
TEST_CASE("an eot mixture has the drift and the conditionals of its potential") {
  for (const Index d : {2, 7}) {
    const TransportProblem problem = eot_mixture_problem(d, 4, 11, ReferenceProcess(0.5));
    const auto& end = *problem.target().as<BridgeEnd>();
    const Mixture& phi = end.potential();
    const Solution truth = answer_of(problem);
    const Points x = normal_points(12, d, RandomStream(4));
    const auto terms = [&](const Points& at, double v) {
      Matrix values(at.rows(), 4);
      for (Index k = 0; k < 4; ++k) {
        const auto& part = *phi.components()[to_size(k)].as<Gaussian>();
        const Gaussian wide(part.center(), part.spread() + v * Matrix::Identity(d, d));
        values.col(k) = phi.weights()[k] * wide.log_density(at).array().exp();
      }
      return values;
    };
    for (const double t : {0.0, 0.7, 1.0}) {
      const auto log_h = [&](const Points& at) {
        return Vector(terms(at, 0.5 * (1.0 - t)).rowwise().sum().array().log());
      };
      CHECK(difference(truth.plan->drift()->at(t, x, Direction::forward),
                       0.5 * gradient(log_h, x)) < 1e-5);
    }
    const Matrix shares = terms(x, 0.5);
    Points mean = Points::Zero(12, d);
    for (Index k = 0; k < 4; ++k) {
      const auto& part = *phi.components()[to_size(k)].as<Gaussian>();
      const Matrix precision = part.spread().inverse();
      const Matrix p = (precision + 2.0 * Matrix::Identity(d, d)).inverse();
      for (Index i = 0; i < 12; ++i) {
        const Vector given = p * (precision * part.center() + 2.0 * x.row(i).transpose());
        mean.row(i) += shares(i, k) / shares.row(i).sum() * given.transpose();
      }
    }
    CHECK(difference(truth.plan->map(x, Direction::forward), mean) < 1e-10);
  }
}

TEST_CASE("an eot mixture is what its description says, and a function of its seed") {
  const ReferenceProcess reference(1.0);
  const TransportProblem problem = eot_mixture_problem(16, 5, 3, reference);
  const Mixture& phi = problem.target().as<BridgeEnd>()->potential();
  Vector at_origin(5);
  for (Index k = 0; k < 5; ++k) {
    const auto& part = *phi.components()[to_size(k)].as<Gaussian>();
    CHECK(part.center().norm() == relative(5.0, 1e-12));
    const Eigen::SelfAdjointEigenSolver<Matrix> eigen(part.spread());
    CHECK(eigen.eigenvalues().minCoeff() > 0.5);
    CHECK(eigen.eigenvalues().maxCoeff() < 2.0);
    const Gaussian wide(part.center(), part.spread() + Matrix::Identity(16, 16));
    at_origin[k] = std::log(phi.weights()[k]) + wide.log_density(Points::Zero(1, 16))[0];
  }
  CHECK(difference(at_origin, Vector::Constant(5, at_origin[0])) < 1e-9);
  const auto draw = [&](std::uint64_t seed) {
    return eot_mixture_problem(16, 5, seed, reference).target()->sample(10, RandomStream(1));
  };
  CHECK(draw(3) == problem.target()->sample(10, RandomStream(1)));
  CHECK(draw(4) != draw(3));
}

TEST_CASE(
    "a target that stands as a draw or as quantiles says how far off it is, and is no farther") {
  // The same law three times: in closed form, by quantiles, and in a form that only samples.
  const Gaussian law = Gaussian::isotropic(Vector::Zero(2), 1.0);
  const Product marginals({{"normal", {}}, {"normal", {}}});
  const Mixture sampled(Vector::Ones(2), {marginals, marginals});
  const ReferenceProcess reference(0.5);
  const Points x = blurred_problem(law, reference).source()->sample(500, RandomStream(8));
  const Points expected =
      answer_of(blurred_problem(law, reference)).plan->map(x, Direction::forward);
  const auto error_of = [&](const Measure& other) {
    const Solution truth = answer_of(blurred_problem(other, reference));
    CHECK(truth.report.notes.size() == 2);
    const Points found = truth.plan->map(x, Direction::forward);
    return std::sqrt((found - expected).rowwise().squaredNorm().mean());
  };
  CHECK(answer_of(blurred_problem(law, reference)).report.notes.size() == 1);
  // Moved they stay what they are.
  const Vector shift{{1.0, 2.0}};
  const Points moved =
      answer_of(blurred_problem(law, reference, 2.0, shift)).plan->map(kPlaces, Direction::forward);
  for (const Measure& other : {Measure(marginals), Measure(Mixture(Vector::Ones(2), {law, law}))}) {
    const Solution truth = answer_of(blurred_problem(other, reference, 2.0, shift));
    CHECK(difference(truth.plan->map(kPlaces, Direction::forward), moved) < 1e-6);
  }
  CHECK(error_of(marginals) < 1e-8);
  // The marginals may be ten times as wide as the noise.
  const auto map_to = [&](const Measure& other) {
    const Solution truth = answer_of(blurred_problem(other, ReferenceProcess(0.01)));
    return Points(truth.plan->map(kPlaces, Direction::forward));
  };
  CHECK(difference(map_to(marginals), map_to(law)) < 1e-8);
  // Nor are the drifts farther off, up to a hundredth before the end.
  for (const double t : {0.5, 0.99}) {
    const auto drift_to = [&](const Measure& other) {
      const Solution truth = answer_of(blurred_problem(other, reference));
      return Points(truth.plan->drift()->at(t, kPlaces, Direction::forward));
    };
    CHECK(difference(drift_to(marginals), drift_to(law)) < 1e-6);
  }
  // A marginal of a product is no product that was scaled.
  const Product three({{"normal", {}}, {"gamma", {}}, {"gamma", {}}});
  const Pushforward first(three, Matrix{{1.0, 0.0, 0.0}, {0.0, 1.0, 0.0}}, Vector::Zero(2));
  CHECK(answer_of(blurred_problem(first, reference)).plan->map(x, Direction::forward).allFinite());
  // Where the draws say too little about the density of the source there is no value.
  const Solution sharp = answer_of(blurred_problem(sampled, ReferenceProcess(1e-5)));
  CHECK_FALSE(sharp.report.value);
  CHECK(sharp.report.value_linear);
  const Solution known = answer_of(blurred_problem(sampled, reference));
  CHECK(std::abs(*known.report.kl - *answer_of(blurred_problem(law, reference)).report.kl) < 0.05);
  const double drawn = error_of(sampled);
  CHECK((drawn > 1e-4 && drawn < 0.03));
}

TEST_CASE("a problem with another reference, or other laws, is not a known one") {
  const Measure law = Toy("moons");
  const TransportProblem known = blurred_problem(law, ReferenceProcess(0.5));
  CHECK_FALSE(known_answer({known.source(), known.target(), ReferenceProcess(0.51)}).has_value());
  CHECK_FALSE(
      known_answer({known.source(), known.target(), ReferenceProcess(0.5, 0.1)}).has_value());
  CHECK_FALSE(known_answer({known.target(), known.source(), ReferenceProcess(0.5)}).has_value());
  CHECK_FALSE(known_answer({known.source(), Toy("8gaussians"), ReferenceProcess(0.5)}).has_value());
  CHECK_THROWS_AS(solve_truth({law, law, ReferenceProcess(0.5)}), InvalidInput);
}

TEST_CASE("what makes no problem is refused by its name") {
  const Measure law = Toy("moons");
  const ReferenceProcess reference(1.0);
  const auto refusal = [](const auto& make) -> std::string {
    try {
      make();
    } catch (const InvalidInput& error) {
      return error.what();
    }
    return "accepted";
  };
  CHECK(refusal([&] { blurred_problem(law, reference, 0.0); }) ==
        "/scale = 0: must be finite and > 0");
  CHECK(refusal([&] { blurred_problem(law, reference, 1.0, Vector::Zero(3)); }) ==
        "/shift: has 3 entries, the law has dimension 2");
  CHECK(refusal([&] { mixture_potential_problem(law, law, reference); }) ==
        "/potential/components/0: must be a Gaussian law of full rank");
  const Gaussian flat(Vector::Zero(2), Matrix{{1.0, 1.0}, {1.0, 1.0}});
  CHECK(refusal([&] { mixture_potential_problem(law, flat, reference); }) ==
        "/potential/components/0: must be a Gaussian law of full rank");
  const Gaussian line(Vector::Zero(1), Matrix::Identity(1, 1));
  CHECK(refusal([&] { mixture_potential_problem(law, line, reference); }) ==
        "/potential: has dimension 1, the source has 2");
  CHECK(refusal([&] { eot_mixture_problem(0, 5, 0, reference); }) ==
        "/dimension = 0: must be from 1 to 256");
  CHECK(refusal([&] { eot_mixture_problem(2, 51, 0, reference); }) ==
        "/components = 51: must be from 1 to 50");
}

// Given Y + sqrt(eps) Z = x a coordinate of Y is normal about x, cut to [0, 1]. Sums over means of
// neighbours among 320000 draws leave a quarter of the error that 20000 draws leave.
TEST_CASE("a law without a closed form stands on many more draws than are summed over") {
  constexpr double kBlur = 0.01;
  const Measure box = UniformBox(Vector::Zero(2), Vector::Ones(2));
  const ReferenceProcess reference(kBlur);
  const Points x = box->sample(300, RandomStream(31));
  const auto density = [](double z) {
    return std::exp(-0.5 * z * z) / std::sqrt(2.0 * std::numbers::pi);
  };
  const auto below = [](double z) { return 0.5 * std::erfc(-z / std::numbers::sqrt2); };
  const Points truth = x.unaryExpr([&](double w) {
    const double s = std::sqrt(kBlur), low = -w / s, high = (1.0 - w) / s;
    return w + s * (density(low) - density(high)) / (below(high) - below(low));
  });
  const auto error = [&](const Measure& law) {
    const Solution answer = answer_of(blurred_problem(law, reference));
    return (answer.plan->map(x, Direction::forward) - truth).norm();
  };
  const double drawn = error(WeightedPoints(box->sample(20000, RandomStream(32))));
  CHECK(drawn / std::sqrt(300.0) > 5e-4);
  CHECK(error(box) < 0.5 * drawn);
}

// Eight squares of side 2: the blurred law is a sum of products of differences of the normal
// distribution function, and its conditional mean one of cut normals.
TEST_CASE("a blurred toy is known to the rounding of its quadrature, at small epsilon too") {
  const auto density = [](double z) {
    return std::exp(-0.5 * z * z) / std::sqrt(2.0 * std::numbers::pi);
  };
  const auto below = [](double z) { return 0.5 * std::erfc(-z / std::numbers::sqrt2); };
  for (const double blur : {1.0, 0.01}) {
    CAPTURE(blur);
    const double s = std::sqrt(blur);
    // Mass on [low, low + 2] of a normal number about w, and its first moment there.
    struct Cut {
      double mass, moment;
    };
    const auto cut = [&](double w, double low) -> Cut {
      const double a = (low - w) / s, b = (low + 2.0 - w) / s;
      const double mass = below(b) - below(a);
      return {mass, w * mass + s * (density(a) - density(b))};
    };
    const Solution answer =
        answer_of(blurred_problem(Toy("checkerboard@ffjord"), ReferenceProcess(blur)));
    const Points x = answer.plan->problem().source()->sample(400, RandomStream(41));
    Points truth(x.rows(), 2);
    for (Index i = 0; i < x.rows(); ++i) {
      double mass = 0.0;
      Eigen::RowVector2d moment = Eigen::RowVector2d::Zero();
      for (int column = 0; column < 4; ++column) {
        for (const double first : {0.0, -4.0}) {
          const Cut across = cut(x(i, 0), 2.0 * column - 4.0),
                    up = cut(x(i, 1), first + (column % 2 == 0 ? 0.0 : 2.0));
          mass += across.mass * up.mass;
          moment += Eigen::RowVector2d(across.moment * up.mass, across.mass * up.moment);
        }
      }
      truth.row(i) = moment / mass;
    }
    const double error =
        std::sqrt((answer.plan->map(x, Direction::forward) - truth).rowwise().squaredNorm().mean());
    CHECK(error < 0.004 * s);
  }
}

TEST_CASE("a blurred toy of Gaussians is the blurred mixture") {
  std::vector<Measure> modes;
  for (int k = 0; k < 8; ++k) {
    const double angle = std::numbers::pi * k / 4.0;
    modes.push_back(Gaussian::isotropic(5.0 * Vector{{std::cos(angle), std::sin(angle)}}, 1.0));
  }
  const ReferenceProcess reference(0.3);
  const Solution toy = answer_of(blurred_problem(Toy("8gaussians@torchcfm-runner"), reference)),
                 mixture = answer_of(blurred_problem(Mixture(Vector::Ones(8), modes), reference));
  const Points x = mixture.plan->problem().source()->sample(50, RandomStream(42));
  const auto apart = [](const Points& a, const Points& b) { return (a - b).cwiseAbs().maxCoeff(); };
  CHECK(apart(toy.plan->map(x, Direction::forward), mixture.plan->map(x, Direction::forward)) <
        1e-6);
  for (const double t : {0.3, 1.0}) {
    CHECK(apart(toy.plan->drift()->at(t, x, Direction::forward),
                mixture.plan->drift()->at(t, x, Direction::forward)) < 1e-5);
  }
  const Points& one = x.topRows(1);
  const Matrix covariance = *mixture.plan->conditionals()->covariance(one, Direction::forward);
  CHECK((*toy.plan->conditionals()->covariance(one, Direction::forward) - covariance).norm() <
        1e-6);
  // Draws by moments: 4000 of one conditional, within five standard errors.
  const Points drawn =
      toy.plan->sample(one.replicate(4000, 1), Direction::forward, RandomStream(43));
  const Points mean = mixture.plan->map(one, Direction::forward);
  for (Index c = 0; c < 2; ++c) {
    CHECK(std::abs(drawn.col(c).mean() - mean(0, c)) < 5.0 * std::sqrt(covariance(c, c) / 4000.0));
    CHECK((drawn.col(c).array() - mean(0, c)).square().mean() == relative(covariance(c, c), 0.15));
  }
}
