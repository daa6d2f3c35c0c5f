// The problems of the tables.

#include <array>

#include "otbridge/core/error.hpp"
#include "otbridge/core/names.hpp"
#include "otbridge/core/number_text.hpp"
#include "otbridge/known/known_problem.hpp"
#include "otbridge/measure/gaussian.hpp"
#include "otbridge/measure/product.hpp"
#include "otbridge/measure/toy.hpp"
#include "tables/published.hpp"

namespace otbridge {
namespace {

constexpr Index kDraws = 10000;  // of the publications
// Where the truth is sums over draws itself, and W2 in many dimensions mostly its floor.
constexpr Index kFewDraws = 2000;

constexpr const char* kStar =
    "A star: transcribed by third parties, not compared with the publication.";
constexpr const char* kPointBridge =
    "The bridge of sinkhorn ends on points: its path KL is infinite, the figure is that of 50 "
    "steps.";

std::string with_epsilon(const std::string& what, double epsilon) {
  return what + ", epsilon " + number_text(epsilon);
}

// De Bortoli et al. 2021, section 4: N(-0.1, I) to N(0.1, I), epsilon 1.
Table gaussian_table() {
  Table table{"gaussian",
              "N(-0.1, I) to N(0.1, I), epsilon 1",
              {},
              {"kl_diagonal", "kl_full", "path_kl", "bw2_uvp"},
              kDraws,
              kDraws,
              {},
              {"KL: of the Gaussian of the moments of the paths against the true one, mean over "
               "21 times. Which "
               "form a publication printed is derived from its figures where it did not say: those "
               "of Shi et al. "
               "lie below the floor of the full form.",
               kStar, kPointBridge}};
  for (const Index d : {5, 20, 50}) {
    const auto end = [d](double mean) {
      return Gaussian::isotropic(Vector::Constant(d, mean), 1.0);
    };
    table.problems.push_back(
        {"d = " + std::to_string(d), {end(-0.1), end(0.1), ReferenceProcess(1.0)}});
  }
  return table;
}

// The planar problems of Shi et al. 2023 and Tong et al. 2024, with their laws; epsilon is theirs
// where it was stated (sigma = 1).
Table two_dim_table() {
  Table table{"two-dim",
              "Planar laws, epsilon 1",
              {},
              {"w2", "sliced_w2", "path_energy"},
              kDraws,
              kDraws,
              {},
              {"W2 of finitely many points is mostly the distance of two exact draws, the "
               "floor: solvers are "
               "ranked by what is above it.",
               "Published figures have other draws, perhaps other laws of the same names, and came "
               "without floors. "
               "Published path energies are of another kind and left out.",
               kStar}};
  const Measure normal = Gaussian::isotropic(Vector::Zero(2), 1.0);
  const auto add = [&](const std::string& name, const Measure& source, const char* target) {
    table.problems.push_back({name, {source, Toy(target), ReferenceProcess(1.0)}});
  };
  add("N to moons", normal, "moons@torchcfm-runner");
  add("N to s_curve", normal, "s_curve@torchcfm-runner");
  add("N to 8gaussians", normal, "8gaussians@torchcfm");
  add("moons to 8gaussians", Toy("moons@torchcfm"), "8gaussians@torchcfm");
  return table;
}

// Gushchin et al. 2023: the grid of their tables, our instance of their construction.
Table eot_mixtures_table() {
  Table table{"eot-mixtures",
              "N(0, I) to its end under a potential of five Gaussians",
              {},
              {"conditional_bw2_uvp", "bw2_uvp", "path_kl"},
              kDraws,
              kDraws,
              {},
              {"The published instances are not public: their figures are of the same kind, not of "
               "the same "
               "problems.",
               kStar, kPointBridge}};
  for (const double epsilon : {0.1, 1.0, 10.0}) {
    for (const Index d : {2, 16, 64, 128}) {
      table.problems.push_back({with_epsilon("D = " + std::to_string(d), epsilon),
                                eot_mixture_problem(d, 5, 0, ReferenceProcess(epsilon))});
    }
  }
  return table;
}

// Fifty coordinates of five shapes, each of mean 0 and variance about 1.
Product fifty_marginals() {
  const std::vector<Marginal> shapes{
      {"normal", {}},
      {"uniform", {{"low", -1.7}, {"high", 1.7}}},
      {"laplace", {{"scale", 0.7}}},
      {"student_t", {{"dof", 6.0}, {"scale", 0.8}}},
      {"beta", {{"alpha", 0.5}, {"beta", 0.5}}},
  };
  std::vector<Marginal> marginals;
  for (std::size_t c = 0; c < 50; ++c) marginals.push_back(shapes[c % shapes.size()]);
  return Product(std::move(marginals));
}

Table blurred_table() {
  Table table{
      "blurred",
      "A law with noise of variance epsilon to the law itself",
      {},
      {"path_kl", "map_rmse", "conditional_bw2_uvp", "w2"},
      kDraws,
      kFewDraws,
      {},
      {"The truth of moons, spiral and checkerboard is a quadrature of up to 262144 nodes.",
       "product: 50 coordinates of five shapes (normal, uniform, Laplace, Student t, arcsine).",
       kPointBridge},
      3};
  const std::vector<std::pair<const char*, Measure>> laws{
      {"moons", Toy("moons@torchcfm")},
      {"spiral", Toy("2spirals@ffjord")},
      {"checkerboard", Toy("checkerboard@ffjord")},
      {"product", fifty_marginals()}};
  for (const auto& law : laws) {
    for (const double epsilon : {0.1, 0.5, 2.0}) {
      table.problems.push_back({with_epsilon(law.first, epsilon),
                                blurred_problem(law.second, ReferenceProcess(epsilon))});
    }
  }
  return table;
}

struct Maker {
  const char* name;
  Table (*make)();
};
constexpr std::array kTables{Maker{"gaussian", gaussian_table}, Maker{"two-dim", two_dim_table},
                             Maker{"eot-mixtures", eot_mixtures_table},
                             Maker{"blurred", blurred_table}};

}  // namespace

std::vector<std::string> table_names() {
  std::vector<std::string> names;
  for (const Maker& maker : kTables) names.emplace_back(maker.name);
  return names;
}

Table make_table(const std::string& name) {
  for (const Maker& maker : kTables) {
    if (name != maker.name) continue;
    Table table = maker.make();
    table.published = published_figures(name);
    return table;
  }
  throw InvalidInput("table \"" + name + "\"", unknown_name("unknown", name, table_names()));
}

}  // namespace otbridge
