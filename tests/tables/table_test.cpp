#include "otbridge/tables/table.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "../relative.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/known/known_answer.hpp"
#include "otbridge/measure/gaussian.hpp"
#include "otbridge/solvers/registry.hpp"
#include "otbridge/tables/summary.hpp"

using namespace otbridge;

namespace {

// A table of one Gaussian problem, small enough for a test.
Table small_table() {
  Table table = make_table("gaussian");
  table.problems.erase(table.problems.begin() + 1, table.problems.end());
  table.columns = {
      "bw2_uvp", "conditional_bw2_uvp", "kl_diagonal", "kl_full", "path_kl", "map_rmse", "w2"};
  table.samples = 400;
  table.draws = 800;
  return table;
}

TableCell fill(const Table& table, const Solver& solver, std::uint64_t seed = 0) {
  const TableProblem& problem = table.problems.front();
  const auto truth = known_answer(problem.problem);
  return fill_cell(table, problem, truth ? truth->plan.get() : nullptr, seed,
                   [&](const TransportProblem& asked) {
                     SolveContext context;
                     context.seed = seed;
                     return solver.solve(asked, {}, context);
                   });
}

TableCell cell_of(double value, double floor) {
  return {{{"w2", value}, {"w2_floor", floor}}, "converged", ""};
}

}  // namespace

TEST_CASE("the tables of the field: names, problems that are one of a kind, known columns") {
  CHECK(table_names() ==
        std::vector<std::string>{"gaussian", "two-dim", "eot-mixtures", "blurred"});
  for (const std::string& name : table_names()) {
    const Table table = make_table(name);
    std::set<std::string> problems;
    for (const TableProblem& problem : table.problems) {
      problems.insert(problem.name);
      CHECK(is_known(problem.problem) == (name != "two-dim"));
    }
    CHECK(problems.size() == table.problems.size());
    // A figure of a problem or a column that the table lacks would never be seen.
    for (const PublishedFigure& figure : table.published) {
      CHECK(problems.contains(figure.problem));
      CHECK(std::ranges::find(table.columns, figure.column) != table.columns.end());
    }
  }
  CHECK(make_table("eot-mixtures").problems.size() == 12);
  CHECK(make_table("blurred").problems.size() == 12);
  CHECK_THROWS_WITH_AS(make_table("blured"), doctest::Contains("blurred"), InvalidInput);
}

TEST_CASE("a cell of the exact solver is at its floors, and the same each time but for its time") {
  const Table table = small_table();
  const TableCell cell = fill(table, find_solver("gaussian"));
  CHECK(cell.refusal.empty());
  CHECK(cell.stop == "converged");
  const auto value = [&](const char* key) { return cell.values.at(key); };
  CHECK(value("path_kl") < 1e-20);
  CHECK(value("map_rmse") < 1e-12);
  // d = 5, n = 800: d / n, and (d + d (d + 1) / 2) / (2 n).
  CHECK(value("kl_diagonal_floor") == relative(5.0 / 800.0, 1e-12));
  CHECK(value("kl_full_floor") == relative(20.0 / 1600.0, 1e-12));
  for (const char* key : {"kl_diagonal", "kl_full", "bw2_uvp", "conditional_bw2_uvp", "w2"}) {
    CAPTURE(key);
    const double floor = value((std::string(key) + "_floor").c_str());
    CHECK(value(key) > 0.3 * floor);
    CHECK(value(key) < 3.0 * floor);
  }
  TableCell again = fill(table, find_solver("gaussian"));
  again.values["seconds"] = value("seconds");
  CHECK(again.values == cell.values);
  Table other = table;
  other.columns = {"w2"};
  CHECK(fill(other, find_solver("gaussian"), 1).values.at("w2") != value("w2"));
}

TEST_CASE("the yardsticks: exact draws, the chain of the true drift, two independent draws") {
  Table table = small_table();
  table.columns = {"bw2_uvp", "kl_full", "path_kl", "map_rmse"};
  const auto all = yardsticks(table.problems.front());
  REQUIRE(all.size() == 3);
  const TableCell truth = fill(table, *all[0]), chain = fill(table, *all[1]),
                  independent = fill(table, *all[2]);
  CHECK(truth.values.at("kl_full") < 3.0 * truth.values.at("kl_full_floor"));
  // Forty steps of length 1/40 leave the covariance of the end off by a few percent.
  CHECK(chain.values.at("kl_full") > 0.5 * chain.values.at("kl_full_floor"));
  CHECK(chain.values.at("kl_full") < 6.0 * chain.values.at("kl_full_floor"));
  // It hits the target, and knows nothing of x: of N(m, I) the map is m + C (x - m) with C = (sqrt
  // 5
  // - 1) / 2, so that the error is C |x - m|, C sqrt 5 in the mean square.
  CHECK(independent.values.at("bw2_uvp") < 3.0 * independent.values.at("bw2_uvp_floor"));
  CHECK(independent.values.at("map_rmse") ==
        relative(0.5 * (std::sqrt(5.0) - 1.0) * std::sqrt(5.0), 0.05));
  CHECK_FALSE(independent.values.contains("path_kl"));
  for (const TableCell& cell : {truth, chain, independent}) {
    CHECK_FALSE(cell.values.contains("seconds"));
  }
  // Two laws whose bridge is not known have the last one alone.
  CHECK(yardsticks(make_table("two-dim").problems.front()).size() == 1);
}

TEST_CASE("a solver that refuses a problem leaves its reason in the cell") {
  Table table = make_table("two-dim");
  table.problems.erase(table.problems.begin() + 1, table.problems.end());
  const TableCell cell = fill(table, find_solver("gaussian"));
  CHECK(cell.refusal.find("gaussian solver") != std::string::npos);
  CHECK(cell.values.empty());
}

TEST_CASE("figures are means and deviations over the cells that have them") {
  const std::vector<TableCell> cells{cell_of(1.0, 0.5), cell_of(4.0, 0.5), {}};
  const auto figure = figure_of(cells, "w2");
  REQUIRE(figure);
  CHECK(figure->mean == relative(2.5, 1e-15));
  CHECK(*figure->deviation == relative(std::sqrt(4.5), 1e-15));
  CHECK_FALSE(figure_of({cells[0]}, "w2")->deviation);
  CHECK_FALSE(figure_of(cells, "path_kl"));
}

TEST_CASE("a summary ranks by what is left above the floor, and sets the published beside it") {
  Table table = make_table("two-dim");
  std::vector<FilledCell> cells;
  for (const TableProblem& problem : table.problems) {
    cells.push_back({problem.name, "worse", 0, cell_of(0.3, 0.1)});
    cells.push_back({problem.name, "better", 0, cell_of(0.2, 0.1)});
    cells.push_back({problem.name, "independent coupling", 0, cell_of(0.15, 0.1)});
  }
  const SummaryColumn w2 = summarise(table, cells).front();
  REQUIRE(w2.rows.size() > 4);
  CHECK(w2.rows[0].method == "better");
  CHECK(w2.rows[1].method == "worse");
  CHECK(*w2.rows[1].above_floor[2] == relative(0.2, 1e-12));
  CHECK(w2.rows[2].kind == RowKind::yardstick);
  CHECK(w2.rows[3].kind == RowKind::floor);
  CHECK(w2.rows[3].figures[0]->mean == relative(0.1, 1e-12));
  CHECK(w2.rows[4].kind == RowKind::published);
  CHECK(w2.rows[4].figures[0]->mean == 0.140);  // DSBM-IPF, N to moons
}
