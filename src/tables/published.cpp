#include "tables/published.hpp"

namespace otbridge {
namespace {

// A method's figures in one column. A star: transcribed from the publication by third parties, not
// compared with it; a remark of the table says so.
struct Row {
  const char *method, *column;
  struct Entry {
    const char* problem;
    double value;
    std::optional<double> deviation = {};
  };
  std::vector<Entry> entries;
};

// Tables 3 of Shi et al. 2023, coordinate by coordinate as its figures show, and of Tong et al.
// 2024.
const std::vector<Row> kGaussian{
    {"DSB (Shi et al. 2023 *)",
     "kl_diagonal",
     {{"d = 5", 0.00326, 0.0016}, {"d = 20", 0.013, 0.00349}, {"d = 50", 0.0328, 0.00128}}},
    {"DSBM-IPF (Shi et al. 2023 *)",
     "kl_diagonal",
     {{"d = 5", 0.00123, 0.00023}, {"d = 20", 0.00442, 0.00076}, {"d = 50", 0.00875, 0.00087}}},
    {"DSBM-IMF (Shi et al. 2023 *)",
     "kl_diagonal",
     {{"d = 5", 0.00134, 0.00051}, {"d = 20", 0.00505, 0.00095}, {"d = 50", 0.00976, 0.00167}}},
    {"DSBM-IPF (Tong et al. 2024)",
     "kl_full",
     {{"d = 5", 0.005}, {"d = 20", 0.05}, {"d = 50", 0.221}}},
    {"SF2M-Exact (Tong et al. 2024)", "kl_full", {{"d = 20", 0.028}, {"d = 50", 0.258}}},
};

// Tables 2 of Shi et al. 2023 and of Tong et al. 2024.
const std::vector<Row> kTwoDim{
    {"DSBM-IPF (Shi et al. 2023 *)",
     "w2",
     {{"N to moons", 0.14, 0.006},
      {"N to s_curve", 0.14, 0.024},
      {"N to 8gaussians", 0.315, 0.079},
      {"moons to 8gaussians", 0.812, 0.092}}},
    {"DSBM-IMF (Shi et al. 2023 *)",
     "w2",
     {{"N to moons", 0.144, 0.024},
      {"N to s_curve", 0.145, 0.037},
      {"N to 8gaussians", 0.338, 0.091},
      {"moons to 8gaussians", 0.838, 0.098}}},
    {"DSBM-IMF+ (Shi et al. 2023 *)",
     "w2",
     {{"N to moons", 0.123, 0.014},
      {"N to s_curve", 0.13, 0.025},
      {"N to 8gaussians", 0.276, 0.03},
      {"moons to 8gaussians", 0.802, 0.172}}},
    {"DSB (Shi et al. 2023 *)",
     "w2",
     {{"N to moons", 0.19, 0.049},
      {"N to s_curve", 0.272, 0.065},
      {"N to 8gaussians", 0.411, 0.084},
      {"moons to 8gaussians", 0.987, 0.324}}},
    {"SF2M-Exact (Tong et al. 2024)",
     "w2",
     {{"N to moons", 0.124, 0.023},
      {"N to s_curve", 0.128, 0.005},
      {"N to 8gaussians", 0.275, 0.058},
      {"moons to 8gaussians", 0.726, 0.137}}},
    {"OT-CFM (Tong et al. 2024)",
     "w2",
     {{"N to moons", 0.13},
      {"N to s_curve", 0.144},
      {"N to 8gaussians", 0.303},
      {"moons to 8gaussians", 0.601}}},
};

// The posters and papers named; the figures of DSBM are a run by others.
const std::vector<Row> kEotMixtures{
    {"LightSB (Korotin et al. 2024 *)",
     "conditional_bw2_uvp",
     {{"D = 2, epsilon 0.1", 0.03, 0.01},
      {"D = 16, epsilon 0.1", 0.08, 0.04},
      {"D = 64, epsilon 0.1", 0.28, 0.02},
      {"D = 128, epsilon 0.1", 0.6, 0.02},
      {"D = 2, epsilon 1", 0.05, 0.003},
      {"D = 16, epsilon 1", 0.09, 0.006},
      {"D = 64, epsilon 1", 0.24, 0.007},
      {"D = 128, epsilon 1", 0.62, 0.007},
      {"D = 2, epsilon 10", 0.07, 0.02},
      {"D = 16, epsilon 10", 0.11, 0.01},
      {"D = 64, epsilon 10", 0.21, 0.01},
      {"D = 128, epsilon 10", 0.37, 0.01}}},
    {"LightSB-M, minibatch (Gushchin et al. 2024 *)",
     "conditional_bw2_uvp",
     {{"D = 2, epsilon 0.1", 0.02},
      {"D = 16, epsilon 0.1", 0.1},
      {"D = 64, epsilon 0.1", 0.56},
      {"D = 128, epsilon 0.1", 1.32},
      {"D = 2, epsilon 1", 0.09},
      {"D = 16, epsilon 1", 0.18},
      {"D = 64, epsilon 1", 0.46},
      {"D = 128, epsilon 1", 1.2},
      {"D = 2, epsilon 10", 0.13},
      {"D = 16, epsilon 10", 0.18},
      {"D = 64, epsilon 10", 0.36},
      {"D = 128, epsilon 10", 0.71}}},
    {"BM2 (Peluchetti 2025 *)",
     "conditional_bw2_uvp",
     {{"D = 2, epsilon 0.1", 0.73},
      {"D = 16, epsilon 0.1", 4.64},
      {"D = 64, epsilon 0.1", 6.84},
      {"D = 128, epsilon 0.1", 8.28},
      {"D = 2, epsilon 1", 0.14},
      {"D = 16, epsilon 1", 0.41},
      {"D = 64, epsilon 1", 1.72},
      {"D = 128, epsilon 1", 8.3},
      {"D = 2, epsilon 10", 0.14},
      {"D = 16, epsilon 10", 2.3},
      {"D = 64, epsilon 10", 41.14},
      {"D = 128, epsilon 10", 264.4}}},
    {"DSBM (Gushchin et al. 2024 *)",
     "conditional_bw2_uvp",
     {{"D = 2, epsilon 0.1", 5.2},
      {"D = 16, epsilon 0.1", 16.8},
      {"D = 64, epsilon 0.1", 37.3},
      {"D = 128, epsilon 0.1", 35},
      {"D = 2, epsilon 1", 0.3},
      {"D = 16, epsilon 1", 1.1},
      {"D = 64, epsilon 1", 9.7},
      {"D = 128, epsilon 1", 31},
      {"D = 2, epsilon 10", 3.7},
      {"D = 16, epsilon 10", 105},
      {"D = 64, epsilon 10", 3557},
      {"D = 128, epsilon 10", 15000}}},
    {"exact sampling (Peluchetti 2025 *)",
     "conditional_bw2_uvp",
     {{"D = 2, epsilon 0.1", 0.02},
      {"D = 16, epsilon 0.1", 0.05},
      {"D = 64, epsilon 0.1", 0.34},
      {"D = 128, epsilon 0.1", 0.91}}},
};

}  // namespace

std::vector<PublishedFigure> published_figures(const std::string& table) {
  static const std::vector<Row> none;
  const std::vector<Row>& rows = table == "gaussian"       ? kGaussian
                                 : table == "two-dim"      ? kTwoDim
                                 : table == "eot-mixtures" ? kEotMixtures
                                                           : none;
  std::vector<PublishedFigure> figures;
  for (const Row& row : rows) {
    for (const Row::Entry& entry : row.entries) {
      figures.push_back({entry.problem, row.method, row.column, entry.value, entry.deviation});
    }
  }
  return figures;
}

}  // namespace otbridge
