#include "otbridge/io/coupling_file.hpp"

#include <algorithm>

#include "io/cloud_text.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"

namespace otbridge {
namespace {

void check_ids(const std::vector<std::string>& ids, Index count, const char* side) {
  if (ids.empty() || static_cast<Index>(ids.size()) == count) return;
  throw InvalidInput(std::string("ids of the ") + side, "there are " + std::to_string(ids.size()) +
                                                            " for " + std::to_string(count) +
                                                            " points of the coupling");
}

}  // namespace

WrittenCoupling write_coupling(const Coupling& coupling, double least_share,
                               const std::vector<std::string>& source_ids,
                               const std::vector<std::string>& target_ids,
                               const std::string& path) {
  const Vector &a = coupling.source_weights(), &b = coupling.target_weights();
  const Index n = a.size(), m = b.size();
  check_ids(source_ids, n, "source");
  check_ids(target_ids, m, "target");
  std::string text = "i,j,mass";
  if (!source_ids.empty()) text += ",source_id";
  if (!target_ids.empty()) text += ",target_id";
  text += "\n";
  WrittenCoupling written{0, 0.0};
  constexpr Index kEntries = Index{1} << 20;  // 8 MiB of dense rows at a time
  const Index rows_at_once = std::max<Index>(1, kEntries / m);
  for (Index begin = 0; begin < n; begin += rows_at_once) {
    const Matrix block = coupling.rows(begin, std::min(n, begin + rows_at_once));
    for (Index k = 0; k < block.rows(); ++k) {
      const Index i = begin + k;
      for (Index j = 0; j < m; ++j) {
        const double mass = block(k, j);
        if (!(mass > 0.0)) continue;
        if (mass < least_share * a[i] * b[j]) {
          written.left_out += mass;
          continue;
        }
        ++written.entries;
        text += std::to_string(i) + "," + std::to_string(j) + "," + number_text(mass);
        if (!source_ids.empty()) text += "," + csv_field(source_ids[to_size(i)]);
        if (!target_ids.empty()) text += "," + csv_field(target_ids[to_size(j)]);
        text += "\n";
      }
    }
  }
  write_text(path, text);
  return written;
}

}  // namespace otbridge
